//go:build !pkcs11

package token_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/token"
)

// Ensure that a program without PKCS#11 says how to build it.
func TestNotBuilt(t *testing.T) {
	_, err := token.Open(token.URI{}, nil)
	require.ErrorIs(t, err, token.ErrNotBuilt)
	require.ErrorContains(t, err, "-tags pkcs11")
}
