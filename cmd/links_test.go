package cmd_test

import (
	"flag"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files")

// What is a bench's has no place in a program of the bus: emulated cards and readers, tapes,
// the laboratory, the ledger, the making of cards, and other systems' cards.
var benchOnly = []string{
	"leima/hw/emu", "leima/hw/tape", "leima/validator/sim",
	"leima/validator/testrig", "leima/validator/ledger", "leima/validator/servicepoint",
	"leima/cardlayout/matkakortti", "leima/cmd/internal/emulated",
}

// Ensure that a program of the bus is linked with what testdata/NAME.links says and nothing else:
// who adds a package there sees it in the change.
func TestLinks(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"validator", "console"} {
		list := exec.Command("go", "list", "-tags", "pcsc,pkcs11", "-deps", "-f",
			"{{if not .Standard}}{{.ImportPath}}{{end}}", "./"+name)
		// A bus's program has PC/SC, whatever these tests were built with.
		list.Env = append(os.Environ(), "CGO_ENABLED=1", "GOARCH=amd64")
		raw, err := list.Output()
		require.NoError(t, err)
		var linked strings.Builder
		for _, line := range slices.Sorted(strings.Lines(string(raw))) {
			if line = strings.TrimSpace(line); line != "" {
				linked.WriteString(line + "\n")
				for _, forbidden := range benchOnly {
					require.False(t, line == forbidden || strings.HasPrefix(line, forbidden+"/"),
						"%s links %s", name, line)
				}
			}
		}
		golden := "testdata/" + name + ".links"
		if *update {
			require.NoError(t, os.MkdirAll("testdata", 0o755))
			require.NoError(t, os.WriteFile(golden, []byte(linked.String()), 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		require.Equal(t, string(want), linked.String(), "go test ./cmd -run TestLinks -update writes it")
	}
}
