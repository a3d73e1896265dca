package sale_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
	"leima/fare/sale"
)

// Ensure that a benefit buys for its owner alone, at the till, and for exactly what it has
// paid (R-200 to R-206, T-46).
func TestBenefit(t *testing.T) {
	tariff := faretest.Terms(t, "mikkeli")
	payment := func(change func(*sale.Payment)) sale.Sale { return aSale(paidWith(2000, change)) }
	for _, c := range []struct {
		name string
		card cardlayout.Card
		sale sale.Sale
		rule fare.RuleID
	}{
		{"R-205 as it should be", ownCard(), aSale(paidWith(2000)), 0},
		{"R-061 on the bus", ownCard(), aSale(paidWith(2000), through(fare.OnBoard)), 0},
		{"R-201 in the web", ownCard(), aSale(paidWith(2000), through(fare.WebShop)), 201},
		{"R-206 T-46 a bearer card", ownCard(kindOf(cardlayout.Bearer)), aSale(paidWith(2000)), 206},
		{"R-206 a company's card", ownCard(kindOf(cardlayout.Company)), aSale(paidWith(2000)), 206},
		{"R-202 less than it costs", ownCard(), aSale(paidWith(1999)), 202},
		{"R-202 more than it costs", ownCard(), aSale(paidWith(2001)), 202},
		{
			"R-202 a massage", ownCard(),
			payment(func(p *sale.Payment) { p.Type = "massage" }), 202,
		},
		{"R-202 another place", ownCard(), payment(func(p *sale.Payment) { p.Site = 56 }), 202},
		{"R-202 of the first second of today", ownCard(), payment(func(p *sale.Payment) {
			p.At = faretest.Time("2026-03-02 00:00:00")
		}), 0},
		{"R-202 of yesterday", ownCard(), payment(func(p *sale.Payment) {
			p.At = faretest.Time("2026-03-01 23:59:59")
		}), 202},
		{"R-202 of tomorrow", ownCard(), payment(func(p *sale.Payment) {
			p.At = faretest.Time("2026-03-03 00:00:00")
		}), 202},
		{"R-202 of no time", ownCard(), payment(func(p *sale.Payment) { p.At = time.Time{} }), 202},
		{"R-204 no receipt", ownCard(), payment(func(p *sale.Payment) { p.Reference = "" }), 204},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := sale.SellValue(c.card, c.sale, tariff, 2000)
			requireJudged(t, c.rule, err)
			if c.rule != 0 {
				require.Equal(t, c.card, l.After)
				return
			}
			require.EqualValues(t, 3000, l.After.Purse)
			require.EqualValues(t, 2000, l.After.Funded)
			require.EqualValues(t, 2000, l.Receipt.PaidBy(fare.PayerBenefit))
			require.EqualValues(t, 205, l.Receipt[0].Rule)
		})
	}
	_, err := sale.SellValue(ownCard(), aSale(paidWith(2000)), faretest.Terms(t, "oulu"), 2000)
	requireRule(t, 202, err)
	require.ErrorContains(t, err, "ask for one of these: none")
}

// Ensure that an employer pays a part or all of a ticket, of a personal card alone, and
// that the season and the purse remember it.
func TestEmployer(t *testing.T) {
	tariff := faretest.Terms(t, "oulu")
	employer := func(share cardlayout.Cents) sale.Sale {
		return aSale(func(s *sale.Sale) {
			s.Funding = sale.Funding{By: sale.Employer, Share: share}
		})
	}
	for share, want := range map[cardlayout.Cents]cardlayout.Cents{0: 5000, 2000: 2000, 9900: 5000} {
		l, err := sale.SellSeason(ownCard(), employer(share), tariff, order(month))
		require.NoError(t, err)
		require.Equal(t, want, l.Receipt.PaidBy(fare.PayerEmployer))
		require.Equal(t, 5000-want, l.Receipt.PaidBy(fare.PayerCustomer))
		require.Equal(t, cardlayout.FundedEmployer, l.After.Seasons[0].Conditions)
		require.EqualValues(t, 170, l.Receipt[len(l.Receipt)-1].Rule)
	}
	l, err := sale.SellSeason(ownCard(), aSale(paidWith(5000)), faretest.Terms(t, "mikkeli"),
		order(month))
	require.NoError(t, err)
	require.Equal(t, cardlayout.FundedBenefit, l.After.Seasons[0].Conditions)
	for _, kind := range []cardlayout.Kind{cardlayout.Bearer, cardlayout.Company} {
		_, err := sale.SellSeason(ownCard(kindOf(kind)), employer(0), tariff, order(month))
		requireRule(t, 170, err)
	}
}

// Ensure that the part of the purse that an employer has paid never becomes more than the
// purse, and that a card that can keep no more apart takes no more.
func TestKeptOfThePurse(t *testing.T) {
	tariff := faretest.Terms(t, "mikkeli")
	card := ownCard(purse(300), func(c *cardlayout.Card) { c.Funded = 2000 })
	l, err := sale.SellValue(card, aSale(), tariff, 1000)
	require.NoError(t, err)
	require.EqualValues(t, 300, l.After.Funded, "what was spent of it is kept no more")
	l, err = sale.SellValue(card, aSale(paidWith(1000)), tariff, 1000)
	require.NoError(t, err)
	require.EqualValues(t, 1300, l.After.Funded)

	spent := ownCard(purse(0), func(c *cardlayout.Card) { c.Funded = 65000 })
	l, err = sale.SellValue(spent, aSale(paidWith(1000)), tariff, 1000)
	require.NoError(t, err)
	require.EqualValues(t, 1000, l.After.Funded)

	full := ownCard(purse(65000), func(c *cardlayout.Card) { c.Funded = 65000 })
	_, err = sale.SellValue(full, aSale(paidWith(536)), tariff, 536)
	requireRule(t, 0, err)
	_, err = sale.SellValue(full, aSale(paidWith(535)), tariff, 535)
	require.NoError(t, err, "the last cent that 16 bits hold")
	_, err = sale.SellValue(full, aSale(), tariff, 1000)
	require.NoError(t, err)
}

