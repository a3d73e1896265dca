package fare

import "leima/cardlayout"

// A coverage is the part of the party and the way that is paid for without value.
type coverage struct {
	persons int // the holder of a season or school ticket, and those who have paid
	reason  Reason
	season  *cardlayout.Season // on the card after the tap
	zones   cardlayout.Zones   // for which the holder does not pay
	journey cardlayout.Journey // a pupil's, which goes on; zero: a new one begins
}

// season lets the holder travel on a season that covers the zones. Companions pay value.
func (v *validation) season(d *Decision) bool {
	if !v.holderTravels() {
		return false
	}
	r, found := v.coveringSeason(d)
	if !found {
		return false
	}
	d.After.SeasonBoarding = v.ownBoarding()
	if v.size > 1 {
		v.value(d, r)
		return true
	}
	d.Reason, d.Persons = r.reason, 1
	d.Source, d.Product = v.sourceOf(r.season), r.season.Product
	d.Until = endOf(r.season)
	if !v.transferValid(&v.card.Journey) {
		d.After.Journey = v.journey(d.Source)
		d.After.Journey.Persons[v.group] = 1
	}
	v.noteBoarding(d)
	v.finalize(d)
	return true
}

// coveringSeason finds the season that covers this tap, and begins it if it waits for its first
// validation.
func (v *validation) coveringSeason(d *Decision) (r coverage, found bool) {
	if s := v.activeSeason(&d.After.Seasons); s != nil {
		d.Because(RuleSeason)
		return coverage{persons: 1, reason: Season, season: s}, true
	}
	s, reason := v.waitingSeason(&d.After.Seasons)
	if s == nil {
		return coverage{}, false
	}
	d.Because(RuleFirstValidation)
	if reason == SeasonFollows {
		d.Because(RuleWaitingSeason)
	}
	if v.Certainty.Unknown { // a wrong day would cost the owner days
		return coverage{persons: 1, reason: Season, season: s}, true
	}
	v.startSeason(s)
	return coverage{persons: 1, reason: reason, season: s}, true
}

// startSeason begins a season on the date of this validation; only its last day follows the
// service day. A day ticket for periods of 24 hours keeps its minute; at midnight minute 1, as 0
// on the card means none.
func (v *validation) startSeason(s *cardlayout.Season) {
	first := v.firstDay(s)
	s.First, s.Last = first, v.tariff.lastDay(first, s.Days)
	if v.sourceOf(s) != cardlayout.ByDayTrips {
		return
	}
	s.Last = first + cardlayout.Day(s.Days) - 1
	if v.tariff.PeriodsOfDay {
		s.First, s.Start = v.local.Day, max(v.local.Minute, 1)
		s.Last = s.First + cardlayout.Day(s.Days)
	}
}

// firstDay is the first day of a season that begins now: today's date, and never one before
// the load. The loading device may be ahead of this one at midnight; if it is further ahead, its
// clock was wrong.
func (v *validation) firstDay(s *cardlayout.Season) cardlayout.Day {
	l := &v.card.SeasonLoad
	if l.Loaded && l.Product == s.Product && l.At.Day == v.local.Day+1 {
		return l.At.Day
	}
	return v.local.Day
}

// sourceOf is the source of a journey by a product in a season slot. A product that the tariff no
// longer sells is a season.
func (v *validation) sourceOf(s *cardlayout.Season) cardlayout.Source {
	if p := v.tariff.product(s.Product); p != nil && p.Kind == DayTicket {
		return cardlayout.ByDayTrips
	}
	return cardlayout.BySeason
}

// extension lets the holder pay only for the zones that an active season lacks, if the tariff says
// so. A trip beyond a season that waits does not begin it.
func (v *validation) extension(d *Decision) bool {
	if !v.tariff.MissingZones || !v.holderTravels() {
		return false
	}
	for n := range d.After.Seasons {
		s := &d.After.Seasons[n]
		if v.usable(s) && v.active(s) && s.Zones.Overlap(v.zones) {
			d.Because(RuleSeason)
			d.After.SeasonBoarding = v.ownBoarding()
			v.value(d, coverage{zones: s.Zones})
			return true
		}
	}
	return false
}

// activeSeason is the season in force that covers the zones; nil if none.
func (v *validation) activeSeason(seasons *[2]cardlayout.Season) *cardlayout.Season {
	for n := range seasons {
		if v.usableHere(&seasons[n]) && v.active(&seasons[n]) {
			return &seasons[n]
		}
	}
	return nil
}

// waitingSeason is the season that this validation begins; nil if none. It waits while the
// other one is in force, whatever its zones.
func (v *validation) waitingSeason(seasons *[2]cardlayout.Season) (*cardlayout.Season, Reason) {
	for n := range seasons {
		s, other := &seasons[n], &seasons[1-n]
		switch {
		case !v.usableHere(s) || v.begun(s) || s.Days == 0 || v.ofThisArea(other) &&
			v.active(other):
		case v.ofThisArea(other) && v.begun(other):
			return s, SeasonFollows
		default:
			return s, SeasonStarted
		}
	}
	return nil, 0
}

// begun reports whether a season has had its first validation. A beginning after tomorrow comes
// from a clock that was far ahead; the season begins when it is right again.
func (v *validation) begun(s *cardlayout.Season) bool {
	return s.First != 0 && (s.First <= v.day+1 || v.Certainty.Unknown)
}

// ofThisArea reports whether a season is of this area; others do not count.
func (v *validation) ofThisArea(s *cardlayout.Season) bool { return s.Area == v.tariff.Area }

// usable reports whether the person with the card may use a season: a personal one does not count
// while the card is lent.
func (v *validation) usable(s *cardlayout.Season) bool {
	return v.ofThisArea(s) && !(v.Lent && s.Conditions&cardlayout.PersonalOnly != 0)
}

// usableHere reports whether a season may be used here.
func (v *validation) usableHere(s *cardlayout.Season) bool {
	return v.usable(s) && v.covered(s.Zones)
}

// active reports whether a season has begun and not ended. One that begins tomorrow was begun by
// a bus whose clock is ahead at the turn of the service day.
func (v *validation) active(s *cardlayout.Season) bool {
	switch {
	case s.First != 0 && v.dayPersists(s.Last):
		return true
	case s.First == 0 || s.First > v.day+1 || v.local.Day > s.Last+1:
		return false
	case s.Start == 0:
		return v.day <= s.Last
	}
	left := int64(s.Last-v.local.Day)*24*60 + int64(s.Start) - int64(v.local.Minute)
	return v.tariff.within(-left, 0)
}

// endOf is the last minute of a season; zero if it has not begun.
func endOf(s *cardlayout.Season) cardlayout.Stamp {
	if s.First == 0 {
		return cardlayout.Stamp{}
	}
	if s.Start > 0 {
		return cardlayout.Stamp{Day: s.Last, Minute: s.Start}
	}
	return cardlayout.Stamp{Day: s.Last, Minute: 24*60 - 1}
}
