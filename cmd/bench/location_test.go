package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/emu"
)

// A bothersome reader lays the same card down at every Wait, each time with the next of
// its tears.
type bothersome struct {
	card    *emu.Card
	tears   []emu.Tear
	instead []*emu.Card // of the card at the next Waits, where it is not nil
	gone    int         // at this Wait, if not 0, the reader is gone
}

func (r *bothersome) Wait(context.Context) (hw.Card, error) {
	if r.gone > 0 {
		if r.gone--; r.gone == 0 {
			return nil, hw.ErrReader
		}
	}
	var air emu.Air
	if len(r.tears) > 0 {
		air.Tear, r.tears = r.tears[0], r.tears[1:]
	}
	card := r.card
	if len(r.instead) > 0 {
		card, r.instead = cmp.Or(r.instead[0], card), r.instead[1:]
	}
	return air.Present(card), nil
}

func (r *bothersome) WaitRemoved(context.Context) error { return nil }
func (r *bothersome) Close() error                      { return nil }

// onReader runs the program with a card on its reader.
func onReader(t *testing.T, r hw.Reader, args ...string) result {
	t.Helper()
	var out, err strings.Builder
	b := newBench(strings.NewReader(""), &out, &err)
	b.patience = 100 * time.Millisecond
	b.open = func(pattern string) (hw.Reader, error) {
		require.Equal(t, "ACR", pattern)
		return r, nil
	}
	code := b.run(context.Background(), args)
	came := result{code, out.String(), err.String()}
	keepsSilent(t, came.out+came.err, args)
	return came
}

// atDesk is onReader for a command that opens the card, with the file of the test keys.
func atDesk(t *testing.T, r hw.Reader, args ...string) result {
	t.Helper()
	provide(t, "test.toml")
	return onReader(t, r, append(args, "--keys", "test.toml")...)
}

// A troubled reader waits on in a trouble, and may get over it.
type troubled struct {
	bothersome
	tell     func(error)
	troubles []error
	stays    bool // nothing comes after the troubles
}

func (r *troubled) OnTrouble(tell func(error)) { r.tell = tell }

