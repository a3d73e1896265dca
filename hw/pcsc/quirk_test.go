package pcsc

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/hw/tape"
)

var update = flag.Bool("update", false, "record the tapes of testdata/quirks anew")

// The commands of the conversation, in the order in which pcscd gets them.
const (
	uidFirst = iota + 1 // of this package
	uidAgain            // of package desfire
	selection
	authentication
	proof
	version
	versionMore
	versionRest
	reading
	writing
	commit
)

// A quirk is something that readers are known to do, and what comes of it.
type quirk struct {
	name   string
	reader string
	says   string

	// odd is what pcscd gets for the n-th command, given what the card answers.
	odd func(n int, command, answer []byte) []byte

	want []error
	not  []error
}

// gone is a reader that says so from the n-th command on.
func gone(from int, says ...byte) func(int, []byte, []byte) []byte {
	return func(n int, _, answer []byte) []byte {
		if n >= from {
			return says
		}
		return answer
	}
}

// once is an answer that is changed at the n-th command only.
func once(at int, change func([]byte) []byte) func(int, []byte, []byte) []byte {
	return func(n int, _, answer []byte) []byte {
		if n == at {
			return change(answer)
		}
		return answer
	}
}

// uids is a reader that answers the question for the UID in its own way.
func uids(says ...byte) func(int, []byte, []byte) []byte {
	return func(_ int, command, answer []byte) []byte {
		if bytes.Equal(command, askUID) {
			return says
		}
		return answer
	}
}

// another is a card that takes the first one's place from the n-th command on, unseen, or
// the same one after a moment without power.
func another(from int, uid desfire.UID) func(int, []byte, []byte) []byte {
	card := emu.Air{}.Present(issued(uid))
	return func(n int, command, answer []byte) []byte {
		if n >= from {
			answer, _ = card.Transmit(command)
		}
		return answer
	}
}

func cut(n int) func([]byte) []byte { return func(p []byte) []byte { return p[:n] } }
func says(p ...byte) func([]byte) []byte {
	return func([]byte) []byte { return p }
}

const (
	acr122u    = "ACS ACR122U"
	springCard = "SpringCard H663"
	anyReader  = "any, with pcscd 1.9.9"
)

var (
	removed  = []error{hw.ErrRemoved}
	inDoubt  = []error{hw.ErrRemoved, desfire.ErrCommitUnknown}
	notOurs  = []error{desfire.ErrNotDESFire}
	damaged  = []error{desfire.ErrAnswer}
	definite = []error{desfire.ErrNotDESFire, desfire.ErrForged, desfire.ErrCommitUnknown}
)

