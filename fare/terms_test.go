package fare_test

import (
	"os"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/tariff"
)

// The seasons of testdata/terms/pricelist.toml.
const (
	dayTicket, month, studentMonth, kelaMonth, halfYear = 24, 30, 140, 152, 180
	zoneA, zonesAB                                      = cardlayout.Zones(1), cardlayout.Zones(11)
)

// terms are those of a city, under one made-up price list: oulu, lappeenranta, jyvaskyla
// or mikkeli.
func terms(t testing.TB, city string) *fare.Tariff {
	t.Helper()
	file := map[string]string{"oulu": "oulu-2015", "lappeenranta": "lappeenranta-2016",
		"jyvaskyla": "jyvaskyla-2018", "mikkeli": "mikkeli-2021"}[city]
	var source []byte
	for _, name := range []string{"pricelist", file} {
		text, err := os.ReadFile("../testdata/terms/" + name + ".toml")
		require.NoError(t, err)
		source = append(append(source, text...), '\n')
	}
	compiled, err := tariff.Compile(file, source, time.LoadLocation)
	require.NoError(t, err)
	return compiled
}

var cities = []string{"oulu", "lappeenranta", "jyvaskyla", "mikkeli"}

// silent is a tariff that says nothing of the counter.
func silent(t testing.TB) *fare.Tariff {
	prices := published(t, "mikkeli-2025")
	prices.Office = fare.Office{}
	return prices
}

// aDay is a date written as 2026-03-02.
func aDay(text string) cardlayout.Day {
	day, err := cardlayout.ParseDay(text)
	if err != nil {
		panic(err)
	}
	return day
}

// aTime is a local time of Helsinki, to the second.
func aTime(text string) time.Time {
	zone, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		panic(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04:05", text, zone)
	if err != nil {
		panic(err)
	}
	return at
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
	return func(c *cardlayout.Card) { c.Group, c.StudentUntil = cardlayout.Student, aDay(until) }
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

func fundedBy(terms cardlayout.Terms) func(*cardlayout.Card) {
	return func(c *cardlayout.Card) { c.Seasons[0].Terms |= terms }
}

func aSale(change ...func(*fare.Sale)) fare.Sale {
	s := fare.Sale{At: aTime("2026-03-02 14:00:00"), Organisation: 55, Device: 77}
	for _, f := range change {
		f(&s)
	}
	return s
}

func through(c fare.Channel) func(*fare.Sale) { return func(s *fare.Sale) { s.Channel = c } }

func truly(g cardlayout.Group) func(*fare.Sale) {
	return func(s *fare.Sale) { s.Customer.Group = g }
}

// paidWith is a benefit that pays an amount, as it should.
func paidWith(amount cardlayout.Cents, change ...func(*fare.Payment)) func(*fare.Sale) {
	return func(s *fare.Sale) {
		s.Funding = fare.Funding{By: fare.Benefit, Payment: fare.Payment{
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
	var refusal *fare.Refusal
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
