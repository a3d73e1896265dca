package journal

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkTap is what a tap costs that changes its card: two commits.
func BenchmarkTap(b *testing.B) {
	j := open(b, created(b))
	for n := uint32(1); b.Loop(); n++ {
		require.NoError(b, j.Begin(tap(n, 1)))
		require.NoError(b, j.Settle(id(n), testReceipt))
	}
}

func BenchmarkOpen(b *testing.B) {
	for _, count := range []uint32{1000, 20_000} {
		path := created(b)
		j := open(b, path)
		j.db.db.NoSync = true // only to fill it quickly
		for n := uint32(1); n <= count; n++ {
			require.NoError(b, j.Record(tap(n, 1)))
		}
		require.NoError(b, j.Close())
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			for b.Loop() {
				j, err := Open(path)
				require.NoError(b, err)
				require.NoError(b, j.Close())
			}
		})
		b.Run(fmt.Sprintf("verify/%d", count), func(b *testing.B) {
			j := open(b, path)
			for b.Loop() {
				require.NoError(b, j.Verify(nil))
			}
			require.NoError(b, j.Close())
		})
	}
}
