package fare

import "leima/cardlayout"

// A right is what covers a part of the party before value does.
type right struct {
	persons int // the holder of a season or school ticket, and who has paid already
	reason  Reason
	slot    *cardlayout.Season // on the card as it will be
	zones   cardlayout.Zones   // for which the holder need not pay
	journey cardlayout.Journey // a pupil's, which goes on; zero: a new one begins
}

// season: the holder travels on a season that covers the zones. Others of the party
// pay value.
func (q *question) season(d *Decision) bool {
	if !q.holderTravels() {
		return false
	}
	r, found := q.coveringSeason(d)
	if !found {
		return false
	}
	d.After.SeasonBoarding = q.ownBoarding()
	if q.size > 1 {
		q.value(d, r)
		return true
	}
	d.Reason, d.Persons = r.reason, 1
	d.Source, d.Product = q.kindOf(r.slot), r.slot.Product
	d.Until = endOf(r.slot)
	if !q.running() {
		d.After.Journey = q.journey(d.Source)
		d.After.Journey.Persons[q.group] = 1
	}
	q.board(d)
	q.finish(d)
	return true
}

// coveringSeason finds the season that covers this tap, and starts it if it waits
// for its first validation.
func (q *question) coveringSeason(d *Decision) (r right, found bool) {
	if s := q.activeSeason(&d.After.Seasons); s != nil {
		d.because(65)
		return right{persons: 1, reason: Season, slot: s}, true
	}
	s, reason := q.waitingSeason(&d.After.Seasons)
	if s == nil {
		return right{}, false
	}
	d.because(44)
	if reason == SeasonFollows {
		d.because(47)
	}
	if q.Certainty.Unknown { // a day that is wrong would take days from its owner
		return right{persons: 1, reason: Season, slot: s}, true
	}
	q.start(s)
	return right{persons: 1, reason: reason, slot: s}, true
}

// start begins a season with this validation, on its date: of the service day only the last
// day makes use, which ends with it. A day ticket for periods of 24 hours keeps its minute;
// at midnight it gets one more, for a card has no minute 0.
func (q *question) start(s *cardlayout.Season) {
	first := q.firstDay(s)
	s.First, s.Last = first, q.tariff.lastDay(first, s.Days)
	if q.kindOf(s) != cardlayout.ByDayTrips {
		return
	}
	s.Last = first + cardlayout.Day(s.Days) - 1
	if q.tariff.PeriodsOfDay {
		s.First, s.Start = q.local.Day, max(q.local.Minute, 1)
		s.Last = s.First + cardlayout.Day(s.Days)
	}
}

// firstDay is the first day of a season that begins now: today's date, and never one before
// it was loaded. The device that has loaded it may be ahead of ours at midnight; if it is
// further ahead, its clock was wrong.
func (q *question) firstDay(s *cardlayout.Season) cardlayout.Day {
	l := &q.card.SeasonLoad
	if l.Loaded && l.Product == s.Product && l.At.Day == q.local.Day+1 {
		return l.At.Day
	}
	return q.local.Day
}

// kindOf is what a product in a season slot makes of a journey. One that the tariff does
// not sell any more is a season.
func (q *question) kindOf(s *cardlayout.Season) cardlayout.Source {
	if p := q.tariff.product(s.Product); p != nil && p.Kind == DayTicket {
		return cardlayout.ByDayTrips
	}
	return cardlayout.BySeason
}

// extension: an active season that covers a part of the way leaves only the zones that it
// lacks to be paid for, where the tariff says so. A season that waits is not
// begun by a trip beyond it.
func (q *question) extension(d *Decision) bool {
	if !q.tariff.MissingZones || !q.holderTravels() {
		return false
	}
	for n := range d.After.Seasons {
		s := &d.After.Seasons[n]
		if q.usable(s) && q.active(s) && s.Zones.Overlap(q.zones) {
			d.because(65)
			d.After.SeasonBoarding = q.ownBoarding()
			q.value(d, right{zones: s.Zones})
			return true
		}
	}
	return false
}

// activeSeason is the season in force that covers the zones, nil if there is none.
func (q *question) activeSeason(seasons *[2]cardlayout.Season) *cardlayout.Season {
	for n := range seasons {
		if q.mine(&seasons[n]) && q.active(&seasons[n]) {
			return &seasons[n]
		}
	}
	return nil
}

// waitingSeason is the season that this validation starts, nil if there is none. It
// waits for as long as the other one is in force, whatever the zones of that.
func (q *question) waitingSeason(seasons *[2]cardlayout.Season) (*cardlayout.Season, Reason) {
	for n := range seasons {
		s, other := &seasons[n], &seasons[1-n]
		switch {
		case !q.mine(s) || q.begun(s) || s.Days == 0 || q.ours(other) && q.active(other):
		case q.ours(other) && q.begun(other):
			return s, SeasonFollows
		default:
			return s, SeasonStarted
		}
	}
	return nil, 0
}

// begun tells whether a season has had its first validation. One that is said to begin later
// than tomorrow was begun by a clock that was far ahead, and begins when it is right again.
func (q *question) begun(s *cardlayout.Season) bool {
	return s.First != 0 && (s.First <= q.day+1 || q.Certainty.Unknown)
}

// ours tells whether a season is of this area; another area's counts for nothing
//
func (q *question) ours(s *cardlayout.Season) bool { return s.Area == q.tariff.Area }

// usable tells whether a season may be used by whoever holds the card: one that is for
// the owner alone lies still while the card is lent.
func (q *question) usable(s *cardlayout.Season) bool {
	return q.ours(s) && !(q.Lent && s.Terms&cardlayout.PersonalOnly != 0)
}

// mine tells whether a season may be used here.
func (q *question) mine(s *cardlayout.Season) bool { return q.usable(s) && q.covered(s.Zones) }

// active tells whether a season has begun and not ended. One that begins tomorrow was
// begun by a bus whose clock is ahead of ours at the turn of the service day.
func (q *question) active(s *cardlayout.Season) bool {
	switch {
	case s.First != 0 && q.lasts(s.Last):
		return true
	case s.First == 0 || s.First > q.day+1 || q.local.Day > s.Last+1:
		return false
	case s.Start == 0:
		return q.day <= s.Last
	}
	left := int64(s.Last-q.local.Day)*24*60 + int64(s.Start) - int64(q.local.Minute)
	return q.tariff.within(-left, 0)
}

// endOf is the end of a season as people read it: its last minute; zero: it has not begun.
func endOf(s *cardlayout.Season) cardlayout.Stamp {
	if s.First == 0 {
		return cardlayout.Stamp{}
	}
	if s.Start > 0 {
		return cardlayout.Stamp{Day: s.Last, Minute: s.Start}
	}
	return cardlayout.Stamp{Day: s.Last, Minute: 24*60 - 1}
}
