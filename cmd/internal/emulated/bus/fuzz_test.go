package bus

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzConfig: whatever stands in a configuration, an error names its file.
func FuzzConfig(f *testing.F) {
	for _, name := range []string{"bus.toml", "demo.toml", "reader.toml"} {
		text, err := os.ReadFile("../../../../testdata/" + name)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Add([]byte("[api]\nlisten = [5]"))
	path := filepath.Join(f.TempDir(), "validator.toml")
	f.Fuzz(func(t *testing.T, text []byte) {
		require.NoError(t, os.WriteFile(path, text, 0o600))
		if _, err := read(path); err != nil {
			require.Contains(t, err.Error(), "validator.toml")
		}
	})
}
