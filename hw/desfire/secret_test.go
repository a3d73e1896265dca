package desfire_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/emu"
)

// A window is so many bytes of a secret that nobody would take them for chance.
const window = 4

// traces are the ways in which a stretch of a secret may stand in a text, in lower
// case.
func traces(p []byte) (found []string) {
	for _, format := range []string{"%d", "%x", "%# x"} {
		bytes := strings.Trim(fmt.Sprintf(format, p), "[]")
		for _, separator := range []string{" ", ", ", ",", ":"} {
			found = append(found, strings.ReplaceAll(bytes, " ", separator))
		}
	}
	return append(found, fmt.Sprintf("% x", p))
}

// A secretScanner knows secrets, and looks for them in texts.
type secretScanner struct {
	t     *testing.T
	any   []string // in lower case
	exact []string // where upper and lower case differ
	read  int
}

func newSecretScanner(t *testing.T, secrets ...desfire.Key) *secretScanner {
	w := &secretScanner{t: t}
	toURL := strings.NewReplacer("+", "-", "/", "_")
	for _, key := range secrets {
		for i := range len(key) - window + 1 {
			w.any = append(w.any, traces(key[i:i+window])...)
			w.exact = append(w.exact, string(key[i:i+window]),
				strings.Trim(fmt.Sprintf("%q", key[i:i+window]), `"`))
		}
		for i := range 3 { // a secret may begin anywhere in a group of base64
			text := base64.RawStdEncoding.EncodeToString(key[i:])[:8]
			w.exact = append(w.exact, text, toURL.Replace(text))
		}
	}
	return w
}

// find returns what shows of a secret in a text.
func (w *secretScanner) find(text string) string {
	lower := strings.ToLower(text)
	for _, trace := range w.any {
		if strings.Contains(lower, trace) {
			return trace
		}
	}
	for _, trace := range w.exact {
		if strings.Contains(text, trace) {
			return trace
		}
	}
	return ""
}

func (w *secretScanner) check(text string) {
	w.t.Helper()
	w.read++
	if trace := w.find(text); trace != "" {
		require.Failf(w.t, "a secret shows", "%q in %q", trace, text)
	}
}

// verbs are those that print values. %p and %w are for other things: with them fmt
// prints what it was given as it is, and vet refuses them.
var verbs = []string{
	"%v", "%+v", "%#v", "%s", "%+s", "%q", "%#q", "%x", "%X", "%#x", "% x",
	"%# x", "%d", "%+d", "%b", "%o", "%c", "%U", "%t", "%e", "%g", "%40v", "%-40.3v",
}

// print checks a value under every verb that prints values.
func (w *secretScanner) print(values ...any) {
	w.t.Helper()
	for _, v := range values {
		for _, verb := range verbs {
			w.check(fmt.Sprintf(verb, v))
		}
		w.check(fmt.Sprint(v))
		w.check(fmt.Sprintln(v))
	}
}

// A spy is a key that tells the test the keys of the session that it leads to.
type spy struct {
	desfire.Authenticator
	keys *desfire.SessionKeys
}

func (s spy) Start(m desfire.Method, challenge, rndA []byte) (desfire.Handshake, error) {
	h, err := s.Authenticator.Start(m, challenge, rndA)
	return spied{h, s.keys}, err
}

type spied struct {
	desfire.Handshake
	keys *desfire.SessionKeys
}

func (s spied) Finish(answer []byte) (desfire.SessionKeys, error) {
	keys, err := s.Handshake.Finish(answer)
	*s.keys = keys
	return keys, err
}

// Ensure that the watch finds what it should: a test that cannot fail is none.
func TestWatchFinds(t *testing.T) {
	key := desfire.Key([]byte("\x01\x23\x45\x67\x89\xAB\xCD\xEF look here"))
	bytes := [16]byte(key)
	for _, text := range []string{
		fmt.Sprintf("%v", bytes), fmt.Sprintf("%#v", bytes), fmt.Sprintf("%x", bytes),
		fmt.Sprintf("% X", bytes), fmt.Sprintf("%# x", bytes), fmt.Sprintf("%q", bytes[:]),
		string(bytes[:]), base64.StdEncoding.EncodeToString(bytes[:]),
		base64.URLEncoding.EncodeToString(append([]byte{1}, bytes[:]...)),
		base64.StdEncoding.EncodeToString(append([]byte{1, 2}, bytes[:]...)),
		fmt.Sprintf("%v", struct{ key desfire.Key }{key}),
	} {
		require.NotEmpty(t, newSecretScanner(t, key).find(text), "%q", text)
	}
	require.Empty(t, newSecretScanner(t, key).find(fmt.Sprint(key, wrongKey[:])))
}

// Ensure that nothing that holds a key prints it, at any moment of its life.
func TestSecretsAreNotPrinted(t *testing.T) {
	everySpeech(t, func(t *testing.T, p speech) {
		var keys desfire.SessionKeys
		key := secret(1, uid)
		authenticator := spy{key, &keys}
		s, err := desfire.Open(emu.Air{}.Present(p.card(t)), appOf(authenticator), random(1))
		require.NoError(t, err)
		handshake, err := key.Start(desfire.EV2First, pattern(16, 1), pattern(16, 2))
		require.NoError(t, err)
		w := newSecretScanner(t, key, keys.Enc, keys.MAC, wrongKey, tmacKey)
		look := func() {
			w.print(key, &key, []desfire.Key{key}, map[string]desfire.Key{"key": key},
				struct{ Key desfire.Key }{key}, keys, &keys, []desfire.SessionKeys{keys},
				desfire.Authenticator(key), []desfire.Authenticator{key, &key},
				handshake, []desfire.Handshake{handshake}, struct{ H desfire.Handshake }{handshake},
				appOf(key), app(), s, []*desfire.Session{s}, struct{ S *desfire.Session }{s})
		}
		look()
		for _, c := range []func() error{
			func() error { return read(s, backFull, desfire.Full, 0) },
			func() error { return s.Reauthenticate(1, authenticator, random(2)) },
			func() error { return s.Reauthenticate(0, secret(0, uid), random(2)) },
			func() error { return s.ChangeKey(3, &wrongKey, key, 1) },
			func() error { return s.Authenticate(0, wrongKey, random(2)) },
			func() error { return s.Authenticate(0, secret(0, uid), random(2)) },
			func() error { return s.ChangeKey(0, nil, tmacKey, 1) },
		} {
			if err := c(); err != nil {
				w.print(err)
			}
			look()
		}
	})
}

