package token_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/token"
)

// Ensure that a token's URI is read as RFC 7512 has it, and that what is not understood is
// refused: it might mean another token. No message repeats a PIN.
func TestURI(t *testing.T) {
	u, err := token.ParseURI("pkcs11:token=bus%209;serial=a1?module-path=/l.so&pin-source=file:/run/pin")
	require.NoError(t, err)
	require.Equal(t, token.URI{Module: "/l.so", Token: "bus 9", Serial: "a1", PIN: "/run/pin"}, u)
	u, err = token.ParseURI("pkcs11:serial=a1?pin-source=file:///run/pin&module-path=l.so")
	require.NoError(t, err)
	require.Equal(t, token.URI{Module: "l.so", Serial: "a1", PIN: "/run/pin"}, u)
	for text, want := range map[string]string{
		"keys.toml":             "is no URI of a token",
		"pkcs11:":               "names no module-path",
		"pkcs11:token=a":        "names no module-path",
		"pkcs11:?module-path=l": "names no token",
		"pkcs11:token=a?module-path=l&pin-value=4711": "holds its PIN",
		"pkcs11:token=a;object=k?module-path=l":       `"object", which is not understood`,
		"pkcs11:token=a?module-name=l":                `"module-name", which is not understood`,
		"pkcs11:token=a;token=b?module-path=l":        "want token once",
		"pkcs11:token=?module-path=l":                 "want token once, and a value",
		"pkcs11:token?module-path=l":                  "want token once, and a value",
		"pkcs11:token=a%2?module-path=l":              "token is not percent-encoded",
	} {
		_, err := token.ParseURI(text)
		require.ErrorContains(t, err, want, text)
		require.NotContains(t, err.Error(), "4711")
	}
}

// FuzzParseURI: whatever a person writes there is read or refused, and never panics.
func FuzzParseURI(f *testing.F) {
	f.Add("pkcs11:token=bus%209;serial=a1?module-path=/l.so&pin-source=file:/run/pin")
	f.Fuzz(func(t *testing.T, text string) {
		u, err := token.ParseURI(text)
		if err != nil {
			require.Zero(t, u)
			return
		}
		require.NotEmpty(t, u.Module)
		require.NotEmpty(t, u.Token+u.Serial)
	})
}
