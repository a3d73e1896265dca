package lists_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/disk"
	"leima/validator/lists"
	"leima/validator/lists/inbox"
)

// BenchmarkActions is the start with an action list of so many cards, of which a city has some
// thousand at a time, and a lookup in it, beside what its SHA-256 alone takes.
func BenchmarkActions(b *testing.B) {
	for _, size := range []int{1000, 10_000, 300_000} {
		folder, wide := b.TempDir(), trust
		wide.Largest = 16 << 20
		raw := signedActions(b, 7, size)
		path := filepath.Join(folder, "list-7")
		require.NoError(b, os.WriteFile(path, raw, 0o644))
		b.Run(fmt.Sprintf("start/%d", size), func(b *testing.B) {
			for b.Loop() {
				actions, err := lists.OpenActions(folder, wide)
				require.NoError(b, err)
				require.EqualValues(b, 7, actions.List().Version())
			}
		})
		b.Run(fmt.Sprintf("yardstick-sha256/%d", size), func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				file, err := os.Open(path)
				require.NoError(b, err)
				_, err = io.Copy(sha256.New(), file)
				require.NoError(b, err)
				require.NoError(b, file.Close())
			}
		})
		actions, err := lists.OpenActions(folder, wide)
		require.NoError(b, err)
		for name, n := range map[string]uint64{"hit": uint64(size / 3), "miss": uint64(size + 1)} {
			number := card(n)
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_, _ = actions.Lookup(number)
				}
			})
		}
	}
}

// BenchmarkBought takes a load that was bought now into use, as a delta and as the whole list, beside
// writing as many bytes and flushing them.
func BenchmarkBought(b *testing.B) {
	wide, before := trust, edition{7, 50_000}
	wide.Largest = 16 << 20
	after := edition{8, before.size + 1}
	full := signedActions(b, before.version, before.size)
	for name, raw := range map[string][]byte{
		"delta": deltaActions(b, before, after), "whole": signedActions(b, after.version, after.size),
	} {
		path := file(b, raw)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				b.StopTimer()
				actions, err := lists.OpenActions(b.TempDir(), wide)
				require.NoError(b, err)
				require.NoError(b, apply(b, actions, full))
				b.StartTimer()
				require.NoError(b, actions.Apply(path, today, inbox.AtOnce))
			}
			b.ReportMetric(float64(len(raw)), "B/bundle")
		})
		b.Run("yardstick-write/"+name, func(b *testing.B) {
			for b.Loop() {
				require.NoError(b, disk.Sync.Write(filepath.Join(b.TempDir(), "file"), 0o600,
					disk.Bytes(raw)))
			}
		})
	}
}
