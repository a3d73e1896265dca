package tariff

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"leima/cardlayout"
	"leima/fare"
)

// A journey is a way of travelling by value whose costs are compared.
type journey struct {
	name string
	cost func(p fareCase) cardlayout.Cents // fare.NoPrice if it is impossible
}

// firstTrip is the journey of which the others consist.
const firstTrip = "value ticket"

// journeys are compared at every moment. The first is a single trip.
var journeys = []journey{
	{firstTrip, func(p fareCase) cardlayout.Cents { return p.ride(cardlayout.Persons{}, 0) }},
	{"value, changing after 45 min", func(p fareCase) cardlayout.Cents {
		return p.ride(cardlayout.Persons{}, 0, 45*time.Minute)
	}},
	{"value, changing after 75 min", func(p fareCase) cardlayout.Cents {
		return p.ride(cardlayout.Persons{}, 0, 75*time.Minute)
	}},
	{"value, changing after 105 min", func(p fareCase) cardlayout.Cents {
		return p.ride(cardlayout.Persons{}, 0, 105*time.Minute)
	}},
	{"value, four trips of a day", func(p fareCase) cardlayout.Cents {
		const apart = 150 * time.Minute // longer than any transfer right
		if p.at.Hour() < 5 || p.at.Hour() > 12 {
			return fare.NoPrice // it would end on another day
		}
		return p.ride(cardlayout.Persons{}, 0, apart, 2*apart, 3*apart)
	}},
	{"value, two persons", func(p fareCase) cardlayout.Cents {
		return p.ride(cardlayout.Persons{2}, 0)
	}},
	{"value, with a child", func(p fareCase) cardlayout.Cents {
		if p.group == cardlayout.Child {
			return fare.NoPrice
		}
		return p.ride(cardlayout.Persons{0: 1, cardlayout.Child: 1}, 0)
	}},
	{"value beyond a season", func(p fareCase) cardlayout.Cents {
		if p.zones.Count() == 1 {
			return fare.NoPrice
		}
		return p.ride(cardlayout.Persons{}, cardlayout.ZoneRun(p.zones.First(), p.zones.First()))
	}},
}

// A fareCase is a trip of one passenger under a tariff.
type fareCase struct {
	tariff *fare.Tariff
	at     time.Time
	group  cardlayout.Group
	zones  cardlayout.Zones
}

// ride is the cost of a trip, and of later trips on other vehicle trips, on a card with enough
// value and perhaps a season for some zones.
func (p fareCase) ride(
	persons cardlayout.Persons, season cardlayout.Zones, later ...time.Duration,
) (sum cardlayout.Cents) {
	card := cardlayout.Card{
		Kind: cardlayout.Bearer, Area: p.tariff.Area, Group: p.group,
		Purse: cardlayout.MaxPurse,
	}
	if season != 0 {
		today := p.tariff.ServiceDay(p.at)
		card.Seasons[0] = cardlayout.Season{
			Area: p.tariff.Area, Product: 1, Zones: season,
			Days: 30, First: today, Last: today + 29,
		}
	}
	for n, after := range slices.Insert(later, 0, 0) {
		d := fare.Decide(card, fare.Tap{
			At: p.at.Add(after), Trip: uint16(n + 1),
			Zone: p.zones.First(), Zones: p.zones, Persons: persons,
		}, p.tariff)
		if !d.Accept() {
			return fare.NoPrice
		}
		sum, card = sum+d.Charge, d.After
	}
	return sum
}

// A moment is a time at which trips are compared.
type moment struct {
	day, hour string
	at        time.Time
}

// corpusDays are the days of the corpus with their names: of the first ordinary week in September
// in which both tariffs are in force, and the first public holiday and the first eve after it.
func corpusDays(before, after *fare.Tariff) (names []string, days []time.Time) {
	monday := firstMonday(before, after)
	for n, name := range []string{0: "Monday", 4: "Friday", 5: "Saturday", 6: "Sunday"} {
		if name != "" {
			names, days = append(names, name), append(days, monday.AddDate(0, 0, n))
		}
	}
	for _, kind := range []fare.DayKind{fare.Holiday, fare.Eve} {
		for n := 7; n < 2*366; n++ {
			day := monday.AddDate(0, 0, n)
			if after.Calendar.Kind(cardlayout.DayOf(day)) == kind {
				names, days = append(names, kind.String()), append(days, day)
				break
			}
		}
	}
	return names, days
}

// moments are the times at which trips are compared: early, by day, in the evening and at night.
func moments(before, after *fare.Tariff) (all []moment) {
	names, days := corpusDays(before, after)
	for n, day := range days {
		for _, hour := range []int{5, 8, 12, 15, 18, 21, 23} {
			all = append(all, moment{names[n], fmt.Sprint(hour), clock(day, hour)})
		}
		all = append(all, moment{names[n], "night", clock(day.AddDate(0, 0, 1), 2)})
	}
	return all
}

// clock is an hour of a day by the local clock.
func clock(day time.Time, hour int) time.Time {
	year, month, date := day.Date()
	return time.Date(year, month, date, hour, 0, 0, 0, day.Location())
}

// describe names some of the moments, with days of the same hours together; "" for all.
func describe(all, some []moment) string {
	if len(some) == len(all) {
		return ""
	}
	hours := map[string][]string{} // of each day
	for _, m := range some {
		hours[m.day] = append(hours[m.day], m.hour)
	}
	days, alike := map[string][]string{}, []string{}
	for _, m := range all {
		text := strings.Join(hours[m.day], " ")
		if text == "" || slices.Contains(days[text], m.day) {
			continue
		}
		if days[text] == nil {
			alike = append(alike, text)
		}
		days[text] = append(days[text], m.day)
	}
	for n, text := range alike {
		alike[n] = strings.Join(days[text], " ")
		if len(days[text]) == daysOf(all) {
			alike[n] = "daily"
		}
		if len(strings.Fields(text)) < len(all)/daysOf(all) {
			alike[n] += " " + text
		}
	}
	return strings.Join(alike, ", ")
}

// daysOf counts the days of the moments.
func daysOf(all []moment) (n int) {
	for m := range all {
		if m == 0 || all[m].day != all[m-1].day {
			n++
		}
	}
	return n
}

// corpusText describes the comparison in a few lines.
func corpusText(before, after *fare.Tariff, groups, runs int) (lines []string) {
	names, days := corpusDays(before, after)
	var when, how []string
	for n, name := range names {
		when = append(when, fmt.Sprintf("%s %s", name, days[n].Format(time.DateOnly)))
	}
	for _, j := range journeys {
		how = append(how, j.name)
	}
	all := moments(before, after)
	return []string{
		fmt.Sprintf("%d customer groups in %d runs of zones at %d moments, %d journeys each",
			groups, runs, len(all), len(journeys)),
		"moments: 5, 8, 12, 15, 18, 21, 23 o'clock and 2 at night of " + strings.Join(when, ", "),
		"journeys: " + strings.Join(how, "; "),
		"price lists: the driver's single ticket, and the seasons of equal names",
	}
}
