package desfire_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/emu"
)

var (
	uid = desfire.UID{0x04, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66}
	aid = desfire.AID{0x00, 0x10, 0xAB}

	// The keys that the tests hold: of the card, of its Transaction MAC, and one
	// that is on no card.
	piccKey  = keyFrom("the card itself")
	tmacKey  = keyFrom("the transactions")
	wrongKey = keyFrom("no card at all")
)

// appKeys is how many keys the application of the tests has.
const appKeys = 4

// secret is the key of a card's application, different on every card.
func secret(no byte, of desfire.UID) desfire.Key {
	return keyFrom(fmt.Sprintf("key %d of %X", no, of))
}

// keyFrom makes a key of which no stretch is a text.
func keyFrom(words string) desfire.Key {
	sum := sha256.Sum256([]byte(words))
	return desfire.Key(sum[:16])
}

// The files of the application. Key 1 reads and writes all of them.
const (
	stdPlain byte = iota + 1
	stdMAC
	stdFull
	backPlain
	backMAC
	backFull
	cyclicPlain
	cyclicMAC
	cyclicFull
	split // backup, MAC: key 1 reads, key 2 writes, key 3 does both
	open  // standard, MAC by its settings, but anybody may read it

	tmac byte = 15
)

const (
	fileSize   = 512
	recordSize = 20
	recordMost = 5 // one of them is the card's own spare
)

// modes are the communication modes, in the order of the files above.
var modes = []desfire.Mode{desfire.Plain, desfire.MAC, desfire.Full}

var modeNames = map[desfire.Mode]string{
	desfire.Plain: "plain", desfire.MAC: "MAC", desfire.Full: "full",
}

// random is a source that gives the same numbers in each run.
func random(seed byte) io.Reader { return rand.NewChaCha8([32]byte{seed}) }

// app is the application as a validator knows it, opened with key 1.
func app() desfire.App { return appWith(1) }

func appWith(no byte) desfire.App {
	return desfire.App{AID: aid, Key: no, Keys: func(of desfire.UID) []desfire.Authenticator {
		return []desfire.Authenticator{secret(no, of)}
	}}
}

// blank is a card from the factory.
func blank(frame int) *emu.Card {
	card := emu.New(emu.Config{UID: uid, Key: [16]byte(piccKey), Frame: frame})
	card.SetRand(random(100))
	return card
}

// issue creates the application with its files and gives it its keys.
func issue(t testing.TB, card *emu.Card) {
	t.Helper()
	s := connect(t, emu.Air{}.Present(card))
	require.NoError(t, s.Authenticate(0, piccKey, random(1)))
	require.NoError(t, s.CreateApplication(aid, 0x0F, appKeys))
	require.NoError(t, s.Select(aid))
	require.NoError(t, s.Authenticate(0, desfire.Key{}, random(2)))
	createFiles(t, s)
	for no := byte(1); no < appKeys; no++ {
		require.NoError(t, s.ChangeKey(no, &desfire.Key{}, secret(no, uid), 0x10+no))
	}
	require.NoError(t, s.ChangeKey(0, nil, secret(0, uid), 0x10))
}

func createFiles(t testing.TB, s *desfire.Session) {
	t.Helper()
	rights := desfire.Rights{Read: 1, Write: 1, ReadWrite: 1}
	for n, mode := range modes {
		l := desfire.Layout{Mode: mode, Rights: rights, Size: fileSize}
		l.No = stdPlain + byte(n)
		require.NoError(t, s.CreateStandardFile(l))
		l.No = backPlain + byte(n)
		require.NoError(t, s.CreateBackupFile(l))
		l.No, l.Size, l.Most = cyclicPlain+byte(n), recordSize, recordMost
		require.NoError(t, s.CreateCyclicFile(l))
	}
	require.NoError(t, s.CreateBackupFile(desfire.Layout{
		No: split, Mode: desfire.MAC,
		Rights: desfire.Rights{Read: 1, Write: 2, ReadWrite: 3}, Size: 32,
	}))
	require.NoError(t, s.CreateStandardFile(desfire.Layout{
		No: open, Mode: desfire.MAC,
		Rights: desfire.Rights{Read: desfire.Free, Write: 2, ReadWrite: 3}, Size: 32,
	}))
	if !s.EV2() {
		return
	}
	require.NoError(t, s.CreateTransactionMACFile(desfire.Layout{
		No: tmac, Mode: desfire.MAC,
		Rights: desfire.Rights{Read: 1, Write: desfire.Never, ReadWrite: desfire.Never},
	}, tmacKey, 0x77))
}

