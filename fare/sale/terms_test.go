package sale_test

import (
	"testing"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
	"leima/fare/sale"
)

// The seasons of testdata/terms/pricelist.toml.
const (
	dayTicket, month, studentMonth, kelaMonth, halfYear = 24, 30, 140, 152, 180
	zoneA, zonesAB                                      = cardlayout.Zones(1), cardlayout.Zones(11)
)

// silent is a tariff that says nothing of the counter.
func silent(t testing.TB) *fare.Tariff {
	prices := faretest.Published(t, "mikkeli-2025")
	prices.Terms = fare.Terms{}
	return prices
}

// ownCard is an adult's personal card of area 227 with ten euros.
func ownCard(change ...func(*cardlayout.Card)) cardlayout.Card {
	c := cardlayout.Card{
		Number: cardlayout.WithCheckDigit(92469900010000001), Kind: cardlayout.Personal,
		Area: 227, Group: cardlayout.Adult, Purse: 1000, Counter: 7,
	}
	for _, f := range change {
		f(&c)
	}
	return c
}

func kindOf(k cardlayout.Kind) func(*cardlayout.Card) {
	return func(c *cardlayout.Card) { c.Kind = k }
}

func groupOf(g cardlayout.Group) func(*cardlayout.Card) {
	return func(c *cardlayout.Card) { c.Group = g }
}

func purse(amount cardlayout.Cents) func(*cardlayout.Card) {
	return func(c *cardlayout.Card) { c.Purse = amount }
}

// student has the right until a day.
func student(until string) func(*cardlayout.Card) {
	return func(c *cardlayout.Card) {
		c.Group, c.StudentUntil = cardlayout.Student, faretest.Day(until)
	}
}

// unstarted is a season that waits on the card.
func unstarted(days uint16, price cardlayout.Cents) func(*cardlayout.Card) {
	return func(c *cardlayout.Card) {
		n := 0
		if c.Seasons[0].Days != 0 {
			n = 1
		}
		c.Seasons[n] = cardlayout.Season{Area: 227, Product: days, Zones: 1, Days: days, Price: price}
	}
}

func fundedBy(terms cardlayout.SeasonConditions) func(*cardlayout.Card) {
	return func(c *cardlayout.Card) { c.Seasons[0].Conditions |= terms }
}

func aSale(change ...func(*sale.Sale)) sale.Sale {
	s := sale.Sale{At: faretest.Time("2026-03-02 14:00:00"), Organisation: 55, Device: 77}
	for _, f := range change {
		f(&s)
	}
	return s
}

func through(c fare.Channel) func(*sale.Sale) { return func(s *sale.Sale) { s.Channel = c } }

func truly(g cardlayout.Group) func(*sale.Sale) {
	return func(s *sale.Sale) { s.Customer.Group = g }
}

// paidWith is a benefit that pays an amount, as it should.
func paidWith(amount cardlayout.Cents, change ...func(*sale.Payment)) func(*sale.Sale) {
	return func(s *sale.Sale) {
		s.Funding = sale.Funding{By: sale.Benefit, Payment: sale.Payment{
			Site: 55, Type: "commute", Amount: amount, Reference: "R-1", At: s.At,
		}}
		for _, f := range change {
			f(&s.Funding.Payment)
		}
	}
}

// requireRule tells that err refuses by a rule, and says why and what to do.
func requireRule(t testing.TB, rule fare.RuleID, err error) {
	t.Helper()
	var refusal *sale.Refusal
	require.ErrorAs(t, err, &refusal, "want a refusal by %v", rule)
	require.Equal(t, rule, refusal.Rule, refusal.Error())
	require.NotEmpty(t, refusal.Asked)
	require.NotEmpty(t, refusal.Why)
	require.NotEmpty(t, refusal.Do)
}

// requireJudged tells that err refuses by the rule, or where that is 0 is none.
func requireJudged(t testing.TB, rule fare.RuleID, err error) {
	t.Helper()
	if rule == 0 {
		require.NoError(t, err)
		return
	}
	requireRule(t, rule, err)
}
