package terminal

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/validator/console"
)

// FuzzRegister: whatever stands in a register of drivers, an error names its file, and every
// entry that is taken has a number of its own and a role.
func FuzzRegister(f *testing.F) {
	text, err := os.ReadFile("../../../testdata/drivers.toml")
	require.NoError(f, err)
	for _, add := range []string{
		"", string(text), "x", "[[driver]]\nnumber = 7", "pepper = ''",
		strings.Replace(string(text), "number = 8", "number = 7", 1),
	} {
		f.Add([]byte(add))
	}
	path := filepath.Join(f.TempDir(), "drivers.toml")
	f.Fuzz(func(t *testing.T, text []byte) {
		require.NoError(t, os.WriteFile(path, text, 0o600))
		drivers, err := ReadDrivers(path, testPepper)
		if err != nil {
			require.Contains(t, err.Error(), "drivers.toml")
			return
		}
		seen := map[uint32]bool{}
		for _, d := range drivers {
			require.False(t, seen[d.Number])
			require.NoError(t, d.Check(console.Roles, testPepper))
			seen[d.Number] = true
		}
	})
}
