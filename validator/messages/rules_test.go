package messages

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/fare"
)

// Ensure that every rule that code can name has words.
func TestRulesOfTheEngineHaveWords(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../../fare/rule.go", nil, 0)
	require.NoError(t, err)
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			number, err := strconv.Atoi(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			id := fare.RuleID(number)
			require.True(t, Has("rule."+id.String()), "%v has no words", id)
			found++
		}
		return true
	})
	require.Greater(t, found, 60)
}

// Ensure that code names a rule by its constant, whose words are held above.
func TestRulesAreNamed(t *testing.T) {
	number := regexp.MustCompile(`\b(Because|refuse(With)?)\([1-9]|\bRule: +[1-9]|\bRuleID[({][1-9]`)
	for _, room := range []string{"fare", "validator", "cmd"} {
		err := filepath.WalkDir("../../"+room, func(path string, _ os.DirEntry, err error) error {
			if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			require.Empty(t, number.FindString(string(text)), path)
			return err
		})
		require.NoError(t, err)
	}
}
