package gtfs

import (
	"errors"
	"io/fs"
	"strings"
	"time"

	"leima/cardlayout"
)

// A service is the days on which its trips run: weekdays from a first day to a last, and
// exceptions.
type service struct {
	weekdays    [7]bool // by time.Weekday
	first, last cardlayout.Day
	otherwise   map[cardlayout.Day]bool
}

func (s *service) runs(day cardlayout.Day) bool {
	if runs, said := s.otherwise[day]; said {
		return runs
	}
	year, month, date := day.Date()
	weekday := time.Date(year, month, date, 0, 0, 0, 0, time.UTC).Weekday()
	return s.first <= day && day <= s.last && s.weekdays[weekday]
}

var weekdayColumns = [7]string{
	"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
}

// readServices reads the two calendars. A feed has at least one.
func (t *Timetable) readServices(feed fs.FS, warnings *[]LineError) error {
	weekly := each(feed, "calendar.txt",
		append([]string{"service_id", "start_date", "end_date"}, weekdayColumns[:]...),
		warnings, t.addWeekly)
	if weekly != nil && !errors.Is(weekly, fs.ErrNotExist) {
		return weekly
	}
	daily := each(feed, "calendar_dates.txt", []string{"service_id", "date", "exception_type"},
		warnings, t.addDaily)
	if weekly == nil && errors.Is(daily, fs.ErrNotExist) {
		return nil
	}
	return daily
}

func (t *Timetable) addWeekly(row *table) error {
	s := t.service(row.at("service_id"))
	first, firstKnown := row.day("start_date")
	last, lastKnown := row.day("end_date")
	if !firstKnown || !lastKnown {
		return nil
	}
	s.first, s.last = first, last
	for weekday, column := range weekdayColumns {
		s.weekdays[weekday] = row.at(column) == "1"
	}
	return nil
}

func (t *Timetable) addDaily(row *table) error {
	s := t.service(row.at("service_id"))
	day, known := row.day("date")
	switch kind := row.at("exception_type"); {
	case !known:
	case kind == "1" || kind == "2": // added, removed
		s.otherwise[day] = kind == "1"
	default:
		row.warn("exception_type %q: want 1 or 2", kind)
	}
	return nil
}

func (t *Timetable) service(id string) *service {
	s, known := t.services[id]
	if !known {
		s = &service{otherwise: map[cardlayout.Day]bool{}}
		t.services[strings.Clone(id)] = s
	}
	return s
}

// day parses a date such as 20240812.
func (t *table) day(column string) (cardlayout.Day, bool) {
	date, err := time.Parse("20060102", t.at(column))
	if err != nil {
		t.warn("%s %q: want for example 20240812", column, t.at(column))
		return 0, false
	}
	return cardlayout.DayOf(date), true
}
