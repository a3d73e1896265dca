package terminal_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/validator/sim/simtest"
	"leima/validator/terminal"
)

// Ensure that a driver's device takes an employer's word for money only where the area says
// so, and then against the employer's number and the reference of its order, which the
// journal has.
func TestEmployerPaysOnBoard(t *testing.T) {
	order := sale.Funding{By: sale.Employer, Employer: 4711, Payment: sale.Payment{Reference: "PO 12"}}
	without := func(change func(*sale.Funding)) sale.Funding {
		f := order
		change(&f)
		return f
	}
	for name, row := range map[string]struct {
		taken   bool
		funding sale.Funding
		then    fare.Reason
	}{
		"no setting":   {false, order, fare.NotLoaded},
		"a share":      {false, without(func(f *sale.Funding) { f.Share = 1999 }), fare.NotLoaded},
		"as it should": {true, order, fare.ValueLoaded},
		"no number":    {true, without(func(f *sale.Funding) { f.Employer = 0 }), fare.NotLoaded},
		"no reference": {true, without(func(f *sale.Funding) { f.Payment.Reference = "" }), fare.NotLoaded},
	} {
		bus, _ := simtest.SignedOn(t)
		good := bus.Validator.Tariffs
		bus.Validator.Tariffs = func(at time.Time) (*fare.Tariff, error) {
			tariff, err := good(at)
			if err != nil {
				return nil, err
			}
			area := *tariff
			area.Terms.EmployerOnBoard = row.taken
			return &area, nil
		}
		for n := range 2 { // an order may be for several
			require.NoError(t, bus.Order(terminal.Load{Amount: 2000, Funding: row.funding}))
			require.Equal(t, row.then, simtest.Present(bus, "Liisa").Decision.Reason, "%s, %d",
				name, n)
		}
		event := simtest.LastEvent(t, bus)
		if row.then == fare.NotLoaded {
			require.EqualValues(t, 1000, simtest.Held(t, bus, "Liisa").Purse, name)
			continue
		}
		require.EqualValues(t, 4711, event.Employer)
		require.Equal(t, "PO 12", event.Benefit)
		require.Equal(t, cardlayout.Cents(2000), event.Receipt.PaidBy(fare.PayerEmployer))
	}
}
