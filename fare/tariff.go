package fare

import (
	"time"

	"leima/cardlayout"
)

// A Tariff is one area's prices and settings from one instant on. Package tariff builds and
// checks it; it never changes afterwards, so that taps share it. Where the areas' terms disagree
// it has a setting; no code asks for the area.
type Tariff struct {
	ID       string // for example mikkeli-2025; goes into every event
	Name     string
	Area     cardlayout.Area
	From     time.Time // first instant of validity
	Location *time.Location

	Zones uint8 // how many the area has

	// Calendar is the kind of every day, for the bands.
	Calendar *Calendar

	// DayStart is the beginning of the service day, in minutes after midnight. A trip before it
	// belongs to the day before.
	DayStart uint16

	// Value is the price of a value ticket for one person, Single that of a paper ticket from
	// the driver. The bands change them for hours or days.
	Value, Single           Prices
	ValueBands, SingleBands []Band

	// PaysAs is the group whose value prices a group without its own row pays, so that other
	// areas' cards are accepted whatever their group; 0: its own.
	PaysAs [cardlayout.Groups]cardlayout.Group

	// DayCap is the most that one person's value tickets cost on a day, without
	// supplements; nil if there is none.
	DayCap *Prices

	// MidnightCounts: the cap begins again at midnight, not with the service day. School
	// trips always go by the service day, as school does.
	MidnightCounts bool

	// ValueProduct is the product code of the value ticket.
	ValueProduct uint16

	// ByAge: a personal card pays by its holder's true group on the day of travel, whatever its
	// own group. Ages are the groups' years of life.
	ByAge bool
	Ages  [cardlayout.Groups]Ages

	// CheaperZone: between two zones the cheaper one is paid.
	CheaperZone bool

	// MissingZones: beyond a season's zones the passenger pays only for the missing ones;
	// otherwise for the whole trip.
	MissingZones bool

	// Included adds the zones that come free with a right for some zones; 0: none.
	Included [cardlayout.MaxZones + 1]cardlayout.Zones

	// School is what school tickets have in common; SchoolDays are the calendars they refer to.
	School     SchoolRule
	SchoolDays []SchoolCalendar

	// Companions says which children travel free beside somebody else.
	Companions CompanionRule

	// Transfer is the transfer right in minutes by the zones paid for.
	Transfer [cardlayout.MaxZones + 1]uint16

	// LimitIncluded: the last instant belongs to a period. 07:10:00 + 60 min is valid at
	// 08:10:00 and not at 08:10:01.
	LimitIncluded bool

	// RepeatWindow is how long the same card on the same vehicle trip counts as already stamped.
	RepeatWindow time.Duration

	// Party says who travels on the holder's value.
	Party PartyRule

	// OwnPriceAlone: a personal price is for the owner only, and companions pay as adults (R-147,
	//
	OwnPriceAlone bool

	// Rank orders the customer groups for Party and for lending a card: lower < upper.
	Rank [cardlayout.Groups]uint8

	// FirstDayCounts: a season of n days ends n-1 days after its first day; otherwise n days
	// after it.
	FirstDayCounts bool

	// SameProductWaits: only a season of the same product and length may wait behind another;
	// otherwise any of the same kind for the same zones.
	SameProductWaits bool

	// PeriodsOfDay: a day ticket is for periods of 24 hours from its first validation; otherwise
	// for service days.
	PeriodsOfDay bool

	Seasons []SeasonProduct

	// Load bounds a load of value.
	Load LoadRule

	// Terms are the terms of sales and refunds.
	Terms Terms
}

// Prices holds a price by customer group and zones; NoPrice if none is sold.
// Index 0 of either is not used.
type Prices [cardlayout.Groups][cardlayout.MaxZones + 1]cardlayout.Cents

// NoPrice marks a ticket that is not sold.
const NoPrice cardlayout.Cents = -1

// PartyRule says who travels on one card's value.
type PartyRule uint8

// The two rules of R-051.
const (
	SameGroup   PartyRule = 1 // persons of the holder's own customer group
	LowerGroups PartyRule = 2 // also of a lower group, each at the holder's price
)

// A SeasonProduct is a season ticket that can be loaded.
type SeasonProduct struct {
	Code     uint16
	Name     string // in Finnish, which is canonical
	Swedish  string
	English  string
	Kind     ProductKind
	Days     uint16
	Personal bool // for personal cards only
	Prices   Prices
}

// ProductKind is the kind of product in a season slot.
type ProductKind uint8

// The kinds of product. Student, Kela and benefit seasons are seasons: the tariff says who may
// have them and at what price.
const (
	SeasonTicket ProductKind = 0 // kausilippu
	DayTicket    ProductKind = 1 // vuorokausilippu, 1 to 60 days
)

// A LoadRule bounds a load of value, in cents; zero is no bound. A load on the bus is a multiple
// of BusMultiple.
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

// Local is the local date and minute of an instant, as the public files hold it.
func (t *Tariff) Local(at time.Time) cardlayout.Stamp {
	return cardlayout.StampOf(at.In(t.Location))
}

// Instants are the first and the last instant at which clocks show a local minute: in autumn an
// hour comes twice.
func (t *Tariff) Instants(shown cardlayout.Stamp) (first, last time.Time) {
	year, month, day := shown.Day.Date()
	at := time.Date(year, month, day, 0, int(shown.Minute), 0, 0, t.Location)
	first, last = at.Add(-time.Hour), at.Add(time.Hour)
	if t.Local(first) != shown {
		first = at
	}
	if t.Local(last) != shown {
		last = at
	}
	return first, last
}

// Near reports whether clocks showed a local minute within a span before or after an instant.
func (t *Tariff) Near(shown cardlayout.Stamp, at time.Time, span time.Duration) bool {
	first, last := t.Instants(shown)
	at = at.Truncate(time.Minute)
	return at.Sub(first).Abs() <= span || at.Sub(last).Abs() <= span
}

// Covers reports whether a right for some zones is valid in others.
func (t *Tariff) Covers(right, zones cardlayout.Zones) bool {
	return right.Cover(zones) ||
		right <= cardlayout.MaxZones && t.Included[right].Cover(zones)
}

// CoversOne reports whether a right for some zones is valid in one of others.
func (t *Tariff) CoversOne(right cardlayout.Zones, others cardlayout.ZoneSet) bool {
	for zone := range others.All {
		if t.Covers(right, cardlayout.ZoneRun(zone, zone)) {
			return true
		}
	}
	return false
}

// lastDay is the last day of a season of a number of days from first.
func (t *Tariff) lastDay(first cardlayout.Day, days uint16) cardlayout.Day {
	last := first + cardlayout.Day(days)
	if t.FirstDayCounts {
		last--
	}
	return last
}

// within reports whether elapsed seconds are inside a period in seconds.
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
