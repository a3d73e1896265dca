package main

import (
	"bytes"
	"crypto/sha256"
	"math"
	"net"
	"net/http"
	"os"
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
	require.NoError(t, export(t.Context(), store, 9, every, &to))
	require.Equal(t, raw, to.Bytes())
}

// Ensure that a journal that has parted from that which came first can be had alone, and is read
// alone by who judges it.
func TestExportOfAChain(t *testing.T) {
	t.Parallel()
	at := folder(t.TempDir())
	require.NoError(t, os.WriteFile(at.file(configFile), []byte(firstConfig), 0o600))
	require.NoError(t, os.WriteFile(at.file(registerFile), nil, 0o600))
	store, err := embedded.Open(at.file(storeFile))
	require.NoError(t, err)
	first := depottest.NewDevice(t, 9)
	first.Record(3, 1)
	copied := first.Copy()
	first.Record(2, 7)
	copied.Record(4, 8)
	common, want := len(first.Items(0))-2, [2][]byte{}
	r := depot.Receiver{Store: store, Now: depottest.Now, Alarm: func(depot.Alarm) {}}
	for n, d := range []*depottest.Device{first, copied} {
		items := d.Items(0)
		_, err := r.Receive(t.Context(), 9, items, true)
		require.NoError(t, err)
		for _, item := range items[n*common:] {
			want[n] = append(want[n], item.Raw...)
		}
	}
	require.NoError(t, store.Close())
	for n, chain := range []string{"0", "1"} {
		code, out, says := start(t, "export", string(at), "9", "--chain", chain)
		require.Zero(t, code, says)
		require.Equal(t, want[n], []byte(out), chain)
	}
	code, out, says := start(t, "export", string(at), "9")
	require.Zero(t, code, says)
	require.Equal(t, bytes.Join(want[:], nil), []byte(out))
	code, _, says = start(t, "export", string(at), "9", "--chain", "second")
	require.Equal(t, 78, code)
	require.Contains(t, says, "want the number of a chain")
}

// Ensure that why a depot that runs cannot answer another command is said there, and not that no
// depot runs.
func TestStoreDoesNotAnswer(t *testing.T) {
	t.Parallel()
	at := folder(t.TempDir())
	require.NoError(t, os.WriteFile(at.file(configFile), []byte(firstConfig), 0o600))
	store, err := embedded.Open(at.file(storeFile))
	require.NoError(t, err)
	require.NoError(t, store.Close())
	socket, err := net.Listen("unix", at.file(socketFile))
	require.NoError(t, err)
	depot := http.Server{Handler: localHandler(store, nil, &config{})}
	go func() { _ = depot.Serve(socket) }()
	defer depot.Close()
	for _, args := range [][]string{{"export", string(at), "9"}, {"backup", string(at), at.file("copy")}} {
		code, _, says := start(t, args...)
		require.Equal(t, codeState, code)
		require.Contains(t, says, "the depot that runs answers: ", args)
	}
	require.NoFileExists(t, at.file("copy"))
}
