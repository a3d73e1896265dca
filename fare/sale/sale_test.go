package sale_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
	"leima/fare/sale"
)

// Ensure that the matrix of kinds of card and products is the one of R-011, at every
// channel and in every city: what is personal lies on personal cards alone.
func TestLoadMatrix(t *testing.T) {
	for _, city := range faretest.Cities {
		tariff := faretest.Terms(t, city)
		for channel := fare.ServicePoint; channel < fare.Channels; channel++ {
			for kind := cardlayout.Personal; kind <= cardlayout.Company; kind++ {
				card, sold := ownCard(kindOf(kind)), aSale(through(channel))
				_, err := sale.SellValue(card, sold, tariff, 2000)
				require.NoError(t, err, "%s %v %v", city, channel, kind)
				_, err = sale.SellSeason(card, sold, tariff, order(month))
				require.NoError(t, err, "%s %v %v", city, channel, kind)
				_, err = sale.SellSeason(card, sold, tariff, order(halfYear))
				if kind == cardlayout.Personal {
					require.NoError(t, err, "%s %v %v", city, channel, kind)
					continue
				}
				requireRule(t, 11, err)
			}
		}
	}
}

func order(product uint16) sale.SeasonOrder {
	return sale.SeasonOrder{Product: product, Zones: zoneA}
}

// Ensure that a commission is a line of its own, by channel, paid by the customer, and no
// part of the price that the card keeps for a refund (R-064, R-063; Mikkeli 2016 and 2021).
func TestCommission(t *testing.T) {
	tariff := faretest.Terms(t, "mikkeli")
	for channel, want := range map[fare.Channel]cardlayout.Cents{
		fare.ServicePoint: 300, fare.SalesPoint: 300, fare.OnBoard: 400, fare.WebShop: 0,
	} {
		l, err := sale.SellSeason(ownCard(), aSale(through(channel)), tariff, order(month))
		require.NoError(t, err)
		require.EqualValues(t, 5000, l.After.Seasons[0].Price)
		require.Equal(t, 5000+want, l.Receipt.Total())
		require.Equal(t, 5000+want, l.Receipt.PaidBy(fare.PayerCustomer))

		l, err = sale.SellValue(ownCard(), aSale(through(channel)), tariff, 2000)
		require.NoError(t, err)
		require.EqualValues(t, 3000, l.After.Purse, "the commission is not taken off the value")
		require.Equal(t, 2000+want, l.Receipt.Total())
	}
	l, err := sale.SellValue(ownCard(), aSale(through(fare.OnBoard)), tariff, 2000)
	require.NoError(t, err)
	require.Equal(t, "value 20.00 customer (R-004)", l.Receipt[0].String())
	require.Equal(t, "load commission 4.00 customer (R-064)", l.Receipt[1].String())
	require.Len(t, l.Receipt, 2)
}

// Ensure that a product is not loaded where the tariff says so: a day ticket comes
// preloaded, and Kela's season not from the web.
func TestNotLoadedHere(t *testing.T) {
	_, err := sale.SellSeason(ownCard(), aSale(through(fare.WebShop)), faretest.Terms(t, "oulu"),
		sale.SeasonOrder{Product: dayTicket, Zones: zoneA, Days: 3})
	requireRule(t, 61, err)
	require.ErrorContains(t, err, "not loaded at a web shop (R-061): load it at a service point")
}

// Ensure that the refusal names where the product is loaded, and says if that is nowhere.
func TestLoadedElsewhere(t *testing.T) {
	tariff := faretest.Terms(t, "oulu")
	tariff.Terms.Value.Commission = [fare.Channels]cardlayout.Cents{-1, -1, -1, 0}
	_, err := sale.SellValue(ownCard(), aSale(), tariff, 1000)
	require.ErrorContains(t, err, "load it at a web shop")
	tariff.Terms.Value.Commission[fare.WebShop] = fare.NoPrice
	_, err = sale.SellValue(ownCard(), aSale(), tariff, 1000)
	require.ErrorContains(t, err, "load it at no place: the tariff sells it nowhere")
}

