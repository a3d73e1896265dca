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
	"cardlayout/plain":                "",
	"cardlayout/canonical":            "cbor",
	"hw/disk":                         "",
	"cardlayout":                      "cardlayout/canonical",
	"cardlayout/matkakortti":          "cardlayout",
	"fare":                            "cardlayout",
	"fare/sale":                       "fare cardlayout",
	"fare/faretest":                   "fare fare/tariff cardlayout testdata testify",
	"testdata":                        "",
	"fare/tariff":                     "fare fare/calendar cardlayout cardlayout/canonical hw/disk cardlayout/plain bbolt go-toml",
	"fare/calendar":                   "fare cardlayout",
	"blocklist":                       "cardlayout cardlayout/canonical hw/disk bbolt xorfilter",
	"fare/actionlist":                 "fare cardlayout/canonical cardlayout fare/sale",
	"hw":                              "",
	"hw/activation":                   "",
	"hw/clock":                        "",
	"hw/desfire":                      "hw",
	"hw/emu":                          "hw",
	"hw/panel":                        "hw cardlayout/plain",
	"hw/tape":                         "hw",
	"hw/token":                        "pkcs11",
	"hw/token/tokentest":              "hw/token testify",
	"hw/hwtest":                       "hw testify",
	"hw/pcsc":                         "hw scard",
	"hw/pcsc/pcscdtest":               "hw hw/pcsc testify",
	"validator":                       "cardlayout hw/clock fare hw hw/desfire validator/oncard cardlayout/plain fare/sale validator/messages",
	"validator/messages":              "fare fare/sale cardlayout", // amounts, days, groups and kinds of cards
	"validator/oncard":                "cardlayout hw/desfire",
	"validator/terminal":              "validator validator/messages fare fare/sale cardlayout",
	"validator/journal":               "validator validator/journal/former hw/clock fare cardlayout/canonical cardlayout hw/disk hw/desfire cbor fare/sale",
	"validator/journal/former":        "cardlayout/canonical hw/disk bbolt",
	"validator/backoff":               "",
	"validator/upload":                "validator/backoff validator/journal",
	"validator/download":              "cardlayout cardlayout/canonical hw/disk validator/backoff validator/lists/bundle validator/lists/manifest",
	"validator/depot":                 "validator/journal cardlayout/canonical",
	"validator/depot/onefile":         "bbolt",
	"validator/depot/embedded":        "validator/depot validator/depot/onefile bbolt",
	"validator/depot/settlement":      "cardlayout cardlayout/canonical cardlayout/plain fare fare/sale hw/desfire validator validator/depot validator/depot/onefile validator/journal validator/ledger bbolt",
	"validator/depot/proof":           "hw/desfire validator validator/depot/settlement validator/journal",
	"validator/depot/jetstream":       "validator/depot validator/depot/onefile bbolt nats.go",
	"validator/depot/server":          "validator/depot",
	"validator/depot/shelf":           "cardlayout hw/disk validator/lists/bundle validator/lists/manifest",
	"validator/depot/page":            "cardlayout cardlayout/plain fare validator validator/api validator/depot validator/depot/settlement validator/journal validator/ledger validator/listener validator/messages validator/signon",
	"validator/depot/depottest":       "validator validator/depot validator/journal testify",
	"cmd/depot":                       "*",
	"validator/servicepoint":          "validator validator/oncard cardlayout cardlayout/matkakortti hw hw/desfire",
	"validator/listener":              "",
	"validator/api":                   "validator validator/listener hw/clock validator/journal fare validator/messages cardlayout hw cardlayout/plain validator/terminal fare/sale",
	"validator/console":               "validator validator/api validator/listener validator/journal fare validator/messages cardlayout hw hw/disk validator/signon validator/terminal fare/sale",
	"validator/signon":                "validator/api fare hw/disk",
	"validator/gtfs":                  "cardlayout cardlayout/plain",
	"validator/place":                 "cardlayout",
	"validator/place/drive":           "validator/place",
	"validator/place/gpsd":            "validator/place",
	"validator/place/nmea":            "validator/place",
	"validator/place/payload":         "validator/place cardlayout/plain",
	"validator/place/placetest":       "validator/place jsonschema yaml testify",
	"validator/place/adt":             "validator/place validator/place/payload",
	"validator/place/bob":             "validator/place validator/place/nmea validator/place/payload",
	"validator/place/mqtt":            "validator/place paho.golang",
	"validator/place/mqtt/mqtttest":   "paho.golang testify",
	"validator/lists":                 "blocklist fare fare/actionlist fare/tariff cardlayout/canonical cardlayout hw/disk validator/lists/bundle validator/lists/inbox cbor fare/sale",
	"validator/lists/bundle":          "cardlayout cardlayout/canonical cbor go-cose",
	"validator/lists/inbox":           "validator/lists/bundle",
	"validator/lists/manifest":        "cardlayout cardlayout/canonical validator/lists/bundle",
	"validator/ledger":                "validator validator/journal fare cardlayout hw/desfire validator/terminal fare/sale",
	"validator/sim":                   "validator validator/oncard validator/messages hw/clock validator/gtfs validator/servicepoint validator/journal validator/ledger fare fare/tariff fare/actionlist blocklist cardlayout hw hw/desfire hw/emu hw/tape validator/terminal fare/sale",
	"validator/sim/simtest":           "validator validator/sim validator/journal validator/terminal fare/faretest hw hw/desfire hw/emu cardlayout testify",
	"cmd/internal/feed":               "validator/gtfs cmd/internal/text",
	"validator/testrig":               "validator validator/servicepoint validator/sim fare cardlayout hw hw/activation hw/desfire hw/tape validator/terminal fare/sale",
	"cmd/internal/guard":              "x/sys",
	"cmd/internal/machine":            "x/sys",
	"cmd/internal/metrics":            "validator validator/api validator/journal prometheus promhttp",
	"cmd/internal/metricstest":        "testify",
	"cmd/internal/depotmetrics":       "validator/depot validator/depot/settlement validator/ledger validator/lists/manifest prometheus promhttp",
	"cmd/internal/keyfile":            "cmd/internal/private cmd/internal/text validator/oncard cardlayout go-toml",
	"cmd/internal/keyring":            "cmd/internal/keyfile validator/oncard validator/journal cardlayout hw/desfire hw/token go-toml",
	"cmd/internal/chromium":           "chromedp cdproto testify",
	"cmd/internal/persons":            "cmd/internal/private cmd/internal/program cmd/internal/settings cmd/internal/text hw/disk validator/signon go-toml x/sys",
	"cmd/internal/program":            "cmd/internal/guard kong",
	"cmd/internal/programs":           "testify",
	"cmd/internal/settings":           "cmd/internal/text cardlayout/plain go-toml journal",
	"cmd/internal/text":               "cardlayout/plain",
	"cmd/internal/private":            "cmd/internal/text",
	"cmd/internal/emulated":           "validator/servicepoint validator/oncard cardlayout hw/disk hw hw/emu",
	"cmd/internal/emulated/bus":       "*",
	"cmd/internal/emulated/console":   "*",
	"cmd/internal/emulated/fleet":     "*",
	"cmd/internal/service":            "hw/disk coreos",
	"cmd/internal/device":             "cmd/internal/keyring cmd/internal/private cmd/internal/program cmd/internal/service cmd/internal/settings cmd/internal/text validator validator/journal validator/messages validator/upload validator/api hw",
	"cmd/internal/onboard":            "*",
	"cmd/internal/terminal":           "*",
	"cmd/validator":                   "*",
	"cmd/bench":                       "*",
	"cmd/console":                     "*",
	"validator/madt":                  "",
	"validator/inventory":             "",
	"validator/place/drive/computer":  "validator/place/drive validator/place/subscription",
	"validator/place/subscription":    "validator/place validator/listener",
	"validator/place/vdv301":          "validator/place validator/place/dnssd validator/place/subscription cardlayout/plain",
	"validator/place/itxpt":           "validator/place validator/place/dnssd validator/place/nmea validator/place/subscription cardlayout/plain",
	"validator/place/dnssd":           "",
	"validator/place/dnssd/dnssdtest": "",
}

