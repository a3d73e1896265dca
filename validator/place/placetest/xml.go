package placetest

import (
	"bytes"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

// Published is a folder of published schemas of XML, which are no part of the project; without it a
// test is skipped.
func Published(t *testing.T, folder string) string {
	t.Helper()
	if _, err := os.Stat(folder); err != nil {
		t.Skip("there are no published schemas: " + folder)
	}
	if _, err := exec.LookPath("xmllint"); err != nil {
		require.Empty(t, os.Getenv("CI"), "there is no xmllint: make deps installs it")
		t.Skip("there is no xmllint: make deps installs it")
	}
	return folder
}

// Validate has xmllint compare documents with a schema.
func Validate(t *testing.T, schema string, documents ...[]byte) {
	t.Helper()
	require.NotEmpty(t, documents)
	for _, document := range documents {
		lint := exec.Command("xmllint", "--nonet", "--noout", "--schema", schema, "-")
		lint.Stdin = bytes.NewReader(document)
		said, err := lint.CombinedOutput()
		require.NoError(t, err, "%s\n%s", said, document)
	}
}
