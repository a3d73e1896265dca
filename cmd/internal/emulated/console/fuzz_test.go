package console

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzConfig: whatever stands in a configuration, an error names its file.
func FuzzConfig(f *testing.F) {
	text, err := os.ReadFile("../../../../testdata/console.toml")
	require.NoError(f, err)
	f.Add(text)
	f.Add([]byte("listen = \":\""))
	path := filepath.Join(f.TempDir(), "console.toml")
	f.Fuzz(func(t *testing.T, text []byte) {
		require.NoError(t, os.WriteFile(path, text, 0o600))
		if _, err := read(path); err != nil {
			require.Contains(t, err.Error(), "console.toml")
		}
	})
}
