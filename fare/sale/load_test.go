package sale_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
)

// The tariff of the load tests: 30 is for anybody, 31 for personal cards; both are
// sold to adults for A and A-B, and 30 to children for A alone.
const (
	loadArea     = 227
	loadAnybody  = 30
	loadPersonal = 31
)

var (
	loadA   = cardlayout.ZoneRun(1, 1)
	loadAB  = cardlayout.ZoneRun(1, 2)
	loadNow = time.Date(2026, 3, 2, 12, 34, 56, 0, time.UTC)
	loadDay = cardlayout.DayOf(loadNow)
)

func loadTariff() *fare.Tariff {
	t := &fare.Tariff{
		ID: "test-2026", Area: loadArea, Location: time.FixedZone("EET", 2*60*60),
		DayStart: 270, FirstDayCounts: true,
		Load: fare.LoadRule{Least: 500, Most: 15000, BusMultiple: 1000},
	}
	for _, p := range []fare.SeasonProduct{
		{Code: loadAnybody, Days: 30}, {Code: loadPersonal, Days: 90, Personal: true},
	} {
		for g := 1; g < cardlayout.Groups; g++ { // index 0 of either is not used
			for z := 1; z <= int(cardlayout.MaxZones); z++ {
				p.Prices[g][z] = fare.NoPrice
			}
		}
		p.Prices[cardlayout.Adult][loadA] = cardlayout.Cents(p.Days) * 200
		p.Prices[cardlayout.Adult][loadAB] = cardlayout.Cents(p.Days) * 250
		t.Seasons = append(t.Seasons, p)
	}
	t.Seasons[0].Prices[cardlayout.Child][loadA] = 3000
	return t
}

func loadCard() cardlayout.Card {
	return cardlayout.Card{
		Number: cardlayout.WithCheckDigit(92469900010000001), Kind: cardlayout.Personal,
		Area: loadArea, Group: cardlayout.Adult, Purse: 1000, Funded: 300, Counter: 7,
		ValidUntil: loadDay,
	}
}

func loadSale() sale.Sale { return sale.Sale{At: loadNow, Organisation: 55, Device: 77} }

// waits, runs and ended are seasons of product 30 for A-B in their three states.
func waits() cardlayout.Season {
	return cardlayout.Season{
		Area: loadArea, Product: loadAnybody, Zones: loadAB, Days: 30, Price: 7500,
	}
}

func runs() cardlayout.Season {
	s := waits()
	s.First, s.Last = loadDay-29, loadDay
	return s
}

func ended() cardlayout.Season {
	s := waits()
	s.First, s.Last = loadDay-30, loadDay-1
	return s
}

// A loadCase changes one thing about a load that would succeed: ten euros of value,
// or product 30 for A-B.
type loadCase struct {
	name    string
	card    func(*cardlayout.Card)
	sale    func(*sale.Sale)
	tariff  func(*fare.Tariff)
	amount  cardlayout.Cents
	product uint16
	zones   cardlayout.Zones

	rule    fare.RuleID // of the refusal; with refused alone it is 0
	refused string      // a part of the text, "" where the load succeeds
}

func (c *loadCase) build() (card cardlayout.Card, s sale.Sale, t *fare.Tariff) {
	card, s, t = loadCard(), loadSale(), loadTariff()
	if c.card != nil {
		c.card(&card)
	}
	if c.sale != nil {
		c.sale(&s)
	}
	if c.tariff != nil {
		c.tariff(t)
	}
	return card, s, t
}

// judge looks whether a load ended as the case says, and whether a refusal says
// everything and leaves the card.
func (c *loadCase) judge(t *testing.T, before, after cardlayout.Card, err error) {
	t.Helper()
	if c.refused == "" {
		require.NoError(t, err)
		return
	}
	var refusal *sale.Refusal
	require.ErrorAs(t, err, &refusal)
	require.Equal(t, c.rule, refusal.Rule, refusal.Error())
	require.Contains(t, refusal.Error(), c.refused)
	require.NotEmpty(t, refusal.Asked)
	require.NotEmpty(t, refusal.Do)
	require.Equal(t, before, after)
}

