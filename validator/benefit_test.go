package validator_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/validator"
	"leima/validator/sim"
)

// benefit is a load of 20.00 that a payment with this reference has paid for.
func benefit(bus *sim.Bus, reference string) validator.Load {
	return validator.Load{Amount: 2000, Funding: fare.Funding{By: fare.Benefit,
		Payment: fare.Payment{Type: "commute", Amount: 2000, Reference: reference,
			At: bus.Clock.Now()}}}
}

// a payment buys one load on a device, however its reference is typed, on
// whatever card, and after a restart.
func TestBenefitPaysOnce(t *testing.T) {
	bus, _ := signedOn(t)
	play(t, bus, "card Leo  kind personal, born 1980-05-17, purse 10.00")
	do := func(reference string) error { return bus.Validator.Do(benefit(bus, reference)) }
	require.NoError(t, do("SM-1234"))
	require.Equal(t, fare.ValueLoaded, present(bus, "Liisa").Decision.Reason)
	for _, typed := range []string{"SM-1234", "sm 1234", " SM1234", "SM-1234 / hello"} {
		err := do(typed)
		require.Error(t, err, typed)
		require.Contains(t, err.Error(), "R-204")
	}
	play(t, bus, "restart")
	require.Error(t, do("SM-1234"))
	require.NoError(t, do("SM-1235"))
	require.Equal(t, fare.ValueLoaded, present(bus, "Leo").Decision.Reason)

	bus.Clock.Set(bus.Clock.Now().AddDate(0, 0, 399))
	require.Error(t, do("SM-1234"), "it is known for 400 days")
	bus.Clock.Set(bus.Clock.Now().AddDate(0, 0, 2))
	require.NoError(t, do("SM-1236"))
	require.Equal(t, fare.ValueLoaded, present(bus, "Leo").Decision.Reason)
	require.NoError(t, do("SM-1234"), "then it goes, when another one comes")
}

// Ensure that a load which is torn, voided or taken back has not used its payment up, and
// that one which is in the air has.
func TestBenefitOfATornLoad(t *testing.T) {
	bus, _ := signedOn(t)
	play(t, bus, "card Leo  kind personal, born 1980-05-17, purse 10.00")
	require.NoError(t, bus.Validator.Do(benefit(bus, "A1")))
	play(t, bus, "tear Liisa before commit\ntap Liisa")
	require.Equal(t, fare.ValueLoaded, present(bus, "Liisa").Decision.Reason, "the torn load's return")

	require.NoError(t, bus.Validator.Do(benefit(bus, "A2")))
	play(t, bus, "tear Liisa after commit\ntap Liisa")
	require.Equal(t, fare.LoadUnheard, present(bus, "Liisa").Decision.Reason)
	require.Error(t, bus.Validator.Do(benefit(bus, "A2")))

	require.NoError(t, bus.Validator.Do(benefit(bus, "A3")))
	play(t, bus, "tear Liisa before commit\ntap Liisa\nbus trip=2")
	require.NoError(t, bus.Validator.Do(benefit(bus, "A3")), "asked anew")
	require.Equal(t, fare.NotLoaded, present(bus, "Leo").Decision.Reason, "onto another card")
	require.EqualValues(t, 1000, held(t, bus, "Leo").Purse)
	require.NoError(t, bus.Validator.Do(benefit(bus, "A3")))
	require.Equal(t, fare.ValueLoaded, present(bus, "Liisa").Decision.Reason, "whose card denies it")
	require.EqualValues(t, 7000, held(t, bus, "Liisa").Purse)
}

// Ensure that a load which the provider has voided and the driver has taken back frees its
// payment's reference, and a take-back that was torn does not.
func TestBenefitTakenBack(t *testing.T) {
	bus, _ := signedOn(t)
	do := func(c validator.Command) { require.NoError(t, bus.Validator.Do(c)) }
	do(benefit(bus, "B1"))
	require.Equal(t, fare.ValueLoaded, present(bus, "Liisa").Decision.Reason)
	do(validator.TakeBack{By: fare.Provider})
	play(t, bus, "tear Liisa before commit\ntap Liisa")
	require.Error(t, bus.Validator.Do(benefit(bus, "B1")))
	require.Equal(t, fare.LoadTakenBack, present(bus, "Liisa").Decision.Reason)
	do(benefit(bus, "B1"))
	require.Equal(t, fare.ValueLoaded, present(bus, "Liisa").Decision.Reason)
	require.EqualValues(t, 3000, held(t, bus, "Liisa").Purse)
}
