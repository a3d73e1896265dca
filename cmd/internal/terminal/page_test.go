package terminal_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Ensure that every rule which concerns a driver is on the driver's page, by what the rules'
// table says, or that the table says why not.
func TestDriversRulesAreOnThePage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("page/index.html")
	require.NoError(t, err)
	table, err := os.ReadFile("../../../testdata/rules.md")
	require.NoError(t, err)
	rows := 0
	for _, line := range strings.Split(string(table), "\n") {
		if !strings.HasPrefix(line, "| driver R-") {
			continue
		}
		rows++
		cells := strings.Split(strings.Trim(line, "|"), "|")
		require.Len(t, cells, 3, line)
		require.NotEmpty(t, strings.TrimSpace(cells[2]), line)
		named := regexp.MustCompile("`#([a-z-]+)`").FindAllStringSubmatch(cells[1], -1)
		require.Equal(t, strings.TrimSpace(cells[1]) == "-", len(named) == 0, line)
		for _, id := range named {
			require.Contains(t, string(page), `id="`+id[1]+`"`, line)
		}
	}
	require.Equal(t, 47, rows, "the rules that the terms give to a driver")
}
