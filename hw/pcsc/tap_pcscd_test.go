//go:build pcsc && linux

package pcsc_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare/faretest"
	"leima/hw"
	"leima/hw/emu"
	"leima/hw/pcsc"
	"leima/hw/pcsc/pcscdtest"
	"leima/validator"
	"leima/validator/messages"
	"leima/validator/servicepoint"
	"leima/validator/sim"
)

// A service is a validator with its bus's journal and prices that serves a reader of
// pcscd.
type service struct {
	*sim.Bus
	t        testing.TB
	reader   *pcsc.Reader
	panel    lit
	outcomes chan validator.Outcome
	ended    chan error
	stop     context.CancelFunc
}

// serve puts a validator into service at a reader. Aino is aboard and has ten euros.
func serve(t testing.TB, reader string) *service {
	t.Helper()
	pcscdtest.Need(t)
	bus, err := sim.NewBus(t.TempDir(), sim.Setup{
		Prices: faretest.Source,
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = bus.Close() })
	_, err = bus.Play(t.Context(), sim.Parse("test", "card Aino  purse 10.00"), nil)
	require.NoError(t, err)
	s := &service{
		Bus: bus, t: t, reader: open(t, reader),
		outcomes: make(chan validator.Outcome, 9), ended: make(chan error, 1),
	}
	s.begin()
	return s
}

func (s *service) begin() {
	ours := s.Validator
	v := &validator.Validator{
		Reader: s.reader, Panel: &s.panel, Language: messages.English,
		App: ours.App, Keys: ours.Keys, Journal: ours.Journal, Blocklist: ours.Blocklist,
		Tariffs: ours.Tariffs, Now: ours.Now, Rand: rand.Reader,
		Log: slog.New(slog.DiscardHandler), Place: ours.Place,
		Tapped: func(o validator.Outcome) { s.outcomes <- o },
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	go func() { s.ended <- v.Run(ctx) }()
	s.t.Cleanup(func() { stop(); <-s.ended })
}

// outcome waits for the end of the next tap.
func (s *service) outcome() validator.Outcome {
	s.t.Helper()
	select {
	case o := <-s.outcomes:
		return o
	case err := <-s.ended:
		s.ended <- err
		require.FailNow(s.t, "the validator has stopped", "%v", err)
	case <-time.After(20 * time.Second):
		require.FailNow(s.t, "no tap", "%v\n%s", s.reader.Trouble(), pcscdtest.Log())
	}
	return validator.Outcome{}
}

// quiet holds that no tap comes for a while.
func (s *service) quiet() {
	s.t.Helper()
	select {
	case o := <-s.outcomes:
		require.FailNow(s.t, "a tap too many", "%v %v", o.Ending, o.Err)
	case <-time.After(2 * poll):
	}
}

// price is what an adult pays for one zone (testdata/tariffs/mikkeli-2025.toml).
const price cardlayout.Cents = 2_51

// purse is what Aino has left.
func (s *service) purse() cardlayout.Cents {
	s.t.Helper()
	contents, err := s.Inspect("Aino")
	require.NoError(s.t, err)
	return contents.Card.Purse
}

// A lit panel shows its lamp.
type lit struct{ lamp atomic.Uint32 }

func (l *lit) Show(s hw.Signal) error { l.lamp.Store(uint32(s.Lamp)); return nil }

// shows waits until the panel shows a lamp.
func (s *service) shows(lamp hw.Lamp) {
	s.t.Helper()
	require.Eventually(s.t, func() bool { return hw.Lamp(s.panel.lamp.Load()) == lamp },
		5*time.Second, 10*time.Millisecond)
}

// Ensure that a whole tap goes through pcscd: opened, read, written, committed, kept in
// the journal. The card that stays is served once; presented again it has its stamp.
func TestTap(t *testing.T) {
	s := serve(t, pcscdtest.First)
	h := at(t, pcscdtest.First, s.Cards["Aino"])
	h.Put()
	o := s.outcome()
	require.Equal(t, validator.Accepted, o.Ending, "%v", o.Err)
	require.Positive(t, o.Decision.Charge)
	s.quiet()
	h.Take()
	require.Equal(t, 1000-o.Decision.Charge, s.purse())
	time.Sleep(poll)
	h.Put()
	again := s.outcome()
	require.Zero(t, again.Decision.Charge)
	h.Take()
	require.Equal(t, 1000-o.Decision.Charge, s.purse())
	require.Zero(t, s.Journal.Unresolved())
	require.NoError(t, s.Journal.Verify(nil))
}

// Ensure that a card unplugged in the middle of a tap is unchanged before its commit, and
// that after it the next visit tells; and that the tap then succeeds, paid once.
func TestUnpluggedInATap(t *testing.T) {
	for name, c := range map[string]struct {
		tear emu.Tear
		want validator.Ending
	}{
		"at the first command": {emu.Tear{Exchange: 1}, validator.TryAgain},
		"while reading":        {emu.Tear{Exchange: 9, Side: emu.After}, validator.TryAgain},
		"before the commit":    {emu.Tear{Code: 0xC7}, validator.Uncertain},
		"after the commit":     {emu.Tear{Code: 0xC7, Side: emu.After}, validator.Uncertain},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, pcscdtest.First)
			h := at(t, pcscdtest.First, s.Cards["Aino"])
			h.air = emu.Air{Tear: c.tear}
			h.Put()
			o := s.outcome()
			require.Equal(t, c.want, o.Ending, "%v", o.Err)
			require.ErrorIs(t, o.Err, hw.ErrRemoved)
			h.Take()
			time.Sleep(poll)
			h.air = emu.Air{}
			h.Put()
			o = s.outcome()
			require.Equal(t, validator.Accepted, o.Ending, "%v", o.Err)
			h.Take()
			require.Equal(t, 1000-price, s.purse(), "one ticket's price")
			require.Zero(t, s.Journal.Unresolved())
		})
	}
}

