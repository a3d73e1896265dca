package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// quick makes a journal that is only to be filled: nothing in it has to last.
func quick(j *Journal) *Journal {
	j.db.db.NoSync, j.flush = true, func(*os.File) error { return nil }
	return j
}

// BenchmarkTap is what a tap costs that changes its card: two commits.
func BenchmarkTap(b *testing.B) {
	j := open(b, created(b))
	for n := uint32(1); b.Loop(); n++ {
		require.NoError(b, j.Begin(tap(n, 1)))
		require.NoError(b, j.Settle(id(n), testReceipt))
	}
}

// BenchmarkCommit is one entry in the journal beside the least that any store could do
// on the same disk: append as many bytes to a file and flush it. The two take turns.
func BenchmarkCommit(b *testing.B) {
	path := created(b)
	j := open(b, path)
	plain, err := os.Create(filepath.Join(filepath.Dir(path), "plain"))
	require.NoError(b, err)
	defer plain.Close()
	raw, err := encMode.Marshal(&entry{Kind: Record, Event: stored(tap(1, 1))})
	require.NoError(b, err)
	line := make([]byte, len(head{}.Hash)+len(raw))
	var journal, yardstick []time.Duration
	for n := uint32(1); b.Loop(); n++ {
		start := time.Now()
		require.NoError(b, j.Record(tap(n, 1)))
		middle := time.Now()
		_, err := plain.Write(line)
		require.NoError(b, err)
		require.NoError(b, plain.Sync())
		journal = append(journal, middle.Sub(start))
		yardstick = append(yardstick, time.Since(middle))
	}
	report := func(share int) (ratio float64) {
		a, p := centile(journal, share), centile(yardstick, share)
		b.ReportMetric(float64(a.Microseconds()), fmt.Sprintf("µs-commit-p%d", share))
		b.ReportMetric(float64(p.Microseconds()), fmt.Sprintf("µs-append+fsync-p%d", share))
		return float64(a) / float64(p)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(report(50), "ratio-p50")
	b.ReportMetric(report(99), "ratio-p99")
}

func centile(times []time.Duration, share int) time.Duration {
	slices.Sort(times)
	return times[(len(times)-1)*share/100]
}

// BenchmarkOpen opens journals of every age, which takes as long for all. On the
// largest it verifies too, which does not.
func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(memory(b), "journal") // only to fill it sooner
	require.NoError(b, Create(path, testDevice))
	have := uint32(0)
	for _, count := range []uint32{1000, 100_000, 1_000_000} {
		j, err := OpenWithin(path, Limits{Size: 1 << 30})
		require.NoError(b, err)
		for quick(j); have < count; {
			have++
			require.NoError(b, j.Record(tap(have, 1)))
		}
		require.NoError(b, j.Close())
		b.Run(fmt.Sprint(count), func(b *testing.B) {
			for b.Loop() {
				j, err := Open(path)
				require.NoError(b, err)
				require.NoError(b, j.Close())
			}
		})
	}
	b.Run("verify", func(b *testing.B) {
		j := open(b, path)
		for b.Loop() {
			require.NoError(b, j.Verify(nil))
		}
		require.NoError(b, j.Close())
	})
}

// BenchmarkOpenInDoubt opens a journal with many open intents.
func BenchmarkOpenInDoubt(b *testing.B) {
	path := created(b)
	j := quick(open(b, path))
	for n := uint32(1); n <= 10_000; n++ {
		require.NoError(b, j.Begin(tap(n, int(n))))
	}
	require.NoError(b, j.Close())
	for b.Loop() {
		j, err := Open(path)
		require.NoError(b, err)
		require.NoError(b, j.Close())
	}
}

// BenchmarkArchive is the longest that a tap may have to wait: an entry whose commit is
// followed by that of a whole segment into a file of its own.
func BenchmarkArchive(b *testing.B) {
	j := open(b, created(b))
	flush := j.flush
	for n := uint32(1); b.Loop(); {
		b.StopTimer()
		quick(j)
		for ; j.logSize < j.limits.segment; n++ {
			require.NoError(b, j.Begin(tap(n, 1)))
		}
		j.db.db.NoSync, j.flush = false, flush
		b.StartTimer()
		require.NoError(b, j.archive())
	}
}
