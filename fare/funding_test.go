package fare_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
)

// Ensure that a benefit buys for its owner alone, at the till, and for exactly what it has
// paid (R-200 to R-206, T-46).
func TestBenefit(t *testing.T) {
	tariff := terms(t, "mikkeli")
	payment := func(change func(*fare.Payment)) fare.Sale { return aSale(paidWith(2000, change)) }
	for _, c := range []struct {
		name string
		card cardlayout.Card
		sale fare.Sale
		rule fare.RuleID
	}{
		{"R-205 as it should be", ownCard(), aSale(paidWith(2000)), 0},
		{"R-061 on the bus", ownCard(), aSale(paidWith(2000), through(fare.DriverDesk)), 0},
		{"R-201 in the web", ownCard(), aSale(paidWith(2000), through(fare.WebShop)), 201},
		{"R-206 T-46 a bearer card", ownCard(kindOf(cardlayout.Bearer)), aSale(paidWith(2000)), 206},
		{"R-206 a company's card", ownCard(kindOf(cardlayout.Company)), aSale(paidWith(2000)), 206},
		{"R-202 less than it costs", ownCard(), aSale(paidWith(1999)), 202},
		{"R-202 more than it costs", ownCard(), aSale(paidWith(2001)), 202},
		{"R-202 a massage", ownCard(),
			payment(func(p *fare.Payment) { p.Type = "massage" }), 202},
		{"R-202 another place", ownCard(), payment(func(p *fare.Payment) { p.Site = 56 }), 202},
		{"R-202 of the first second of today", ownCard(), payment(func(p *fare.Payment) {
			p.At = aTime("2026-03-02 00:00:00")
		}), 0},
		{"R-202 of yesterday", ownCard(), payment(func(p *fare.Payment) {
			p.At = aTime("2026-03-01 23:59:59")
		}), 202},
		{"R-202 of tomorrow", ownCard(), payment(func(p *fare.Payment) {
			p.At = aTime("2026-03-03 00:00:00")
		}), 202},
		{"R-202 of no time", ownCard(), payment(func(p *fare.Payment) { p.At = time.Time{} }), 202},
		{"R-204 no receipt", ownCard(), payment(func(p *fare.Payment) { p.Reference = "" }), 204},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := fare.SellValue(c.card, c.sale, tariff, 2000)
			requireJudged(t, c.rule, err)
			if c.rule != 0 {
				require.Equal(t, c.card, l.After)
				return
			}
			require.EqualValues(t, 3000, l.After.Purse)
			require.EqualValues(t, 2000, l.After.Kept)
			require.EqualValues(t, 2000, l.Receipt.PaidBy(fare.TheBenefit))
			require.EqualValues(t, 205, l.Receipt[0].Rule)
		})
	}
	_, err := fare.SellValue(ownCard(), aSale(paidWith(2000)), terms(t, "oulu"), 2000)
	requireRule(t, 202, err)
	require.ErrorContains(t, err, "ask for one of these: none")
}

// Ensure that an employer pays a part or all of a ticket, of a personal card alone, and
// that the season and the purse remember it.
func TestEmployer(t *testing.T) {
	tariff := terms(t, "oulu")
	employer := func(share cardlayout.Cents) fare.Sale {
		return aSale(func(s *fare.Sale) {
			s.Funding = fare.Funding{By: fare.Employer, Share: share}
		})
	}
	for share, want := range map[cardlayout.Cents]cardlayout.Cents{0: 5000, 2000: 2000, 9900: 5000} {
		l, err := fare.SellSeason(ownCard(), employer(share), tariff, order(month))
		require.NoError(t, err)
		require.Equal(t, want, l.Receipt.PaidBy(fare.TheEmployer))
		require.Equal(t, 5000-want, l.Receipt.PaidBy(fare.TheCustomer))
		require.Equal(t, cardlayout.FundedEmployer, l.After.Seasons[0].Terms)
		require.EqualValues(t, 170, l.Receipt[len(l.Receipt)-1].Rule)
	}
	l, err := fare.SellSeason(ownCard(), aSale(paidWith(5000)), terms(t, "mikkeli"), order(month))
	require.NoError(t, err)
	require.Equal(t, cardlayout.FundedBenefit, l.After.Seasons[0].Terms)
	for _, kind := range []cardlayout.Kind{cardlayout.Bearer, cardlayout.Company} {
		_, err := fare.SellSeason(ownCard(kindOf(kind)), employer(0), tariff, order(month))
		requireRule(t, 170, err)
	}
}

// Ensure that the part of the purse that an employer has paid never becomes more than the
// purse, and that a card that can keep no more apart takes no more.
func TestKeptOfThePurse(t *testing.T) {
	tariff := terms(t, "mikkeli")
	card := ownCard(purse(300), func(c *cardlayout.Card) { c.Kept = 2000 })
	l, err := fare.SellValue(card, aSale(), tariff, 1000)
	require.NoError(t, err)
	require.EqualValues(t, 300, l.After.Kept, "what was spent of it is kept no more")
	l, err = fare.SellValue(card, aSale(paidWith(1000)), tariff, 1000)
	require.NoError(t, err)
	require.EqualValues(t, 1300, l.After.Kept)

	spent := ownCard(purse(0), func(c *cardlayout.Card) { c.Kept = 65000 })
	l, err = fare.SellValue(spent, aSale(paidWith(1000)), tariff, 1000)
	require.NoError(t, err)
	require.EqualValues(t, 1000, l.After.Kept)

	full := ownCard(purse(65000), func(c *cardlayout.Card) { c.Kept = 65000 })
	_, err = fare.SellValue(full, aSale(paidWith(536)), tariff, 536)
	requireRule(t, 0, err)
	_, err = fare.SellValue(full, aSale(paidWith(535)), tariff, 535)
	require.NoError(t, err, "the last cent that 16 bits hold")
	_, err = fare.SellValue(full, aSale(), tariff, 1000)
	require.NoError(t, err)
}