// image is an issued card whose files are not empty, as Save writes it.
var image = sync.OnceValue(func() []byte {
	var t strict
	card := blank(64)
	issue(&t, card)
	return fill(card, app())
})

// fill fills the files of a card and returns its image.
func fill(card *emu.Card, app desfire.App) []byte {
	var t strict
	s, err := desfire.Open(emu.Air{}.Present(card), app, random(3))
	require.NoError(&t, err)
	for n, mode := range modes {
		require.NoError(&t, s.Write(stdPlain+byte(n), mode, 0, pattern(fileSize, n)))
		require.NoError(&t, s.Write(backPlain+byte(n), mode, 0, pattern(fileSize, n)))
		require.NoError(&t, s.WriteRecord(cyclicPlain+byte(n), mode, pattern(recordSize, n)))
	}
	_, err = s.Commit(false)
	require.NoError(&t, err)
	var b bytes.Buffer
	require.NoError(&t, card.Save(&b))
	return b.Bytes()
}

// strict stands in for a test where there is none yet: it panics when it fails.
type strict struct{ testing.TB }

func (*strict) Helper()                        {}
func (*strict) Errorf(format string, a ...any) { panic(fmt.Sprintf(format, a...)) }
func (*strict) FailNow()                       {}

// issued returns an issued card of its own.
func issued(t testing.TB, frame int) *emu.Card {
	t.Helper()
	card, err := emu.Load(bytes.NewReader(image()))
	require.NoError(t, err)
	card.SetRand(random(101))
	card.SetFrame(frame)
	return card
}

// memory is everything that a card keeps, for comparing.
func memory(t testing.TB, card *emu.Card) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, card.Save(&b))
	return b.String()
}

// pattern is content that looks different at every place and for every seed.
func pattern(n, seed int) []byte {
	p := make([]byte, n)
	_, _ = io.ReadFull(random(byte(200+seed)), p)
	return p
}

func connect(t testing.TB, card hw.Card) *desfire.Session {
	t.Helper()
	s, err := desfire.Connect(card)
	require.NoError(t, err)
	return s
}

// enter opens the application with key no.
func enter(t testing.TB, card hw.Card, no byte) *desfire.Session {
	t.Helper()
	s, err := desfire.Open(card, appWith(no), random(4))
	require.NoError(t, err)
	return s
}

// A wire lies between the client and a card, notes what goes over it, and may
// change the answers.
type wire struct {
	card   hw.Card
	change func(n int, answer []byte, err error) ([]byte, error) // nil: it does not

	sent, got [][]byte
}

func (w *wire) Transmit(command []byte) ([]byte, error) {
	n := len(w.sent)
	w.sent = append(w.sent, bytes.Clone(command))
	answer, err := w.card.Transmit(command)
	if w.change != nil {
		answer, err = w.change(n, answer, err)
	}
	w.got = append(w.got, bytes.Clone(answer))
	return answer, err
}

// asked says whether a command with this code has gone over the wire.
func (w *wire) asked(ins byte) bool {
	for _, command := range w.sent {
		if command[0] == 0x90 && command[1] == ins {
			return true
		}
	}
	return false
}

// A tape answers the n-th command with the n-th answer, whatever was asked. At its
// end the card has left.
type tape struct {
	answers [][]byte
	at      int
}

func (p *tape) Transmit([]byte) ([]byte, error) {
	if p.at == len(p.answers) {
		return nil, hw.ErrRemoved
	}
	p.at++
	return bytes.Clone(p.answers[p.at-1]), nil
}