var loadCards = []loadCase{
	{
		name: "R-027 another area's card", rule: 27, refused: "area 226",
		card: func(c *cardlayout.Card) { c.Area = 226 },
	},
	{
		name: "R-103 a blocked card", rule: 103, refused: "blocked",
		card: func(c *cardlayout.Card) { c.Blocked = true },
	},
	{
		name: "R-109 a blocked company card", rule: 103, refused: "blocked",
		card: func(c *cardlayout.Card) { c.Blocked, c.Kind = true, cardlayout.Company },
	},
	{
		name: "R-108 a bearer card is not blocked, whatever it says",
		card: func(c *cardlayout.Card) { c.Blocked, c.Kind = true, cardlayout.Bearer },
	},
	{
		name: "R-032 the day after the last", rule: 32, refused: "until 2026-03-01",
		card: func(c *cardlayout.Card) { c.ValidUntil-- },
	},
	{
		name: "R-032 a card without an end",
		card: func(c *cardlayout.Card) { c.ValidUntil = 0 },
	},
	{
		name: "R-032 the last service day lasts until the night bus",
		sale: func(s *sale.Sale) { s.At = time.Date(2026, 3, 3, 2, 29, 59, 0, time.UTC) },
	},
	{
		name: "R-032 and ends with it", rule: 32, refused: "until 2026-03-02",
		sale: func(s *sale.Sale) { s.At = time.Date(2026, 3, 3, 2, 30, 0, 0, time.UTC) },
	},
	{
		name: "a card that has counted to its end", refused: "transactions",
		card: func(c *cardlayout.Card) { c.Counter = 1<<24 - 1 },
	},
	{
		name: "the last transaction of a card",
		card: func(c *cardlayout.Card) { c.Counter = 1<<24 - 2 },
	},
}

// Ensure that what may not be loaded at all takes neither value nor a season.
func TestLoadRefusesTheCard(t *testing.T) {
	for _, c := range loadCards {
		t.Run(c.name, func(t *testing.T) {
			card, s, tariff := c.build()
			after, err := sale.LoadValue(card, s, tariff, 1000)
			c.judge(t, card, after, err)
			after, err = sale.LoadSeason(card, s, tariff, loadAnybody, loadAB)
			c.judge(t, card, after, err)
		})
	}
}

func onBus(s *sale.Sale)           { s.Channel = fare.OnBoard }
func noBounds(t *fare.Tariff)      { t.Load = fare.LoadRule{} }
func fullPurse(c *cardlayout.Card) { c.Purse = cardlayout.MaxPurse - 1000 }

var loadValues = []loadCase{
	{name: "R-061 nothing", amount: 0, rule: 61, refused: "nothing"},
	{name: "R-061 less than nothing", amount: -1000, rule: 61, refused: "nothing"},
	{name: "R-061 nothing without bounds", tariff: noBounds, rule: 61, refused: "nothing"},
	{name: "R-004 below the least", amount: 499, rule: 4, refused: "loaded is 5.00 €"},
	{name: "R-004 the least", amount: 500},
	{name: "R-004 the most", amount: 15000},
	{name: "R-004 above the most", amount: 15001, rule: 4, refused: "the most that may be loaded"},
	{name: "R-004 no bounds", amount: 1, tariff: noBounds},
	{name: "R-004 no bounds, a large amount", amount: 1e6, tariff: noBounds},
	{name: "R-061 a multiple of ten on the bus", amount: 2000, sale: onBus},
	{name: "R-061 none of ten on the bus", amount: 2500, sale: onBus, rule: 61, refused: "of 10."},
	{name: "R-061 none of ten elsewhere", amount: 2500},
	{
		name: "R-061 a bus without multiples", amount: 2500, sale: onBus,
		tariff: func(t *fare.Tariff) { t.Load.BusMultiple = 0 },
	},
	{name: "a purse that just becomes full", amount: 1000, card: fullPurse},
	{name: "a purse that would run over", amount: 1001, card: fullPurse, refused: "at most 10485."},
	{name: "an amount beyond all bounds", amount: 1<<31 - 1, tariff: noBounds, refused: "at most"},
}

// Ensure that value is bounded by the tariff's rule and the card's purse, and that
// nothing but purse, last load and counter changes.
func TestLoadValue(t *testing.T) {
	for _, c := range loadValues {
		t.Run(c.name, func(t *testing.T) {
			card, s, tariff := c.build()
			after, err := sale.LoadValue(card, s, tariff, c.amount)
			c.judge(t, card, after, err)
			if c.refused != "" {
				return
			}
			want := card
			want.Purse += c.amount
			want.Counter++
			want.ValueLoad = cardlayout.ValueLoad{
				At:     cardlayout.Stamp{Day: loadDay, Minute: 14*60 + 34},
				Amount: c.amount, Organisation: 55, Device: 77,
			}
			require.Equal(t, want, after)
		})
	}
}

