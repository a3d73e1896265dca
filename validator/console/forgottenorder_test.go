package console_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/validator/api"
	"leima/validator/console"
)

// Ensure that a load for which cash was taken does not lapse in silence where the validator was
// switched off meanwhile, and that a party, for which none was, does.
func TestForgottenLoad(t *testing.T) {
	t.Parallel()
	load := api.Command{Kind: "load", Load: &api.LoadOrder{Amount: 2000}}
	nothing := api.Command{Kind: "next_tap", NextTap: &api.NextTap{}}
	two := api.Command{
		Kind:    "next_tap",
		NextTap: &api.NextTap{Persons: map[string]uint8{"holder": 2}},
	}
	waits := func(s console.States) bool { return s.Link && s.Bus.Order != nil }
	d := aConsole(t)
	d.up()
	b := d.driver(7)
	asked := func() *api.PendingOrder {
		var s console.States
		require.Equal(t, 200, b.get("/api/state", &s))
		return s.Bus.Order
	}
	b.do("bus", load)
	d.await(func(s console.States) bool { return waits(s) && s.Bus.Order.Load })
	d.down()
	d.up()
	d.await(waits)
	for range 2 { // switched off again, it is still told
		require.Equal(t, "Lataus 20,00 €", asked().What.Finnish)
		require.True(t, asked().Expired)
		require.True(t, asked().Unconfirmed, "nobody knows whether its card came before")
		d.down()
		d.up()
	}
	d.await(func(s console.States) bool { return s.Bus != nil && s.Bus.Shift != nil })
	b.do("bus", nothing)
	require.Nil(t, asked())

	b.do("bus", two)
	d.await(waits)
	d.down()
	d.up()
	require.Nil(t, asked())
	d.await(func(s console.States) bool { return s.Bus != nil && s.Bus.Shift != nil })
	b.do("bus", load)
	d.await(waits)
	d.down()
	d.up()
	d.await(waits)
	b.post("/api/sign-off", nil, nil)
	d.await(func(s console.States) bool { return s.Bus != nil && s.Bus.Shift == nil && s.Bus.Order == nil })
}
