package tariff

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/pelletier/go-toml/v2"
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
