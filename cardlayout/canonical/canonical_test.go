package canonical_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout/canonical"
)

// Ensure that a map is written in the one order of RFC 8949 section 4.2.1, and read again.
func TestOneForm(t *testing.T) {
	raw, err := canonical.Encode.Marshal(map[any]any{"b": 1, 10: []int{2}, "a": "c"})
	require.NoError(t, err)
	require.Equal(t, "a30a8102616161636162"+"01", hex.EncodeToString(raw))
	var again map[any]any
	require.NoError(t, canonical.Decode.Unmarshal(raw, &again))
	require.Len(t, again, 3)
}

// Ensure that what the encoding never writes is not read, and that limits are held.
func TestStrict(t *testing.T) {
	for what, text := range map[string]string{
		"an indefinite length": "9f01ff", "a tag": "c101", "a key twice": "a201010102",
	} {
		raw, err := hex.DecodeString(text)
		require.NoError(t, err)
		var into any
		require.Error(t, canonical.Decode.Unmarshal(raw, &into), what)
	}
	limited := canonical.Within(16, 4)
	for elements, nested := range map[int]int{16: 4, 17: 5} {
		many, err := canonical.Encode.Marshal(make([]int, elements))
		require.NoError(t, err)
		var deep any = 1
		for range nested {
			deep = []any{deep}
		}
		inner, err := canonical.Encode.Marshal(deep)
		require.NoError(t, err)
		var into any
		require.Equal(t, elements > 16, limited.Unmarshal(many, &into) != nil)
		require.Equal(t, nested > 4, limited.Unmarshal(inner, &into) != nil)
		require.NoError(t, canonical.Decode.Unmarshal(inner, &into))
	}
}
