package fare

import (
	"time"

	"leima/cardlayout"
)

// A Tariff is one area's prices and settings from one instant on. It is built
// and checked by package tariff and never changed afterwards, so that it can be
// shared and swapped between two taps. The places where the areas' terms
// disagree are its settings; no code asks which area it is.
type Tariff struct {
	ID       string // for example mikkeli-2025; goes into every event
	Name     string
	Area     cardlayout.Area
	From     time.Time // first instant of validity
	Location *time.Location

	// DayStart is when the service day begins, in minutes after midnight: a trip
	// before it belongs to the day before.
	DayStart uint16

	// Value is the price of a value ticket for one person; Single that of a paper
	// ticket from the driver.
	Value, Single Prices

	// ValueProduct is the product code of the value ticket.
	ValueProduct uint16

	// Transfer is the transfer right in minutes by the zones paid for.
	Transfer [cardlayout.MaxZones + 1]uint16

	// LimitIncluded says that the last instant of a period still belongs to it:
	// 07:10:00 + 60 min is valid at 08:10:00 and not at 08:10:01.
	LimitIncluded bool

	// Again is how long the same card on the same vehicle trip counts as already
	// stamped.
	Again time.Duration

	// Party says who may travel on the holder's value.
	Party PartyRule

	// Rank orders the customer groups for Party and for handing a card on: lower
	// < upper.
	Rank [cardlayout.Groups]uint8

	// FirstDayCounts says that a season of n days ends n-1 days after its first;
	// otherwise n days after.
	FirstDayCounts bool

	Seasons []SeasonProduct

	// Load bounds a load of value.
	Load LoadRule

	// Office is what the terms say at the counter and at the driver's desk.
	Office Office
}

// Prices holds a price by customer group and zones; NoPrice where none is sold.
// Index 0 of either is not used.
type Prices [cardlayout.Groups][cardlayout.MaxZones + 1]cardlayout.Cents

// NoPrice marks a ticket that is not sold.
const NoPrice cardlayout.Cents = -1

// PartyRule is who may travel on one card's value.
type PartyRule uint8

// The two rules of R-051.
const (
	SameGroup   PartyRule = 1 // persons of the holder's own customer group
	LowerGroups PartyRule = 2 // also of a lower group, each at the holder's price
)

// A SeasonProduct is a season ticket that can be loaded.
type SeasonProduct struct {
	Code     uint16
	Name     string
	Days     uint16
	Personal bool // for personal cards only
	Prices   Prices
}

// A LoadRule bounds a load of value, in cents. Zero means no bound; Multiple is
// what a load on the bus must be a multiple of.
type LoadRule struct {
	Least, Most, BusMultiple cardlayout.Cents
}

// ServiceDay is the service day that at belongs to.
func (t *Tariff) ServiceDay(at time.Time) cardlayout.Day { return t.serviceDay(t.Local(at)) }

func (t *Tariff) serviceDay(local cardlayout.Stamp) cardlayout.Day {
	if local.Minute < t.DayStart {
		return local.Day - 1
	}
	return local.Day
}

// Local is the date and minute of at, as the public files hold it.
func (t *Tariff) Local(at time.Time) cardlayout.Stamp {
	return cardlayout.StampOf(at.In(t.Location))
}

// price is what a value ticket costs one person; ok is false where none is sold.
func (t *Tariff) price(group cardlayout.Group, zones cardlayout.Zones) (cardlayout.Cents, bool) {
	if group >= cardlayout.Groups || zones > cardlayout.MaxZones || zones == 0 {
		return 0, false
	}
	price := t.Value[group][zones]
	return price, price >= 0
}

// lastDay is the last day of a season of so many days that begins on first.
func (t *Tariff) lastDay(first cardlayout.Day, days uint16) cardlayout.Day {
	last := first + cardlayout.Day(days)
	if t.FirstDayCounts {
		last--
	}
	return last
}

// within tells whether elapsed seconds are inside a period of so many.
func (t *Tariff) within(elapsed, period int64) bool {
	if t.LimitIncluded {
		return elapsed <= period
	}
	return elapsed < period
}

// Season finds a season product by its code.
func (t *Tariff) Season(code uint16) (SeasonProduct, bool) {
	for _, p := range t.Seasons {
		if p.Code == code {
			return p, true
		}
	}
	return SeasonProduct{}, false
}
