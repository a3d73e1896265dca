package fare_test

import (
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
	{1, 7}, {10, 27}, {30, 34}, {40, 66}, {70, 75}, {80, 84}, {100, 113}, {120, 147}, {150, 168},
	{170, 182}, {190, 195}, {200, 207},
}

var inTicks = regexp.MustCompile("`([^`]+)`")

// Ensure that testdata/rules.md has every rule once and in order, and that the files, the
// scenarios and the tests that it names are there.
func TestRules(t *testing.T) {
	text, err := os.ReadFile("../testdata/rules.md")
	require.NoError(t, err)
	var want, got []int
	for _, run := range ruleRanges {
		for rule := run[0]; rule <= run[1]; rule++ {
			want = append(want, rule)
		}
	}
	require.Len(t, want, 156)
	for _, line := range strings.Split(string(text), "\n") {
		if !strings.HasPrefix(line, "| R-") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		require.Len(t, cells, 4, line)
		for n := range cells {
			cells[n] = strings.TrimSpace(cells[n])
			require.NotEmpty(t, cells[n], line)
		}
		rule, err := strconv.Atoi(strings.TrimPrefix(cells[0], "R-"))
		require.NoError(t, err, line)
		got = append(got, rule)
		for _, named := range inTicks.FindAllStringSubmatch(cells[2], -1) {
			require.FileExists(t, "../"+named[1], cells[0])
		}
		for _, named := range inTicks.FindAllStringSubmatch(cells[3], -1) {
			requireShown(t, named[1], cells[0])
		}
	}
	require.Equal(t, want, got)
}

// requireShown looks for a scenario, or for a test such as fare/tariff.TestKotka.
func requireShown(t *testing.T, name, rule string) {
	if path.Ext(name) == ".tap" {
		require.FileExists(t, "../"+name, rule)
		return
	}
	folder, function, isTest := strings.Cut(name, ".")
	require.True(t, isTest, "%s: %s is no scenario and no package.Test", rule, name)
	files, err := filepath.Glob("../" + folder + "/*_test.go")
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		if strings.Contains(string(text), "\nfunc "+function+"(") {
			return
		}
	}
	require.Fail(t, "there is no such test", "%s: %s", rule, name)
}