// Ensure that a day ticket is for 1 to 60 days, and that no other product asks for
// a number of days.
func TestDayTicketSold(t *testing.T) {
	tariff := faretest.Terms(t, "oulu")
	for days, rule := range map[uint16]fare.RuleID{0: 24, 1: 0, 60: 0, 61: 24, 511: 24} {
		l, err := sale.SellSeason(ownCard(kindOf(cardlayout.Bearer)), aSale(), tariff,
			sale.SeasonOrder{Product: dayTicket, Zones: zoneA, Days: days})
		requireJudged(t, rule, err)
		if rule == 0 {
			require.Equal(t, days, l.After.Seasons[0].Days)
			require.Equal(t, cardlayout.Cents(days)*800, l.After.Seasons[0].Price)
		}
	}
	_, err := sale.SellSeason(ownCard(), aSale(), tariff,
		sale.SeasonOrder{Product: month, Zones: zoneA, Days: 30})
	requireRule(t, 24, err)
}

// Ensure that where the terms say so a season waits until the group is put right, and
// value does not (R-071, R-072, R-074, T-17).
func TestUpdateBeforeASeason(t *testing.T) {
	for _, c := range []struct {
		name  string
		city  string
		card  cardlayout.Card
		truly cardlayout.Group
		rule  fare.RuleID
	}{
		{
			"R-071 T-17 a child of 17", "jyvaskyla", ownCard(groupOf(cardlayout.Child)),
			cardlayout.Youth, 71,
		},
		{
			"R-071 T-17 nobody looked, the card tells", "jyvaskyla",
			ownCard(groupOf(cardlayout.Child), born("2009-03-02")), 0, 71,
		},
		{
			"R-071 its last day as a child", "jyvaskyla",
			ownCard(groupOf(cardlayout.Child), born("2009-03-03")), 0, 0,
		},
		{
			"R-071 a bearer card tells nothing", "jyvaskyla",
			ownCard(groupOf(cardlayout.Child), kindOf(cardlayout.Bearer)), 0, 0,
		},
		{"R-071 a child", "jyvaskyla", ownCard(groupOf(cardlayout.Child)), cardlayout.Child, 0},
		{
			"R-074 no student any more", "jyvaskyla", ownCard(student("2026-09-30")),
			cardlayout.Adult, 74,
		},
		{"R-074 the right has ended", "jyvaskyla", ownCard(student("2026-03-01")), 0, 74},
		{"R-074 its last day", "jyvaskyla", ownCard(student("2026-03-02")), 0, 0},
		{
			"R-017 elsewhere a season is sold", "oulu", ownCard(groupOf(cardlayout.Child)),
			cardlayout.Youth, 0,
		},
		{"R-017 as before", "lappeenranta", ownCard(student("2026-03-01")), cardlayout.Adult, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			sold, tariff := aSale(truly(c.truly)), faretest.Terms(t, c.city)
			byAge(tariff)
			_, err := sale.SellSeason(c.card, sold, tariff, order(month))
			requireJudged(t, c.rule, err)
			_, err = sale.SellValue(c.card, sold, tariff, 1000)
			require.NoError(t, err, "R-072: value is loaded all the same")
		})
	}
}

// byAge makes personal cards pay by age: children to 16, young people to 24.
func byAge(t *fare.Tariff) {
	t.ByAge = true
	t.Ages = [cardlayout.Groups]fare.Ages{
		cardlayout.Child: {From: 0, To: 16}, cardlayout.Youth: {From: 17, To: 24},
		cardlayout.Adult: {From: 25, To: fare.AnyAge}, cardlayout.Student: {From: 0, To: fare.AnyAge},
	}
}

func born(day string) func(*cardlayout.Card) {
	return func(c *cardlayout.Card) { c.Birth = faretest.Day(day) }
}

