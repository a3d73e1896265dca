package validator_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	mutation = flag.Int("mutation", 0, "break each Nth place of the money path, and see tests fail")
	mutated  = flag.String("mutated", "", "… only in files whose path is like this")
)

// A stretch is a part of the money path: what is broken in it must be seen by the tests of the
// packages, which are asked in this order.
type stretch struct {
	files string // a pattern, from the root of the tree
	tests []string
}

// moneyPath is where a fault costs a passenger or the authority money. The first package that
// fails is enough; what is slow comes last.
var moneyPath = []stretch{
	{
		"validator/{tap,business,gather,resume,service,outcome,trip,timing}.go",
		[]string{"validator", "validator/terminal", "validator/api"},
	},
	{"validator/terminal/*.go", []string{"validator/terminal", "validator", "validator/api"}},
	{"validator/api/orders.go", []string{"validator/api"}},
	{"validator/console/{command,report,roles}.go", []string{"validator/console"}},
	{
		"validator/journal/{add,expire,identity,intents,limits,payments,prune,state,verify}.go",
		[]string{"validator/journal"},
	},
	{"validator/ledger/*.go", []string{"validator/ledger"}},
	{"fare/{decide,value,bill}.go", []string{"fare", "fare/sale", "validator"}},
	{
		"fare/sale/{order,load,reverse,funding}.go",
		[]string{"fare/sale", "fare", "validator", "validator/terminal"},
	},
}

// unkillable are places that cannot be seen by any test, and why: the file, the line as it
// reads, and what is broken there.
var unkillable = map[string]string{
	"validator/terminal/loads.go: if l.cards == nil || len(l.cards) >= mostLoads {: the bound moved": "" +
		"how many cards are remembered is a bound of memory",
	"validator/tap.go: writes, err := image.Rewrite(held, decision.After, v.Keys); " +
		"if err != nil {: the error ignored": "" +
		"no decision leaves a card that cannot be written, which the tests of fare see to",
	"validator/api/orders.go: if l.orders.waiting.Add(1) > maxWaiting {: the bound moved": "" +
		"how many wait is a bound of memory",
	"validator/api/orders.go: case d.recent(now) >= maxOrders, len(d.done) >= maxRemembered:" +
		": the bound moved": "" +
		"how many orders of a shift are kept is a bound of memory",
	"validator/api/orders.go: command, err := o.Command.command(); if err != nil {" +
		": the error ignored": "" +
		"of an order that was carried out once: its words are the same and can be read",
	"validator/console/command.go: p.orders = nil // they may contain a birth date: dropped": "" +
		"what is let go of in memory",
	"validator/console/command.go: case len(s.commands) >= maxCommands:: the bound moved": "" +
		"how many commands are kept is a bound of memory",
	"validator/journal/add.go: raw, cards, err := j.sealed(e); if err != nil {" +
		": the error ignored": "" +
		"every entry can be written: its types are the journal's own",
	"validator/journal/add.go: if err := j.sealer.seal(e.Event, j.Position+1); " +
		"err != nil {: the error ignored": "" +
		"the office's key was tried when it was given",
	"validator/journal/identity.go: }; if err != nil {: the error ignored": "" +
		"the backOffice's key was tried when it was given",
	"validator/journal/identity.go: key, err := context.Export(sealedKey, 32); if err != nil {" +
		": the error ignored": "" +
		"every context exports 32 bytes",
	"validator/journal/identity.go: block, err := aes.NewCipher(key); if err != nil {" +
		": the error ignored": "" +
		"a key of AES-256 has 32 bytes",
	"validator/journal/intents.go: mac.Write([]byte(\"leima journal open intents\")): dropped": "" +
		"what keeps two uses of one key apart, of which there is one",
	"validator/journal/expire.go: *at >= j.lastExpiry && *at < j.lastExpiry+expiryStep {" +
		": the bound moved": "" +
		"of the second of the last look: looking again finds the same",
	"validator/journal/verify.go: if has, _, err := s.header(); err != nil || " +
		"!bytes.Equal(has, want) {: the error ignored": "" +
		"every header can be written: its types are the journal's own",
	"validator/journal/limits.go: case l.Doubt < 0:: the bound moved": "" +
		"a doubt of no time is the usual one before",
}

