package console

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/words"
	"leima/validator/api"
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

// sold keeps the slip of what was done at the till: one for each press, however often it is
// given.
func (c *Console) sold(asked *Pressed, answer api.Answer) *slip {
	switch command := &asked.Command; {
	case answer.Ticket != nil:
		s := c.begun(singleSlip)
		s.id, s.ticket = asked.ID, answer.Ticket
		return c.keep(s)
	case command.Kind == "judge":
		s := c.begun(misuseSlip)
		s.id, s.held, s.lines = asked.ID, answer.Held, answer.Lines
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
