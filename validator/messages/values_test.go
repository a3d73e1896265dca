package messages

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// writes are the types of values that are written in each language, or alike in all.
var writes = []string{
	"leima/cardlayout.Cents", "leima/cardlayout.Day", "leima/cardlayout.Group",
	"leima/cardlayout.Kind", "leima/cardlayout.Zones", "leima/cardlayout.Area",
	"leima/fare.Channel", "leima/fare.Reason", "leima/fare.RuleID", "leima/fare.Span",
	"leima/fare/sale.Trips", "leima/fare/sale.Voider",
	"error", "int", "string", "uint8", "uint16",
}

// Ensure that no value in a phrase is of a type that would be written in English in every
// language, where the types of cards and fares are: what refuses requests has numbers and texts.
func TestValuesHaveWords(t *testing.T) {
	files := token.NewFileSet()
	config := types.Config{Importer: importer.ForCompiler(files, "source", nil)}
	for pkg, least := range map[string]int{"fare/sale": 50, "validator/terminal": 15} {
		code := parsed(t, files, "../../"+pkg)
		known := types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
		_, err := config.Check("leima/"+pkg, files, code, &known)
		require.NoError(t, err)
		seen := 0
		for _, call := range calls(code) {
			for _, value := range valuesOf(code[0].Name.Name, call) {
				seen++
				typ := types.Default(known.Types[value].Type).String()
				require.True(t, slices.Contains(writes, typ), "%v: %s", files.Position(value.Pos()), typ)
			}
		}
		require.Greater(t, seen, least, pkg)
	}
}

// parsed are the files of a package but its tests.
func parsed(t *testing.T, files *token.FileSet, folder string) (code []*ast.File) {
	paths, err := filepath.Glob(folder + "/*.go")
	require.NoError(t, err)
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, path, nil, 0)
		require.NoError(t, err)
		code = append(code, file)
	}
	return code
}

// calls are those in the code, besides the ones that hand on what they were given.
func calls(code []*ast.File) (all []*ast.CallExpr) {
	for _, file := range code {
		ast.Inspect(file, func(n ast.Node) bool {
			if f, is := n.(*ast.FuncDecl); is && slices.Contains(handsOn, f.Name.Name) {
				return false
			}
			if call, is := n.(*ast.CallExpr); is {
				all = append(all, call)
			}
			return true
		})
	}
	return all
}

// valuesOf are what a phrase's template is given in a package.
func valuesOf(in string, call *ast.CallExpr) []ast.Expr {
	switch called(in, call) {
	case "fare.Say":
		return call.Args[1:]
	case "sale.refuse":
		return call.Args[3:]
	}
	return nil
}
