package console

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/validator/api"
	"leima/validator/messages"
)

// Receipt is a text for a printer.
type Receipt struct {
	ID    string    `json:"id"`
	At    time.Time `json:"at"`
	Kind  string    `json:"kind"`
	Text  string    `json:"text"`
	Total int64     `json:"total"` // cents; negative for a payment to the customer
}

// The kinds of receipt.
const (
	receiptSingle   = "single"
	receiptLoad     = "load"
	receiptReversal = "reversal"
	receiptHistory  = "history"
	receiptMisuse   = "misuse"
	receiptReport   = "report"
)

// A receiptData is the content of a receipt, in no language yet.
type receiptData struct {
	id    string
	kind  string
	at    time.Time
	shift api.Shift
	place api.Place

	ticket   *api.Ticket
	tap      *api.Tap
	lines    []api.Line // of misuse
	card     string     // that was confiscated
	deadline string
	report   *Report
}

// maxReceipts is the number of stored receipts: those of a busy hour.
const maxReceipts = 60

// keepReceipt stores a receipt; it replaces one with the same id.
func (c *Console) keepReceipt(s receiptData) *receiptData {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.receiptLog = slices.DeleteFunc(c.receiptLog,
		func(old receiptData) bool { return old.id == s.id })
	c.receiptLog = append(c.receiptLog, s)
	c.receiptLog = c.receiptLog[max(0, len(c.receiptLog)-maxReceipts):]
	return &s
}

// reports are the receipts that are kept beyond a shift; c.mu is held.
func (c *Console) reports() (all []receiptData) {
	for _, s := range c.receiptLog {
		if s.kind == receiptReport {
			all = append(all, s)
		}
	}
	return all
}

func reportID(s api.Shift) string { return fmt.Sprintf("report-%d-%d", s.Device, s.Number) }

// newReceipt is a receipt with the present time and place.
func (c *Console) newReceipt(kind string) receiptData {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := receiptData{id: c.newID(), kind: kind, at: c.Clock.Now(), place: c.own.Place}
	if c.saved.Shift != nil {
		s.shift = *c.saved.Shift
	}
	return s
}

// receiptOfTap stores the receipt of a tap, if it has one.
func (c *Console) receiptOfTap(tap api.Tap) {
	kind := ""
	switch {
	case tap.Look != nil:
		kind = receiptHistory
	case tap.Ending != "accepted":
		return
	case tap.Reason == fare.ValueLoaded.String(), tap.Reason == fare.SeasonLoaded.String():
		kind = receiptLoad
	case tap.Reason == fare.LoadTakenBack.String():
		kind = receiptReversal
	default:
		return
	}
	s := c.newReceipt(kind)
	s.at, s.tap = tap.At, &tap
	c.keepReceipt(s)
}

// receiptOfSale stores the receipt of a sale or another act at the console: one for each command,
// however often it is sent.
func (c *Console) receiptOfSale(asked *CommandRequest, answer api.Answer) *receiptData {
	switch command := &asked.Command; {
	case answer.Ticket != nil:
		s := c.newReceipt(receiptSingle)
		s.id, s.ticket = asked.ID, answer.Ticket
		return c.keepReceipt(s)
	case command.Kind == "judge":
		s := c.newReceipt(receiptMisuse)
		s.id, s.deadline, s.lines = asked.ID, answer.Deadline, answer.Lines
		if command.Misuse != nil && command.Misuse.Confiscate {
			if n, err := cardlayout.ParseNumber(command.Misuse.Card); err == nil {
				s.card = n.Short()
			}
		}
		if s.card == "" && len(s.lines) == 0 {
			return nil
		}
		return c.keepReceipt(s)
	}
	return nil
}

// render is a receipt for the driver to read; nil for none.
func (c *Console) render(s *receiptData) *Receipt {
	if s == nil {
		return nil
	}
	c.mu.Lock()
	language := c.language
	c.mu.Unlock()
	return c.receipt(s, language)
}

// receipts are all stored receipts, the newest first, in a language.
func (c *Console) receipts(language messages.Language) []Receipt {
	c.mu.Lock()
	slips := slices.Clone(c.receiptLog)
	c.mu.Unlock()
	all := []Receipt{}
	for _, s := range slices.Backward(slips) {
		all = append(all, *c.receipt(&s, language))
	}
	return all
}

// setLanguage records the language that the page has chosen.
func (c *Console) setLanguage(language string) messages.Language {
	c.mu.Lock()
	defer c.mu.Unlock()
	if chosen := messages.Language(language); slices.Contains(messages.Languages, chosen) {
		c.language = chosen
	}
	return c.language
}

// print sends a receipt to the printer.
func (c *Console) print(id string) error {
	if c.Printer == nil {
		return api.Refuse(http.StatusServiceUnavailable,
			"there is no printer: show the receipt on the screen")
	}
	c.mu.Lock()
	n := slices.IndexFunc(c.receiptLog, func(s receiptData) bool { return s.id == id })
	var found receiptData
	if n >= 0 {
		found = c.receiptLog[n]
	}
	c.mu.Unlock()
	if n < 0 {
		return api.Refuse(http.StatusNotFound, "there is no such receipt any more")
	}
	if err := c.Printer(c.render(&found).Text); err != nil {
		return api.Refuse(http.StatusServiceUnavailable,
			"the printer does not print: %v: show the receipt on the screen", err)
	}
	return nil
}