// What a package must not use of the standard library: a meaning that read the disk
// or the clock could not be tested alone.
var mustNotUse = map[string]string{
	"cardlayout/canonical":   "os net io/fs context sync log log/slog crypto/rand time.Now go",
	"cardlayout/plain":       "os net io/fs context sync log log/slog crypto/rand time.Now go",
	"cardlayout":             "os net io/fs context sync log log/slog crypto/rand time.Now time.Since time.After time.LoadLocation go",
	"cardlayout/matkakortti": "os net io/fs context sync log log/slog crypto/rand time.Now time.Since time.After time.LoadLocation go",
	"hw/disk":                "net context sync log log/slog time.Now go",
	"fare":                   "os net io/fs context sync log log/slog crypto/rand time.Now time.Since time.After time.LoadLocation go",
	"fare/sale":              "os net io/fs context sync log log/slog crypto/rand time.Now time.Since time.After time.LoadLocation go",
	"fare/calendar":          "os net io/fs context log log/slog crypto/rand time.Now time.Since time.After time.LoadLocation go",
	"fare/tariff":            "net log log/slog time.Now time.LoadLocation",
	"blocklist":              "net log log/slog time.Now",
	"fare/actionlist":        "os net io/fs context sync log log/slog crypto/rand time.Now go",
	"hw":                     "os net",
	"hw/activation":          "os net log log/slog time.Now",
	"hw/clock":               "os net io/fs context sync log log/slog crypto/rand time.Now time.Since time.After go",
	"hw/desfire":             "os net time log log/slog",
	"hw/emu":                 "os net log log/slog time.Now",
	"hw/panel":               "os net log log/slog time.Now",
	"hw/tape":                "os net log log/slog time.Now",
	"validator":              "os net crypto/rand time.Now",
	"validator/terminal":     "os net log log/slog crypto/rand time.Now",
	"validator/sim":          "os net crypto/rand time.Now",
	"validator/testrig":      "os net log log/slog crypto/rand time.Now",
	// The journal asks its file system to lock the file, and reads no clock.
	"validator/journal":        "net log log/slog time.Now",
	"validator/lists":          "net log log/slog time.Now time.LoadLocation",
	"validator/lists/bundle":   "os net log log/slog time.Now",
	"validator/lists/inbox":    "net log log/slog time.Now",
	"validator/lists/manifest": "os net io/fs context sync log log/slog crypto/rand time.Now go",
	"validator/download":       "crypto/rand time.Now time.Since",
	"validator/servicepoint":   "os net log log/slog crypto/rand time.Now",
	"validator/console":        "time.Now",
	"validator/gtfs":           "os net log log/slog time.Now",
	"validator/place":          "os net io/fs context sync log log/slog crypto/rand time.Now time.Since time.After go",
	"validator/place/drive":    "os net io/fs context sync log log/slog crypto/rand time.Now time.Since time.After go",
	"validator/place/nmea":     "os crypto/rand time.Now time.Since",
	"validator/place/bob":      "os net io/fs context sync log log/slog crypto/rand time.Now time.Since time.After go",
	"validator/place/mqtt":     "os crypto/rand time.Now time.Since",
	"validator/place/adt":      "os net io/fs context sync log log/slog crypto/rand time.Now time.Since time.After go",
	// Dialects share this one.
	"validator/place/payload":      "os net io/fs context sync log log/slog crypto/rand time.Now time.Since time.After go",
	"validator/place/dnssd":        "os log log/slog crypto/rand time.Since",
	"validator/place/subscription": "os crypto/rand time.Now time.Since",
	"validator/inventory":          "os net io/fs context sync log log/slog crypto/rand time.Now time.Since time.After go",
	"validator/place/itxpt":        "os crypto/rand time.Since",
	"validator/place/vdv301":       "os net net/http io/fs sync log log/slog crypto/rand time.Now time.Since time.After go",
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

// beneath are the packages that their parent stands on: a tap and a terminal on our card and on the words, lists
// on their bundles, the card on its encoding, the journal on its former format.
var beneath = map[string]bool{
	"validator/oncard": true, "validator/lists/bundle": true,
	"validator/lists/inbox": true, "validator/messages": true, "cardlayout/canonical": true,
	"validator/journal/former": true,
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
				require.False(t, strings.HasPrefix(name, s.pkg+"/") && !beneath[name],
					"%s imports its child", s.file)
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

// advice is what no message says of a file: it may only have been given a wrong name.
var advice = regexp.MustCompile(`(?i)\b(delete|remove|erase|unlink|rm|discard|throw) ` +
	`(it|them|the file|the ledger|the store|this file|that file|one of|away|-f|%s)\b`)

// Ensure that no message advises to delete a file.
func TestNobodyIsToldToDelete(t *testing.T) {
	for _, s := range sources(t) {
		ast.Inspect(s.tree, func(n ast.Node) bool {
			text := strings.ReplaceAll(spelt(n), "never delete it", "")
			require.NotRegexp(t, advice, text, s.file)
			return text == ""
		})
	}
}

// spelt is the text of string literals that are joined by +.
func spelt(n ast.Node) string {
	switch n := n.(type) {
	case *ast.BasicLit:
		if n.Kind == token.STRING {
			text, _ := strconv.Unquote(n.Value)
			return text
		}
	case *ast.BinaryExpr:
		if n.Op == token.ADD {
			return spelt(n.X) + spelt(n.Y)
		}
	}
	return ""
}
