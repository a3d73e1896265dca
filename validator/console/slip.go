package console

import (
	"fmt"
	"strconv"
	"time"

	"leima/fare"
	"leima/fare/words"
)

// receipt writes a slip. Its times are local, as far as a tariff says what that is.
func (c *Console) receipt(s *slip, language words.Language) *Receipt {
	p := &paper{language: language, zone: time.UTC}
	if t, err := c.Own.Validator.Tariffs(s.at); err == nil && t.Location != nil {
		p.zone = t.Location
	}
	p.centre(c.Title)
	p.centre(in(language, s.kind))
	p.rule()
	total := int64(0)
	switch s.kind {
	case singleSlip:
		total = s.writeTicket(p)
	case loadSlip, reversalSlip:
		total = s.writeLoad(p)
	case historySlip:
		s.writeHistory(p)
	case misuseSlip:
		total = s.writeMisuse(p)
	case reportSlip:
		total = s.report.Total.Cash
		s.writeReport(p)
	}
	s.foot(p)
	return &Receipt{s.id, s.at, s.kind, p.String(), total}
}

// foot is who did it, where and when.
func (s *slip) foot(p *paper) {
	p.rule()
	p.pair(s.at.In(p.zone).Format("2.1.2006 15:04"),
		fmt.Sprintf("%s %d", p.word("driver"), s.shift.Driver))
	p.pair(p.word("shift"), fmt.Sprintf("%d-%d", s.shift.Device, s.shift.Number))
	if s.kind != reportSlip && s.place.Line != "" {
		p.pair(p.word("line")+" "+s.place.Line, p.word("trip")+" "+
			strconv.Itoa(int(s.place.Trip)))
	}
}

func (s *slip) writeTicket(p *paper) int64 {
	t := s.ticket
	p.pair(p.word(t.Group), fmt.Sprintf("%d ×", t.Persons))
	if t.Zones != "" {
		p.pair(p.word("zones"), t.Zones)
	}
	p.pair(p.word("until"), stamp(t.Until))
	p.lines(t.Lines, int64(t.Persons))
	p.total(t.Total)
	return t.Total
}

func (s *slip) writeLoad(p *paper) int64 {
	p.pair(p.word("card"), s.tap.Card)
	if s.tap.Product != "" {
		p.pair(s.tap.Product, s.tap.Zones)
	}
	total := p.lines(s.tap.Receipt, 1)
	p.total(total)
	p.pair(p.word("balance"), euros(s.tap.Balance))
	return total
}

func (s *slip) writeMisuse(p *paper) int64 {
	total := p.lines(s.lines, 1)
	p.total(total)
	if s.card != "" {
		p.pair(p.word("card"), s.card)
		p.text(p.word("held"))
		p.pair("", stamp(s.held))
	}
	return total
}

func (s *slip) writeHistory(p *paper) {
	look := s.tap.Look
	p.pair(p.word("card"), look.Card)
	p.pair(p.word(look.Kind), p.word(look.Group))
	p.pair(p.word("balance"), euros(look.Purse))
	for _, season := range look.Seasons {
		when := p.word("waits")
		if season.First != "" {
			when = stamp(season.First) + "–" + stamp(season.Last)
		}
		p.text(season.Product + " " + season.Zones)
		p.pair("", when)
	}
	p.text(spoken(look.Verdict.Said, p.language))
	p.rule()
	if len(look.History) == 0 {
		p.text(p.word("no history"))
	}
	for n, use := range look.History {
		p.pair(fmt.Sprintf("%d  %s", n+1, stamp(use.At)), euros(use.Fare))
		p.pair(fmt.Sprintf("   %d ×", use.Persons), euros(use.Remaining))
	}
}

func (s *slip) writeReport(p *paper) {
	t := &s.report.Total
	for _, reason := range sorted(t.Taps) {
		if r := reasons[reason]; r == fare.ShiftBegun || r == fare.ShiftEnded || r == fare.Told {
			continue // on both devices, and nobody's boarding
		}
		p.pair(reasonIn(reason, p.language), strconv.Itoa(t.Taps[reason]))
	}
	p.rule()
	p.pair(p.word("persons"), strconv.Itoa(t.Persons))
	p.pair(p.word("charged"), euros(t.Charged))
	p.pair(p.word("tickets"), strconv.Itoa(t.Tickets))
	p.pair(p.word("loads"), strconv.Itoa(t.Loads))
	p.pair(p.word("loaded"), euros(t.Loaded))
	p.pair(p.word("others"), euros(t.Others))
	p.pair(p.word("alarms"), strconv.Itoa(t.Alarms))
	p.pair(p.word("faults"), strconv.Itoa(t.Faults))
	p.rule()
	p.pair(p.word("cash"), euros(t.Cash))
	if t.Open > 0 {
		p.pair(p.word("open"), strconv.Itoa(t.Open))
		p.pair(p.word("open cash"), euros(t.OpenCash))
	}
	if s.report.Missing != "" {
		p.text(p.word("missing") + ": " + s.report.Missing)
	}
}
