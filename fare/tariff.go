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

	Zones uint8 // how many the area has

	// Calendar is the kind of every day, for the bands.
	Calendar *Calendar

	// DayStart is when the service day begins, in minutes after midnight: a trip
	// before it belongs to the day before.
	DayStart uint16

	// Value is the price of a value ticket for one person; Single that of a paper
	// ticket from the driver. In a band of hours or days they differ.
	Value, Single           Prices
	ValueBands, SingleBands []Band

	// PaysAs is whose value prices a group without a row of its own pays, so that cards of
	// other areas are accepted whatever their group; 0: its own.
	PaysAs [cardlayout.Groups]cardlayout.Group

	// DayCap is the most that one person's value tickets cost on a day, without
	// supplements; nil if there is none.
	DayCap *Prices

	// MidnightCounts says that the cap begins anew at midnight and not with the service
	// day. School trips always go by the service day, as school itself does.
	MidnightCounts bool

	// ValueProduct is the product code of the value ticket.
	ValueProduct uint16

	// ByAge says that a personal card pays by its holder's true group on the day of
	// travel, whatever group is on the card; Ages are the groups' years of life.
	ByAge bool
	Ages  [cardlayout.Groups]Ages

	// CheaperZone says that between two zones the cheaper of them is paid.
	CheaperZone bool

	// MissingZones says that beyond a season's zones only those it lacks are paid for
	// otherwise the whole trip is.
	MissingZones bool

	// Included is where a right for some zones is good, if that is more than the zones
	// themselves: one zone may come free with another. 0 is no more.
	Included [cardlayout.MaxZones + 1]cardlayout.Zones

	// School is what school tickets have in common, SchoolDays are the calendars that
	// they name.
	School     SchoolRule
	SchoolDays []SchoolCalendar

	// Company says which children travel free beside somebody else.
	Company CompanyRule

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

	// OwnPriceAlone says that a price that is for the owner of a personal card alone is not a
	// companion's: those who are along pay what adults do.
	OwnPriceAlone bool

	// Rank orders the customer groups for Party and for handing a card on: lower
	// < upper.
	Rank [cardlayout.Groups]uint8

	// FirstDayCounts says that a season of n days ends n-1 days after its first;
	// otherwise n days after.
	FirstDayCounts bool

	// SameProductWaits says that behind a season only one of the same product and length may
	// wait; otherwise one of the same kind for the same zones.
	SameProductWaits bool

	// PeriodsOfDay says that a day ticket is for periods of 24 hours from its first
	// validation; otherwise it is for service days.
	PeriodsOfDay bool

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
	Kind     ProductKind
	Days     uint16
	Personal bool // for personal cards only
	Prices   Prices
}

// ProductKind is what kind of product lies in a season slot.
type ProductKind uint8

// The kinds of product. Student, Kela and benefit seasons are seasons: what is special
// about them is who may have them and at what price, and that is the tariff's.
const (
	SeasonTicket ProductKind = 0 // kausilippu
	DayTicket    ProductKind = 1 // vuorokausilippu, 1 to 60 days
)

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

// covers tells whether a right for some zones is good in others.
func (t *Tariff) covers(right, zones cardlayout.Zones) bool {
	return right.Cover(zones) ||
		right <= cardlayout.MaxZones && t.Included[right].Cover(zones)
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
	if p := t.product(code); p != nil {
		return *p, true
	}
	return SeasonProduct{}, false
}

func (t *Tariff) product(code uint16) *SeasonProduct {
	for n := range t.Seasons {
		if t.Seasons[n].Code == code {
			return &t.Seasons[n]
		}
	}
	return nil
}
