package desfire_test

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/emu"
)

// Ensure that only a serial number of seven bytes makes a card ours: four are
// random or a Classic's, ten are nobody's.
func TestSerialNumbers(t *testing.T) {
	ten := append([]byte{1, 2, 3}, uid[:]...)
	for name, c := range map[string]struct {
		answer []byte
		want   error
	}{
		"four bytes":    {append(ten[:4:4], 0x90, 0x00), desfire.ErrNotDESFire},
		"six bytes":     {append(ten[:6:6], 0x90, 0x00), desfire.ErrNotDESFire},
		"eight bytes":   {append(ten[:8:8], 0x90, 0x00), desfire.ErrNotDESFire},
		"ten bytes":     {append(ten[:10:10], 0x90, 0x00), desfire.ErrNotDESFire},
		"no bytes":      {[]byte{0x90, 0x00}, desfire.ErrNotDESFire},
		"not supported": {[]byte{0x6A, 0x81}, desfire.ErrNotDESFire},
		"torn":          {ten[:5:5], desfire.ErrAnswer},
		"torn to two":   {ten[:2:2], desfire.ErrAnswer},
		"warning":       {append(ten[:7:7], 0x62, 0x82), desfire.ErrAnswer},
		"warning at 90": {append(ten[:7:7], 0x90, 0x01), desfire.ErrNotDESFire},
		"one byte":      {[]byte{0x90}, hw.ErrRemoved},
		"nothing":       {nil, hw.ErrRemoved},
	} {
		card := &wire{card: &tape{answers: [][]byte{c.answer, c.answer}}}
		s, err := desfire.Open(card, app(), random(1))
		require.ErrorIs(t, err, c.want, name)
		require.ErrorContains(t, err, "serial number")
		require.Nil(t, s)
		require.Len(t, card.sent, 1)
	}
	_, err := desfire.Connect(&tape{})
	require.ErrorIs(t, err, hw.ErrRemoved)
	require.ErrorContains(t, err, "serial number")
}

// Ensure that a card that does not know the key, and answers garbage of the right
// length, is found out, and that the session is over then.
func TestGarbageIsForged(t *testing.T) {
	for seed := range byte(20) {
		garbage := &wire{card: &tape{answers: [][]byte{
			welcome[0], welcome[1],
			bare(desfire.AdditionalFrame, pattern(16, int(seed))...),
			bare(desfire.OK, pattern(32, int(seed))...),
			bare(desfire.OK),
		}}}
		s := connect(t, garbage)
		require.NoError(t, s.Select(aid))
		err := s.Authenticate(1, secret(1, uid), random(seed))
		require.ErrorIs(t, err, desfire.ErrForged)
		require.ErrorContains(t, err, "key 1")
		checkOver(t, s, desfire.ErrForged, func() int { return len(garbage.sent) })
	}
}

// Ensure the same of a card that is exchanged in the middle of a session.
func TestGarbageIsForgedWithinSession(t *testing.T) {
	w := &wire{card: emu.Air{}.Present(issued(t, 64))}
	s := enter(t, w, 1)
	w.change = func(n int, answer []byte, err error) ([]byte, error) {
		if n == opening+1 {
			answer = bare(desfire.OK, pattern(16, 1)...)
		}
		return answer, err
	}
	err := s.Reauthenticate(2, secret(2, uid), random(7))
	require.ErrorIs(t, err, desfire.ErrForged)
	require.ErrorContains(t, err, "key 2")
	checkOver(t, s, desfire.ErrForged, func() int { return len(w.sent) })
}

// A generation is a key that counts how often it is tried.
type generation struct {
	desfire.Authenticator
	tried int
}

func (g *generation) Start(m desfire.Method, challenge, rndA []byte) (desfire.Handshake, error) {
	g.tried++
	return g.Authenticator.Start(m, challenge, rndA)
}

// A broken key cannot be used.
type broken struct{ desfire.Key }

var errBroken = errors.New("the key store is out of order")

func (broken) Start(desfire.Method, []byte, []byte) (desfire.Handshake, error) {
	return nil, errBroken
}

// Ensure that the keys are tried in their order until one opens the card.
func TestOpenTriesOlderKeys(t *testing.T) {
	right := secret(1, uid)
	for fits := range 4 {
		var keys []desfire.Authenticator
		for n := range 4 {
			key := &generation{Authenticator: wrongKey}
			if n == fits {
				key.Authenticator = right
			}
			keys = append(keys, key)
		}
		w := &wire{card: emu.Air{}.Present(issued(t, 64))}
		s, err := desfire.Open(w, appOf(keys...), random(1))
		require.NoError(t, err)
		require.NoError(t, read(s, backFull, desfire.Full, 0))
		for n, key := range keys {
			tried := 0
			if n <= fits {
				tried = 1
			}
			require.Equal(t, tried, key.(*generation).tried)
		}
	}
}

// Ensure that a card that no key opens says so, and that the keys are asked for by
// its own serial number.
func TestNoKeyOpens(t *testing.T) {
	card := emu.Air{}.Present(issued(t, 64))
	s, err := desfire.Open(card, appOf(wrongKey, secret(2, uid)), random(1))
	require.ErrorIs(t, err, desfire.AuthenticationError)
	require.Nil(t, s)
	s, err = desfire.Open(card, appOf(), random(1))
	require.ErrorIs(t, err, desfire.ErrSession)
	require.ErrorContains(t, err, "no key")
	require.Nil(t, s)
	var asked desfire.UID
	_, err = desfire.Open(card, desfire.App{
		AID: aid, Key: 1,
		Keys: func(of desfire.UID) []desfire.Authenticator { asked = of; return nil },
	}, random(1))
	require.Error(t, err)
	require.Equal(t, uid, asked)
}

