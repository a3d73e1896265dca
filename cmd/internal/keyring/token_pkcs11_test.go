//go:build pkcs11

package keyring_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/cmd/internal/keyring"
	"leima/hw/token/tokentest"
	"leima/validator/sim"
)

// Ensure that a token derives the very keys that memory derives, of each generation, and that it
// takes no system whose keys it would derive otherwise.
func TestTokenDerivesAsMemory(t *testing.T) {
	keys := sim.TestKeys()
	keys.Former = []cardlayout.Key{{1}}
	keys.FormerRights = [][2]cardlayout.Key{{{2}, {3}}}
	uid := cardlayout.UID{4, 1, 2, 3, 4, 5, 6}
	for _, system := range []string{"sixsix", "leima travel", "twenty-one characters"} {
		keys.Scheme.System = system
		uri := tokentest.New(t)
		opened := tokentest.Open(t, uri)
		require.NoError(t, keyring.Load(opened, &keys))
		require.NoError(t, opened.Close())
		ring, err := keyring.Open(keyring.Source{
			Keys: uri, RealReader: true,
			File: func(name string) string { return name },
		})
		require.NoError(t, err)
		require.Equal(t, 2, ring.Seals.Generations())
		for n := range 2 {
			want, err := keys.Seal(uid, n)
			require.NoError(t, err)
			got, err := ring.Seals.Seal(uid, n)
			require.NoError(t, err)
			require.True(t, want == got)
		}
		require.Len(t, ring.App.Keys([7]byte(uid)), 2)
		require.Equal(t, keyring.Warning, ring.Warning, "a token with the test keys says so")
		require.NoError(t, ring.Close())
	}
	keys.Scheme.System = "short"
	opened := tokentest.Open(t, tokentest.New(t))
	require.ErrorIs(t, keyring.Load(opened, &keys), keyring.ErrShort)
}
