package fare_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ruleRanges are the rules that the areas' terms have, first and last of each run.
var ruleRanges = [][2]int{
	{1, 7},
	{10, 27},
	{30, 34},
	{40, 66},
	{70, 75},
	{80, 84},
	{100, 113},
	{120, 147},
	{150, 168},
	{170, 182},
	{190, 195},
	{200, 207},
}

// shownRules are those that concern a validator, a driver's console, the fare engine, the
// event log, the block list or an inspector.
var shownRules = [][2]int{
	{1, 1},
	{3, 5},
	{7, 7},
	{10, 11},
	{20, 20},
	{24, 25},
	{27, 27},
	{32, 32},
	{40, 61},
	{64, 66},
	{70, 75},
	{80, 84},
	{102, 103},
	{105, 105},
	{108, 110},
	{120, 120},
	{122, 122},
	{124, 125},
	{130, 130},
	{132, 134},
	{140, 141},
	{143, 143},
	{146, 147},
	{150, 150},
	{152, 168},
	{171, 174},
	{176, 177},
	{182, 182},
	{195, 195},
	{200, 200},
	{202, 203},
	{205, 207},
}

// notShown are those of them without a test; the table says why.
var notShown = map[int]bool{124: true, 203: true}

var inTicks = regexp.MustCompile("`([^`]+)`")

// Ensure that testdata/rules.md has every rule once and in order, that the files, the
// scenarios and the tests that it names are there, and that what concerns a device has a
// test.
func TestRules(t *testing.T) {
	var got []int
	var silent []string
	want := rulesOf(ruleRanges)
	require.Len(t, want, 156)
	shown := map[int]bool{}
	for _, rule := range rulesOf(shownRules) {
		shown[rule] = !notShown[rule]
	}
	require.Len(t, shown, 99)
	for _, cells := range rulesTable(t, "R-", 4) {
		rule, err := strconv.Atoi(strings.TrimPrefix(cells[0], "R-"))
		require.NoError(t, err, cells[0])
		got = append(got, rule)
		for _, named := range inTicks.FindAllStringSubmatch(cells[2], -1) {
			require.FileExists(t, "../"+named[1], cells[0])
		}
		tests := inTicks.FindAllStringSubmatch(cells[3], -1)
		for _, named := range tests {
			text := shownBy(t, named[1], cells[0])
			if path.Ext(named[1]) == ".tap" && !strings.Contains(text, cells[0]) {
				silent = append(silent, cells[0]+" in "+named[1])
			}
		}
		if must, known := shown[rule]; known {
			require.False(t, must && cells[2] == "-", "%s lives nowhere", cells[0])
			require.Equal(t, must, len(tests) > 0, "%s: %s", cells[0], cells[3])
			require.Equal(t, !must, strings.HasPrefix(cells[3], "no test: "), cells[0])
		}
	}
	require.Equal(t, want, got)
	require.Empty(t, silent, "scenarios that do not speak of a rule that they show")
}

// Ensure that each of the fifty examples is pinned by something that speaks of its number.
func TestExamples(t *testing.T) {
	var silent []string
	rows := rulesTable(t, "T-", 3)
	require.Len(t, rows, 50)
	for n, cells := range rows {
		require.Equal(t, fmt.Sprintf("T-%02d", n+1), cells[0])
		pins := inTicks.FindAllStringSubmatch(cells[2], -1)
		require.NotEmpty(t, pins, cells[0])
		for _, named := range pins {
			text := shownBy(t, named[1], cells[0])
			if !speaksOf(text, n+1) {
				silent = append(silent, cells[0]+" in "+named[1])
			}
		}
	}
	require.Empty(t, silent, "what does not speak of an example that it pins")
}

func rulesOf(runs [][2]int) (rules []int) {
	for _, run := range runs {
		for rule := run[0]; rule <= run[1]; rule++ {
			rules = append(rules, rule)
		}
	}
	return rules
}

// rulesTable are the cells of the lines of testdata/rules.md that begin so.
func rulesTable(t *testing.T, prefix string, columns int) (rows [][]string) {
	text, err := os.ReadFile("../testdata/rules.md")
	require.NoError(t, err)
	for _, line := range strings.Split(string(text), "\n") {
		if !strings.HasPrefix(line, "| "+prefix) {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		require.Len(t, cells, columns, line)
		for n := range cells {
			cells[n] = strings.TrimSpace(cells[n])
			require.NotEmpty(t, cells[n], line)
			require.NotContains(t, strings.ToLower(cells[n]), "not yet", line)
		}
		rows = append(rows, cells)
	}
	return rows
}

var (
	twoExamples = regexp.MustCompile(`T-(\d\d) to\s+(?:// )?T-(\d\d)`)
	anExample   = regexp.MustCompile(`T-(\d\d)`)
)

// speaksOf reports whether a text names an example, alone or as one of several: "T-37 to
// T-40".
func speaksOf(text string, example int) bool {
	for _, run := range twoExamples.FindAllStringSubmatch(text, -1) {
		first, _ := strconv.Atoi(run[1])
		last, _ := strconv.Atoi(run[2])
		if first <= example && example <= last {
			return true
		}
	}
	for _, one := range anExample.FindAllStringSubmatch(text, -1) {
		if n, _ := strconv.Atoi(one[1]); n == example {
			return true
		}
	}
	return false
}

// shownBy is the text of a scenario, or of a test such as fare/tariff.TestKotka with its
// comment.
func shownBy(t *testing.T, name, rule string) string {
	if path.Ext(name) == ".tap" {
		text, err := os.ReadFile("../" + name)
		require.NoError(t, err, rule)
		return string(text)
	}
	folder, function, isTest := strings.Cut(name, ".")
	require.True(t, isTest, "%s: %s is no scenario and no package.Test", rule, name)
	files, err := filepath.Glob("../" + folder + "/*_test.go")
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		before, after, found := strings.Cut(string(text), "\nfunc "+function+"(")
		if found {
			body, _, _ := strings.Cut(after, "\n}\n")
			return before[strings.LastIndex(before, "\n\n")+1:] + body
		}
	}
	require.Fail(t, "there is no such test", "%s: %s", rule, name)
	return ""
}