// Ensure the same of keys of the DES family.
func TestDESSecretsAreNotPrinted(t *testing.T) {
	held := secret(3, uid)
	key, err := desfire.NewDESKey(held[:])
	require.NoError(t, err)
	w := newSecretScanner(t, held)
	w.print(key, &key, []desfire.DESKey{key}, struct{ Key desfire.DESKey }{key},
		desfire.SessionKeys{DES: key}, &desfire.SessionKeys{DES: key}, desfire.Authenticator(key),
		appOf(key))
	for _, method := range key.Methods() {
		handshake, err := key.Start(method, pattern(8, 1), pattern(16, 2))
		require.NoError(t, err)
		w.print(handshake, []desfire.Handshake{handshake})
	}
	card := emu.New(emu.Config{UID: uid, Chip: emu.EV1, Blank: true})
	s := connect(t, emu.Air{}.Present(card))
	for _, method := range key.Methods() {
		require.NoError(t, s.Authenticate(0, old{desfire.DESKey{}, method}, random(1)))
		require.NoError(t, s.ChangeKey(0x80, nil, held, 1))
		w.print(s)
		err := s.Authenticate(0, old{key, method}, random(2))
		w.printErrors(err)
		require.NoError(t, s.Authenticate(0, held, random(3)))
		w.print(s)
		card = emu.New(emu.Config{UID: uid, Chip: emu.EV1, Blank: true})
		s = connect(t, emu.Air{}.Present(card))
	}
}

// Ensure that no error text carries a key, whatever went wrong and however often it
// was wrapped.
func TestErrorsCarryNoSecrets(t *testing.T) {
	w := newSecretScanner(t, liarKeys.Enc, liarKeys.MAC, wrongKey, tmacKey, piccKey, secret(1, uid))
	for _, f := range failures {
		for _, c := range calls {
			s, _ := believe(t, f.reply)
			w.printErrors(c.act(s))
			w.printErrors(c.act(s))
		}
	}
	for _, p := range []speech{speechEV2, speechEV1} {
		for n, answer := range p.honest().answers {
			for length := range answer {
				w.printErrors(p.spoil(t, n, n, instead(answer[:length])))
			}
			for at := range answer {
				changed := append([]byte(nil), answer...)
				changed[at] ^= 0xFF
				w.printErrors(p.spoil(t, n, n, instead(changed)))
			}
		}
	}
	require.Greater(t, w.read, 1000)
}

// printErrors checks an error and all that it wraps.
func (w *secretScanner) printErrors(err error) {
	w.t.Helper()
	require.Error(w.t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%q", "%x"} {
		w.check(fmt.Sprintf(verb, err))
	}
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			w.printErrors(inner)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			w.printErrors(inner)
		}
	}
}

// A carrier hears everything that goes over the air.
type carrier struct {
	hw.Card
	w *secretScanner
}

func (c carrier) Transmit(command []byte) ([]byte, error) {
	c.w.check(string(command))
	answer, err := c.Card.Transmit(command)
	c.w.check(string(answer))
	return answer, err
}

// Ensure that no key ever crosses the air in clear, in a session or out of one.
func TestKeysAreNotSentInClear(t *testing.T) {
	next := keyFrom("the key to come")
	w := newSecretScanner(t, next, tmacKey, secret(0, uid), secret(1, uid), piccKey)
	s := connect(t, carrier{emu.Air{}.Present(issued(t, 64)), w})
	try := func() {
		_ = s.ChangeKey(1, &desfire.Key{}, next, 1)
		_ = s.CreateTransactionMACFile(desfire.Layout{No: 20}, tmacKey, 1)
		_ = s.ChangeKey(0, nil, next, 1)
	}
	try()
	require.NoError(t, s.Select(aid))
	try()
	require.Error(t, s.Authenticate(0, wrongKey, random(1)))
	try()
	require.NoError(t, s.Authenticate(0, secret(0, uid), random(1)))
	held := secret(1, uid)
	require.NoError(t, s.ChangeKey(1, &held, next, 1))
	require.Error(t, s.Reauthenticate(1, next, strings.NewReader("too short")))
	try()
	require.NoError(t, s.Authenticate(0, secret(0, uid), random(1)))
	err := s.CreateTransactionMACFile(desfire.Layout{
		No:     20,
		Rights: desfire.Rights{Write: desfire.Never},
	}, tmacKey, 1)
	require.ErrorIs(t, err, desfire.DuplicateError)
	require.NoError(t, s.Authenticate(0, secret(0, uid), random(1)))
	require.NoError(t, s.ChangeKey(0, nil, next, 1))
	require.False(t, errors.Is(s.Authenticate(0, next, random(1)), desfire.AuthenticationError))
}
