package fare

import (
	"time"

	"leima/cardlayout"
)

// Hours are a part of every day, in minutes after midnight of the local clock. If To is not
// after From, they pass midnight; if both are equal, they are the whole day.
type Hours struct{ From, To uint16 }

const secondsOfDay = 24 * 60 * 60

// length is how long the hours last, in seconds.
func (h Hours) length() int64 {
	seconds := (int64(h.To) - int64(h.From)) * 60
	if seconds <= 0 {
		seconds += secondsOfDay
	}
	return seconds
}

// since is the time at a second of the day since the hours last began, in seconds.
func (h Hours) since(second int32) int64 {
	elapsed := int64(second) - int64(h.From)*60
	if elapsed < 0 {
		elapsed += secondsOfDay
	}
	return elapsed
}

// A Band is hours, days or a campaign with other prices for some tickets. Its days are service
// days: the hours after midnight belong to the day before.
type Band struct {
	Name        string
	Days        DayKindSet
	Hours       Hours
	First, Last cardlayout.Day // of a campaign; 0: always

	// Groups have their own Prices in the band; all others pay as usual.
	Groups GroupSet
	Prices Prices

	// Supplement and Percent of the price are added for every person.
	Supplement cardlayout.Cents
	Percent    uint16
}

// GroupSet holds customer groups, one bit each.
type GroupSet uint8

// Has reports whether the group is in the set.
func (s GroupSet) Has(g cardlayout.Group) bool { return s>>g&1 == 1 }

// With is the set and one group more.
func (s GroupSet) With(g cardlayout.Group) GroupSet { return s | 1<<g }

// A moment is the time of a price: the service day and the second of the clock.
type moment struct {
	day    cardlayout.Day
	second int32
}

// clock is a time as the public files hold it, and as a moment.
func (t *Tariff) clock(at time.Time) (cardlayout.Stamp, moment) {
	local := at.In(t.Location)
	stamp := cardlayout.StampOf(local)
	return stamp, moment{
		day: t.serviceDay(stamp), second: int32(stamp.Minute)*60 + int32(local.Second()),
	}
}

// during reports whether the moment is within the hours. Limits follow the tariff, except for
// supplements.
func (t *Tariff) during(h Hours, m moment) bool { return t.within(h.since(m.second), h.length()) }

// holds reports whether a band is in force.
func (t *Tariff) holds(b *Band, m moment) bool {
	return (b.First == 0 || b.First <= m.day) && (b.Last == 0 || m.day <= b.Last) &&
		b.Days.Has(t.Calendar.Kind(m.day)) && t.during(b.Hours, m)
}

// A price is what a ticket costs one person.
type price struct{ fare, supplement cardlayout.Cents }

func (p price) sum() cardlayout.Cents { return p.fare + p.supplement }

// price is what a ticket costs one person at a moment; ok is false if none is sold.
func (t *Tariff) price(
	usual *Prices, bands []Band, group cardlayout.Group, zones cardlayout.Zones, m moment,
) (p price, ok bool) {
	if group == 0 || group >= cardlayout.Groups || zones > cardlayout.MaxZones || zones == 0 {
		return price{}, false
	}
	own, more := t.bandsOf(bands, group, m)
	if own != nil {
		usual = &own.Prices
	}
	if p.fare = usual[group][zones]; p.fare < 0 {
		return price{}, false
	}
	if more != nil {
		const half = 50
		p.supplement = more.Supplement + (p.fare*cardlayout.Cents(more.Percent)+half)/100
	}
	return p, true
}

// valuePrice is what a value ticket costs one person of a group at a moment.
// valuePrice is what a value ticket costs one person of a group then.
func (t *Tariff) valuePrice(
	group cardlayout.Group, zones cardlayout.Zones, m moment,
) (price, bool) {
	return t.price(&t.Value, t.ValueBands, t.priceGroup(group), zones, m)
}

