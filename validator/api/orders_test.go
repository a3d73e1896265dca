package api_test

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/fare/tariff"
	"leima/hw"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/api"
	"leima/validator/journal"
)

// restart switches the device off and on: it knows what its journal says.
func (d *busFixture) restart(t *testing.T) {
	t.Helper()
	d.play(t, "restart")
	d.local = &api.Local{
		Terminal: d.Bus.Terminal, Journal: d.Bus.Journal, Area: d.local.Area,
		Boot: "second",
	}
	d.way = d.local
}

// records counts the events of a reason.
func (d *busFixture) records(t *testing.T, reason fare.Reason) (n int) {
	t.Helper()
	require.NoError(t, d.Journal.Entries(1, func(e journal.Entry) error {
		if e.Kind == journal.Record && e.Event.Reason == reason {
			n++
		}
		return nil
	}))
	return n
}

// Ensure that what a driver has sold, let in or taken is not done again when the device was
// killed before it could answer: the order that is given again gets the first answer.
func TestOrdersAreKnownAfterARestart(t *testing.T) {
	d := newBusFixture(t)
	d.signOn(t)
	shift := d.shift
	given := map[fare.Reason]api.Command{
		fare.SingleSold:  {Kind: "sell", Sell: &api.TicketSale{Group: "child", Zones: "A-B", Persons: 2}},
		fare.FreeDevices: {Kind: "free", Free: &api.Free{Reason: "devices", Persons: 1}},
		fare.Misused: {Kind: "judge", Misuse: &api.MisuseReport{CardUse: api.CardUse{
			Kind:  "personal",
			Other: true, Personal: true, Age: "equal",
		}, Group: "adult", Charge: true}},
	}
	orders, answers := map[fare.Reason]api.Order{}, map[fare.Reason]api.Answer{}
	for reason, command := range given {
		order := d.order(command)
		answer, err := d.way.Do(t.Context(), order)
		require.NoError(t, err, reason)
		orders[reason], answers[reason] = order, answer
	}
	d.restart(t)
	_, err := d.way.Do(t.Context(), api.Order{
		ID: "sign-on-again", Boot: "second",
		Expires: d.Clock.Now().Add(time.Minute), Command: api.Command{
			Kind:   "sign_on",
			SignOn: &api.SignOn{Shift: *shift},
		},
	})
	require.NoError(t, err)
	for reason, order := range orders {
		order.Boot, order.Expires = "second", d.Clock.Now().Add(time.Minute)
		answer, err := d.way.Do(t.Context(), order)
		require.NoError(t, err, reason)
		require.Equal(t, answers[reason], answer, reason)
		require.Equal(t, 1, d.records(t, reason), reason)
	}
	other := orders[fare.SingleSold]
	other.Boot = "second"
	other.ID = "another-press"
	_, err = d.way.Do(t.Context(), other)
	require.NoError(t, err)
	require.Equal(t, 2, d.records(t, fare.SingleSold), "another press is another sale")
}

// A blockingCard card answers when it is let.
type blockingCard struct {
	hw.Card
	asked, let chan struct{}
	once       sync.Once
}

func (h *blockingCard) Transmit(command []byte) ([]byte, error) {
	h.once.Do(func() { close(h.asked) })
	<-h.let
	return h.Card.Transmit(command)
}