// quirks are those that show in what is said to a card. Those of the calls to PC/SC are
// in the other tests of this package.
func quirks() []quirk {
	return []quirk{
		{
			"acr122u-lost-before-open", acr122u, "says 63 00 when the card has left",
			gone(uidAgain, 0x63, 0x00), removed, definite,
		},
		{
			"acr122u-lost-at-select", acr122u, "says 63 00 when the card has left",
			gone(selection, 0x63, 0x00), removed, definite,
		},
		{
			"acr122u-lost-while-reading", acr122u, "says 63 00 when the card has left",
			gone(reading, 0x63, 0x00), removed, definite,
		},
		{
			"acr122u-lost-at-commit", acr122u, "says 63 00 when the card has left",
			gone(commit, 0x63, 0x00), inDoubt, nil,
		},
		{
			"acr122u-failed-once", acr122u, "says 63 00 though the card is there",
			once(reading, says(0x63, 0x00)), damaged, append(definite, hw.ErrRemoved),
		},
		{
			"springcard-lost-at-select", springCard, "says 6F 01 when the card is mute",
			gone(selection, 0x6F, 0x01), removed, definite,
		},
		{
			"springcard-lost-while-reading", springCard, "says 6F 01 when the card is mute",
			gone(reading, 0x6F, 0x01), removed, definite,
		},
		{
			"acr122u-failed-at-select", acr122u, "says 63 7F though the card is there",
			once(selection, says(0x63, 0x7F)), damaged, append(definite, hw.ErrRemoved),
		},
		{
			"mute-at-select", anyReader, "says 64 01 when the card is mute",
			gone(selection, 0x64, 0x01), removed, definite,
		},
		{
			"no-answer-at-select", anyReader, "says 64 00 though the card is there",
			once(selection, says(0x64, 0x00)), damaged, append(definite, hw.ErrRemoved),
		},
		{
			"no-answer-before-open", anyReader, "says 64 00 to the question for the UID",
			once(uidAgain, says(0x64, 0x00)), damaged, append(definite, hw.ErrRemoved),
		},
		{
			"pcscd-nothing", anyReader, "gives no bytes, and no error, for a card pulled away",
			gone(reading), removed, definite,
		},
		{
			"pcscd-one-byte", anyReader, "gives one byte, and no error, for a card pulled away",
			once(reading, cut(1)), removed, definite,
		},
		{
			"pcscd-cut-short", anyReader, "gives a piece of an answer, and no error",
			once(reading, cut(20)), damaged, definite,
		},
		{
			"pcscd-cut-short-at-commit", anyReader, "gives a piece of an answer, and no error",
			once(commit, cut(5)),
			[]error{desfire.ErrCommitUnknown, desfire.ErrAnswer},
			nil,
		},
		{
			"exchanged-while-reading", anyReader, "does not see a card exchanged within 400 ms",
			another(reading, otherUID),
			[]error{desfire.PermissionDenied},
			definite,
		},
		{
			"exchanged-at-commit", anyReader, "does not see a card exchanged within 400 ms",
			another(commit, otherUID),
			[]error{desfire.ErrCommitUnknown},
			nil,
		},
		{
			"powerless-while-opening", anyReader, "does not see a card lose power for a moment",
			another(proof, cardUID), damaged, definite,
		},
		{
			"powerless-while-reading", anyReader, "does not see a card lose power for a moment",
			another(reading, cardUID),
			[]error{desfire.PermissionDenied},
			definite,
		},
		{
			"powerless-at-commit", anyReader, "does not see a card lose power for a moment",
			another(commit, cardUID),
			[]error{desfire.ErrCommitUnknown},
			nil,
		},
		{
			"another-program", "any that is shared", "lets another program speak in between",
			once(versionMore, says(0x91, 0x1C)),
			[]error{desfire.IllegalCommand},
			definite,
		},
		{
			"no-uid", "one without Get Data", "says 6A 81 to the question for the UID",
			uids(0x6A, 0x81), notOurs, nil,
		},
		{
			"random-uid", "any, with a card that hides its UID", "gives four random bytes",
			uids(0x08, 1, 2, 3, 0x90, 0x00), notOurs, nil,
		},
	}
}

// Ensure that what readers are known to say in a card's place becomes what it is: a card
// that left is asked for again, and is never taken for a foreign or a forged one; only
// an answer to the commit that was lost leaves anything in doubt.
func TestQuirks(t *testing.T) {
	for _, q := range quirks() {
		t.Run(q.name, func(t *testing.T) {
			file := filepath.Join("testdata", "quirks", q.name+".tape")
			if *update {
				q.record(t, file)
			}
			text, err := os.Open(file)
			require.NoError(t, err)
			defer text.Close()
			w, err := tape.Read(text)
			require.NoError(t, err)
			player := w.Play()
			err = through(t, player)
			require.NotErrorIs(t, err, tape.ErrDiffers, "record it anew: make golden")
			require.Zero(t, player.Left())
			for _, want := range q.want {
				require.ErrorIs(t, err, want)
			}
			for _, not := range q.not {
				require.NotErrorIs(t, err, not)
			}
		})
	}
}

// Ensure that a card that has lost its power before the authentication is opened anew: it
// knows no key of ours at card level, and is none of somebody else's for that.
func TestPowerlessBeforeAuthentication(t *testing.T) {
	card := &oddCard{
		Card: emu.Air{}.Present(issued(cardUID)),
		odd:  another(authentication, cardUID),
	}
	require.NoError(t, through(t, card))
}

