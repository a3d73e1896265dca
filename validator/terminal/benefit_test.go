package terminal_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/fare/sale"
	"leima/validator/sim"
	"leima/validator/sim/simtest"
	"leima/validator/terminal"
)

// benefit is a load of 20.00 that a payment with this reference has paid for.
func benefit(bus *sim.Bus, reference string) terminal.Load {
	return terminal.Load{Amount: 2000, Funding: sale.Funding{
		By: sale.Benefit,
		Payment: sale.Payment{
			Type: "commute", Amount: 2000, Reference: reference,
			At: bus.Clock.Now(),
		},
	}}
}

// a payment buys one load on a device, however its reference is typed, on
// whatever card, and after a restart.
func TestBenefitPaysOnce(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	simtest.Play(t, bus, "card Leo  kind personal, born 1980-05-17, purse 10.00")
	do := func(reference string) error { return bus.Order(benefit(bus, reference)) }
	require.NoError(t, do("SM-1234"))
	require.Equal(t, fare.ValueLoaded, simtest.Present(bus, "Liisa").Decision.Reason)
	for _, typed := range []string{"SM-1234", "sm 1234", " SM1234", "SM-1234 / hello"} {
		err := do(typed)
		require.Error(t, err, typed)
		require.Contains(t, err.Error(), "R-204")
	}
	simtest.Play(t, bus, "restart")
	require.Error(t, do("SM-1234"))
	require.NoError(t, do("SM-1235"))
	require.Equal(t, fare.ValueLoaded, simtest.Present(bus, "Leo").Decision.Reason)

	bus.Clock.Set(bus.Clock.Now().AddDate(0, 0, 399))
	require.Error(t, do("SM-1234"), "it is known for 400 days")
	bus.Clock.Set(bus.Clock.Now().AddDate(0, 0, 2))
	require.NoError(t, do("SM-1236"))
	require.Equal(t, fare.ValueLoaded, simtest.Present(bus, "Leo").Decision.Reason)
	require.NoError(t, do("SM-1234"), "then it goes, when another one comes")
}

// Ensure that a load which is torn, voided or taken back has not used its payment up, and
// that one which is in the air has.
func TestBenefitOfATornLoad(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	simtest.Play(t, bus, "card Leo  kind personal, born 1980-05-17, purse 10.00")
	require.NoError(t, bus.Order(benefit(bus, "A1")))
	simtest.Play(t, bus, "tear Liisa before commit\ntap Liisa")
	require.Equal(t, fare.ValueLoaded, simtest.Present(bus, "Liisa").Decision.Reason,
		"the torn load's return")

	require.NoError(t, bus.Order(benefit(bus, "A2")))
	simtest.Play(t, bus, "tear Liisa after commit\ntap Liisa")
	require.Equal(t, fare.LoadRecovered, simtest.Present(bus, "Liisa").Decision.Reason)
	require.Error(t, bus.Order(benefit(bus, "A2")))

	require.NoError(t, bus.Order(benefit(bus, "A3")))
	simtest.Play(t, bus, "tear Liisa before commit\ntap Liisa\nbus trip=2")
	require.NoError(t, bus.Order(benefit(bus, "A3")), "asked anew")
	require.Equal(t, fare.NotLoaded, simtest.Present(bus, "Leo").Decision.Reason,
		"onto another card")
	require.EqualValues(t, 1000, simtest.Held(t, bus, "Leo").Purse)
	require.NoError(t, bus.Order(benefit(bus, "A3")))
	require.Equal(t, fare.ValueLoaded, simtest.Present(bus, "Liisa").Decision.Reason,
		"whose card denies it")
	require.EqualValues(t, 7000, simtest.Held(t, bus, "Liisa").Purse)
}

// Ensure that a load which the provider has voided and the driver has taken back frees its
// payment's reference, and a take-back that was torn does not.
func TestBenefitTakenBack(t *testing.T) {
	bus, _ := simtest.SignedOn(t)
	do := func(c terminal.Command) { require.NoError(t, bus.Order(c)) }
	do(benefit(bus, "B1"))
	require.Equal(t, fare.ValueLoaded, simtest.Present(bus, "Liisa").Decision.Reason)
	do(terminal.TakeBack{By: sale.Provider})
	simtest.Play(t, bus, "tear Liisa before commit\ntap Liisa")
	require.Error(t, bus.Order(benefit(bus, "B1")))
	require.Equal(t, fare.LoadTakenBack, simtest.Present(bus, "Liisa").Decision.Reason)
	do(benefit(bus, "B1"))
	require.Equal(t, fare.ValueLoaded, simtest.Present(bus, "Liisa").Decision.Reason)
	require.EqualValues(t, 3000, simtest.Held(t, bus, "Liisa").Purse)
}