// priceGroup is the group whose value prices the given group pays.
// priceGroup is the group whose value prices a group pays.
func (t *Tariff) priceGroup(group cardlayout.Group) cardlayout.Group {
	if group < cardlayout.Groups && t.PaysAs[group] != 0 {
		return t.PaysAs[group]
	}
	return group
}

// bandsOf finds the band in force that prices the group and the one with a supplement; nil if
// none.
// supplement; nil where there is none.
func (t *Tariff) bandsOf(bands []Band, group cardlayout.Group, m moment) (own, more *Band) {
	for n := range bands {
		b := &bands[n]
		if !t.holds(b, m) {
			continue
		}
		if b.Groups.Has(group) && b.before(own, m) {
			own = b
		}
		if b.supplements() && !b.ends(m) && b.before(more, m) {
			more = b
		}
	}
	return own, more
}

// before reports whether the band goes before another in force: a campaign before an everyday
// band, and at the instant when one ends and the other begins the one that ends.
// ends at the instant another begins, and both hold it, the one that ends.
func (b *Band) before(other *Band, m moment) bool {
	switch {
	case other == nil:
		return true
	case b.campaign() != other.campaign():
		return b.campaign()
	}
	return b.ends(m)
}

// ends reports whether it is the last instant of the band's hours. Whatever the tariff's limit,
// no supplement is due in it.
// passenger: no supplement is asked in it, whatever the tariff's limit.
func (b *Band) ends(m moment) bool { return b.Hours.since(m.second) == b.Hours.length() }

func (b *Band) campaign() bool { return b.First != 0 || b.Last != 0 }

func (b *Band) supplements() bool { return b.Supplement > 0 || b.Percent > 0 }

// ValuePrice is what a value ticket costs one person at a time, with any supplement and
// without a day's cap; ok is false if none is sold.
// without a day's cap; ok is false where none is sold.
func (t *Tariff) ValuePrice(group cardlayout.Group, zones cardlayout.Zones, at time.Time) (
	amount cardlayout.Cents, ok bool,
) {
	_, m := t.clock(at)
	p, ok := t.valuePrice(group, zones, m)
	return p.sum(), ok
}

// SinglePrice is what a paper ticket costs one person at a time, with any supplement
// ok is false if none is sold.
// ok is false where none is sold.
func (t *Tariff) SinglePrice(group cardlayout.Group, zones cardlayout.Zones, at time.Time) (
	amount cardlayout.Cents, ok bool,
) {
	_, fare, supplement, ok := t.SingleFare(group, zones, at)
	return fare + supplement, ok
}

// SingleFare is SinglePrice in its parts, with the group that sets the price.
// SingleFare is SinglePrice in its parts, and the group whose price it is.
func (t *Tariff) SingleFare(group cardlayout.Group, zones cardlayout.Zones, at time.Time) (
	whose cardlayout.Group, fare, supplement cardlayout.Cents, ok bool,
) {
	whose = t.singleGroup(group)
	_, m := t.clock(at)
	p, ok := t.price(&t.Single, t.SingleBands, whose, zones, m)
	return whose, p.fare, p.supplement, ok
}

// singleGroup is the group that sets the price of a single ticket.
// singleGroup is the group at whose price a single ticket is sold to somebody.
func (t *Tariff) singleGroup(group cardlayout.Group) cardlayout.Group {
	if t.Terms.Single.TwoGroups && group != cardlayout.Child {
		return cardlayout.Adult
	}
	return group
}

// UsualSingle is SinglePrice outside all bands; ok is false if none is sold.
// UsualSingle is SinglePrice outside all bands; ok is false where none is sold.
func (t *Tariff) UsualSingle(group cardlayout.Group, zones cardlayout.Zones) (
	cardlayout.Cents, bool,
) {
	group = t.singleGroup(group)
	if group >= cardlayout.Groups || group == 0 || zones > cardlayout.MaxZones || zones == 0 {
		return NoPrice, false
	}
	price := t.Single[group][zones]
	return price, price >= 0
}