// Ensure that an order whose turn does not come while somebody listens is not carried out,
// and that a crowd of them is refused at the door.
func TestOrdersThatNobodyHearsAreNotCarriedOut(t *testing.T) {
	d := newBusFixture(t)
	d.signOn(t)
	card := &blockingCard{
		Card: emu.Air{}.Present(d.Cards["Aino"]), asked: make(chan struct{}),
		let: make(chan struct{}),
	}
	served := make(chan struct{})
	go func() { defer close(served); d.Bus.Validator.Serve(card) }()
	<-card.asked
	var crowd sync.WaitGroup
	codes := make(chan int, 200)
	for range 200 {
		order := d.order(api.Command{Kind: "sell", Sell: &api.TicketSale{Group: "adult", Persons: 1}})
		crowd.Go(func() { codes <- code(d.way.Do(t.Context(), order)) })
	}
	refused := make(chan struct{})
	go func() { defer close(refused); crowd.Wait() }()
	select { // while the tap goes on
	case <-refused:
	case <-time.After(20 * time.Second):
		close(card.let)
		require.Fail(t, "they wait for the tap, no matter who listens")
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	require.Equal(t, http.StatusServiceUnavailable, code(d.way.Do(gone,
		d.order(api.Command{Kind: "sell", Sell: &api.TicketSale{Group: "adult", Persons: 1}}))))
	close(card.let)
	<-served
	for range 200 {
		require.Equal(t, http.StatusServiceUnavailable, <-codes)
	}
	d.do(t, api.Command{Kind: "sell", Sell: &api.TicketSale{Group: "adult", Persons: 1}})
	require.Equal(t, 1, d.records(t, fare.SingleSold), "the one that was answered")
}

// Ensure that a shift's orders are known for as long as it is on, and all of them are let go
// of when it is over and nobody can give them again: they are late then.
func TestOrdersAreLetGo(t *testing.T) {
	d := newBusFixture(t)
	resume := func() api.Order { return d.order(api.Command{Kind: "resume"}) }
	on := d.order(api.Command{Kind: "sign_on", SignOn: &api.SignOn{Shift: api.Shift{Driver: 7}}})
	answer, err := d.way.Do(t.Context(), on)
	require.NoError(t, err)
	d.shift = answer.Shift
	orders := []api.Order{resume(), resume(), resume(), resume()}
	give := func(want int) {
		t.Helper()
		for _, o := range orders {
			require.Equal(t, want, code(d.way.Do(t.Context(), o)))
		}
	}
	give(0)
	d.do(t, api.Command{Kind: "sign_off"})
	give(0)
	d.play(t, "at +1m\nat +"+api.MaxAhead.String())
	give(0)
	require.Zero(t, code(d.way.Do(t.Context(), on)), "to the last moment")
	d.play(t, "at +1s")
	give(http.StatusGone)
	require.Equal(t, http.StatusGone, code(d.way.Do(t.Context(), on)), "it is of no shift")
}

// Ensure that an id is neither guessed nor a burden.
func TestOrderIDs(t *testing.T) {
	d := newBusFixture(t)
	d.signOn(t)
	for length, want := range map[int]int{7: http.StatusBadRequest, 8: 0, 64: 0, 65: http.StatusBadRequest} {
		order := d.order(api.Command{Kind: "resume"})
		order.ID = strings.Repeat("x", length)
		require.Equal(t, want, code(d.way.Do(t.Context(), order)), length)
	}
	order := d.order(api.Command{Kind: "resume"})
	order.Expires = d.Clock.Now()
	require.Zero(t, code(d.way.Do(t.Context(), order)), "to the last moment")
	order = d.order(api.Command{Kind: "resume"})
	order.Expires = d.Clock.Now().Add(api.MaxAhead)
	require.Zero(t, code(d.way.Do(t.Context(), order)), "from the first moment")
}

// Ensure that a refused order is remembered as such: what it was for may have gone meanwhile,
// and nobody expects it any more.
func TestRefusedOrderIsRemembered(t *testing.T) {
	d := newBusFixture(t)
	d.signOn(t)
	back := d.order(api.Command{Kind: "take_back", TakeBack: "driver"})
	require.Equal(t, http.StatusUnprocessableEntity, code(d.way.Do(t.Context(), back)))
	d.do(t, api.Command{Kind: "load", Load: &api.LoadOrder{Amount: 2000}})
	require.Equal(t, validator.Accepted, d.tap().Ending)
	require.Equal(t, http.StatusUnprocessableEntity, code(d.way.Do(t.Context(), back)))
	require.Empty(t, d.Bus.Terminal.State().Order)
}

// Ensure that an order whose giver goes while it is about to be carried out is not, and that
// it can be given again.
func TestGiverGoesBeforeItsTurn(t *testing.T) {
	d := newBusFixture(t)
	d.signOn(t)
	sale := d.order(api.Command{Kind: "sell", Sell: &api.TicketSale{Group: "adult", Persons: 1}})
	ctx, leave := context.WithCancel(t.Context())
	clock := d.Bus.Validator.Now
	d.Bus.Validator.Now = func() time.Time { leave(); return clock() }
	require.Equal(t, http.StatusServiceUnavailable, code(d.way.Do(ctx, sale)))
	require.Zero(t, d.records(t, fare.SingleSold))
	d.Bus.Validator.Now = clock
	require.Zero(t, code(d.way.Do(t.Context(), sale)))
	require.Equal(t, 1, d.records(t, fare.SingleSold))
}

// Ensure that after a restart nothing is done again where the journal cannot be read, or the
// receipt not be written any more: anyone who gives the order is told which.
func TestOrdersThatCannotBeRecalled(t *testing.T) {
	d := newBusFixture(t)
	d.signOn(t)
	sale := d.order(api.Command{Kind: "sell", Sell: &api.TicketSale{Group: "adult", Persons: 1}})
	_, err := d.way.Do(t.Context(), sale)
	require.NoError(t, err)
	d.restart(t)
	good := d.Bus.Validator.Tariffs
	d.Bus.Validator.Tariffs = func(time.Time) (*fare.Tariff, error) { return nil, tariff.ErrNone }
	_, err = d.way.Do(t.Context(), sale)
	require.Equal(t, http.StatusServiceUnavailable, code(api.Answer{}, err))
	require.ErrorContains(t, err, "it was carried out")
	d.Bus.Validator.Tariffs = good

	path := filepath.Join(t.TempDir(), "journal")
	require.NoError(t, journal.Create(path, 9))
	closed, err := journal.Open(path)
	require.NoError(t, err)
	require.NoError(t, closed.Record(validator.Event{ID: closed.Next(), At: d.Clock.Now()}))
	require.NoError(t, closed.Close())
	_, err = (&api.Local{Terminal: d.Bus.Terminal, Journal: closed, Boot: "third"}).Do(t.Context(), sale)
	require.Equal(t, http.StatusServiceUnavailable, code(api.Answer{}, err))
	require.ErrorContains(t, err, "cannot read")
	require.Equal(t, 1, d.records(t, fare.SingleSold))
}

// Ensure that anyone who watches hears of an order at once, and not when the state is told next.
func TestOrderIsHeardOf(t *testing.T) {
	d := newBusFixture(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, leave := context.WithCancel(t.Context())
		signed := false
		go func() {
			_ = d.local.Watch(ctx, func(m api.Message) { signed = m.State != nil && m.State.Shift != nil })
		}()
		synctest.Wait()
		_, err := d.local.Do(ctx, d.order(api.Command{
			Kind:   "sign_on",
			SignOn: &api.SignOn{Shift: api.Shift{Driver: 7}},
		}))
		require.NoError(t, err)
		synctest.Wait()
		require.True(t, signed)
		leave()
	})
}
