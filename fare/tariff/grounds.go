package tariff

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/pelletier/go-toml/v2"

	"leima/fare"
)

// A Ground is the basis of a table of a tariff: the page that publishes its figures, or the reason
// why we assumed them.
type Ground struct {
	Path    string // of the table, such as rules.again or season[0]
	Line    int
	Is      string // the setting, if the table has one
	Source  string
	Assumed string
}

// Grounds lists the grounds of a source in the order of its lines. The source only needs to be
// TOML.
func Grounds(source []byte) ([]Ground, error) {
	var all map[string]any
	if err := toml.Unmarshal(source, &all); err != nil {
		return nil, fmt.Errorf("reading the tariff: %w", err)
	}
	g := grounds{lines: linesOf(source)}
	g.table("", all)
	slices.SortStableFunc(g.found, func(a, b Ground) int { return cmp.Compare(a.Line, b.Line) })
	return g.found, nil
}

type grounds struct {
	lines map[string]int
	found []Ground
}

func (g *grounds) table(path string, entries map[string]any) {
	ground := Ground{Path: path, Line: max(1, g.lines[path])}
	ground.Source, _ = entries["source"].(string)
	ground.Assumed, _ = entries["assumed"].(string)
	if is, single := entries["is"]; single {
		ground.Is = fmt.Sprint(is)
	}
	if ground.Source != "" || ground.Assumed != "" {
		g.found = append(g.found, ground)
	}
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		g.entry(join(path, key), entries[key])
	}
}

func (g *grounds) entry(path string, value any) {
	switch value := value.(type) {
	case map[string]any:
		g.table(path, value)
	case []any:
		for n, element := range value {
			g.entry(fmt.Sprintf("%s[%d]", path, n), element)
		}
	}
}

// Assumptions are the assumed grounds of a decision, in the order of the source's lines: of the
// price asked and of the settings of the rules that decided.
func Assumptions(source []byte, t *fare.Tariff, d *fare.Decision, details []fare.Detail) (
	assumed []Ground, err error,
) {
	all, err := Grounds(source)
	if err != nil {
		return nil, err
	}
	b := basis{t, map[string]bool{}}
	b.price(d, details)
	for _, rule := range d.Rules() {
		b.rests(settingsOf[rule]...)
	}
	for _, g := range all {
		if g.Assumed != "" && b.paths[g.Path] {
			assumed = append(assumed, g)
		}
	}
	return assumed, nil
}

// settingsOf are the tables of a tariff on which a rule of travel rests.
var settingsOf = map[fare.RuleID][]string{
	fare.RuleEachBoarding:    {"rules.again"},
	fare.RuleOtherArea:       {"groups.as"},
	fare.RuleFirstValidation: {"rules.season_first_day"},
	fare.RuleWaitingSeason:   {"rules.waiting_season"},
	fare.RuleTransferRight:   {"transfer"},
	fare.RuleTransferTime:    {"rules.limit"},
	fare.RuleParty:           {"rules.party", "rules.order"},
	fare.RuleSeason:          {"rules.season_beyond"},
	fare.RuleTrueGroup:       {"rules.group", "groups.ages"},
	fare.RuleStudiesEnded:    {"rules.group", "groups.ages"},
	fare.RuleStudentValue:    {"rules.party_price"},
	fare.RuleSeniorHours:     {"rules.party_price"},
	fare.RuleSchoolTicket:    {"school.transfer"},
}

// A basis is the tables of a tariff on which a decision rests, by their paths.
type basis struct {
	tariff *fare.Tariff
	paths  map[string]bool
}

func (b *basis) rests(paths ...string) {
	for _, path := range paths {
		b.paths[path] = true
	}
}

// price adds the tables of the price asked, if any.
func (b *basis) price(d *fare.Decision, details []fare.Detail) {
	switch d.Reason {
	case fare.Season, fare.SeasonStarted, fare.SeasonFollows:
		for n := range b.tariff.Seasons {
			if b.tariff.Seasons[n].Code == d.Product {
				b.rests(fmt.Sprintf("season[%d]", n))
			}
		}
		return
	case fare.School:
		for n := range b.tariff.SchoolDays {
			b.rests(fmt.Sprintf("school.calendar[%d]", n))
		}
		return
	case fare.Value, fare.BalanceLow:
	default:
		return
	}
	b.rests("transfer")
	usual := true
	for _, detail := range details {
		usual = usual && detail.Kind != fare.BandPrice
		if detail.Kind == fare.DayCapReached {
			b.rests("day_cap")
			continue
		}
		for n := range b.tariff.ValueBands {
			if b.tariff.ValueBands[n].Name == detail.Name {
				b.rests(fmt.Sprintf("value.band[%d]", n))
			}
		}
	}
	if usual {
		b.rests("value")
	}
}
