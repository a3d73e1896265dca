package sim

import (
	"fmt"
	"slices"
	"strings"
)

// Shrink leaves out as many steps as possible while play still reports that the rest fails in the
// same way: first everything about passengers other than the named one, then runs of steps, half of
// them at a time and ever fewer, then single statements. At last it tries a single validator.
//
// It gives up after trying twenty times as many steps as there were, and many more if those are
// few.
func Shrink(acts []Step, passenger string, play func([]Step) bool) []Step {
	left := 20*len(acts) + 20_000
	fails := func(acts []Step) bool {
		left -= len(acts) + 1
		return left > 0 && play(acts)
	}
	own := slices.DeleteFunc(slices.Clone(acts),
		func(a Step) bool { return a.about(passenger) > 0 })
	if passenger != "" && fails(own) {
		acts = own
	}
	acts = dropActs(acts, fails)
	acts = dropLines(acts, fails)
	alone := slices.Clone(acts)
	for n := range alone {
		alone[n].Validator = 0
	}
	if fails(alone) {
		return dropLines(alone, fails)
	}
	return acts
}

// about counts the statements of a step that concern another passenger.
func (a Step) about(passenger string) (others int) {
	for _, line := range a.Lines {
		words := strings.Fields(line)
		switch words[0] {
		case "card", "tap", "tear", "load", "action", "block":
			if words[1] != passenger {
				others++
			}
		}
	}
	return others
}

func dropActs(acts []Step, fails func([]Step) bool) []Step {
	for run := (len(acts) + 1) / 2; run > 0; {
		dropped := false
		for from := 0; from < len(acts); {
			rest := slices.Delete(slices.Clone(acts), from, min(from+run, len(acts)))
			if fails(rest) {
				acts, dropped = rest, true
			} else {
				from += run
			}
		}
		if !dropped || run > 1 {
			run /= 2
		}
	}
	return acts
}

func dropLines(acts []Step, fails func([]Step) bool) []Step {
	for n := range acts {
		for line := 0; line < len(acts[n].Lines); {
			rest := slices.Clone(acts)
			rest[n].Lines = slices.Delete(slices.Clone(rest[n].Lines), line, line+1)
			if fails(rest) {
				acts = rest
			} else {
				line++
			}
		}
	}
	return slices.DeleteFunc(acts, func(a Step) bool { return len(a.Lines) == 0 })
}

// ScenarioOf is a scenario of steps, and whether a single bus can play it: that has one validator,
// and its power does not fail.
func ScenarioOf(acts []Step) (text string, alone bool) {
	var b strings.Builder
	alone = true
	for n, a := range acts {
		if n == 0 || acts[n-1].Validator != a.Validator {
			if alone = alone && a.Validator == acts[0].Validator; n > 0 {
				b.WriteString("\n")
			}
			fmt.Fprintf(&b, "# At validator %d.\n", a.Validator+1)
		}
		for _, line := range a.Lines {
			alone = alone && !strings.HasPrefix(line, "die ")
			b.WriteString(line + "\n")
		}
	}
	return b.String(), alone
}
