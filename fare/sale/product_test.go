package sale_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/fare/faretest"
	"leima/fare/sale"
)

// R-152, T-32: a Kela season travels like any other, within its zones, and costs its
// customer 43.00 whatever they are. Kela pays the rest.
func TestKelaSeason(t *testing.T) {
	prices := faretest.Published(t, "jyvaskyla-2018")
	card := faretest.Card(t, "area 209, group youth, born 2008-01-01")
	seller := aSale(func(s *sale.Sale) { s.Customer.Certificate = true })
	for run, rest := range map[string]string{"A": "11.00", "A-D": "77.00"} {
		sold, err := sale.SellSeason(card, seller, prices,
			sale.SeasonOrder{Product: 31, Zones: faretest.Zones(run)})
		require.NoError(t, err)
		require.Equal(t, "43.00", sold.Receipt.PaidBy(fare.PayerCustomer).String(), run)
		require.Equal(t, rest, sold.Receipt.PaidBy("Kela").String(), run)
		d := fare.Decide(sold.After, faretest.Tap("2026-03-02 15:00:00", faretest.InZones("B-D")),
			prices)
		require.Equal(t, run == "A-D", d.Reason == fare.SeasonStarted, run)
	}
}
