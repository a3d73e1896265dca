package fare

import (
	"time"

	"leima/cardlayout"
)

// A right is what covers a part of the party before value does.
type right struct {
	persons int // the holder of a season
	reason  Reason
	slot    *cardlayout.Season // on the card as it will be
}

// running tells whether the card's transfer right is in force here: it is counted
// from the first validation and never prolonged. The clocks of two buses
// may disagree, and that is nobody's fault but ours: a start in the future is as
// far away as one in the past.
func (q *question) running() bool {
	j := &q.card.Journey
	if j.Area != q.tariff.Area || j.Source != cardlayout.ByValue || j.Persons.Total() == 0 {
		return false
	}
	// Someone joins them before the bus has left.
	return q.inForce(j) || j.Trip == q.Trip && q.again(j.Boarded)
}

// inForce tells whether a journey's transfer right has not ended.
func (q *question) inForce(j *cardlayout.Journey) bool {
	elapsed := int64(q.now) - int64(j.Start)
	return j.Minutes > 0 && q.tariff.within(max(elapsed, -elapsed), int64(j.Minutes)*60)
}

// beyond counts the announced persons for whom the running journey was not paid.
func (q *question) beyond() int {
	sum := 0
	for group, n := range q.party {
		sum += max(0, int(n)-int(q.card.Journey.Persons[group]))
	}
	return sum
}

// transferEnd is the end of a journey's transfer right as people read it; zero where
// there is none.
func (q *question) transferEnd(j *cardlayout.Journey) cardlayout.Stamp {
	if j.Minutes == 0 {
		return cardlayout.Stamp{}
	}
	return q.tariff.Local(j.Start.Time().Add(time.Duration(j.Minutes) * time.Minute))
}

// transfer: those who paid travel on. Whoever joins them pays, for the zones of the
// journey and until its end; if that has come, a new one begins for all of them.
func (q *question) transfer(d *Decision) bool {
	j := &q.card.Journey
	if !q.running() || !j.Zones.Cover(q.zones) {
		return false
	}
	d.because(48, 49)
	d.Reason, d.Source, d.Product = Transfer, cardlayout.ByValue, q.tariff.ValueProduct
	d.Until = q.transferEnd(j)
	q.zones = j.Zones
	joining := q.beyond()
	if joining > 0 && !q.inForce(j) {
		d.After.Journey = q.journey(cardlayout.ByValue)
		d.Until = q.transferEnd(&d.After.Journey)
	}
	for group, n := range q.party {
		d.After.Journey.Persons[group] = max(n, j.Persons[group])
	}
	d.Persons = uint8(min(q.size, 255))
	if q.size == 0 {
		d.Persons = uint8(j.Persons.Total())
	}
	d.After.Ticket.Boarding = q.boarding()
	q.board(d)
	if joining > 0 {
		q.charge(d, joining)
		q.sell(d)
	}
	q.finish(d)
	return true
}

// season: the holder travels on a season that covers the zones. Others of the party
// pay value.
func (q *question) season(d *Decision) bool {
	if q.size > 0 && q.party[q.group] == 0 {
		return false // the holder is not among them
	}
	r, found := q.coveringSeason(d)
	if !found {
		return false
	}
	d.After.SeasonBoarding = q.boarding()
	d.After.SeasonBoarding.Area = q.tariff.Area
	if q.size > 1 {
		q.value(d, r)
		return true
	}
	d.Reason, d.Persons = r.reason, 1
	d.Source, d.Product = cardlayout.BySeason, r.slot.Product
	d.Until = lastMinute(r.slot)
	if !q.running() {
		d.After.Journey = q.journey(cardlayout.BySeason)
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
	s.First, s.Last = q.day, q.tariff.lastDay(q.day, s.Days)
	return right{persons: 1, reason: reason, slot: s}, true
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
		case !q.mine(s) || s.First != 0 || s.Days == 0 || q.ours(other) && q.active(other):
		case q.ours(other) && other.First != 0:
			return s, SeasonFollows
		default:
			return s, SeasonStarted
		}
	}
	return nil, 0
}

// ours tells whether a season is of this area; another area's counts for nothing
//
func (q *question) ours(s *cardlayout.Season) bool { return s.Area == q.tariff.Area }

// mine tells whether a season is of this area and for these zones.
func (q *question) mine(s *cardlayout.Season) bool {
	return q.ours(s) && s.Zones.Cover(q.zones)
}

// active tells whether a season has begun and not ended. One that begins tomorrow was
// begun by a bus whose clock is ahead of ours at the turn of the service day.
func (q *question) active(s *cardlayout.Season) bool {
	return s.First != 0 && s.First <= q.day+1 && q.day <= s.Last
}

// lastMinute is the end of a season as people read it.
func lastMinute(s *cardlayout.Season) cardlayout.Stamp {
	return cardlayout.Stamp{Day: s.Last, Minute: 24*60 - 1}
}
