package tariff

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/pelletier/go-toml/v2"

	"leima/fare"
)

// A Ground is what a table of a tariff rests on: the page that publishes its figures, or
// the reason why we assumed one.
type Ground struct {
	Path    string // of the table, such as rules.again or season[0]
	Line    int
	Is      string // the setting, where the table is a single one
	Source  string
	Assumed string
}

// Grounds lists what the figures of a source rest on, in the order of its lines. It needs
// only to be TOML.
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

// Assumptions are those of a source on which a decision rests, in the order of its lines: the
// price that was asked, and the settings of the rules that decided.
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

// settingsOf are the tables of a tariff that a rule of travel rests on.
var settingsOf = map[fare.RuleID][]string{
	40: {"rules.again"}, 42: {"groups.as"}, 44: {"rules.season_first_day"},
	47: {"rules.waiting_season"}, 48: {"transfer"}, 49: {"rules.limit"},
	51: {"rules.party", "rules.order"}, 65: {"rules.season_beyond"},
	72: {"rules.group", "groups.ages"}, 74: {"rules.group", "groups.ages"},
	147: {"rules.party_price"}, 153: {"rules.party_price"}, 161: {"school.transfer"},
}

// A basis is the tables of a tariff that a decision rests on, by their paths.
type basis struct {
	tariff *fare.Tariff
	paths  map[string]bool
}

func (b *basis) rests(paths ...string) {
	for _, path := range paths {
		b.paths[path] = true
	}
}

// price is where the price stands that was asked, if one was.
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
