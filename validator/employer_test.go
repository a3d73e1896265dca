package validator_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/validator"
)

// Ensure that a driver's device takes an employer's word for money only where the area says
// so, and then against the employer's number and the reference of its order, which the
// journal has.
func TestEmployerPaysOnBoard(t *testing.T) {
	order := fare.Funding{By: fare.Employer, Employer: 4711, Payment: fare.Payment{Reference: "PO 12"}}
	without := func(change func(*fare.Funding)) fare.Funding {
		f := order
		change(&f)
		return f
	}
	for name, row := range map[string]struct {
		taken   bool
		funding fare.Funding
		then    fare.Reason
	}{
		"no setting":   {false, order, fare.NotLoaded},
		"a share":      {false, without(func(f *fare.Funding) { f.Share = 1999 }), fare.NotLoaded},
		"as it should": {true, order, fare.ValueLoaded},
		"no number":    {true, without(func(f *fare.Funding) { f.Employer = 0 }), fare.NotLoaded},
		"no reference": {true, without(func(f *fare.Funding) { f.Payment.Reference = "" }), fare.NotLoaded},
	} {
		bus, _ := signedOn(t)
		good := bus.Validator.Tariffs
		bus.Validator.Tariffs = func(at time.Time) (*fare.Tariff, error) {
			tariff, err := good(at)
			if err != nil {
				return nil, err
			}
			area := *tariff
			area.Office.EmployerOnBoard = row.taken
			return &area, nil
		}
		for n := range 2 { // an order may be for several
			require.NoError(t, bus.Validator.Do(validator.Load{Amount: 2000, Funding: row.funding}))
			require.Equal(t, row.then, present(bus, "Liisa").Decision.Reason, "%s, %d", name, n)
		}
		event := lastEvent(t, bus)
		if row.then == fare.NotLoaded {
			require.EqualValues(t, 1000, held(t, bus, "Liisa").Purse, name)
			continue
		}
		require.EqualValues(t, 4711, event.Employer)
		require.Equal(t, "PO 12", event.Benefit)
		require.Equal(t, cardlayout.Cents(2000), event.Receipt.PaidBy(fare.TheEmployer))
	}
}