func bearer(c *cardlayout.Card)  { c.Kind = cardlayout.Bearer }
func company(c *cardlayout.Card) { c.Kind = cardlayout.Company }
func child(c *cardlayout.Card)   { c.Group = cardlayout.Child }

var loadSeasons = []loadCase{
	{name: "R-011 anybody's on a personal card", product: loadAnybody, zones: loadAB},
	{name: "R-011 anybody's on a bearer card", card: bearer, product: loadAnybody, zones: loadAB},
	{name: "R-011 personal on a personal card", product: loadPersonal, zones: loadAB},
	{
		name: "R-011 personal on a bearer card", card: bearer, product: loadPersonal, zones: loadAB,
		rule: 11, refused: "this is a bearer card",
	},
	{
		name: "R-011 personal on a company card", card: company, product: loadPersonal, zones: loadAB,
		rule: 11, refused: "this is a company card",
	},
	{
		name: "R-011 another group", card: child, product: loadPersonal, zones: loadA,
		rule: 11, refused: "group, child",
	},
	{
		name: "R-011 zones not sold to the group", card: child, product: loadAnybody, zones: loadAB,
		rule: 11, refused: "zones A-B",
	},
	{name: "R-011 zones sold to the group", card: child, product: loadAnybody, zones: loadA},
	{
		name: "R-011 a group that is none", product: loadAnybody, zones: loadA,
		rule: 11, refused: "group", card: func(c *cardlayout.Card) { c.Group = cardlayout.Groups },
	},
	{
		name: "R-011 no group", product: loadAnybody, zones: loadA,
		rule: 11, refused: "group", card: func(c *cardlayout.Card) { c.Group = 0 },
	},
	{name: "R-011 no zones", product: loadAnybody, rule: 11, refused: "zones -"},
	{
		name: "R-011 zones that are none", product: loadAnybody, zones: 200,
		rule: 11, refused: "zones",
	},
	{name: "R-004 an unknown product", product: 99, zones: loadA, rule: 4, refused: "test-2026"},
}

// Ensure that a season is sold only as the tariff has it, and that it lies on the
// card not begun, at its price.
func TestLoadSeason(t *testing.T) {
	for _, c := range loadSeasons {
		t.Run(c.name, func(t *testing.T) {
			card, s, tariff := c.build()
			after, err := sale.LoadSeason(card, s, tariff, c.product, c.zones)
			c.judge(t, card, after, err)
			if c.refused != "" {
				return
			}
			p, _ := tariff.Season(c.product)
			price := p.Prices[card.Group][c.zones]
			want := card
			want.Counter++
			want.Seasons[0] = cardlayout.Season{
				Area: loadArea, Product: c.product, Zones: c.zones, Days: p.Days, Price: price,
			}
			if p.Personal {
				want.Seasons[0].Conditions = cardlayout.PersonalOnly
			}
			want.SeasonLoad = cardlayout.SeasonLoad{
				Product: c.product, At: cardlayout.Stamp{Day: loadDay, Minute: 14*60 + 34},
				Days: p.Days, Price: price, Organisation: 55, Device: 77, Loaded: true,
			}
			require.Equal(t, want, after)
		})
	}
}

