package messages

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// spoken are the packages through which texts reach passengers, customers and drivers.
var spoken = []string{
	"validator", "validator/api", "validator/console", "validator/signon",
	"validator/depot/page", "cmd/internal/onboard", "cmd/internal/terminal", "hw/panel",
}

// errorsElsewhere are the files of these packages whose errors stand in a log, or are read by
// who starts a program or keeps its files: English alone.
var errorsElsewhere = map[string]string{
	"validator/resume.go":         "the log, at the start",
	"validator/budget.go":         "the log: the panel says that the card is to be held again",
	"validator/signon/person.go":  "who keeps the register of a page",
	"validator/signon/state.go":   "who starts the program",
	"validator/console/mirror.go": "the log",
}

// excused are the files in which such errors were found.
var excused = map[string]bool{}

// Ensure that a text for people is written nowhere but in the table: that code which speaks to
// them has no Finnish or Swedish letters, refuses with phrases, and lights panels with messages;
// and that pages have no words of their own.
func TestNoTextElsewhere(t *testing.T) {
	seen := 0
	walk(t, func(name string, text []byte) {
		name = strings.TrimPrefix(name, "../../")
		switch pkg := path.Dir(name); {
		case path.Ext(name) == ".go" && slices.Contains(spoken, pkg):
			goSaysNothing(t, name, text)
		case path.Ext(name) == ".js" && strings.HasSuffix(pkg, "/page"):
			scriptSaysNothing(t, name, string(text))
		case path.Ext(name) == ".html" && strings.HasSuffix(pkg, "/page"):
			pageSaysNothing(t, name, string(text))
		default:
			return
		}
		seen++
	})
	require.Greater(t, seen, 90)
	for name := range errorsElsewhere {
		require.True(t, excused[name], "%s says nothing elsewhere any more", name)
	}
}

func goSaysNothing(t *testing.T, name string, text []byte) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, text, 0)
	require.NoError(t, err)
	inside := strings.HasPrefix(name, "validator/") && errorsElsewhere[name] == ""
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if text, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
				require.NotRegexp(t, `[ÄÖÅäöå]`, text, "%v", files.Position(n.Pos()))
			}
		case *ast.CallExpr:
			made := called(file.Name.Name, n)
			speaks := made == "errors.New" || made == "fmt.Errorf"
			excused[name] = excused[name] || speaks
			require.False(t, inside && speaks,
				"%v: say it with a phrase, or say who else reads it", files.Position(n.Pos()))
		case *ast.CompositeLit:
			require.False(t, called("", &ast.CallExpr{Fun: n.Type}) == "api.Refused",
				"%v: refuse with api.Refuse", files.Position(n.Pos()))
		case *ast.KeyValueExpr:
			if key, is := n.Key.(*ast.Ident); is && key.Name == "Lines" {
				saysMessages(t, files, n.Value)
			}
		case *ast.AssignStmt:
			if strings.Contains(types.ExprString(n.Lhs[0]), ".Lines") {
				saysMessages(t, files, n.Rhs[0])
			}
		}
		return true
	})
}

// saysMessages holds that the texts in an expression are keys that a language is given.
func saysMessages(t *testing.T, files *token.FileSet, e ast.Expr) {
	ast.Inspect(e, func(n ast.Node) bool {
		if call, is := n.(*ast.CallExpr); is && slices.Contains(
			[]string{"Text", "Term", "Label", "Count"}, name(call)) {
			return false
		}
		if text, is := n.(*ast.BasicLit); is && text.Kind == token.STRING {
			require.Equal(t, `""`, text.Value, "%v: no message", files.Position(n.Pos()))
		}
		return true
	})
}

// letters are the driver's keyboard, which has these of every language.
const letters = `const LETTERS = ["1234567890", "qwertyuiopå", "asdfghjklöä", "zxcvbnm.- "];`

// texts are what a script shows as it stands there.
var texts = regexp.MustCompile(`(?:(?:textContent|innerText|title|"aria-label"|error)\s*[:=,]\s*|` +
	`\b(?:notice|refuse|append)\()["'][^"'$]*\pL{2}`)

func scriptSaysNothing(t *testing.T, name, text string) {
	for n, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "// ")
		if line != letters {
			require.NotRegexp(t, "[ÄÖÅäöå]", line, "%s:%d", name, n+1)
		}
		require.NotRegexp(t, texts, line, "%s:%d", name, n+1)
	}
}

// Names of languages are written in themselves, and a page's title is that of the program; some words
// are the same in all.
var pageNames = []string{"Suomi", "Svenska", "English", "leima", "PIN", "CSV"}

func pageSaysNothing(t *testing.T, name, text string) {
	text = regexp.MustCompile(`(?s)<!--.*?-->|{{.*?}}`).ReplaceAllString(text, "")
	for _, m := range regexp.MustCompile(`>([^<>]*\pL{2}[^<>]*)<|(?:title|aria-label|placeholder|alt)="([^"]*\pL{2}[^"]*)"`).
		FindAllStringSubmatch(text, -1) {
		require.Contains(t, pageNames, strings.TrimSpace(m[1]+m[2]), name)
	}
}