// unasked are tests that take long and say nothing of money that others do not.
const unasked = "Mutants|Mutation|Tidy|WhoUses|WhoImports|Flipped|TruncatedAnswers|" +
	"Powerless|Killed|PowerCut|SlowDisk|OpenToRead|OpenTwice|Random|Compacts|Model|" +
	"RequestsThatAreNone|Every[ADEb]|NobodyPays|CostNothing|IsTotal|NeverDearer|NeverRefused|" +
	"AddUp|Conserves"

// A mutationAt is one place that can be broken.
type mutationAt struct {
	id    int
	where string // file:line
	known string // the file, the line as it reads, and what
	what  string
	tests []string
}

// An instrument breaks a file where it is told to when it runs: a condition is negated, a
// bound moved, an error ignored, a statement dropped, a loop left after the first. All breaks of
// a file are in one program, and the environment says which of them is made, so that nothing is
// built twice.
type instrument struct {
	set   *token.FileSet
	file  string
	lines []string
	tests []string
	all   *[]mutationAt
}

func (i *instrument) note(at token.Pos, what string) string {
	id := len(*i.all) + 1
	line := i.set.Position(at).Line
	reads := strings.TrimSpace(i.lines[line-1])
	if reads == "if err != nil {" {
		reads = strings.TrimSpace(i.lines[line-2]) + "; " + reads
	}
	*i.all = append(*i.all, mutationAt{
		id, fmt.Sprintf("%s:%d", i.file, line),
		fmt.Sprintf("%s: %s: %s", i.file, reads, what), what, i.tests,
	})
	return strconv.Itoa(id)
}

func call(name string, id string, args ...ast.Expr) ast.Expr {
	args = append([]ast.Expr{&ast.BasicLit{Kind: token.INT, Value: id}}, args...)
	return &ast.CallExpr{Fun: ast.NewIdent(name), Args: args}
}

// moved are the bounds next to each.
var moved = map[token.Token]token.Token{
	token.LSS: token.LEQ, token.LEQ: token.LSS,
	token.GTR: token.GEQ, token.GEQ: token.GTR,
}

// answers are the operators that make a condition.
var answers = map[token.Token]bool{
	token.LAND: true, token.LOR: true, token.EQL: true,
	token.NEQ: true, token.LSS: true, token.LEQ: true, token.GTR: true, token.GEQ: true,
}

// condition is a condition that can be negated, each of its parts, and whose bounds can be
// moved. One that asks for an error can also be deaf.
func (i *instrument) condition(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.ParenExpr:
		e.X = i.condition(e.X)
		return e
	case *ast.UnaryExpr:
		if e.Op == token.NOT {
			e.X = i.condition(e.X)
			return e
		}
	case *ast.BinaryExpr:
		if e.Op == token.LAND || e.Op == token.LOR {
			e.X, e.Y = i.condition(e.X), i.condition(e.Y)
			return e
		}
		if other, bound := moved[e.Op]; bound {
			near := &ast.BinaryExpr{X: e.X, Op: other, Y: e.Y}
			id := i.note(e.Pos(), "the bound moved")
			on, off := call("mutantOn", id), &ast.UnaryExpr{Op: token.NOT, X: call("mutantOn", id)}
			e2 := &ast.BinaryExpr{
				Op: token.LOR,
				X:  &ast.BinaryExpr{Op: token.LAND, X: on, Y: near},
				Y:  &ast.BinaryExpr{Op: token.LAND, X: off, Y: &ast.BinaryExpr{X: e.X, Op: e.Op, Y: e.Y}},
			}
			return call("mutantNot", i.note(e.Pos(), "negated"), e2)
		}
		if x, is := e.X.(*ast.Ident); is && x.Name == "err" && e.Op == token.NEQ {
			deaf := call("mutantOn", i.note(e.Pos(), "the error ignored"))
			return &ast.ParenExpr{X: &ast.BinaryExpr{
				X: e, Op: token.LAND,
				Y: &ast.UnaryExpr{Op: token.NOT, X: deaf},
			}}
		}
	}
	return call("mutantNot", i.note(e.Pos(), "negated"), e)
}