func (r *troubled) Wait(ctx context.Context) (hw.Card, error) {
	for _, err := range r.troubles {
		r.tell(err)
	}
	if r.stays {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return r.bothersome.Wait(ctx)
}

// Ensure that a reader that is not there is told at once, and ends the command; that one
// which comes in time does not; and that a card that cannot be used is told and waited out.
func TestReaderInTrouble(t *testing.T) {
	folder(t, "aino.txt")
	none := fmt.Errorf("no reader is called ACR: %w", hw.ErrReader)
	r := &troubled{troubles: []error{nil, none}, stays: true}
	came := onReader(t, r, "probe", "reader:ACR")
	require.Equal(t, exitFailed, came.code)
	require.Contains(t, came.err, "bench: no reader is called ACR")

	mute := fmt.Errorf("the card is mute: %w", hw.ErrRemoved)
	r = &troubled{troubles: []error{none, nil, mute, nil}}
	r.card = blank()
	came = onReader(t, r, "probe", "reader:ACR")
	require.Zero(t, came.code, came.err)
	require.Contains(t, came.err, "the card is mute")
	require.Contains(t, came.err, "hold a card to the reader")
}

// blank is a card as it comes from the works, but for its key, which is AES already.
func blank() *emu.Card {
	return emu.New(emu.Config{UID: [7]byte{4, 1, 2, 3, 4, 5, 6}})
}

// Ensure that a card on a reader is issued, inspected, loaded and checked as one in an
// image is, and that its serial number is its own.
func TestCardOnReader(t *testing.T) {
	folder(t, "aino.txt")
	r := &bothersome{card: blank()}
	came := atDesk(t, r, "issue", "aino.txt", "--out", "reader:ACR")
	require.Zero(t, came.code, came.err)
	require.Contains(t, came.err, "hold a card to the reader")
	require.Contains(t, came.out, "reader:ACR: card 924699 0011 2345 6787")
	require.Contains(t, came.out, "uid 04010203040506")

	came = atDesk(t, r, strings.Fields("load reader:ACR value 20"+mikkeli)...)
	require.Zero(t, came.code, came.err)
	require.Contains(t, came.out, "purse     10.00 → 30.00")

	came = atDesk(t, r, "inspect", "reader:ACR")
	require.Zero(t, came.code, came.err)
	require.Contains(t, came.out, "purse     30.00")

	came = atDesk(t, r, "check", "reader:ACR", "--zone", "A", "--tariff",
		"testdata/tariffs/mikkeli-2025.toml", "--at", "2026-03-02 08:00")
	require.Equal(t, exitRefused, came.code)
	require.Contains(t, came.out, "valid    no: nothing on the card was paid for here")

	came = onReader(t, r, "probe", "reader:ACR", "--json")
	require.Zero(t, came.code, came.err)
	var p probedAnswer
	require.NoError(t, json.Unmarshal([]byte(came.out), &p))
	require.Equal(t, 64, p.Frame)
	require.Equal(t, []int{106, 212, 424, 848}, p.BitRates)
	require.EqualValues(t, 77328, p.WaitMicros)
}

// Ensure that a load whose answer was lost is asked for once more, and is loaded once,
// whether the card had committed or not.
func TestLoadUnconfirmedOnReader(t *testing.T) {
	for _, side := range []emu.Side{emu.Before, emu.After} {
		folder(t, "aino.txt")
		const commit = 0xC7
		r := &bothersome{card: blank()}
		require.Zero(t, atDesk(t, r, "issue", "aino.txt", "--out", "reader:ACR").code)
		r.tears = []emu.Tear{{Code: commit, Side: side}, {Code: commit, Side: side}}
		came := atDesk(t, r, strings.Fields("load reader:ACR value 20"+mikkeli)...)
		require.Zero(t, came.code, came.err)
		require.Contains(t, came.err, "hold the same card to the reader again")
		require.Contains(t, came.out, "purse     10.00 → 30.00")
		require.Contains(t, atDesk(t, r, "inspect", "reader:ACR").out, "purse     30.00")
	}
}

// Ensure that a load whose answer was lost stays one load wherever the card leaves at its
// next visits, and that the answer never asks for what would load it twice.
func TestLoadUnconfirmedAndTornAgain(t *testing.T) {
	const commit = 0xC7
	folder(t, "aino.txt", "kotka.txt")
	for _, side := range []emu.Side{emu.Before, emu.After} {
		for n := 1; n <= 30; n++ {
			r := &bothersome{card: blank()}
			require.Zero(t, atDesk(t, r, "issue", "aino.txt", "--out", "reader:ACR").code)
			r.tears = []emu.Tear{
				{Code: commit, Side: side},
				{Exchange: n, Side: emu.Before},
				{Exchange: n, Side: emu.After},
			}
			came := atDesk(t, r, strings.Fields("load reader:ACR value 20"+mikkeli)...)
			require.Zero(t, came.code, "%v %d: %s", side, n, came.err)
			require.NotContains(t, came.err, "try again")
			require.Contains(t, came.out, "purse     10.00 → 30.00")
			r.tears = nil
			require.Contains(t, atDesk(t, r, "inspect", "reader:ACR").out, "purse     30.00")
		}
	}
}

// Ensure that another card in the place of the one that was not heard is left as it is,
// and that the first is still asked for.
func TestLoadUnconfirmedAndAnotherCard(t *testing.T) {
	folder(t, "aino.txt")
	write(t, "other.txt", strings.Replace(texts["aino.txt"], "0011 2345 6787",
		"0000 0000 0015", 1))
	other := &bothersome{card: emu.New(emu.Config{UID: [7]byte{4, 6, 5, 4, 3, 2, 1}})}
	require.Zero(t, atDesk(t, other, "issue", "other.txt", "--out", "reader:ACR").code)
	r := &bothersome{card: blank()}
	require.Zero(t, atDesk(t, r, "issue", "aino.txt", "--out", "reader:ACR").code)
	r.tears = []emu.Tear{{Code: 0xC7, Side: emu.After}}
	r.instead = []*emu.Card{nil, other.card, blank()}
	came := atDesk(t, r, strings.Fields("load reader:ACR value 20"+mikkeli)...)
	require.Zero(t, came.code, came.err)
	require.Contains(t, came.err, "another card")
	require.NotContains(t, came.err, "as it was")
	require.Contains(t, came.out, "purse     10.00 → 30.00")
	require.Contains(t, atDesk(t, other, "inspect", "reader:ACR").out, "purse     10.00")
}

// Ensure that anyone who gives up while a load is not heard is told that the card may hold
// it.
func TestLoadUnconfirmedAndGivenUp(t *testing.T) {
	folder(t, "aino.txt")
	r := &bothersome{card: blank()}
	require.Zero(t, atDesk(t, r, "issue", "aino.txt", "--out", "reader:ACR").code)
	r.tears, r.gone = []emu.Tear{{Code: 0xC7, Side: emu.After}}, 2
	came := atDesk(t, r, strings.Fields("load reader:ACR value 20"+mikkeli)...)
	require.Equal(t, exitFailed, came.code)
	require.Contains(t, came.err, "the card may hold the load: inspect it, and do not load it again")
}

// Ensure that what concerns images is refused for a card on a reader, and that no key goes
// unused unsaid.
func TestFlagsThatSayNothing(t *testing.T) {
	folder(t, "aino.txt", "aino.img")
	done(t, "keys", "new", "keys.toml")
	r := &bothersome{card: blank()}
	for _, flag := range []string{"--uid 04112233445566", "--frame 256", "--force"} {
		came := onReader(t, r, strings.Fields("issue aino.txt --out reader:ACR "+flag)...)
		require.Equal(t, exitUsage, came.code, flag)
		require.Contains(t, came.err, "are for images")
	}
	for _, flag := range []string{"--keys keys.toml", "--holder"} {
		came := tool(t, "", strings.Fields("inspect aino.img --public "+flag)...)
		require.Equal(t, exitUsage, came.code, flag)
	}
}

// Ensure that a card on a reader of which only the public part can be read is asked for
// once.
func TestPublicOnReader(t *testing.T) {
	folder(t, "aino.txt")
	done(t, "keys", "new", "keys.toml")
	r := &bothersome{card: blank()}
	came := onReader(t, r, strings.Fields(
		"issue aino.txt --out reader:ACR --profile readable --keys keys.toml")...)
	require.Zero(t, came.code, came.err)
	came = onReader(t, r, "inspect", "reader:ACR")
	require.Zero(t, came.code, came.err)
	require.Contains(t, came.out, "purse           10.00")
	require.Equal(t, 1, strings.Count(came.err, "hold a card"))
}

// Ensure that a card that leaves in the middle says so, and what to do, and that issuing
// goes on where it was torn.
func TestTornOnReader(t *testing.T) {
	folder(t, "aino.txt")
	r := &bothersome{card: blank(), tears: []emu.Tear{{Exchange: 20}}}
	came := atDesk(t, r, "issue", "aino.txt", "--out", "reader:ACR")
	require.Equal(t, exitFailed, came.code)
	require.Contains(t, came.err, "the card left the reader: hold it still, and try again")
	require.Zero(t, atDesk(t, r, "issue", "aino.txt", "--out", "reader:ACR").code)
	r.tears = []emu.Tear{{Exchange: 3}}
	came = atDesk(t, r, "inspect", "reader:ACR")
	require.Equal(t, exitFailed, came.code)
	require.Contains(t, came.err, "reader:ACR: inspecting the card: ")
}

// Ensure that an inspector is told for a card what is paid, for whom and until when, in
// words and for machines, and that the exit code says the same.
func TestCheck(t *testing.T) {
	folder(t, "ride.img", "aino.img", "mikkeli.toml")
	call := func(card, more string) result {
		return tool(t, "", append(strings.Fields("check "+card+" --tariff mikkeli.toml "+more),
			"--at", "2026-03-02 10:30")...)
	}
	golden(t, "check", strings.Join([]string{
		call("ride.img", "--zone A --trip 2 --line 4 --stop tori").out,
		call("ride.img", "--zone A --trip 3").out,
		call("ride.img", "--zone B").out,
		call("aino.img", "--zone A").out,
		call("ride.img", "--zone A --trip 2 --line 4 --stop tori --json").out,
		call("aino.img", "--zone A --json").out,
	}, "\n"))
	require.Zero(t, call("ride.img", "--zone A --trip 2").code)
	require.Zero(t, call("ride.img", "--zone A --trip 2 --vehicle 42").code)
	require.Equal(t, exitRefused, call("ride.img", "--zone A --trip 2 --vehicle 43").code,
		"another vehicle's departure of that number")
	require.Equal(t, exitRefused, call("ride.img", "--zone A --trip 2 --vehicle 42 --direction 1").code)
	came := call("ride.img", "--zone A --trip 3")
	require.Equal(t, exitRefused, came.code)
	require.NotContains(t, came.err, "bench:")
	require.Equal(t, exitUsage, call("aino.img", "--zone A-B").code)
	require.Equal(t, exitUsage, call("aino.img", "--zone K").code)
	before := read(t, "ride.img")
	call("ride.img", "--zone A")
	require.Equal(t, before, read(t, "ride.img"), "an inspection writes nothing")
}

// Ensure that no command opens a card on a reader of metal with keys that everybody has, unless
// by a file that says what they are, and that it is said aloud then.
func TestTestKeysOnReader(t *testing.T) {
	folder(t, "aino.txt", "aino.img", "test.toml")
	silent := strings.Replace(read(t, "test.toml"), "test = true", "#", 1)
	require.NoError(t, os.WriteFile("silent.toml", []byte(silent), 0o600))
	card := blank()
	before := imageOf(t, card)
	for _, line := range []string{
		"issue aino.txt --out reader:ACR", "load reader:ACR value 20" + mikkeli, "erase reader:ACR",
		"check reader:ACR --zone A" + mikkeli, "soak reader:ACR --taps 1", "tear reader:ACR",
		"record reader:ACR --out a.tape", "refund reader:ACR" + mikkeli, "inspect reader:ACR --holder",
		"rekey reader:ACR --keys silent.toml", "issue aino.txt --out reader:ACR --keys silent.toml",
		"inspect reader:ACR --keys silent.toml",
	} {
		came := onReader(t, &bothersome{card: card}, strings.Fields(line)...)
		require.Equal(t, exitUsage, came.code, "%s: %s", line, came.err)
		require.Contains(t, came.err, "these are the public test keys", line)
		require.Contains(t, came.err, "bench keys test", line)
		require.Equal(t, before, imageOf(t, card), line)
	}
	came := onReader(t, &bothersome{card: card},
		strings.Fields("issue aino.txt --out reader:ACR --keys test.toml")...)
	require.Zero(t, came.code, came.err)
	require.Contains(t, came.err, "BENCH: these are the public test keys")
}

// imageOf is all that a card keeps.
func imageOf(t *testing.T, card *emu.Card) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, card.Save(&b))
	return b.String()
}