// Ensure that one season of the same kind may wait behind another and nothing else
// may, and that the older starts before the newer.
func TestLoadQueue(t *testing.T) {
	none, fresh := cardlayout.Season{}, waits()
	old := waits()
	old.Price = 7000 // loaded under an earlier tariff
	otherZones, otherProduct, otherArea, useless := runs(), runs(), runs(), cardlayout.Season{}
	otherZones.Zones, otherProduct.Product, otherArea.Area = loadA, loadPersonal, 226
	useless.Product = 5 // neither begun nor of any length
	ahead := runs()
	ahead.First, ahead.Last = loadDay+1, loadDay+30 // begun by a clock that was ahead
	for _, c := range []struct {
		name    string
		held    [2]cardlayout.Season
		want    [2]cardlayout.Season
		refused string
	}{
		{"R-044 an empty card", [2]cardlayout.Season{}, [2]cardlayout.Season{fresh, none}, ""},
		{
			"R-047 behind an active one",
			[2]cardlayout.Season{runs(), none},
			[2]cardlayout.Season{runs(), fresh},
			"",
		},
		{
			"R-047 behind an active one in the second slot",
			[2]cardlayout.Season{ended(), runs()},
			[2]cardlayout.Season{fresh, runs()},
			"",
		},
		{
			"R-047 behind one that has not begun",
			[2]cardlayout.Season{old, none},
			[2]cardlayout.Season{old, fresh},
			"",
		},
		{
			"R-047 behind one that has not begun, in the second slot",
			[2]cardlayout.Season{ended(), old},
			[2]cardlayout.Season{old, fresh},
			"",
		},
		{
			"R-047 in place of one that has ended",
			[2]cardlayout.Season{ended(), none},
			[2]cardlayout.Season{fresh, none},
			"",
		},
		{
			"R-047 in place of the second, that has ended",
			[2]cardlayout.Season{runs(), ended()},
			[2]cardlayout.Season{runs(), fresh},
			"",
		},
		{
			"R-047 both have ended",
			[2]cardlayout.Season{ended(), ended()},
			[2]cardlayout.Season{fresh, ended()},
			"",
		},
		{
			"R-047 what can never begin is no season",
			[2]cardlayout.Season{useless, none},
			[2]cardlayout.Season{fresh, none},
			"",
		},
		{
			"R-047 T-04 a third, one active",
			[2]cardlayout.Season{runs(), old},
			[2]cardlayout.Season{},
			"one that waits",
		},
		{
			"R-047 a third, none active",
			[2]cardlayout.Season{old, old},
			[2]cardlayout.Season{},
			"one that waits",
		},
		{
			"R-047 begun tomorrow by a wrong clock",
			[2]cardlayout.Season{ahead, old},
			[2]cardlayout.Season{},
			"one that waits",
		},
		{
			"R-047 other zones",
			[2]cardlayout.Season{otherZones, none},
			[2]cardlayout.Season{},
			"season 30 for zones A,",
		},
		{
			"R-047 other zones in the second slot",
			[2]cardlayout.Season{none, otherZones},
			[2]cardlayout.Season{},
			"season 30 for zones A,",
		},
		{
			"R-047 another product",
			[2]cardlayout.Season{otherProduct, none},
			[2]cardlayout.Season{},
			"season 31",
		},
		{
			"R-047 another area",
			[2]cardlayout.Season{otherArea, none},
			[2]cardlayout.Season{},
			"season 30",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			card := loadCard()
			card.Seasons = c.held
			after, err := sale.LoadSeason(card, loadSale(), loadTariff(), loadAnybody, loadAB)
			judge := loadCase{rule: 47, refused: c.refused}
			judge.judge(t, card, after, err)
			if c.refused == "" {
				require.Equal(t, c.want, after.Seasons)
			}
		})
	}
}

// Ensure that a seller's number that no card can hold is an error and not a
// refusal: there is nothing the customer could do about it.
func TestLoadOfAnUnfitSeller(t *testing.T) {
	card, s := loadCard(), loadSale()
	s.Device = 1 << 13
	_, err := sale.LoadValue(card, s, loadTariff(), 1000)
	require.NoError(t, err, "a value load keeps 14 bits of the device")
	after, err := sale.LoadSeason(card, s, loadTariff(), loadAnybody, loadAB)
	require.ErrorIs(t, err, cardlayout.ErrRange)
	require.Equal(t, card, after)
	var refusal *sale.Refusal
	require.NotErrorAs(t, err, &refusal)
}

// Ensure that a refusal reads as a sentence for the one at the counter.
func TestLoadErrorReads(t *testing.T) {
	card := loadCard()
	card.Area = 226
	_, err := sale.LoadValue(card, loadSale(), loadTariff(), 1000)
	require.EqualError(t, err, "loading 10.00 €: the card belongs to area 226, not to area 227 "+
		"(R-027): load it where its own area's tickets are sold")
	card = loadCard()
	card.Counter = 1<<24 - 1
	_, err = sale.LoadSeason(card, loadSale(), loadTariff(), loadAnybody, loadAB)
	require.EqualError(t, err, "loading season 30 for zones A-B: the card has counted all the "+
		"transactions it can: give the customer a new card")
}

