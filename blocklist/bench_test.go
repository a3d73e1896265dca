package blocklist

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var benchSizes = []int{10_000, 1_000_000}

func BenchmarkLookup(b *testing.B) {
	for _, size := range benchSizes {
		path := filepath.Join(b.TempDir(), "list")
		build(b, path, 1, entries(size))
		store := newStore(b)
		require.NoError(b, store.Swap(path))
		miss := filteredOut(store.file)
		b.Run(fmt.Sprintf("miss/%d", size), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				store.Lookup(miss)
			}
		})
		b.Run(fmt.Sprintf("hit/%d", size), func(b *testing.B) {
			b.ReportAllocs()
			for n := 0; b.Loop(); n += 7919 {
				store.Lookup(card(2 * (n % size)))
			}
		})
	}
}

func BenchmarkBuild(b *testing.B) {
	for _, size := range benchSizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			list := List{Version: 1, Area: testArea, Made: testMade, Entries: entries(size)}
			path := filepath.Join(b.TempDir(), "list")
			for b.Loop() {
				require.NoError(b, Build(path, list))
			}
		})
	}
}

func BenchmarkSwap(b *testing.B) {
	for _, size := range benchSizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "list")
			build(b, path, 1, entries(size))
			store := newStore(b)
			for b.Loop() {
				require.NoError(b, store.Swap(path))
			}
		})
	}
}
