package sim

import (
	"fmt"
	"strings"

	"leima/cardlayout"
	"leima/fare"
	"leima/validator"
)

// Describe is an outcome in one line.
func Describe(o validator.Outcome) string {
	words := []string{fmt.Sprintf("%-8s", o.Ending)}
	add := func(format string, args ...any) { words = append(words, fmt.Sprintf(format, args...)) }
	switch {
	case o.Ending == validator.Fault:
		add("%v", o.Err)
	case o.Ending <= validator.Refused:
		describeDecision(&o, add)
	}
	return strings.TrimRight(strings.Join(words, "  "), " ")
}

func describeDecision(o *validator.Outcome, add func(string, ...any)) {
	d := &o.Decision
	add("%v", d.Reason)
	if d.Charge > 0 {
		add("charge %v", d.Charge)
	} else if d.Paid > 0 {
		add("fare %v", d.Paid)
	}
	if o.Event.Card != 0 {
		add("balance %v", d.After.Purse)
	}
	if (d.Until != cardlayout.Stamp{}) {
		end := d.Until.Clock()
		switch d.Source {
		case cardlayout.BySeason:
			end = d.Until.Day.String()
		case cardlayout.ByDayTrips:
			end = d.Until.String()
		}
		add("until %s", end)
	}
	if d.Persons > 1 {
		add("%d persons", d.Persons)
	}
	for _, p := range o.Event.Actions {
		add("%v", p)
	}
	if r := o.Event.Receipt; r != nil {
		add("cash %v", r.PaidBy(fare.PayerCustomer))
	}
	if d.Refused != nil {
		add("%v", d.Refused)
	}
	if o.Event.Estimated {
		add("estimated")
	}
	add("%s", rules(d))
}

func rules(d *validator.Decision) string {
	var ids []string
	for _, rule := range d.Rules() {
		ids = append(ids, rule.String())
	}
	return strings.Join(ids, " ")
}

// recordLine is a use event in one line.
func recordLine(r cardlayout.Record) string {
	kind := "free "
	if r.Debit {
		kind = "debit"
	}
	until := "-"
	if (r.Until != cardlayout.Stamp{}) {
		until = r.Until.Clock()
	}
	return fmt.Sprintf("%v  %s  fare %v  persons %d  until %s  remaining %v",
		r.Boarded, kind, r.Fare, r.Persons, until, r.Remaining)
}
