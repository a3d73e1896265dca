package console

import (
	"fmt"
	"strconv"
	"time"

	"leima/fare"
	"leima/validator/messages"
)

// receipt lays out a receipt. Its times are local if a tariff defines the time zone.
func (c *Console) receipt(s *receiptData, language messages.Language) *Receipt {
	p := &receiptWriter{language: language, zone: time.UTC}
	if t, err := c.Own.Terminal.Validator.Tariffs(s.at); err == nil && t.Location != nil {
		p.zone = t.Location
	}
	p.centre(c.Title)
	p.centre(p.heading("receipt." + s.kind))
	p.rule()
	total := int64(0)
	switch s.kind {
	case receiptSingle:
		total = s.writeTicket(p)
	case receiptLoad, receiptReversal:
		total = s.writeLoad(p)
	case receiptHistory:
		s.writeHistory(p)
	case receiptMisuse:
		total = s.writeMisuse(p)
	case receiptReport:
		total = s.report.Total.Cash
		s.writeReport(p)
	}
	s.writeFooter(p)
	return &Receipt{s.id, s.at, s.kind, p.String(), total}
}

// writeFooter writes driver, place and time.
func (d *receiptData) writeFooter(p *receiptWriter) {
	p.rule()
	p.pair(d.at.In(p.zone).Format("2.1.2006 15:04"),
		fmt.Sprintf("%s %d", p.word("driver"), d.shift.Driver))
	p.pair(p.word("shift"), fmt.Sprintf("%d-%d", d.shift.Device, d.shift.Number))
	if d.kind != receiptReport && d.place.Line != "" {
		p.pair(p.word("line")+" "+d.place.Line, p.word("departure")+" "+
			strconv.Itoa(int(d.place.Trip)))
	}
}

func (d *receiptData) writeTicket(p *receiptWriter) int64 {
	t := d.ticket
	p.pair(p.language.Label("group", t.Group), fmt.Sprintf("%d ×", t.Persons))
	if t.Zones != "" {
		p.pair(p.word("zones"), t.Zones)
	}
	p.pair(p.word("valid.until"), stamp(t.Until))
	p.lines(t.Lines, int64(t.Persons))
	p.total(t.Total)
	return t.Total
}

func (d *receiptData) writeLoad(p *receiptWriter) int64 {
	p.pair(p.word("card"), d.tap.Card)
	if d.tap.Product != nil {
		p.pair(d.tap.Product.In(p.language), d.tap.Zones)
	}
	total := p.lines(d.tap.Receipt, 1)
	p.total(total)
	p.pair(p.word("purse.left"), euros(d.tap.Balance))
	return total
}

func (d *receiptData) writeMisuse(p *receiptWriter) int64 {
	total := p.lines(d.lines, 1)
	p.total(total)
	if d.card != "" {
		p.pair(p.word("card"), d.card)
		p.text(p.language.Text("misuse.held", stamp(d.deadline)))
	}
	return total
}

func (d *receiptData) writeHistory(p *receiptWriter) {
	look := d.tap.Look
	p.pair(p.word("card"), look.Card)
	p.pair(p.language.Label("kind", look.Kind), p.language.Label("group", look.Group))
	p.pair(p.word("purse.left"), euros(look.Purse))
	for _, season := range look.Seasons {
		when := p.word("season.waits")
		if season.First != "" {
			when = stamp(season.First) + "–" + stamp(season.Last)
		}
		p.text(season.Product.In(p.language) + " " + season.Zones)
		p.pair("", when)
	}
	p.text(look.Verdict.Said.In(p.language))
	p.rule()
	if len(look.History) == 0 {
		p.text(p.word("history.none"))
	}
	for n, use := range look.History {
		p.pair(fmt.Sprintf("%d  %s", n+1, stamp(use.At)), euros(use.Fare))
		p.pair(fmt.Sprintf("   %d ×", use.Persons), euros(use.Remaining))
	}
}

func (d *receiptData) writeReport(p *receiptWriter) {
	t := &d.report.Total
	for _, reason := range sorted(t.Taps) {
		switch reason {
		case fare.ShiftBegun.String(), fare.ShiftEnded.String(), fare.CommandGiven.String():
			continue // on both devices, and not a boarding
		}
		p.pair(p.language.Label("reason", reason), strconv.Itoa(t.Taps[reason]))
	}
	p.rule()
	p.pair(p.word("sum.persons"), strconv.Itoa(t.Persons))
	p.pair(p.word("sum.charged"), euros(t.Charged))
	p.pair(p.word("sum.tickets"), strconv.Itoa(t.Tickets))
	p.pair(p.word("sum.loads"), strconv.Itoa(t.Loads))
	p.pair(p.word("sum.loaded"), euros(t.Loaded))
	p.pair(p.word("sum.others"), euros(t.Others))
	p.pair(p.word("sum.alarms"), strconv.Itoa(t.Alarms))
	p.pair(p.word("sum.faults"), strconv.Itoa(t.Faults))
	p.rule()
	p.pair(p.heading("report.cash"), euros(t.Cash))
	if t.Open > 0 {
		p.pair(p.word("sum.open"), strconv.Itoa(t.Open))
		p.pair(p.word("sum.open_cash"), euros(t.OpenCash))
	}
	for _, why := range d.report.Missing {
		p.text(p.language.Text("report.missing", why.In(p.language)))
	}
}