// block lets each statement be dropped that leaves nothing undeclared.
func (i *instrument) block(list []ast.Stmt) {
	for n, s := range list {
		switch s := s.(type) {
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE || blank(s.Lhs) {
				continue
			}
		case *ast.ExprStmt, *ast.IncDecStmt:
		default:
			continue
		}
		list[n] = &ast.IfStmt{Body: &ast.BlockStmt{List: []ast.Stmt{s}}, Cond: &ast.UnaryExpr{
			Op: token.NOT, X: call("mutantOn", i.note(s.Pos(), "dropped")),
		}}
	}
}

func blank(all []ast.Expr) bool {
	for _, e := range all {
		if name, is := e.(*ast.Ident); !is || name.Name != "_" {
			return false
		}
	}
	return true
}

// walk breaks all that is in a function.
func (i *instrument) walk(body ast.Node) {
	var found []ast.Node // first: what is made of them is not to be broken again
	ast.Inspect(body, func(n ast.Node) bool {
		found = append(found, n)
		return true
	})
	for _, n := range found {
		switch n := n.(type) {
		case *ast.IfStmt:
			n.Cond = i.condition(n.Cond)
		case *ast.SwitchStmt:
			i.choice(n)
		case *ast.RangeStmt:
			first := &ast.IfStmt{
				Cond: call("mutantOn", i.note(n.Pos(), "only the first")),
				Body: &ast.BlockStmt{List: []ast.Stmt{&ast.BranchStmt{Tok: token.BREAK}}},
			}
			n.Body.List = append(n.Body.List, first)
		case *ast.BlockStmt:
			i.block(n.List)
		case *ast.CaseClause:
			i.block(n.Body)
		case *ast.ReturnStmt:
			for k, e := range n.Results {
				if b, is := e.(*ast.BinaryExpr); is && answers[b.Op] {
					n.Results[k] = i.condition(e)
				}
			}
		}
	}
}

// choice breaks the conditions of a switch that has them for its cases.
func (i *instrument) choice(s *ast.SwitchStmt) {
	if s.Tag != nil {
		return
	}
	for _, each := range s.Body.List {
		clause := each.(*ast.CaseClause)
		for k := range clause.List {
			clause.List[k] = i.condition(clause.List[k])
		}
	}
}

const mutantSwitch = `package %s

import (
	"os"
	"strconv"
)

var mutantActive, _ = strconv.Atoi(os.Getenv("LEIMA_MUTANT"))

func mutantOn(id int) bool { return id == mutantActive }

func mutantNot(id int, is bool) bool { return is != mutantOn(id) }
`

// instrumented writes the broken files, and what tells go build of them.
func instrumented(t *testing.T, folder string) (overlay string, all []mutationAt) {
	t.Helper()
	replaced := map[string]string{}
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	for n, part := range moneyPath {
		for _, name := range expanded(t, part.files) {
			if !regexp.MustCompile(*mutated).MatchString(name) {
				continue
			}
			set := token.NewFileSet()
			source, err := os.ReadFile(filepath.Join("..", name))
			require.NoError(t, err)
			file, err := parser.ParseFile(set, name, source, parser.SkipObjectResolution)
			require.NoError(t, err)
			i := &instrument{set, name, strings.Split(string(source), "\n"), part.tests, &all}
			for _, d := range file.Decls {
				if f, is := d.(*ast.FuncDecl); is && f.Body != nil && f.Name.Name != "String" {
					i.walk(f.Body)
				}
			}
			var text bytes.Buffer
			require.NoError(t, format.Node(&text, set, file))
			to := filepath.Join(folder, fmt.Sprintf("%d-%s", n, filepath.Base(name)))
			require.NoError(t, os.WriteFile(to, text.Bytes(), 0o600))
			replaced[filepath.Join(root, name)] = to
			gate := filepath.Join(root, filepath.Dir(name), "mutant_switch.go")
			to = filepath.Join(folder, strings.ReplaceAll(filepath.Dir(name), "/", "-")+".go")
			require.NoError(t, os.WriteFile(to, fmt.Appendf(nil, mutantSwitch, file.Name.Name), 0o600))
			replaced[gate] = to
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replaced})
	require.NoError(t, err)
	overlay = filepath.Join(folder, "overlay.json")
	require.NoError(t, os.WriteFile(overlay, text, 0o600))
	return overlay, all
}

