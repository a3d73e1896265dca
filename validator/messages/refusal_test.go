package messages

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
)

// A template is one in the code, with how many values it is given.
type template struct {
	text   string
	values int
	where  token.Position
}

// Ensure that every template of a phrase, wherever in the tree it is, is in the table, and is
// given the values that it has verbs for.
func TestPhrasesHaveWords(t *testing.T) {
	used := 0
	for _, in := range templates(t) {
		if !regexp.MustCompile(`\p{L}`).MatchString(regexp.MustCompile(verb).ReplaceAllString(in.text, "")) {
			continue // it only joins
		}
		used++
		require.True(t, Has(in.text), "%v: %q has no words", in.where, in.text)
		require.Len(t, verbs(in.text), in.values, "%v: values of %q", in.where, in.text)
	}
	require.Greater(t, used, 250)
}

// verb is one of package fmt.
const verb = `%(\[\d\])?[+#]?(?:\.\d+)?[a-z%]`

// verbs are those of package fmt in a text, in order of the values that they stand for.
func verbs(text string) (all []string) {
	for n, verb := range regexp.MustCompile(verb).FindAllStringSubmatch(text, -1) {
		place := strconv.Itoa(n + 1)
		if verb[1] != "" {
			place = strings.Trim(verb[1], "[]")
		}
		all = append(all, place+verb[0][len(verb[0])-1:])
	}
	slices.Sort(all)
	return all
}

// templates are those in the code of the whole tree.
func templates(t *testing.T) (all []template) {
	files := token.NewFileSet()
	require.NoError(t, filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") ||
			strings.HasSuffix(path, "_test.go") || strings.HasPrefix(path, "../../validator/messages") {
			return err
		}
		file, err := parser.ParseFile(files, path, nil, 0)
		require.NoError(t, err)
		for _, decl := range file.Decls {
			if f, is := decl.(*ast.FuncDecl); is && slices.Contains(handsOn, f.Name.Name) {
				continue // it hands on what it was given
			}
			ast.Inspect(decl, func(n ast.Node) bool {
				if call, is := n.(*ast.CallExpr); is {
					all = append(all, said(t, files, file.Name.Name, call)...)
				}
				return true
			})
		}
		return nil
	}))
	return all
}

// said are the templates in a call of Say or of refuse.
func said(t *testing.T, files *token.FileSet, in string, call *ast.CallExpr) []template {
	where := files.Position(call.Pos())
	text := func(e ast.Expr) string {
		whole, err := literal(e)
		require.NoError(t, err, "%v", where)
		return whole
	}
	switch called(in, call) {
	case "fare.Say":
		return []template{{text(call.Args[0]), len(call.Args) - 1, where}}
	case "api.Refuse":
		return []template{{text(call.Args[1]), len(call.Args) - 2, where}}
	case "sale.refuse":
		return []template{
			{text(call.Args[1]), 0, where},
			{text(call.Args[2]), len(call.Args) - 3, where},
		}
	}
	return nil
}

// handsOn are the functions that hand on what they were given.
var handsOn = []string{"refuse", "Refuse"}

// called is the function that is called in a package; a method is taken for its own.
func called(in string, call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return in + "." + f.Name
	case *ast.SelectorExpr:
		if f.Sel.Name == "refuse" {
			return in + ".refuse"
		}
		return types.ExprString(f)
	}
	return ""
}

// literal is a text that is written in the code, in one part or several.
func literal(e ast.Expr) (string, error) {
	switch e := e.(type) {
	case *ast.BasicLit:
		return strconv.Unquote(e.Value)
	case *ast.BinaryExpr:
		left, err := literal(e.X)
		right, err2 := literal(e.Y)
		return left + right, errors.Join(err, err2)
	}
	return "", errors.New("a template is made while the program runs: nobody can translate it")
}

// Ensure that a refusal is said in each language with its values as that language writes them,
// and that English is the error's text.
func TestRefusal(t *testing.T) {
	r := &sale.Refusal{
		Rule: 4, Asked: fare.Say("loading %v €", cardlayout.Cents(100)),
		Why: fare.Say("the least that may be loaded is %v €", cardlayout.Cents(500)),
		Do:  fare.Say("ask for more"),
	}
	require.Equal(t, "lataus 1,00 €: pienin ladattava summa on 5,00 € (R-004): pyydä suurempi summa",
		Finnish.Error(r))
	require.Equal(t, "laddning 1,00 €: det minsta belopp som kan laddas är 5,00 € (R-004): "+
		"be om ett större belopp", Swedish.Error(r))
	require.Equal(t, r.Error(), English.Error(r))
	require.Equal(t, r.Error(), Language("de").Error(r))
	require.Equal(t, "loading 1.00 €: the least that may be loaded is 5.00 € (R-004): ask for more",
		r.Error())
	unknown := &sale.Refusal{Why: fare.Say("nobody has said %v", cardlayout.Cents(100))}
	require.Equal(t, ": nobody has said 1,00: ", Finnish.Error(unknown))
}

// Ensure that no value is left in English, whatever can stand in a refusal.
func TestValues(t *testing.T) {
	for _, row := range []struct {
		value            any
		finnish, swedish string
	}{
		{cardlayout.Cents(-251), "-2,51", "-2,51"},
		{cardlayout.Cents(1048575), "10485,75", "10485,75"},
		{cardlayout.DayOf(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)), "2.3.2026", "2.3.2026"},
		{cardlayout.ZoneRun(1, 3), "A-C", "A-C"},
		{fare.Span{Days: 1}, "1 päivä", "1 dag"},
		{fare.Span{}, "0 päivää", "0 dagar"},
		{fare.Span{Days: 14}, "14 päivää", "14 dagar"},
		{fare.Span{Months: 1}, "1 kuukausi", "1 månad"},
		{fare.Span{Months: 2, Days: 1}, "2 kuukautta ja 1 päivä", "2 månader och 1 dag"},
		{fare.Span{Months: 12}, "1 vuosi", "1 år"},
		{fare.Span{Months: 24}, "2 vuotta", "2 år"},
		{sale.Trips(1), "1 matka", "1 resa"},
		{sale.Trips(2), "2 matkaa", "2 resor"},
		{uint16(30), "30", "30"},
		{"epassi", "epassi", "epassi"},
	} {
		require.Equal(t, row.finnish, fmt.Sprint(Finnish.format(row.value)))
		require.Equal(t, row.swedish, fmt.Sprint(Swedish.format(row.value)))
	}
	for g := cardlayout.Adult; g < cardlayout.Groups; g++ {
		require.True(t, Has("group."+g.String()), g)
	}
	for k := cardlayout.Personal; k <= cardlayout.Company; k++ {
		require.True(t, Has("kind."+k.String()), k)
	}
	for c := fare.ServicePoint; c < fare.Channels; c++ {
		require.True(t, Has("channel."+c.String()), c)
	}
	for v := sale.Provider; v <= sale.Passenger; v++ {
		require.True(t, Has("voider."+v.String()), v)
	}
	require.Equal(t, fmt.Sprint(cardlayout.Group(9)), Finnish.format(cardlayout.Group(9)))
}