// drawCard draws a card that is often, but not always, fit for a load.
func drawCard(r *rand.Rand) cardlayout.Card {
	seasons := []cardlayout.Season{{}, {}, waits(), runs(), ended(), {
		Area:    loadArea,
		Product: loadPersonal, Zones: loadA, Days: 90, Price: 18000, Conditions: cardlayout.PersonalOnly,
	}}
	c := loadCard()
	c.Kind = cardlayout.Kind(1 + r.IntN(3))
	c.Group = cardlayout.Group(1 + r.IntN(2))
	c.Purse = cardlayout.Cents(r.IntN(1 << 20))
	c.Funded = cardlayout.Cents(r.IntN(1 << 16))
	c.Counter = r.Uint32N(1 << 24)
	c.Blocked = r.IntN(12) == 0
	c.ValidUntil = loadDay + cardlayout.Day(r.IntN(12)-1)
	c.Seasons = [2]cardlayout.Season{seasons[r.IntN(len(seasons))], seasons[r.IntN(len(seasons))]}
	c.Journey = cardlayout.Journey{Start: 5, Boarded: 9, Source: cardlayout.ByValue}
	c.Journey.Persons[c.Group] = 1
	c.Ticket = cardlayout.Ticket{SaleDay: loadDay, Price: 251}
	c.Record = cardlayout.Record{Debit: true, Fare: 251}
	return c
}

func drawSale(r *rand.Rand) sale.Sale {
	return sale.Sale{
		At: loadNow.Add(time.Duration(r.IntN(48)) * time.Hour), Channel: fare.Channel(r.IntN(2)) * fare.OnBoard,
		Organisation: uint16(r.IntN(1 << 14)), Device: uint16(r.IntN(1<<13 + 9)),
	}
}

// Ensure that a load of value raises the purse by just the amount and touches
// nothing else of worth, and that one that fails leaves the card.
func TestLoadValueConserves(t *testing.T) {
	r, tariff, loaded := rand.New(rand.NewPCG(1, 2)), loadTariff(), 0
	for range 20000 {
		card, sold := drawCard(r), drawSale(r)
		amount := cardlayout.Cents(r.IntN(170)*100 - 500)
		after, err := sale.LoadValue(card, sold, tariff, amount)
		if err != nil {
			require.Equal(t, card, after)
			continue
		}
		loaded++
		require.NoError(t, after.Check())
		require.Equal(t, card.Purse+amount, after.Purse)
		require.Equal(t, card.Counter+1, after.Counter)
		require.Equal(t, min(card.Funded, card.Purse), after.Funded)
		after.Funded = card.Funded
		after.Purse, after.Counter, after.ValueLoad = card.Purse, card.Counter, card.ValueLoad
		require.Equal(t, card, after)
	}
	require.Greater(t, loaded, 5000)
}

// Ensure that a load of a season never changes the purse, never loses a season that
// is of use, and never leaves two of different kinds or more than one new.
func TestLoadSeasonConserves(t *testing.T) {
	r, tariff, loaded := rand.New(rand.NewPCG(3, 4)), loadTariff(), 0
	for range 20000 {
		card, sold := drawCard(r), drawSale(r)
		product := []uint16{loadAnybody, loadPersonal}[r.IntN(2)]
		zones := []cardlayout.Zones{loadA, loadAB}[r.IntN(2)]
		day := tariff.ServiceDay(sold.At)
		after, err := sale.LoadSeason(card, sold, tariff, product, zones)
		if err != nil {
			require.Equal(t, card, after)
			continue
		}
		loaded++
		require.NoError(t, after.Check())
		held, now := useful(card, day), useful(after, day)
		require.Len(t, now, len(held)+1)
		for _, s := range held {
			require.Contains(t, now, s)
			require.Equal(t, product, s.Product)
			require.Equal(t, zones, s.Zones)
		}
		require.Equal(t, card.Counter+1, after.Counter)
		after.Seasons, after.Counter, after.SeasonLoad = card.Seasons, card.Counter, card.SeasonLoad
		require.Equal(t, card, after)
	}
	require.Greater(t, loaded, 1000)
}

// useful lists the seasons that have not ended.
func useful(c cardlayout.Card, day cardlayout.Day) (list []cardlayout.Season) {
	for _, s := range c.Seasons {
		if s.Days != 0 && (s.First == 0 || day <= s.Last) {
			list = append(list, s)
		}
	}
	return list
}