// Ensure that a student's season needs the right on the card, and that a web shop
// that goes by its accounts sells it to the account's group, while the card stays an
// adult's (R-150, R-151, T-21).
func TestStudentSeason(t *testing.T) {
	web := through(fare.WebShop)
	account := func(s *sale.Sale) { s.Customer.Account = cardlayout.Student }
	for _, c := range []struct {
		name string
		city string
		card cardlayout.Card
		sale sale.Sale
		rule fare.RuleID
	}{
		{"R-146 with the right", "jyvaskyla", ownCard(student("2026-09-30")), aSale(), 0},
		{"R-146 the last day", "jyvaskyla", ownCard(student("2026-03-02")), aSale(), 0},
		{
			"R-146 on the bus too", "jyvaskyla", ownCard(student("2026-09-30")),
			aSale(through(fare.OnBoard)), 0,
		},
		{"R-146 an adult", "jyvaskyla", ownCard(), aSale(through(fare.OnBoard)), 146},
		{"R-146 no right in the web", "jyvaskyla", ownCard(), aSale(web, account), 146},
		{"R-146 no day", "mikkeli", ownCard(groupOf(cardlayout.Student)), aSale(), 146},
		{"R-146 the day after the last", "mikkeli", ownCard(student("2026-03-01")), aSale(), 146},
		{"R-151 T-21 by the account", "mikkeli", ownCard(), aSale(web, account), 0},
		{"R-151 no account", "mikkeli", ownCard(), aSale(web), 146},
		{"R-151 the account counts in the web alone", "mikkeli", ownCard(), aSale(account), 146},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := sale.SellSeason(c.card, c.sale, faretest.Terms(t, c.city),
				order(studentMonth))
			requireJudged(t, c.rule, err)
			if c.rule == 0 {
				require.EqualValues(t, 3600, l.After.Seasons[0].Price)
				require.Equal(t, c.card.Group, l.After.Group)
			}
		})
	}
}

// Ensure that some groups are for personal cards alone, in loads and in changes of group
// (R-147, R-153, T-23).
func TestPersonalGroups(t *testing.T) {
	for group, rule := range map[cardlayout.Group]fare.RuleID{
		cardlayout.Student: 147, cardlayout.Senior: 153, cardlayout.Child: 0,
	} {
		card := ownCard(kindOf(cardlayout.Bearer), groupOf(group))
		_, err := sale.SellValue(card, aSale(), faretest.Terms(t, "jyvaskyla"), 1000)
		requireJudged(t, rule, err)
		card.Kind = cardlayout.Personal
		_, err = sale.SellValue(card, aSale(), faretest.Terms(t, "jyvaskyla"), 1000)
		require.NoError(t, err)
	}
	for _, group := range []cardlayout.Group{cardlayout.Groups, 255} {
		card := ownCard(kindOf(cardlayout.Bearer), groupOf(group))
		_, err := sale.SellValue(card, aSale(), faretest.Terms(t, "jyvaskyla"), 1000)
		require.ErrorIs(t, err, cardlayout.ErrRange, "a group that no card has")
	}
}

// Ensure that a group changes on a personal card, at the service point, to the true one
// (R-016, R-017, R-153, T-23).
func TestChangeGroup(t *testing.T) {
	tariff := faretest.Terms(t, "jyvaskyla")
	for _, c := range []struct {
		name string
		card cardlayout.Card
		to   cardlayout.Group
		sale sale.Sale
		rule fare.RuleID
	}{
		{
			"R-017 a child grows up", ownCard(groupOf(cardlayout.Child)), cardlayout.Youth,
			aSale(truly(cardlayout.Youth)), 0,
		},
		{
			"R-017 to what the customer is not", ownCard(), cardlayout.Senior,
			aSale(truly(cardlayout.Adult)), 17,
		},
		{
			"R-017 on the bus", ownCard(groupOf(cardlayout.Child)), cardlayout.Youth,
			aSale(through(fare.OnBoard)), 17,
		},
		{"R-017 no group", ownCard(), 0, aSale(), 17},
		{"R-017 no such group", ownCard(), cardlayout.Groups, aSale(), 17},
		{"R-016 a bearer card", ownCard(kindOf(cardlayout.Bearer)), cardlayout.Child, aSale(), 16},
		{
			"R-016 a company's card", ownCard(kindOf(cardlayout.Company)), cardlayout.Child,
			aSale(), 16,
		},
		{
			"R-153 T-23 a bearer card to senior", ownCard(kindOf(cardlayout.Bearer)),
			cardlayout.Senior, aSale(), 153,
		},
		{
			"R-027 another area's", ownCard(func(c *cardlayout.Card) { c.Area = 226 }),
			cardlayout.Youth, aSale(), 27,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			after, err := sale.ChangeGroup(c.card, c.to, c.sale, tariff)
			requireJudged(t, c.rule, err)
			want := c.card
			if c.rule == 0 {
				want.Group, want.Counter = c.to, want.Counter+1
			}
			require.Equal(t, want, after)
		})
	}
	after, err := sale.ChangeGroup(ownCard(student("2026-09-30")), cardlayout.Adult, aSale(), tariff)
	require.NoError(t, err)
	require.Zero(t, after.StudentUntil, "R-074: the right ends with the group")
}

