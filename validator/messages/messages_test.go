package messages

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/fare/sale"
)

// Ensure that the table has no mistake in it, that no language lacks a message, that values stand
// in all of them, and that nothing is written twice.
func TestTable(t *testing.T) {
	all, err := read(files)
	require.NoError(t, err)
	require.Greater(t, len(all), 600)
	phrases, written := map[string]bool{}, map[row]string{}
	for _, in := range templates(t) {
		phrases[in.text] = true
	}
	for key, row := range all {
		require.True(t, row[2] != key || phrases[key], "%s lacks English, or nobody says it", key)
		for _, text := range row {
			require.NotEmpty(t, text, key)
			require.Equal(t, strings.TrimSpace(text), text, key)
			require.Equal(t, verbs(row[0]), verbs(text), "%s: other values in %q", key, text)
		}
	}
	for _, key := range ownRows(t) {
		require.Empty(t, written[*all[key]], "%s is written twice", key)
		written[*all[key]] = key
	}
}

// ownRows are the keys of messages that are not the same as others.
func ownRows(t *testing.T) (keys []string) {
	paths, err := filepath.Glob("*.txt")
	require.NoError(t, err)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		lines := strings.Split(string(text), "\n")
		for n, line := range lines[:len(lines)-1] {
			if line != "" && line[0] != '#' && line[0] != '\t' && !strings.HasPrefix(lines[n+1], "\t=") {
				keys = append(keys, line)
			}
		}
	}
	return keys
}

// Ensure that a mistake in the table is named by its place.
func TestMistakesInTheTable(t *testing.T) {
	for text, want := range map[string]string{
		"a\n\tfi b\n\tde c\n":           "x.txt:3: want a key, and fi, sv and en below it",
		"\tfi b\n":                      "x.txt:1: want a key, and fi, sv and en below it",
		"a\n\tfi b\na\n\tfi c\n":        `x.txt:3: "a" is there twice`,
		"a\n\t= b\n":                    `"a" is the same as "b", which has no text`,
		"a\n\t= b\nb\n\t= c\nc\n\tfi d": `"a" is the same as "b", which has no text`,
	} {
		_, err := read(fstest.MapFS{"x.txt": {Data: []byte(text)}})
		require.EqualError(t, err, want)
	}
}

// Ensure that whatever the engine can say has words.
func TestEverythingHasWords(t *testing.T) {
	said := 0
	for r := range 256 {
		if reason := fare.Reason(r); !strings.HasPrefix(reason.String(), "reason ") {
			said++
			require.True(t, Has("reason."+reason.String()), reason.String())
		}
		if f := fare.Finding(r); !strings.HasPrefix(f.String(), "finding ") {
			said++
			require.True(t, Has("finding."+f.String()), f.String())
		}
	}
	for _, item := range []sale.Item{
		sale.SingleItem, sale.NightItem, sale.ValueItem, sale.SeasonItem,
		sale.CommissionItem, sale.InspectionItem,
	} { // that are sold aboard
		require.True(t, Has("item."+item.String()), item.String())
	}
	require.Greater(t, said, 40)
}

// used are the texts in the programs that may be keys, and the beginnings of keys that are put
// together of a kind and a word.
func used(t *testing.T) (keys map[string]bool, kinds []string) {
	keys = map[string]bool{}
	walk(t, func(path string, text []byte) {
		if !strings.HasSuffix(path, ".go") {
			for _, m := range quoted.FindAllStringSubmatch(string(text), -1) {
				keys[m[1]+m[2]] = true
			}
			for _, m := range joined.FindAllStringSubmatch(string(text), -1) {
				kinds = append(kinds, m[1]+m[2])
			}
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			if call, is := n.(*ast.CallExpr); is && len(call.Args) == 2 {
				if kind, err := literal(call.Args[0]); err == nil && regexp.MustCompile(
					`^(Term|Label|term|Count)$`).MatchString(name(call)) {
					kinds = append(kinds, kind+".")
				}
				if unit, err := literal(call.Args[1]); err == nil && name(call) == "Count" {
					keys["one."+unit], keys["many."+unit] = true, true
				}
			}
			if text, is := n.(*ast.BasicLit); is && text.Kind == token.STRING {
				key, _ := strconv.Unquote(text.Value)
				keys[key] = true
				if strings.HasSuffix(key, ".") {
					kinds = append(kinds, key)
				}
			}
			return true
		})
	})
	return keys, kinds
}

// quoted is a text in a page, and joined the part of a key that a word follows.
var (
	quoted = regexp.MustCompile(`"([\w. ]+)"|'([\w. ]+)'`)
	joined = regexp.MustCompile("`([\\w.]+\\.)\\$\\{|term[( ]\"([\\w.]+)\"")
)

func name(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// walk reads the programs' sources.
func walk(t *testing.T, each func(path string, text []byte)) {
	require.NoError(t, filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") ||
			!slices.Contains([]string{".go", ".js", ".html"}, filepath.Ext(path)) {
			return err
		}
		text, err := os.ReadFile(path)
		each(path, text)
		return err
	}))
}

// Ensure that no message is left that nobody says.
func TestEveryMessageIsSaid(t *testing.T) {
	keys, kinds := used(t)
	for _, in := range templates(t) {
		keys[in.text] = true
	}
	for key := range table() {
		require.True(t, keys[key] || slices.ContainsFunc(kinds, func(kind string) bool {
			return strings.HasPrefix(key, strings.TrimSuffix(kind, ".")+".")
		}), "nobody says %q", key)
	}
}

// Ensure that what the page says is in the table.
func TestPageSaysMessages(t *testing.T) {
	said := 0
	walk(t, func(path string, text []byte) {
		if !strings.Contains(path, "/page/") {
			return
		}
		for _, m := range regexp.MustCompile(`\bsay\("([^"]+)"|data-(?:word|label)="([^"]+)"|`+
			`\bsay "([^"]+)"`).FindAllStringSubmatch(string(text), -1) {
			said++
			require.True(t, Has(m[1]+m[2]+m[3]), "%s: %s", path, m[0])
		}
	})
	require.Greater(t, said, 250)
}

// Ensure that the driver's page is not sent the words of the depot's.
func TestNamed(t *testing.T) {
	named := Named()
	require.Contains(t, named, "sign.off")
	for key := range named {
		require.False(t, strings.HasPrefix(key, "depot.") || strings.HasPrefix(key, "rule."), key)
	}
}

// Ensure that an unknown language is answered in English, and what has no words with itself.
func TestUnknown(t *testing.T) {
	require.Equal(t, "Transfer", Language("de").Term("reason", fare.Transfer))
	require.Equal(t, "Vaihto", Finnish.Term("reason", fare.Transfer))
	require.Equal(t, "Byte", Swedish.Term("reason", fare.Transfer))
	require.Equal(t, "R-999", Finnish.Term("rule", fare.RuleID(999)))
	require.Equal(t, "reason 7", Finnish.Term("reason", fare.Reason(7)))
	require.Equal(t, "9", Finnish.Term("detail", fare.DetailKind(9)))
	require.Equal(t, "Finding 99", Finnish.Label("finding", fare.Finding(99)))
}
