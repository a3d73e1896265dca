package emu

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// Ensure that what holds a key inside the card does not print it either.
func TestKeysAreRedacted(t *testing.T) {
	k, nonce := aesKey([]byte("do not print me!")), make([]byte, 16)
	des := key{kind: typeDES, secret: k.secret}
	for _, v := range []any{
		k, &k, k.image(), newEV2(0, k, nonce, nonce),
		newEV1(0, k, nonce, nonce), newD40(0, des, nonce, nonce), newCMAC(k.cipher()),
	} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d", "%q"} {
			require.Equal(t, "REDACTED", fmt.Sprintf(format, v))
		}
	}
	require.Contains(t, New(Config{UID: [7]byte{4, 1}}).GoString(), "04010000000000")
	require.Contains(t, Config{UID: [7]byte{4, 1}}.GoString(), "04010000000000")
}

// Ensure that rates and sides have names.
func TestNames(t *testing.T) {
	require.Equal(t, "106 kbit/s, 848 kbit/s, unknown rate",
		fmt.Sprintf("%v, %v, %v", Rate106, Rate848, Rate(4)))
	require.Equal(t, "before, after", fmt.Sprintf("%v, %v", Before, After))
}
