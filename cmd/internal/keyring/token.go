package keyring

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/pelletier/go-toml/v2"

	"leima/cardlayout"
	"leima/cmd/internal/keyfile"
	"leima/hw/desfire"
	"leima/hw/token"
	"leima/validator/oncard"
)

// A description is the data object on a token beside its keys.
type description struct {
	System     string `toml:"system"`
	AID        []byte `toml:"aid"`
	Version    uint8  `toml:"version"`
	Transports int    `toml:"transports"` // generations of each
	Rights     int    `toml:"rights"`
	Test       bool   `toml:"test"`
}

// The labels of the keys on a token. The newest generation is 0.
const (
	transportLabel = "leima transport %d"
	sealLabel      = "leima rights seal %d"
	contentLabel   = "leima rights content %d"
)

// ErrShort means that a token cannot derive the keys of a system.
var ErrShort = errors.New("the system identifier is shorter than 6 bytes: what AN10922 computes " +
	"of it is no AES-CMAC that a token knows; use a key file")

// Load loads the bus's part of a set of keys onto a token, in place of older ones.
func Load(t *token.Token, k *oncard.Keys) error {
	if !k.Scheme.Plain() {
		return ErrShort
	}
	text, err := toml.Marshal(description{
		System: k.Scheme.System, AID: k.Scheme.AID[:],
		Version: k.Version, Transports: 1 + len(k.Former), Rights: k.Generations(),
		Test: k.Test || areTestKeys(k),
	})
	if err != nil {
		return err
	}
	var keys []token.Named
	add := func(label string, generation int, key cardlayout.Key) {
		keys = append(keys, token.Named{Label: fmt.Sprintf(label, generation), Key: key})
	}
	for n, key := range append([]cardlayout.Key{k.Transport}, k.Former...) {
		add(transportLabel, n, key)
	}
	for n, pair := range append([][2]cardlayout.Key{k.Rights}, k.FormerRights...) {
		add(sealLabel, n, pair[0])
		add(contentLabel, n, pair[1])
	}
	return t.Load(text, keys)
}

// OpenToken opens the token of a URI. Its PIN is in the file of the URI's pin-source, or in the
// service manager's credential leima-pin.
func OpenToken(text string, file func(string) string) (*token.Token, error) {
	uri, err := token.ParseURI(text)
	if err != nil {
		return nil, err
	}
	if uri.PIN != "" {
		uri.PIN = file(uri.PIN)
	}
	pin, err := keyfile.PIN(uri.PIN)
	if err != nil {
		return nil, err
	}
	return token.Open(uri, pin)
}

// openToken makes a ring of a token's keys.
func openToken(s Source) (*Ring, error) {
	t, err := OpenToken(s.Keys, s.File)
	if err != nil {
		return nil, err
	}
	ring, err := ringOf(t)
	if err == nil {
		err = ring.try()
	}
	if err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return ring, nil
}

func ringOf(t *token.Token) (*Ring, error) {
	text, err := t.Description()
	if err != nil {
		return nil, err
	}
	var d description
	decoder := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields()
	scheme := cardlayout.Scheme{}
	if decoder.Decode(&d) != nil || copy(scheme.AID[:], d.AID) != len(scheme.AID) ||
		d.Transports < 1 || d.Rights < 1 || len(d.System) > cardlayout.MaxSystem {
		return nil, fmt.Errorf("%w: what it says of its keys is not understood: load them again "+
			"(bench keys token)", token.ErrToken)
	}
	scheme.System = d.System
	chest := tokenKeys{t, scheme, d.Transports, d.Rights}
	ring := &Ring{App: chest.app(), Seals: chest, Close: t.Close}
	ring.EmulatedKeys.Scheme = scheme
	if d.Test {
		ring.Warning = Warning
	}
	return ring, nil
}

// try derives a key of every master, so that a missing one is found at the start.
func (r *Ring) try() error {
	for n := range r.Seals.Generations() {
		if _, err := r.Seals.Seal(cardlayout.UID{}, n); err != nil {
			return err
		}
	}
	for _, key := range r.App.Keys(desfire.UID{}) {
		if _, err := key.Start(desfire.AES, make([]byte, 16), make([]byte, 16)); err != nil {
			return err
		}
	}
	return nil
}

// tokenKeys derive the keys of cards on a token.
type tokenKeys struct {
	token              *token.Token
	scheme             cardlayout.Scheme
	transports, rights int
}

// own derives a card's own key on the token.
func (c tokenKeys) own(label string, generation int, uid cardlayout.UID) (cardlayout.Key, error) {
	sum, err := c.token.CMAC(fmt.Sprintf(label, generation), c.scheme.Input(uid))
	if err != nil {
		return cardlayout.Key{}, fmt.Errorf("%w: %w", cardlayout.ErrKeys, err)
	}
	return sum, nil
}

// Generations implements cardlayout.Seals.
func (c tokenKeys) Generations() int { return c.rights }

// Seal implements cardlayout.Seals.
func (c tokenKeys) Seal(uid cardlayout.UID, generation int) (pair [2]cardlayout.Key, err error) {
	for n, label := range []string{sealLabel, contentLabel} {
		if pair[n], err = c.own(label, generation, uid); err != nil {
			return pair, err
		}
	}
	return pair, nil
}

func (c tokenKeys) app() desfire.App {
	app := oncard.App(c.scheme)
	app.Keys = func(uid desfire.UID) []desfire.Authenticator {
		keys := make([]desfire.Authenticator, c.transports)
		for n := range keys {
			keys[n] = transport{c, n, uid}
		}
		return keys
	}
	return app
}

// A transport is a card's transport key of a generation, derived when it is needed.
type transport struct {
	tokenKeys
	generation int
	uid        desfire.UID
}

// Methods implements desfire.Authenticator.
func (transport) Methods() []desfire.Method { return desfire.Key{}.Methods() }

// Start implements desfire.Authenticator.
func (t transport) Start(m desfire.Method, challenge, rndA []byte) (desfire.Handshake, error) {
	key, err := t.own(transportLabel, t.generation, cardlayout.UID(t.uid))
	if err != nil {
		return nil, err
	}
	return desfire.Key(key).Start(m, challenge, rndA)
}