// Ensure that Kela's season costs its owner 43.00 whatever the zones, that Kela pays the
// rest, and that the first one needs the certificate at the service point (R-152, T-32).
func TestKelaSeasonSold(t *testing.T) {
	tariff := faretest.Terms(t, "jyvaskyla")
	seen := func(s *sale.Sale) { s.Customer.Certificate = true }
	for zones, rest := range map[cardlayout.Zones]cardlayout.Cents{zoneA: 1100, zonesAB: 4700} {
		l, err := sale.SellSeason(ownCard(), aSale(seen), tariff,
			sale.SeasonOrder{Product: kelaMonth, Zones: zones})
		require.NoError(t, err)
		require.EqualValues(t, 4300, l.Receipt.PaidBy(fare.PayerCustomer))
		require.Equal(t, rest, l.Receipt.PaidBy("Kela"))
		require.EqualValues(t, 4300, l.After.Seasons[0].Price, "a refund counts with the own share")
		require.Equal(t, cardlayout.PersonalOnly, l.After.Seasons[0].Conditions)
	}
	had := func(c *cardlayout.Card) {
		c.SeasonLoad = cardlayout.SeasonLoad{Product: kelaMonth, Loaded: true}
	}
	holds := func(c *cardlayout.Card) {
		c.Seasons[1] = cardlayout.Season{Area: 227, Product: kelaMonth, Zones: zoneA, Days: 30}
	}
	for _, c := range []struct {
		name string
		card cardlayout.Card
		sale sale.Sale
		rule fare.RuleID
	}{
		{"the first without the certificate", ownCard(), aSale(), 152},
		{"the first on the bus", ownCard(), aSale(seen, through(fare.OnBoard)), 152},
		{"a further one on the bus", ownCard(had), aSale(through(fare.OnBoard)), 0},
		{"a further one at the kiosk", ownCard(holds), aSale(through(fare.SalesPoint)), 0},
		{"a further one behind the first", ownCard(holds, func(c *cardlayout.Card) {
			c.Seasons[0], c.Seasons[1] = c.Seasons[1], c.Seasons[0]
		}), aSale(through(fare.SalesPoint)), 0},
		{"a slot that says nothing", ownCard(func(c *cardlayout.Card) {
			c.Seasons[0].Product, c.Seasons[1].Product = kelaMonth, kelaMonth
			c.SeasonLoad.Product = kelaMonth
		}), aSale(through(fare.SalesPoint)), 152},
		{"not in the web", ownCard(had), aSale(through(fare.WebShop)), 61},
		{"not on a bearer card", ownCard(kindOf(cardlayout.Bearer)), aSale(seen), 11},
		{"not for seniors", ownCard(groupOf(cardlayout.Senior)), aSale(seen), 11},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := sale.SellSeason(c.card, c.sale, tariff, order(kelaMonth))
			requireJudged(t, c.rule, err)
		})
	}
}

// Ensure that a season that costs nothing is sold for nothing.
func TestFreeSeason(t *testing.T) {
	tariff := faretest.Terms(t, "jyvaskyla")
	tariff.Seasons[0].Prices[cardlayout.Adult][zoneA] = 0
	l, err := sale.SellSeason(ownCard(), aSale(), tariff, order(month))
	require.NoError(t, err)
	require.Zero(t, l.After.Seasons[0].Price)
	require.Empty(t, l.Receipt)
}

// Ensure that the driver's desk has its own bounds and commission, and that a channel that
// is none sells nothing.
func TestPaymentsAtTheDriver(t *testing.T) {
	tariff := faretest.Terms(t, "mikkeli")
	_, err := sale.SellValue(ownCard(), aSale(through(fare.OnBoard)), tariff, 2500)
	requireRule(t, 61, err)
	l, err := sale.SellValue(ownCard(), aSale(through(fare.OnBoard)), tariff, 2000)
	require.NoError(t, err)
	require.EqualValues(t, 2400, l.Receipt.Total())
	for _, none := range []fare.Channel{fare.Channels, 9, 255} {
		_, err := sale.SellValue(ownCard(), aSale(through(none)), tariff, 2000)
		requireRule(t, 61, err)
	}
}
