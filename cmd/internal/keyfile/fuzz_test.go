package keyfile

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzParse: whatever stands in a key file, an error names the file; and what is read can be
// rolled, and is read again then.
func FuzzParse(f *testing.F) {
	var fresh strings.Builder
	require.NoError(f, Template(&fresh, rand.NewChaCha8([32]byte{1})))
	for _, text := range []string{
		fresh.String(), "", "[bus]", "system = 5", "{", "aid = \"0010AB\"\nversion = 99",
		strings.Replace(fresh.String(), "[issuer]", "[bus]", 1),
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc, keys, err := parse("keys.toml", []byte(text))
		if err != nil {
			require.True(t, strings.HasPrefix(err.Error(), "keys.toml:"), "it names the file")
			return
		}
		if *doc.Version == maxVersion {
			return
		}
		rolled, err := Roll("keys.toml", []byte(text), rand.NewChaCha8([32]byte{2}))
		require.NoError(t, err)
		_, next, err := parse("keys.toml", rolled)
		require.NoError(t, err)
		require.Equal(t, keys.Version+1, next.Version)
		require.True(t, keys.Scheme == next.Scheme && keys.Transport == next.Former[0])
	})
}