// Ensure that pcscd may be killed and started again under a validator that waits, and that
// the panel shows a fault meanwhile.
func TestPcscdRestarts(t *testing.T) {
	s := serve(t, pcscdtest.First)
	h := at(t, pcscdtest.First, s.Cards["Aino"])
	restartAfter(t)
	s.shows(hw.LampIdle)
	pcscdtest.Kill()
	s.shows(hw.LampBlue)
	time.Sleep(time.Second)
	require.NoError(t, pcscdtest.Start())
	s.shows(hw.LampIdle)
	h.Put()
	o := s.outcome()
	require.Equal(t, validator.Accepted, o.Ending, "%v", o.Err)
	h.Take()
	require.Equal(t, 1000-o.Decision.Charge, s.purse())
}

// Ensure that pcscd may be killed in the middle of a tap, early in it and late: the same
// validator serves the card when pcscd is back, and it has paid once.
func TestPcscdRestartsInATap(t *testing.T) {
	for name, command := range map[string]int{"early": 6, "late": 9} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, pcscdtest.First)
			h := at(t, pcscdtest.First, s.Cards["Aino"])
			restartAfter(t)
			commands := 0
			h.air.Sleep = func(time.Duration) {
				if commands++; commands == command {
					pcscdtest.Kill()
				}
			}
			h.Put()
			o := s.outcome()
			require.ErrorIs(t, o.Err, hw.ErrReader)
			if name == "early" {
				require.Equal(t, validator.Fault, o.Ending, "%v", o.Err)
			}
			h.Take()
			h.air = emu.Air{}
			require.NoError(t, pcscdtest.Start())
			h.Put()
			o = s.outcome()
			require.Equal(t, validator.Accepted, o.Ending, "%v", o.Err)
			h.Take()
			require.Equal(t, 1000-price, s.purse(), "one ticket's price")
			require.Zero(t, s.Journal.Unresolved())
		})
	}
}

// restartAfter leaves a pcscd for the tests that follow.
func restartAfter(t *testing.T) {
	t.Cleanup(func() { pcscdtest.Kill(); require.NoError(t, pcscdtest.Start()) })
}

// Ensure that a blank card becomes a card of ours through pcscd: every command of the
// service point passes, the long ones too.
func TestIssue(t *testing.T) {
	s := serve(t, pcscdtest.Second)
	card := blank(7)
	h := at(t, pcscdtest.First, card)
	h.Put()
	now := cardlayout.DayOf(s.Clock.Now())
	order := servicepoint.Order{Card: cardlayout.Card{
		Number: cardlayout.WithCheckDigit(924699_0000_0000_777), Kind: cardlayout.Bearer,
		Area: s.Area, Group: cardlayout.Adult, Issued: now, ValidUntil: now + 365,
		Purse: 500, TransactionMAC: true,
	}}
	r := open(t, pcscdtest.First)
	require.NoError(t, servicepoint.Issue(wait(t, r), servicepoint.BlankKeys(), order, s.Keys, rand.Reader))
	require.NoError(t, r.Close())
	h.Take()
	s.Cards["Eino"] = card
	contents, err := s.Inspect("Eino")
	require.NoError(t, err)
	require.Equal(t, cardlayout.Cents(500), contents.Card.Purse)
}
