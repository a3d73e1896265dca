package api_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/hw"
	"leima/hw/emu"
	"leima/validator/api"
	"leima/validator/journal"
)

// restart switches the device off and on: it knows what its journal says.
func (d *desk) restart(t *testing.T) {
	t.Helper()
	d.play(t, "restart")
	d.local = &api.Local{Validator: d.Bus.Validator, Journal: d.Bus.Journal, Area: d.local.Area,
		Boot: "second"}
	d.way = d.local
}

// records counts the events of a reason.
func (d *desk) records(t *testing.T, reason fare.Reason) (n int) {
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
	d := aDesk(t)
	d.signOn(t)
	shift := d.shift
	given := map[fare.Reason]api.Command{
		fare.SingleSold:  {Kind: "sell", Sell: &api.Selling{Group: "child", Zones: "A-B", Persons: 2}},
		fare.FreeDevices: {Kind: "free", Free: &api.Free{Reason: "devices", Persons: 1}},
		fare.Misused: {Kind: "judge", Judge: &api.Judging{InHand: api.InHand{Kind: "personal",
			Other: true, Personal: true, Age: "equal"}, Group: "adult", Charge: true}},
	}
	orders, answers := map[fare.Reason]api.Order{}, map[fare.Reason]api.Answer{}
	for reason, command := range given {
		order := d.order(command)
		answer, err := d.way.Do(t.Context(), order)
		require.NoError(t, err, reason)
		orders[reason], answers[reason] = order, answer
	}
	d.restart(t)
	_, err := d.way.Do(t.Context(), api.Order{ID: "sign-on-again", Boot: "second",
		Expires: d.Clock.Now().Add(time.Minute), Command: api.Command{Kind: "sign_on",
			SignOn: &api.SignOn{Shift: *shift}}})
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

// A held card answers when it is let.
type held struct {
	hw.Card
	asked, let chan struct{}
	once       sync.Once
}

func (h *held) Transmit(command []byte) ([]byte, error) {
	h.once.Do(func() { close(h.asked) })
	<-h.let
	return h.Card.Transmit(command)
}

// Ensure that an order whose turn does not come while somebody listens is not carried out,
// and that a crowd of them is refused at the door.
func TestOrdersThatNobodyHearsAreNotCarriedOut(t *testing.T) {
	d := aDesk(t)
	d.signOn(t)
	card := &held{Card: emu.Air{}.Present(d.Cards["Aino"]), asked: make(chan struct{}),
		let: make(chan struct{})}
	served := make(chan struct{})
	go func() { defer close(served); d.Bus.Validator.Serve(card) }()
	<-card.asked
	var crowd sync.WaitGroup
	codes := make(chan int, 200)
	for range 200 {
		order := d.order(api.Command{Kind: "sell", Sell: &api.Selling{Group: "adult", Persons: 1}})
		crowd.Go(func() { codes <- code(d.way.Do(t.Context(), order)) })
	}
	refused := make(chan struct{})
	go func() { defer close(refused); crowd.Wait() }()
	select { // while the tap goes on
	case <-refused:
	case <-time.After(20 * time.Second):
		close(card.let)
		require.Fail(t, "they wait for the tap, whoever listens")
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	require.Equal(t, http.StatusServiceUnavailable, code(d.way.Do(gone,
		d.order(api.Command{Kind: "sell", Sell: &api.Selling{Group: "adult", Persons: 1}}))))
	close(card.let)
	<-served
	for range 200 {
		require.Equal(t, http.StatusServiceUnavailable, <-codes)
	}
	d.do(t, api.Command{Kind: "sell", Sell: &api.Selling{Group: "adult", Persons: 1}})
	require.Equal(t, 1, d.records(t, fare.SingleSold), "the one that was answered")
}
