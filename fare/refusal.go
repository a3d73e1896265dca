package fare

import "fmt"

// A Refusal says that something asked for at a counter is not done, and why. Unlike a
// tap, it has somebody who reads it.
type Refusal struct {
	Rule  RuleID // 0: no rule of travel, but the card itself has no room
	Asked string // what was to be done, for example "loading 10.00 €"
	Why   string // why it is not
	Do    string // what to do instead
}

func (e *Refusal) Error() string {
	rule := ""
	if e.Rule != 0 {
		rule = fmt.Sprintf(" (%v)", e.Rule)
	}
	return fmt.Sprintf("%s: %s%s: %s", e.Asked, e.Why, rule, e.Do)
}

// A LoadError is the refusal of a load: the card stays as it is.
type LoadError = Refusal

// An asking is something asked for at a counter under a tariff.
type asking struct {
	tariff *Tariff
	asked  string
}

func (a *asking) refuse(rule RuleID, do, why string, args ...any) error {
	return &Refusal{Rule: rule, Asked: a.asked, Why: fmt.Sprintf(why, args...), Do: do}
}

// termsRefused tells whether the tariff says nothing of what the office does. Nothing
// is then paid or taken on a guess.
func (a *asking) termsRefused() error {
	if a.tariff.Office.Stated {
		return nil
	}
	return a.refuse(5, "compile a tariff with [office]",
		"tariff %s does not say its area's terms for the office", a.tariff.ID)
}
