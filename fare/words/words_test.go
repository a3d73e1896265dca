package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/fare"
)

// Ensure that whatever the engine can say has words in every language, and that no two
// languages have the same.
func TestEverythingHasWords(t *testing.T) {
	said := 0
	for r := range 256 {
		reason := fare.Reason(r)
		if strings.HasPrefix(reason.String(), "reason ") {
			continue
		}
		said++
		require.Contains(t, reasons, reason, reason.String())
	}
	require.Greater(t, said, 10)
	for f := range 256 {
		finding := fare.Finding(f)
		if !strings.HasPrefix(finding.String(), "finding ") {
			require.Contains(t, findings, finding, finding.String())
		}
	}
	all := []languages{}
	for k := fare.BandPrice; k <= fare.DayCapReached; k++ {
		require.Contains(t, details, k)
		all = append(all, details[k])
	}
	for _, words := range rules {
		all = append(all, words)
	}
	for id, words := range officeRules {
		require.NotContains(t, rules, id)
		all = append(all, words)
	}
	for _, words := range reasons {
		all = append(all, words)
	}
	for _, words := range findings {
		all = append(all, words)
	}
	for _, words := range all {
		for n, text := range words {
			require.NotEmpty(t, text)
			require.Equal(t, strings.TrimSpace(text), text)
			require.NotEqual(t, text, words[(n+1)%len(words)])
		}
	}
}

// Ensure that every rule that stands in the engine's code as the reason of a decision has
// words.
func TestRulesOfTheEngineHaveWords(t *testing.T) {
	found := map[fare.RuleID]bool{}
	files, err := filepath.Glob("../*.go")
	require.NoError(t, err)
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		require.NoError(t, err)
		for _, id := range rulesIn(t, file) {
			found[id] = true
		}
	}
	delete(found, 0) // no rule of travel
	require.Greater(t, len(found), 15)
	for id := range found {
		require.True(t, HasRule(id), "%v has no words", id)
	}
}

// rulesIn are the numbers that stand as literals in the calls that give a reason, in the
// lines of a receipt, and where a function answers with a rule.
func rulesIn(t *testing.T, file *ast.File) (ids []fare.RuleID) {
	ast.Inspect(file, func(n ast.Node) bool {
		for _, arg := range rulesAt(n) {
			if number, ok := arg.(*ast.BasicLit); ok && number.Kind == token.INT {
				id, err := strconv.Atoi(number.Value)
				require.NoError(t, err)
				ids = append(ids, fare.RuleID(id))
			}
		}
		return true
	})
	return ids
}

// rulesAt are the expressions in a node that may be the number of a rule.
func rulesAt(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.CallExpr:
		name, ok := n.Fun.(*ast.SelectorExpr)
		if convert, is := n.Fun.(*ast.Ident); is && convert.Name == "RuleID" {
			return n.Args
		}
		if ok && slices.Contains([]string{"because", "is", "refuse"}, name.Sel.Name) {
			return n.Args
		}
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Rule" {
			return []ast.Expr{n.Value}
		}
	case *ast.CompositeLit:
		if len(n.Elts) == 5 { // a Line without its fields' names
			return n.Elts[4:]
		}
	case *ast.FuncDecl:
		results := n.Type.Results
		if results == nil || len(results.List) != 1 || types.ExprString(results.List[0].Type) != "RuleID" {
			return nil
		}
		var answers []ast.Expr
		ast.Inspect(n.Body, func(n ast.Node) bool {
			if answer, ok := n.(*ast.ReturnStmt); ok {
				answers = append(answers, answer.Results...)
			}
			return true
		})
		return answers
	}
	return nil
}

// Ensure that an unknown language is answered in English, and a rule without words with
// its number.
func TestUnknown(t *testing.T) {
	require.Equal(t, "Transfer", Reason(fare.Transfer, "de"))
	require.Equal(t, "Vaihto", Reason(fare.Transfer, Finnish))
	require.Equal(t, "Byte", Reason(fare.Transfer, Swedish))
	require.Equal(t, "R-999", Rule(999, Finnish))
	require.Equal(t, "reason 7", Reason(7, Finnish))
	require.Equal(t, "detail 9", Detail(9, Finnish))
	require.Equal(t, "finding 99", Finding(99, Finnish))
}
