package main

import (
	"bytes"
	"crypto/sha256"
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout/canonical"
	"leima/validator/depot"
	"leima/validator/depot/depottest"
	"leima/validator/depot/embedded"
)

// Ensure that the export of a device that says to be at the last position that there is ends there.
func TestExportEnds(t *testing.T) {
	t.Parallel()
	raw, err := canonical.Encode.Marshal(map[uint64]any{
		1: 9, 2: uint64(math.MaxUint64), 3: sha256.Sum256([]byte("before and this")), 4: 1,
	})
	require.NoError(t, err)
	items, err := depot.Items(raw)
	require.NoError(t, err)
	store, err := embedded.Open(filepath.Join(t.TempDir(), "store"))
	require.NoError(t, err)
	defer store.Close()
	r := depot.Receiver{Store: store, Now: depottest.Now, Alarm: func(depot.Alarm) {}}
	_, err = r.Receive(t.Context(), 9, items, true)
	require.NoError(t, err)
	var to bytes.Buffer
	require.NoError(t, export(t.Context(), store, 9, &to))
	require.Equal(t, raw, to.Bytes())
}
