package sale

import (
	"fmt"

	"leima/fare"
)

// A Refusal refuses a request at a service point or of a driver, for people to read: package
// messages writes it in the languages of the terms.
type Refusal struct {
	Rule  fare.RuleID // 0: no rule of travel, but the card has no room
	Asked fare.Phrase // for example "loading 10.00 €"
	Why   fare.Phrase // it is refused
	Do    fare.Phrase // instead
}

func (e *Refusal) Error() string {
	rule := ""
	if e.Rule != 0 {
		rule = fmt.Sprintf(" (%v)", e.Rule)
	}
	return fmt.Sprintf("%v: %v%s: %v", e.Asked, e.Why, rule, e.Do)
}

// A request is made under a tariff.
type request struct {
	tariff *fare.Tariff
	what   fare.Phrase
}

// refuse refuses with a remedy without values.
func (a *request) refuse(rule fare.RuleID, do, why string, values ...any) error {
	return a.refuseWith(rule, fare.Say(do), fare.Say(why, values...))
}

func (a *request) refuseWith(rule fare.RuleID, do, why fare.Phrase) error {
	return &Refusal{Rule: rule, Asked: a.what, Why: why, Do: do}
}

// checkTerms refuses if the tariff does not state the terms of sales: nothing is paid or taken on
// a guess.
func (a *request) checkTerms() error {
	if a.tariff.Terms.Stated {
		return nil
	}
	return a.refuse(fare.RuleFees, "compile a tariff with [office]",
		"tariff %s does not say its area's terms for the office", a.tariff.ID)
}
