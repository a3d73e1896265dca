package console

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/words"
	"leima/validator/api"
	"leima/validator/journal"
)

// Receipt is a text for a printer.
type Receipt struct {
	ID    string    `json:"id"`
	At    time.Time `json:"at"`
	Kind  string    `json:"kind"`
	Text  string    `json:"text"`
	Total int64     `json:"total"` // cents; what the customer gets is below zero
}

// The kinds of receipt.
const (
	singleSlip   = "single"
	loadSlip     = "load"
	reversalSlip = "reversal"
	historySlip  = "history"
	misuseSlip   = "misuse"
	reportSlip   = "report"
)

// A slip is what a receipt tells, in no language yet.
type slip struct {
	id    string
	kind  string
	at    time.Time
	shift api.Shift
	place api.Place

	ticket *api.Ticket
	tap    *api.Tap
	lines  []api.Line // of misuse
	card   string     // that was taken
	held   string
	report *Report
}

// keptSlips is how many receipts are kept: those of a busy hour.
const keptSlips = 60

// keep keeps a slip; one of the same id takes the place of the one before.
func (c *Console) keep(s slip) *slip {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.slips = slices.DeleteFunc(c.slips, func(old slip) bool { return old.id == s.id })
	c.slips = append(c.slips, s)
	c.slips = c.slips[max(0, len(c.slips)-keptSlips):]
	return &s
}

// reports are the slips that outlast a shift; c.mu is held.
func (c *Console) reports() (all []slip) {
	for _, s := range c.slips {
		if s.kind == reportSlip {
			all = append(all, s)
		}
	}
	return all
}

func reportID(s api.Shift) string { return fmt.Sprintf("report-%d-%d", s.Device, s.Number) }

// begun is a slip of now and here.
func (c *Console) begun(kind string) slip {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := slip{id: c.newID(), kind: kind, at: c.Clock.Now(), place: c.own.Place}
	if c.book.Shift != nil {
		s.shift = *c.book.Shift
	}
	return s
}

// note keeps the slip of a tap that has one.
func (c *Console) note(tap api.Tap) {
	kind := ""
	switch {
	case tap.Look != nil:
		kind = historySlip
	case tap.Ending != "accepted":
		return
	case tap.Reason == fare.ValueLoaded.String(), tap.Reason == fare.SeasonLoaded.String():
		kind = loadSlip
	case tap.Reason == fare.LoadTakenBack.String():
		kind = reversalSlip
	default:
		return
	}
	s := c.begun(kind)
	s.at, s.tap = tap.At, &tap
	c.keep(s)
}

// sold keeps the slip of what was done at the till. What a misuse was charged stands in the
// journal, after an entry.
func (c *Console) sold(asked *Pressed, answer api.Answer, after uint64) *slip {
	switch command := &asked.Command; {
	case answer.Ticket != nil:
		s := c.begun(singleSlip)
		s.ticket = answer.Ticket
		return c.keep(s)
	case command.Kind == "judge":
		s := c.begun(misuseSlip)
		s.held, s.lines = answer.Held, c.charged(after)
		if command.Judge != nil && command.Judge.Take {
			if n, err := cardlayout.ParseNumber(command.Judge.Card); err == nil {
				s.card = n.Short()
			}
		}
		if s.card == "" && len(s.lines) == 0 {
			return nil
		}
		return c.keep(s)
	}
	return nil
}

// charged is what stands on the receipt of the misuse that was recorded last.
func (c *Console) charged(after uint64) (lines []api.Line) {
	err := c.Own.Journal.Entries(after+1, func(e journal.Entry) error {
		if e.Kind != journal.Record ||
			e.Event.Reason != fare.Misused && e.Event.Reason != fare.CardTaken {
			return nil
		}
		lines = nil
		for _, l := range e.Event.Receipt {
			lines = append(lines, api.Line{Item: l.Item.String(), Amount: int64(l.Amount),
				Payer: string(l.Payer), Rule: l.Rule.String()})
		}
		return nil
	})
	if err != nil {
		c.Log.Error("the receipt of a misuse is not complete", "error", err)
	}
	return lines
}

// written is a slip as the driver reads it; nil for none.
func (c *Console) written(s *slip) *Receipt {
	if s == nil {
		return nil
	}
	c.mu.Lock()
	language := c.spoken
	c.mu.Unlock()
	return c.receipt(s, language)
}

// receipts are all that are kept, the newest first, in a language.
func (c *Console) receipts(language words.Language) []Receipt {
	c.mu.Lock()
	slips := slices.Clone(c.slips)
	c.mu.Unlock()
	all := []Receipt{}
	for _, s := range slices.Backward(slips) {
		all = append(all, *c.receipt(&s, language))
	}
	return all
}

// speak notes the language that the page has chosen.
func (c *Console) speak(language string) words.Language {
	c.mu.Lock()
	defer c.mu.Unlock()
	if chosen := words.Language(language); slices.Contains(words.All, chosen) {
		c.spoken = chosen
	}
	return c.spoken
}

// print sends a receipt to the printer.
func (c *Console) print(id string) error {
	if c.Printer == nil {
		return &api.Refused{Code: http.StatusServiceUnavailable,
			Why: "there is no printer: show the receipt on the screen"}
	}
	c.mu.Lock()
	n := slices.IndexFunc(c.slips, func(s slip) bool { return s.id == id })
	var found slip
	if n >= 0 {
		found = c.slips[n]
	}
	c.mu.Unlock()
	if n < 0 {
		return &api.Refused{Code: http.StatusNotFound, Why: "there is no such receipt any more"}
	}
	if err := c.Printer(c.written(&found).Text); err != nil {
		return &api.Refused{Code: http.StatusServiceUnavailable,
			Why: "the printer does not print: " + err.Error() + ": show the receipt on the screen"}
	}
	return nil
}

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
	p.pair(s.at.In(p.zone).Format("2.1.2006 15:04"), fmt.Sprintf("%s %d", p.word("driver"), s.shift.Driver))
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
	if s.report.Missing != "" {
		p.text(p.word("missing") + ": " + s.report.Missing)
	}
}