// Ensure that no older key is tried after anything but a refusal of the key.
func TestOpenStopsForAnyOtherError(t *testing.T) {
	challenge := welcome[2]
	for name, c := range map[string]struct {
		first   desfire.Authenticator
		answers [][]byte // to the steps of the authentication
		want    error
	}{
		"no such key": {wrongKey, [][]byte{
			bare(desfire.NoSuchKey), welcome[0], welcome[1],
			bare(desfire.NoSuchKey),
		}, desfire.NoSuchKey},
		"card disabled":   {wrongKey, [][]byte{bare(desfire.CardDisabled)}, desfire.CardDisabled},
		"torn":            {wrongKey, nil, hw.ErrRemoved},
		"not a DESFire":   {wrongKey, [][]byte{{0x6D, 0x00}}, desfire.ErrAnswer},
		"success at once": {wrongKey, [][]byte{bare(desfire.OK)}, desfire.ErrAnswer},
		"short challenge": {wrongKey, [][]byte{bare(desfire.AdditionalFrame)}, desfire.ErrAnswer},
		"key is broken":   {broken{}, [][]byte{challenge}, errBroken},
		"torn then":       {wrongKey, [][]byte{challenge}, hw.ErrRemoved},
		"another step":    {wrongKey, [][]byte{challenge, challenge}, desfire.ErrAnswer},
		"proof too long": {
			wrongKey,
			[][]byte{challenge, bare(desfire.OK, make([]byte, 33)...)},
			desfire.ErrAnswer,
		},
		"memory": {wrongKey, [][]byte{challenge, bare(desfire.EEPROMError)}, desfire.EEPROMError},
		"forged": {wrongKey, [][]byte{challenge, welcome[3]}, desfire.ErrForged},
	} {
		card := &wire{card: &tape{answers: append([][]byte{welcome[0], welcome[1]}, c.answers...)}}
		older := &generation{Authenticator: wrongKey}
		s, err := desfire.Open(card, appOf(c.first, older), random(1))
		require.ErrorIs(t, err, c.want, name)
		require.NotErrorIs(t, err, desfire.AuthenticationError, name)
		require.ErrorContains(t, err, "key 1", name)
		require.Nil(t, s)
		require.Zero(t, older.tried, name)
	}
}

// Ensure that a random source that fails or runs dry is told, that nothing has been
// sent of the authentication then, and that the session is over, also one that was
// open before.
func TestRandomFails(t *testing.T) {
	errDry := errors.New("the source is dry")
	for n := range int64(16) {
		w := &wire{card: emu.Air{}.Present(issued(t, 64))}
		s := enter(t, w, 1)
		w.sent = nil
		source := io.MultiReader(io.LimitReader(random(1), n), iotest.ErrReader(errDry))
		checkDry(t, s.Reauthenticate(2, secret(2, uid), source), errDry, 2)
		checkOver(t, s, errDry, func() int { return len(w.sent) })
		source = io.LimitReader(random(1), n)
		want := io.ErrUnexpectedEOF
		if n == 0 {
			want = io.EOF
		}
		checkDry(t, s.Authenticate(2, secret(2, uid), source), want, 2)
		checkOver(t, s, want, func() int { return len(w.sent) })
		require.Empty(t, w.sent)
	}
	w := &wire{card: emu.Air{}.Present(issued(t, 64))}
	s, err := desfire.Open(w, app(), iotest.ErrReader(errDry))
	checkDry(t, err, errDry, 1)
	require.Nil(t, s)
	require.Len(t, w.sent, 2, "the serial number and the selection")
}

func checkDry(t *testing.T, err, why error, key byte) {
	t.Helper()
	require.ErrorIs(t, err, why)
	require.ErrorContains(t, err, fmt.Sprintf("key %d: drawing a random number", key))
}

// Ensure that a source that gives its numbers byte by byte is as good as any.
func TestRandomInDrops(t *testing.T) {
	card := emu.Air{}.Present(issued(t, 64))
	s, err := desfire.Open(card, app(), iotest.OneByteReader(random(1)))
	require.NoError(t, err)
	require.NoError(t, read(s, backFull, desfire.Full, 0))
}

// Ensure that a key that cannot be used ends the session: the card waits for the
// second half of a proof that will not come.
func TestBrokenKey(t *testing.T) {
	w := &wire{card: emu.Air{}.Present(issued(t, 64))}
	s := enter(t, w, 1)
	err := s.Reauthenticate(2, broken{}, random(1))
	require.ErrorIs(t, err, errBroken)
	require.ErrorContains(t, err, "key 2: using the key")
	checkOver(t, s, errBroken, func() int { return len(w.sent) })
}

// Ensure that a card whose own random source fails is told apart from a wrong key.
func TestCardWithoutRandom(t *testing.T) {
	card := issued(t, 64)
	card.SetRand(iotest.ErrReader(errors.New("dry")))
	_, err := desfire.Open(emu.Air{}.Present(card), app(), random(1))
	checkStatus(t, err, desfire.EEPROMError)
}
