package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/programs"
)

// Ensure that a trial with emulated buses, lossy links and a depot that is killed ends with all that
// the buses have kept in the depot, and that a trial spoils no depot that is there.
func TestBenchFleet(t *testing.T) {
	t.Parallel()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, free.Close())
	folder := filepath.Join(t.TempDir(), "depot")
	trial := func() ([]byte, error) {
		return exec.Command(filepath.Join(programs.Folder(t), "bench"), "fleet", folder,
			"--devices", "5", "--rate", "40", "--for", "5s", "--kill", "2s",
			"--feed", "../../testdata/feed", "--tariffs", "../../testdata/tariffs",
			"--listen", free.Addr().String(), "--page", "127.0.0.1:0").CombinedOutput()
	}
	said, err := trial()
	require.NoError(t, err, "%s", said)
	require.Contains(t, string(said), "stored equals sent, byte for byte")
	require.Contains(t, string(said), "the depot was killed 2 times")
	require.Contains(t, string(said), "the page is at http://127.0.0.1:")
	agree(t, folder)
	said, err = trial()
	require.ErrorContains(t, err, "exit status 1")
	require.Contains(t, string(said), "is there already")
}

// agree says that a depot's settlement and "bench reconcile" of what it exports come to the same.
func agree(t *testing.T, folder string) {
	t.Helper()
	p := &process{t: t, folder: folder}
	p.starts()
	defer p.killed()
	exported, err := exec.Command(filepath.Join(programs.Folder(t), "depot"), "export",
		folder).Output()
	require.NoError(t, err)
	reconcile := exec.Command(filepath.Join(programs.Folder(t), "bench"), "reconcile", "-", "--all",
		"--json", "--office", filepath.Join(folder, "office.pem"),
		"--keys", filepath.Join(folder, "issuer.toml"))
	reconcile.Stdin = bytes.NewReader(exported)
	said, err := reconcile.Output()
	require.NoError(t, err)
	var books []struct {
		Card    string
		Verdict string
		Events  []struct{ Device, Sequence int }
	}
	require.NoError(t, json.Unmarshal(said, &books))
	want := map[string]bool{}
	for _, line := range books {
		for _, e := range line.Events {
			if line.Card != "" && line.Verdict != "open" {
				want[fmt.Sprintf("%s %d-%d", line.Verdict, e.Device, e.Sequence)] = true
			}
		}
	}
	require.NotEmpty(t, want)
	var got map[string]bool
	require.Eventually(t, func() bool {
		rows, err := csv.NewReader(bytes.NewReader(p.ask("/settlement"))).ReadAll()
		require.NoError(t, err)
		got = map[string]bool{}
		taken := map[string]bool{"0": true}
		for _, r := range rows[1:] {
			taken[r[12]] = true
		}
		for _, r := range rows[1:] {
			if !taken[r[0]] && r[12] == "0" && r[9] != "0" {
				got[fmt.Sprintf("%s %s-%s", r[6], r[8], r[9])] = true
			}
		}
		return len(got) == len(want)
	}, time.Minute, 100*time.Millisecond)
	require.Equal(t, want, got)
}