// Ensure that without any quirk the conversation comes to its end.
func TestNoQuirk(t *testing.T) {
	require.NoError(t, through(t, emu.Air{}.Present(issued(cardUID))))
}

// record has the conversation with an emulated card behind the odd reader.
func (q quirk) record(t *testing.T, file string) {
	t.Helper()
	card := &oddCard{Card: emu.Air{}.Present(issued(cardUID)), odd: q.odd}
	clock := time.Date(2026, 3, 2, 6, 15, 30, 0, time.UTC)
	r := tape.Record(card, func() time.Time { return clock })
	r.Comment("Not recorded from a reader: an emulated card behind one that")
	r.Comment(q.says)
	require.Error(t, through(t, r))
	var b bytes.Buffer
	require.NoError(t, r.Tape(tape.Header{
		Keys: tape.TestKeys, Reader: q.reader,
		Card: "emulated", Other: map[string]string{"seed": "1"},
	}).Write(&b))
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, b.Bytes(), 0o644))
}

// An oddCard is a card behind an odd reader.
type oddCard struct {
	hw.Card
	odd func(n int, command, answer []byte) []byte
	n   int
}

func (c *oddCard) Transmit(command []byte) ([]byte, error) {
	answer, err := c.Card.Transmit(command)
	c.n++
	return c.odd(c.n, command, answer), err
}

// through has the conversation through a reader of pcscd in which the card lies.
func through(t *testing.T, card hw.Card) (err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := one()
		r := open(Options{}, f, newMonitor(f))
		f.put("one", &fakeCard{answer: card.Transmit})
		err = converse(found(t, r))
		require.NoError(t, r.Close())
		time.Sleep(lastRetry)
	})
	return err
}

// converse opens the card, and looks, reads, writes and commits.
func converse(card hw.Card) error {
	s, err := desfire.Open(card, desfire.App{AID: appID, Key: 1, Keys: keysOf}, random(1))
	if err != nil {
		return err
	}
	if _, err := s.Version(); err != nil {
		return err
	}
	if err := s.Read(fileNo, desfire.MAC, 0, make([]byte, 32)); err != nil {
		return err
	}
	if err := s.Write(fileNo, desfire.MAC, 0, []byte("leimaus")); err != nil {
		return err
	}
	_, err = s.Commit(false)
	return err
}

// The card of the conversation, and the keys of the test.
const fileNo = 1

var (
	cardUID  = desfire.UID{0x04, 1, 2, 3, 4, 5, 6}
	otherUID = desfire.UID{0x04, 9, 9, 9, 9, 9, 9}
	appID    = desfire.AID{0x00, 0x10, 0xAB}
	piccKey  = desfire.Key{15: 1}
)

func keysOf(uid desfire.UID) []desfire.Authenticator {
	sum := sha256.Sum256(uid[:])
	return []desfire.Authenticator{desfire.Key(sum[:16])}
}

func random(seed byte) *rand.ChaCha8 { return rand.NewChaCha8([32]byte{seed}) }

// issued is a card with one application and a file in it.
func issued(uid desfire.UID) *emu.Card {
	card := emu.New(emu.Config{UID: uid, Key: [16]byte(piccKey)})
	card.SetRand(random(2))
	s, err := desfire.Connect(emu.Air{}.Present(card))
	for _, step := range []func() error{
		func() error { return err },
		func() error { return s.Authenticate(0, piccKey, random(3)) },
		func() error { return s.CreateApplication(appID, 0x0F, 2) },
		func() error { return s.Select(appID) },
		func() error { return s.Authenticate(0, desfire.Key{}, random(4)) },
		func() error {
			return s.CreateBackupFile(desfire.Layout{
				No: fileNo, Mode: desfire.MAC, Size: 32,
				Rights: desfire.Rights{Read: 1, Write: 1, ReadWrite: 1},
			})
		},
		func() error {
			return s.ChangeKey(1, &desfire.Key{}, keysOf(uid)[0].(desfire.Key), 1)
		},
	} {
		if err := step(); err != nil {
			panic(err)
		}
	}
	return card
}
