package desfire_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/emu"
)

// A talk is what a client has learned in a whole conversation with a card, as a
// validator has it: open, look, write, commit. What it did not come to is zero.
type talk struct {
	uid     desfire.UID
	version desfire.Version
	mode    desfire.Mode
	first   [48]byte
	second  [30]byte
	third   [200]byte // takes two commands
	records [2 * recordSize]byte
	written int
	receipt desfire.TMAC

	committed bool
}

// had goes through the conversation on a card until the first error.
func (k *talk) had(card hw.Card) (*desfire.Session, error) {
	return k.hadWith(card, app(), random(4))
}

func (k *talk) hadWith(card hw.Card, app desfire.App, r io.Reader) (*desfire.Session, error) {
	s, err := desfire.Open(card, app, r)
	if err != nil {
		return nil, err
	}
	for _, step := range []func(*desfire.Session) error{
		k.look, k.detect, k.read, k.readLong, k.readRecords, k.write, k.commit,
	} {
		if err := step(s); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (k *talk) look(s *desfire.Session) (err error) {
	k.version, err = s.Version()
	return err
}

func (k *talk) detect(s *desfire.Session) (err error) {
	var p [len(k.first)]byte
	if k.mode, err = s.Detect(backMAC, p[:]); err == nil {
		k.first = p
	}
	return err
}

func (k *talk) read(s *desfire.Session) error {
	var p [len(k.second)]byte
	err := s.Read(backFull, desfire.Full, 3, p[:])
	if err == nil {
		k.second = p
	}
	return err
}

func (k *talk) readLong(s *desfire.Session) error {
	var p [len(k.third)]byte
	err := s.Read(backFull, desfire.Full, 100, p[:])
	if err == nil {
		k.third = p
	}
	return err
}

func (k *talk) readRecords(s *desfire.Session) error {
	p, err := s.ReadRecords(cyclicMAC, desfire.MAC, recordSize, 2)
	if err == nil {
		k.records = [2 * recordSize]byte(p)
		k.uid = s.UID() // proved by now, for the key is this card's own
	}
	return err
}

func (k *talk) write(s *desfire.Session) error {
	for _, write := range []func() error{
		func() error { return s.Write(backMAC, k.mode, 5, []byte("a purse")) },
		func() error { return s.Write(backFull, desfire.Full, 0, pattern(64, 9)) },
		func() error { return s.Write(backFull, desfire.Full, 64, pattern(15, 8)) },
		func() error { return s.WriteRecord(cyclicMAC, desfire.MAC, pattern(recordSize, 7)) },
	} {
		if err := write(); err != nil {
			return err
		}
		k.written++
	}
	return nil
}

func (k *talk) commit(s *desfire.Session) (err error) {
	k.receipt, err = s.Commit(s.EV2())
	k.committed = err == nil
	return err
}

// agrees says whether what was learned is true as far as it goes.
func (k talk) agrees(with talk) bool {
	return told(k.uid, with.uid) && told(k.version, with.version) && told(k.mode, with.mode) &&
		told(k.first, with.first) && told(k.second, with.second) && told(k.third, with.third) &&
		told(k.records, with.records) && told(k.receipt, with.receipt)
}

// told says whether something is right or not known.
func told[T comparable](got, want T) bool {
	var nothing T
	return got == nothing || got == want
}

// A recording is an honest conversation: what was said, under which keys, and what
// came of it.
type recording struct {
	commands, answers [][]byte
	keys              desfire.SessionKeys
	talk              talk
}

// honest is the conversation that the tests spoil.
var honest = recorder(talkative, app)

// talkative is the card of the conversation. It has two records to tell.
func talkative(t testing.TB) *emu.Card { return moreTo(t, issued(t, 64), app()) }

// moreTo gives a card one more record to tell.
func moreTo(t testing.TB, card *emu.Card, app desfire.App) *emu.Card {
	t.Helper()
	s, err := desfire.Open(emu.Air{}.Present(card), app, random(4))
	require.NoError(t, err)
	require.NoError(t, s.WriteRecord(cyclicMAC, desfire.MAC, pattern(recordSize, 6)))
	_, err = s.Commit(false)
	require.NoError(t, err)
	return card
}