// expanded are the files of a pattern with one list in braces.
func expanded(t *testing.T, pattern string) (all []string) {
	t.Helper()
	before, rest, listed := strings.Cut(pattern, "{")
	names := []string{pattern}
	if listed {
		list, after, _ := strings.Cut(rest, "}")
		names = nil
		for _, name := range strings.Split(list, ",") {
			names = append(names, before+name+after)
		}
	}
	for _, name := range names {
		found, err := filepath.Glob(filepath.Join("..", name))
		require.NoError(t, err)
		require.NotEmpty(t, found, name)
		for _, file := range found {
			if !strings.HasSuffix(file, "_test.go") {
				all = append(all, strings.TrimPrefix(filepath.ToSlash(file), "../"))
			}
		}
	}
	return all
}

// TestMutation breaks the money path in every Nth place, one at a time, and sees a test fail
// for it. What survives is listed.
func TestMutation(t *testing.T) {
	if *mutation == 0 {
		t.Skip("run it with make mutants")
	}
	folder := t.TempDir()
	overlay, all := instrumented(t, folder)
	programs := map[string]string{}
	for _, m := range all {
		for _, pkg := range m.tests {
			if programs[pkg] != "" {
				continue
			}
			programs[pkg] = filepath.Join(folder, strings.ReplaceAll(pkg, "/", "-")+".test")
			build := exec.Command("go", "test", "-c", "-overlay", overlay, "-o", programs[pkg], "./"+pkg)
			build.Dir = ".."
			said, err := build.CombinedOutput()
			require.NoError(t, err, "%s", said)
		}
	}
	for pkg := range programs {
		require.False(t, caught(mutationAt{tests: []string{pkg}}, programs),
			"%s fails although nothing is broken", pkg)
	}
	var mu sync.Mutex
	killed, survived, next := 0, 0, make(chan mutationAt)
	files := map[string][2]int{} // caught, of how many
	var workers sync.WaitGroup
	for range 3 { // most tests wait for a disk or a deadline now and then
		workers.Go(func() {
			for m := range next {
				dead := caught(m, programs)
				mu.Lock()
				file, _, _ := strings.Cut(m.where, ":")
				of := files[file]
				of[1]++
				switch why := unkillable[m.known]; {
				case dead:
					killed++
					of[0]++
				case why != "":
					t.Logf("survives: %s: %s: %s", m.where, m.what, why)
				default:
					survived++
					t.Logf("survives: %s: %s", m.where, m.what)
				}
				files[file] = of
				mu.Unlock()
			}
		})
	}
	count := 0
	for n := 0; n < len(all); n += *mutation {
		next <- all[n]
		count++
	}
	close(next)
	workers.Wait()
	for _, file := range slices.Sorted(maps.Keys(files)) {
		t.Logf("%s: %d of %d caught", file, files[file][0], files[file][1])
	}
	t.Logf("%d of %d caught, %d survive", killed, count, survived)
	require.Positive(t, killed)
	require.GreaterOrEqual(t, killed*100, (killed+survived)*95,
		"at least 95 in 100 of the money path, but for what no test can see")
}

// caught reports whether the tests of a place see it broken.
func caught(m mutationAt, programs map[string]string) bool {
	for _, pkg := range m.tests {
		folder, err := os.MkdirTemp("", "leima-mutant")
		if err != nil {
			return false
		}
		run := exec.Command(programs[pkg], "-test.short", "-test.failfast", "-test.timeout=90s",
			"-test.skip="+unasked)
		run.Dir = filepath.Join("..", pkg)
		run.Env = append(os.Environ(), fmt.Sprintf("LEIMA_MUTANT=%d", m.id), "TMPDIR="+folder)
		run.WaitDelay = time.Second
		err = run.Run()
		_ = os.RemoveAll(folder)
		if err != nil {
			return true
		}
	}
	return false
}