// Ensure that a load is taken back by the device that did it, while nothing has happened
// since (R-125, T-41, T-42), and leaves all of worth as it was before.
func TestReverse(t *testing.T) {
	tariff := terms(t, "jyvaskyla")
	before := ownCard(unstarted(month, 5000))
	value, err := fare.SellValue(before, aSale(), tariff, 2000)
	require.NoError(t, err)
	season, err := fare.SellSeason(before, aSale(), tariff, order(month))
	require.NoError(t, err)
	for _, l := range []fare.Loaded{value, season} {
		after, err := fare.Reverse(l.After, l, aSale(), fare.Driver, tariff)
		require.NoError(t, err)
		want := before
		want.Counter += 2
		require.Equal(t, want, after)

		for _, c := range []struct {
			name   string
			card   func(*cardlayout.Card)
			seller func(*fare.Sale)
		}{
			{"T-42 used once", func(c *cardlayout.Card) { c.Counter++ }, nil},
			{"another card", func(c *cardlayout.Card) {
				c.Number = cardlayout.WithCheckDigit(92469900010000002)
			}, nil},
			{"another device", nil, func(s *fare.Sale) { s.Device++ }},
			{"another seller", nil, func(s *fare.Sale) { s.Organisation++ }},
			{"another channel", nil, through(fare.DriverDesk)},
			{"taken back already", func(c *cardlayout.Card) { *c = after }, nil},
		} {
			card, s := l.After, aSale()
			if c.card != nil {
				c.card(&card)
			}
			if c.seller != nil {
				c.seller(&s)
			}
			got, err := fare.Reverse(card, l, s, fare.Provider, tariff)
			requireRule(t, 125, err)
			require.Equal(t, card, got, c.name)
		}
	}
}

// Ensure that a load that a benefit has paid for is taken back by the provider alone, and
// on the day of the payment by the local clock, whenever it was loaded.
func TestReverseOfABenefit(t *testing.T) {
	tariff := terms(t, "jyvaskyla")
	l, err := fare.SellValue(ownCard(), aSale(paidWith(2000)), tariff, 2000)
	require.NoError(t, err)
	for at, rule := range map[string]fare.RuleID{
		"2026-03-02 23:59:59": 0, "2026-03-03 00:00:00": 207, "2026-03-02 13:59:59": 207,
	} {
		asked := aSale(func(s *fare.Sale) { s.At = aTime(at) })
		after, err := fare.Reverse(l.After, l, asked, fare.Provider, tariff)
		requireJudged(t, rule, err)
		if rule == 0 {
			require.Zero(t, after.Kept)
		}
	}
	for _, by := range []fare.Voider{0, fare.Driver, fare.Passenger} {
		after, err := fare.Reverse(l.After, l, aSale(), by, tariff)
		requireRule(t, 207, err)
		require.Equal(t, l.After, after)
	}
	l.Sale.Funding.Payment.At = aTime("2026-03-01 23:59:59")
	_, err = fare.Reverse(l.After, l, aSale(), fare.Provider, tariff)
	requireRule(t, 207, err)
}

// Ensure that only the provider voids a payment, on its own day, of a card not used since
// (R-207, T-45).
func TestVoid(t *testing.T) {
	for _, c := range []struct {
		name string
		by   fare.Voider
		paid string
		at   string
		used bool
		rule fare.RuleID
	}{
		{"T-45 the same evening", fare.Provider, "14:00:00", "2026-03-02 23:59:59", false, 0},
		{"T-45 the next day", fare.Provider, "14:00:00", "2026-03-03 00:00:00", false, 207},
		{"the passenger", fare.Passenger, "14:00:00", "2026-03-02 14:01:00", false, 207},
		{"the driver", fare.Driver, "14:00:00", "2026-03-02 14:01:00", false, 207},
		{"nobody", 0, "14:00:00", "2026-03-02 14:01:00", false, 207},
		{"used since", fare.Provider, "14:00:00", "2026-03-02 14:01:00", true, 207},
		{"just after midnight", fare.Provider, "00:00:00", "2026-03-02 01:59:59", false, 0},
		{"before it was paid", fare.Provider, "14:00:00", "2026-03-02 13:00:00", false, 207},
	} {
		t.Run(c.name, func(t *testing.T) {
			paid := aTime("2026-03-02 " + c.paid)
			for _, zone := range []*time.Location{time.UTC, paid.Location()} {
				requireJudged(t, c.rule, fare.VoidRefused(fare.BenefitVoid{
					By: c.by, Paid: paid.In(zone), At: aTime(c.at).In(zone),
					Location: paid.Location(), Used: c.used,
				}))
			}
		})
	}
}