// Ensure that a load is taken back by the device that did it, while nothing has happened
// since (R-125, T-41, T-42), and leaves all of worth as it was before.
func TestReverse(t *testing.T) {
	tariff := faretest.Terms(t, "jyvaskyla")
	before := ownCard(unstarted(month, 5000))
	value, err := sale.SellValue(before, aSale(), tariff, 2000)
	require.NoError(t, err)
	season, err := sale.SellSeason(before, aSale(), tariff, order(month))
	require.NoError(t, err)
	for _, l := range []sale.Loaded{value, season} {
		after, err := sale.Reverse(l.After, l, aSale(), sale.Driver, tariff)
		require.NoError(t, err)
		want := before
		want.Counter += 2
		require.Equal(t, want, after)

		for _, c := range []struct {
			name   string
			card   func(*cardlayout.Card)
			seller func(*sale.Sale)
		}{
			{"T-42 used once", func(c *cardlayout.Card) { c.Counter++ }, nil},
			{"another card", func(c *cardlayout.Card) {
				c.Number = cardlayout.WithCheckDigit(92469900010000002)
			}, nil},
			{"another device", nil, func(s *sale.Sale) { s.Device++ }},
			{"another seller", nil, func(s *sale.Sale) { s.Organisation++ }},
			{"another channel", nil, through(fare.OnBoard)},
			{"taken back already", func(c *cardlayout.Card) { *c = after }, nil},
		} {
			card, s := l.After, aSale()
			if c.card != nil {
				c.card(&card)
			}
			if c.seller != nil {
				c.seller(&s)
			}
			got, err := sale.Reverse(card, l, s, sale.Provider, tariff)
			requireRule(t, 125, err)
			require.Equal(t, card, got, c.name)
		}
	}
}

// Ensure that a load that a benefit has paid for is taken back by the provider alone, and
// on the day of the payment by the local clock, whenever it was loaded.
func TestReverseOfABenefit(t *testing.T) {
	tariff := faretest.Terms(t, "jyvaskyla")
	l, err := sale.SellValue(ownCard(), aSale(paidWith(2000)), tariff, 2000)
	require.NoError(t, err)
	for at, rule := range map[string]fare.RuleID{
		"2026-03-02 23:59:59": 0, "2026-03-03 00:00:00": 207, "2026-03-02 13:59:59": 207,
	} {
		asked := aSale(func(s *sale.Sale) { s.At = faretest.Time(at) })
		after, err := sale.Reverse(l.After, l, asked, sale.Provider, tariff)
		requireJudged(t, rule, err)
		if rule == 0 {
			require.Zero(t, after.Funded)
		}
	}
	for _, by := range []sale.Voider{0, sale.Driver, sale.Passenger} {
		after, err := sale.Reverse(l.After, l, aSale(), by, tariff)
		requireRule(t, 207, err)
		require.Equal(t, l.After, after)
	}
	l.Sale.Funding.Payment.At = faretest.Time("2026-03-01 23:59:59")
	_, err = sale.Reverse(l.After, l, aSale(), sale.Provider, tariff)
	requireRule(t, 207, err)
}

// Ensure that only the provider voids a payment, on its own day, of a card not used since
// (R-207, T-45).
func TestVoid(t *testing.T) {
	for _, c := range []struct {
		name string
		by   sale.Voider
		paid string
		at   string
		used bool
		rule fare.RuleID
	}{
		{"T-45 the same evening", sale.Provider, "14:00:00", "2026-03-02 23:59:59", false, 0},
		{"T-45 the next day", sale.Provider, "14:00:00", "2026-03-03 00:00:00", false, 207},
		{"the passenger", sale.Passenger, "14:00:00", "2026-03-02 14:01:00", false, 207},
		{"the driver", sale.Driver, "14:00:00", "2026-03-02 14:01:00", false, 207},
		{"nobody", 0, "14:00:00", "2026-03-02 14:01:00", false, 207},
		{"used since", sale.Provider, "14:00:00", "2026-03-02 14:01:00", true, 207},
		{"just after midnight", sale.Provider, "00:00:00", "2026-03-02 01:59:59", false, 0},
		{"before it was paid", sale.Provider, "14:00:00", "2026-03-02 13:00:00", false, 207},
	} {
		t.Run(c.name, func(t *testing.T) {
			paid := faretest.Time("2026-03-02 " + c.paid)
			for _, zone := range []*time.Location{time.UTC, paid.Location()} {
				requireJudged(t, c.rule, sale.CheckVoid(sale.BenefitVoid{
					By: c.by, Paid: paid.In(zone), At: faretest.Time(c.at).In(zone),
					Location: paid.Location(), Used: c.used,
				}))
			}
		})
	}
}
