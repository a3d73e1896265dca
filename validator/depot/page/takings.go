package page

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"leima/cardlayout"
	"leima/validator/api"
	"leima/validator/depot/settlement"
)

// A taking is what a driver has taken at a device on a day, and what was handed over of it.
type taking struct {
	settlement.Takings
	Handed *int64 // cents; nil: nobody has entered it
}

// Difference is what was handed over, less what was taken.
func (t *taking) Difference() int64 { return *t.Handed - t.Cash }

// A day is what is shown of a day.
type day struct {
	Day     string
	All     []taking
	Cash    int64
	Differs []string // days, of those of the last months, on which something does not add up
}

func (p *Page) takings(v *visit) error {
	of := v.q.URL.Query().Get("day")
	if of == "" {
		of = p.Now().In(p.Zone).Format(time.DateOnly)
	}
	shown, err := p.day(of)
	if err != nil {
		return err
	}
	if shown.Differs, err = p.differing(); err != nil {
		return err
	}
	return v.show("takings", shown)
}

// recent is for how long after the last hand-over of a day it is looked at: a bus that was offline
// sends cash of that day weeks later.
const recent = 62 * 24 * time.Hour

// differing are the days on which a driver has handed over another amount than is known by now.
func (p *Page) differing() (days []string, err error) {
	p.book.each(handed, func(e entry) {
		if p.Now().Sub(e.At) < recent && !slices.Contains(days, e.Day) {
			days = append(days, e.Day)
		}
	})
	slices.Sort(days)
	days = slices.DeleteFunc(days, func(of string) bool {
		d, failed := p.day(of)
		err = errors.Join(err, failed)
		return !slices.ContainsFunc(d.All, func(t taking) bool {
			return t.Handed != nil && t.Difference() != 0
		})
	})
	return days, err
}

var errDay = api.Refuse(http.StatusBadRequest, "want a day as 2026-11-29")

var errSeparator = api.Refuse(http.StatusBadRequest, "want the separator ; or none")

// day are the takings of a day. Of what was entered the last counts.
func (p *Page) day(of string) (shown day, err error) {
	if _, err := time.Parse(time.DateOnly, of); err != nil {
		return shown, errDay
	}
	shown.Day = of
	all, err := p.Ledger.Takings(of)
	for _, t := range all {
		shown.All = append(shown.All, taking{Takings: t})
		shown.Cash += t.Cash
	}
	p.book.each(handed, func(e entry) {
		if n := shown.find(e.Driver, e.Device); e.Day == of && n >= 0 {
			shown.All[n].Handed = &e.Cash
		}
	})
	return shown, err
}

// find is where a driver's takings at a device are; -1 if there are none.
func (d *day) find(driver uint32, device uint16) int {
	return slices.IndexFunc(d.All, func(t taking) bool {
		return t.Driver == driver && t.Device == device
	})
}

// handOver enters what a driver has handed over.
func (p *Page) handOver(v *visit) error {
	shown, err := p.day(v.q.PostFormValue("day"))
	if err != nil {
		return err
	}
	driver, err := strconv.ParseUint(v.q.PostFormValue("driver"), 10, 32)
	device, err2 := strconv.ParseUint(v.q.PostFormValue("device"), 10, 16)
	if err != nil || err2 != nil || shown.find(uint32(driver), uint16(device)) < 0 {
		return api.Refuse(http.StatusBadRequest, "this driver has taken nothing on this day")
	}
	cash, err := cardlayout.ParseCents(v.q.PostFormValue("cash"))
	if err != nil {
		return api.Refuse(http.StatusBadRequest, "want an amount of euros, as 102,50")
	}
	err = p.book.add(entry{
		At: p.Now().UTC(), Person: v.session.person.Number, Did: handed, Day: shown.Day,
		Driver: uint32(driver), Device: uint16(device), Cash: int64(cash),
	})
	if err != nil {
		return err
	}
	return v.goTo("/takings?day=" + shown.Day)
}

// rows are the settlement's rows of a day of booking, or all, as CSV; with semicolons if a
// spreadsheet is to open it.
func (p *Page) rows(v *visit) error {
	booked := v.q.URL.Query().Get("booked")
	if _, err := time.Parse(time.DateOnly, booked); err != nil && booked != "" {
		return errDay
	}
	write := p.Ledger.WriteRows
	switch v.q.URL.Query().Get("separator") {
	case "":
	case ";":
		write = p.Ledger.WriteSheet
	default:
		return errSeparator
	}
	err := p.book.add(entry{
		At: p.Now().UTC(), Person: v.session.person.Number, Did: exported, Day: booked,
	})
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	name := strings.TrimSuffix("settlement-"+booked, "-") + ".csv"
	h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", name))
	if write(booked, v.w) != nil {
		panic(http.ErrAbortHandler) // what has come is cut, and not taken for whole
	}
	return nil
}
