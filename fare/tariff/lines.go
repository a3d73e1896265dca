package tariff

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// linesOf finds the line of every entry of a source by its path: "id", "value.prices.adult",
// "season[1].prices.adult[0]". The decoder gives no lines of entries that it could read, and most
// faults are found in those.
func linesOf(source []byte) map[string]int {
	w := walk{lines: map[string]int{}, seasons: map[string]int{}}
	w.parser.Reset(source)
	table := ""
	for w.parser.NextExpression() {
		switch node := w.parser.Expression(); node.Kind {
		case unstable.Table:
			table = w.header(node, false)
		case unstable.ArrayTable:
			table = w.header(node, true)
		case unstable.KeyValue:
			w.entry(table, node)
		}
	}
	return w.lines
}

type walk struct {
	parser  unstable.Parser
	lines   map[string]int
	seasons map[string]int // tables of the same name so far, by path
}

// header notes the path of a table. Within it [season.prices] means the last season.
func (w *walk) header(node *unstable.Node, repeated bool) string {
	path := ""
	for it := node.Key(); it.Next(); {
		path = w.note(join(path, string(it.Node().Data)), it.Node().Raw)
		if it.IsLast() && repeated {
			w.seasons[path]++
		}
		if n := w.seasons[path]; n > 0 {
			path = w.note(fmt.Sprintf("%s[%d]", path, n-1), it.Node().Raw)
		}
	}
	return path
}

// entry notes a key and the entries of its value.
func (w *walk) entry(table string, node *unstable.Node) {
	path := table
	for it := node.Key(); it.Next(); {
		path = w.note(join(path, string(it.Node().Data)), it.Node().Raw)
	}
	w.value(path, node.Value())
}

func (w *walk) value(path string, node *unstable.Node) {
	n := 0
	for it := node.Children(); it.Next(); n++ {
		switch child := it.Node(); {
		case node.Kind == unstable.InlineTable:
			w.entry(path, child)
		case child.Raw.Length > 0:
			w.note(fmt.Sprintf("%s[%d]", path, n), child.Raw)
		default:
			w.value(fmt.Sprintf("%s[%d]", path, n), child)
		}
	}
}

// note keeps the first line of a path.
func (w *walk) note(path string, raw unstable.Range) string {
	if _, known := w.lines[path]; !known {
		before := w.parser.Data()[:raw.Offset]
		w.lines[path] = 1 + bytes.Count(before, []byte("\n"))
	}
	return path
}

func join(table, key string) string {
	if table == "" {
		return key
	}
	return table + "." + key
}

// parent is the path of the entry's table or row.
func parent(path string) string { return path[:max(0, strings.LastIndexAny(path, ".["))] }
