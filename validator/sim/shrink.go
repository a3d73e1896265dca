package sim

import (
	"fmt"
	"slices"
	"strings"
)

// Shrink leaves out as much of what happened as it can while play still says that the rest
// fails alike: first everything about other passengers than the one named, then runs of
// acts, half of them at a time and ever fewer, then single statements. In the end it tries
// whether one validator is enough.
//
// It gives up looking when it has tried twenty times as many acts as there were, and many more
// where those are few.
func Shrink(acts []Act, passenger string, play func([]Act) bool) []Act {
	left := 20*len(acts) + 20_000
	fails := func(acts []Act) bool {
		left -= len(acts) + 1
		return left > 0 && play(acts)
	}
	own := slices.DeleteFunc(slices.Clone(acts), func(a Act) bool { return a.about(passenger) > 0 })
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

// about counts the statements of an act that are about another passenger.
func (a Act) about(passenger string) (others int) {
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

func dropActs(acts []Act, fails func([]Act) bool) []Act {
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

func dropLines(acts []Act, fails func([]Act) bool) []Act {
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
	return slices.DeleteFunc(acts, func(a Act) bool { return len(a.Lines) == 0 })
}

// ScenarioOf is a scenario of acts, and whether a single bus can play it: that has but one
// validator, and its power does not fail.
func ScenarioOf(acts []Act) (text string, alone bool) {
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
