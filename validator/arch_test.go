package validator_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// Who may import whom. A name is a package of ours, third parties are told by the end
// of their path.
var mayImport = map[string]string{
	"cardlayout":             "cbor",
	"cardlayout/matkakortti": "cardlayout",
	"fare":                   "cardlayout",
	"fare/words":             "fare",
	"fare/tariff":            "fare fare/calendar cardlayout bbolt cbor go-toml",
	"fare/calendar":          "fare cardlayout",
	"blocklist":              "cardlayout bbolt cbor xorfilter",
	"blocklist/bundle":       "cardlayout cbor go-cose",
	"blocklist/inbox":        "blocklist/bundle",
	"blocklist/shelf":        "blocklist blocklist/bundle blocklist/inbox cardlayout cbor",
	"fare/actionlist":        "fare cardlayout cbor",
	"fare/actionlist/tray":   "fare fare/actionlist blocklist/bundle blocklist/inbox cardlayout",
	"hw":                     "",
	"hw/activation":          "",
	"hw/clock":               "",
	"hw/desfire":             "hw",
	"hw/emu":                 "hw",
	"hw/panel":               "hw",
	"hw/tape":                "hw",
	"hw/hwtest":              "hw testify",
	"hw/pcsc":                "hw scard",
	"hw/pcsc/pcscdtest":      "hw hw/pcsc testify",
	"validator":              "cardlayout hw/clock fare hw hw/desfire",
	"validator/journal":      "validator hw/clock fare cardlayout hw/desfire bbolt cbor",
	"validator/desk":         "validator cardlayout cardlayout/matkakortti hw hw/desfire",
	"validator/api":          "validator hw/clock validator/journal fare fare/words cardlayout hw",
	"validator/console":      "validator validator/api validator/journal fare fare/words cardlayout hw",
	"validator/gtfs":         "cardlayout",
	"validator/ledger":       "validator validator/journal fare cardlayout hw/desfire",
	"validator/sim":          "validator hw/clock validator/gtfs validator/desk validator/journal validator/ledger fare fare/tariff fare/actionlist blocklist cardlayout hw hw/desfire hw/emu hw/tape",
	"cmd/internal/feed":      "validator/gtfs",
	"validator/stand":        "validator validator/desk validator/sim fare cardlayout hw hw/activation hw/desfire hw/tape",
	"cmd/internal/evidence":  "validator validator/journal",
	"cmd/internal/guard":     "x/sys",
	"cmd/internal/machine":   "x/sys",
	"cmd/internal/keyfile":   "cmd/internal/text validator/desk cardlayout go-toml",
	"cmd/internal/chromium":  "chromedp cdproto testify",
	"cmd/internal/program":   "cmd/internal/guard kong",
	"cmd/internal/settings":  "cmd/internal/text go-toml",
	"cmd/internal/text":      "",
	"cmd/internal/private":   "",
	"cmd/internal/street":    "validator/desk cardlayout hw hw/emu",
	"cmd/validator":          "*",
	"cmd/bench":              "*",
	"cmd/console":            "*",
}

// What a package must not use of the standard library: a meaning that read the disk
// or the clock could not be tested alone.
var mustNotUse = map[string]string{
	"cardlayout":             "os net io/fs context sync log log/slog crypto/rand time.Now time.Since time.After time.LoadLocation go",
	"cardlayout/matkakortti": "os net io/fs context sync log log/slog crypto/rand time.Now time.Since time.After time.LoadLocation go",
	"fare":                   "os net io/fs context sync log log/slog crypto/rand time.Now time.Since time.After time.LoadLocation go",
	"fare/calendar":          "os net io/fs context log log/slog crypto/rand time.Now time.Since time.After time.LoadLocation go",
	"fare/tariff":            "net log log/slog time.Now time.LoadLocation",
	"blocklist":              "net log log/slog time.Now",
	"blocklist/bundle":       "os net log log/slog time.Now",
	"blocklist/inbox":        "net log log/slog time.Now",
	"blocklist/shelf":        "net log log/slog time.Now",
	"fare/actionlist/tray":   "net log log/slog time.Now",
	"fare/actionlist":        "os net io/fs context sync log log/slog crypto/rand time.Now go",
	"hw":                     "os net",
	"hw/activation":          "os net log log/slog time.Now",
	"hw/clock":               "os net io/fs context sync log log/slog crypto/rand time.Now time.Since time.After go",
	"hw/desfire":             "os net time log log/slog",
	"hw/emu":                 "os net log log/slog time.Now",
	"hw/panel":               "os net log log/slog time.Now",
	"hw/tape":                "os net log log/slog time.Now",
	"validator":              "os net crypto/rand time.Now",
	"validator/sim":          "os net crypto/rand time.Now",
	"validator/stand":        "os net log log/slog crypto/rand time.Now",
	// The journal asks its file system to lock the file, and reads no clock.
	"validator/journal": "net log log/slog time.Now",
	"validator/desk":    "os net log log/slog crypto/rand time.Now",
	"validator/console": "time.Now",
	"validator/gtfs":    "os net log log/slog time.Now",
}

