package journal

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout/canonical"
)

// quick makes a journal that is only to be filled: nothing in it has to last.
func quick(j *Journal) *Journal {
	j.using.Lock()
	defer j.using.Unlock()
	j.flush = noFlush
	return j
}

// BenchmarkTap is what a tap costs the journal that changes its card: one flush, and how many bytes
// it adds to the log and sends to the disk.
func BenchmarkTap(b *testing.B) {
	j := open(b, created(b))
	sealing(b, j)
	size, before := int64(0), sentToDisk(b)
	for n := uint32(1); b.Loop(); n++ {
		end := j.end
		require.NoError(b, j.Begin(passenger(n, 1)))
		require.NoError(b, j.Flush())
		require.NoError(b, j.Settle(id(n), testReceipt))
		if j.end > end {
			size = j.end - end
		}
	}
	b.ReportMetric(float64(size), "bytes-appended")
	b.ReportMetric(float64(sentToDisk(b)-before)/float64(b.N), "bytes-to-disk")
}

// sentToDisk is how much this program has sent to disks, in whole blocks; 0 if it is not told.
func sentToDisk(b *testing.B) (bytes int64) {
	told, err := os.ReadFile("/proc/self/io")
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(told), "\nwrite_bytes: ")
	_, err = fmt.Sscan(after, &bytes)
	require.NoError(b, err)
	return bytes
}

// BenchmarkSeal is what the sealing of an identity adds to an entry, and the exchange of keys
// that does for a segment.
func BenchmarkSeal(b *testing.B) {
	s := sealer{}
	var err error
	s.backOffice, err = BackOfficePublic(officeKey).hpke()
	require.NoError(b, err)
	entry := func(b *testing.B, each func()) {
		b.ReportAllocs()
		e := passenger(1, 1)
		for b.Loop() {
			each()
			require.NoError(b, s.seal(stored(e), 1))
		}
	}
	b.Run("entry", func(b *testing.B) { entry(b, func() {}) })
	b.Run("with exchange", func(b *testing.B) { entry(b, s.forget) })
}

// BenchmarkCommit is one entry in the journal beside the least that any store could do
// on the same disk: append as many bytes to a file and flush it. The two take turns.
func BenchmarkCommit(b *testing.B) {
	path := created(b)
	j := open(b, path)
	plain, err := os.Create(filepath.Join(filepath.Dir(path), "plain"))
	require.NoError(b, err)
	defer plain.Close()
	raw, err := canonical.Encode.Marshal(&entry{Kind: Record, Event: stored(tap(1, 1))})
	require.NoError(b, err)
	line := recorded(append(make([]byte, len(head{}.Hash)), raw...))
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

// BenchmarkRoll is the longest that a tap may have to wait: an entry after which a segment begins.
func BenchmarkRoll(b *testing.B) {
	j := open(b, created(b))
	flush := j.flush
	for n := uint32(0); b.Loop(); {
		b.StopTimer()
		require.NoError(b, j.Flush())
		quick(j)
		for range 400 {
			n++
			require.NoError(b, j.Begin(tap(n, 1)))
			require.NoError(b, j.Settle(id(n), testReceipt))
		}
		require.NoError(b, j.Flush())
		j.using.Lock()
		j.flush = flush
		b.StartTimer()
		require.NoError(b, j.roll())
		j.using.Unlock()
	}
}