// source is one file of a package.
type source struct {
	pkg, file string
	text      []byte
	tree      *ast.File
	set       *token.FileSet
}

// sources are all files of the module but its tests.
func sources(t *testing.T) (all []source) {
	t.Helper()
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") ||
			strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		s := source{file: filepath.ToSlash(name), text: text, set: token.NewFileSet()}
		s.pkg = strings.TrimPrefix(path.Dir(s.file), "../")
		s.tree, err = parser.ParseFile(s.set, name, text, parser.ParseComments)
		all = append(all, s)
		return err
	})
	require.NoError(t, err)
	require.NotEmpty(t, all)
	return all
}

// Ensure that every arrow between packages is one that the design has.
func TestWhoImportsWhom(t *testing.T) {
	for _, s := range sources(t) {
		allowed, known := mayImport[s.pkg]
		require.True(t, known, "package %s is not in the table: say what it may import", s.pkg)
		for _, spec := range s.tree.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			first, _, _ := strings.Cut(name, "/")
			switch ours := strings.HasPrefix(name, "leima/"); {
			case allowed == "*":
			case ours:
				name = strings.TrimPrefix(name, "leima/")
				require.Contains(t, strings.Fields(allowed), name, "%s imports %s", s.file, name)
				require.False(t, strings.HasPrefix(name, s.pkg+"/"), "%s imports its child", s.file)
			case strings.Contains(first, "."):
				require.True(t, slices.ContainsFunc(strings.Fields(allowed), func(a string) bool {
					return strings.Contains(name, "/"+a)
				}), "%s imports %s", s.file, name)
			}
		}
	}
}

// Ensure that meaning knows no machinery: no clock, disk, network or randomness.
func TestWhoUsesWhat(t *testing.T) {
	for _, s := range sources(t) {
		forbidden := strings.Fields(mustNotUse[s.pkg])
		for _, spec := range s.tree.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			require.NotContains(t, forbidden, name, s.file)
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				require.NotContains(t, forbidden, "go", s.file)
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok {
					require.NotContains(t, forbidden, x.Name+"."+n.Sel.Name, s.file)
				}
			}
			return true
		})
	}
}

// The limits of what one pair of eyes takes in at once.
const (
	longestLine     = 100
	longestFile     = 500
	longestFunction = 70
)

// Ensure that files, functions and lines stay readable.
func TestTidy(t *testing.T) {
	blurred := regexp.MustCompile(`^([A-Z]\w*)?(Manager|Service|Helper|Util|Utils|Impl|Handler|Data|Info)$`)
	for _, s := range sources(t) {
		lines := strings.Split(string(s.text), "\n")
		require.LessOrEqual(t, len(lines), longestFile, s.file)
		for n, line := range lines {
			width := utf8.RuneCountInString(strings.ReplaceAll(line, "\t", "    "))
			require.LessOrEqual(t, width, longestLine, "%s:%d", s.file, n+1)
		}
		ast.Inspect(s.tree, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				from, to := s.set.Position(n.Pos()).Line, s.set.Position(n.End()).Line
				require.LessOrEqual(t, to-from, longestFunction, "%s: %s", s.file, n.Name.Name)
			case *ast.TypeSpec:
				require.False(t, blurred.MatchString(n.Name.Name), "%s: %s", s.file, n.Name.Name)
			}
			return true
		})
	}
}

// Ensure that every package says what it is.
func TestEveryPackageHasAComment(t *testing.T) {
	said := map[string]bool{}
	for _, s := range sources(t) {
		said[s.pkg] = said[s.pkg] || s.tree.Doc != nil
	}
	for pkg, has := range said {
		require.True(t, has, "package %s does not say what it is", pkg)
	}
}
