package lists

import (
	"bufio"
	"crypto/sha256"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/blocklist"
	"leima/cardlayout"
	"leima/hw/disk"
	"leima/validator/lists/bundle"
	"leima/validator/lists/inbox"
)

var benchSizes = []int{10_000, 1_000_000, 10_000_000}

// A town is two lists of a size, of which the second follows the first, and both signed.
// A tenth of a billion cards per million entries: the gaps between them are as uneven as
// those of cards that were lost.
type town struct {
	folder  string
	numbers []uint64
	bundles [2]string
}

func (t *town) listed(n int) cardlayout.Number {
	return cardlayout.Number(t.numbers[n%len(t.numbers)])
}

// unlisted is a number beside one that is listed.
func (t *town) unlisted(n int) cardlayout.Number {
	number := t.listed(n)
	return number/10*10 + (number+5)%10 // with another check digit
}

// towns are made once for all benchmarks.
var towns struct {
	sync.Mutex
	of map[int]*town
}

func townOf(b testing.TB, size int) *town {
	towns.Lock()
	defer towns.Unlock()
	if t := towns.of[size]; t != nil {
		return t
	}
	t := &town{folder: filepath.Join(benchFolder, fmt.Sprint(size)), numbers: make([]uint64, size)}
	require.NoError(b, os.MkdirAll(t.folder, 0o755))
	random := rand.New(rand.NewPCG(uint64(size), 1))
	entries, serial := make([]blocklist.Entry, size), uint64(92469900000000000)
	for n := range entries {
		serial += 1 + random.Uint64N(199)
		entries[n] = blocklist.Entry{Number: cardlayout.WithCheckDigit(serial), Kind: cardlayout.Personal}
		t.numbers[n] = uint64(entries[n].Number)
	}
	for n := range t.bundles {
		path := filepath.Join(t.folder, fmt.Sprint("list-", n+1))
		require.NoError(b, blocklist.Build(path, blocklist.List{
			Version: uint32(n + 1), Area: area,
			Made: made, Entries: entries[n:],
		}))
		t.bundles[n] = path + ".bundle"
		sign(b, path, made.AddDate(0, 0, 14))
	}
	if towns.of == nil {
		towns.of = map[int]*town{}
	}
	towns.of[size] = t
	return t
}

// sign makes the bundle of a list beside it.
func sign(b testing.TB, path string, expires time.Time) {
	require.NoError(b, disk.Sync.Replace(path+".bundle", 0o600, func(w io.Writer) error {
		_, err := SignBlocks(w, path, Terms{Expires: expires}, ours)
		return err
	}))
}

var benchFolder string

// TestMain removes what the benchmarks share, and is the validator of which the memory
// is measured.
func TestMain(m *testing.M) {
	if folder := os.Getenv("LEIMA_BENCH_LISTS"); folder != "" {
		alone(folder, os.Getenv("LEIMA_BENCH_BUNDLE"))
		return
	}
	var err error
	if benchFolder, err = os.MkdirTemp("", "leima-lists-"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(benchFolder)
	os.Exit(code)
}

func benchTrust() bundle.Trust {
	return bundle.Trust{Area: area, Keys: []bundle.PublicKey{bundle.Public(ours)}, Largest: 1 << 32}
}

// opened is a store with the first list of a town in use.
func opened(b testing.TB, t *town) (*Blocks, *blocklist.Store) {
	folder := b.TempDir()
	store := blocklist.NewStore(area)
	lists, err := OpenBlocks(folder, benchTrust(), 100, store)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, store.Close()) })
	require.NoError(b, lists.Apply(t.bundles[0], today, inbox.AtOnce))
	return lists, store
}

// BenchmarkLookup looks cards up that are listed and that are not, beside a binary search
// in all numbers in the memory.
func BenchmarkLookup(b *testing.B) {
	for _, size := range benchSizes {
		b.Run(fmt.Sprintf("hit/%d", size), func(b *testing.B) {
			t := townOf(b, size)
			_, store := opened(b, t)
			for n := 0; b.Loop(); n += 7919 {
				if _, listed, err := store.Lookup(t.listed(n)); !listed || err != nil {
					b.Fatal(listed, err)
				}
			}
		})
		b.Run(fmt.Sprintf("miss/%d", size), func(b *testing.B) {
			t := townOf(b, size)
			_, store := opened(b, t)
			b.ReportAllocs()
			for n := 0; b.Loop(); n += 7919 {
				if _, listed, err := store.Lookup(t.unlisted(n)); listed || err != nil {
					b.Fatal(listed, err)
				}
			}
		})
		b.Run(fmt.Sprintf("yardstick-search/%d", size), func(b *testing.B) {
			t := townOf(b, size)
			for n := 0; b.Loop(); n += 7919 {
				if _, found := slices.BinarySearch(t.numbers, uint64(t.listed(n))); !found {
					b.Fatal(found)
				}
			}
		})
	}
}

// BenchmarkStart opens the block lists of a device, beside reading its file and taking the
// SHA-256 of it, which is the least that a start must do. The pages are in the memory:
// add the file's size divided by the speed of the disk.
func BenchmarkStart(b *testing.B) {
	for _, size := range benchSizes {
		b.Run(fmt.Sprintf("open/%d", size), func(b *testing.B) {
			lists, _ := opened(b, townOf(b, size))
			for b.Loop() {
				store := blocklist.NewStore(area)
				_, err := OpenBlocks(lists.folder, benchTrust(), 100, store)
				require.NoError(b, err)
				require.NoError(b, store.Close())
			}
		})
		b.Run(fmt.Sprintf("yardstick-sha256/%d", size), func(b *testing.B) {
			path := filepath.Join(townOf(b, size).folder, "list-1")
			for b.Loop() {
				file, err := os.Open(path)
				require.NoError(b, err)
				n, err := io.Copy(sha256.New(), file)
				require.NoError(b, err)
				require.NoError(b, file.Close())
				b.SetBytes(n)
			}
		})
	}
}

// BenchmarkApply takes a bundle into use: all of it, and of that how long it holds a tap
// up. The yardstick writes the same file and flushes it.
func BenchmarkApply(b *testing.B) {
	for _, size := range benchSizes {
		b.Run(fmt.Sprintf("bundle/%d", size), func(b *testing.B) {
			t := townOf(b, size)
			var held time.Duration
			for b.Loop() {
				b.StopTimer()
				lists, _ := opened(b, t)
				b.StartTimer()
				require.NoError(b, lists.Apply(t.bundles[1], today, func(exchange func() error) error {
					began := time.Now()
					err := exchange()
					held += time.Since(began)
					return err
				}))
			}
			b.ReportMetric(float64(held.Nanoseconds())/float64(b.N), "ns/swap")
		})
		b.Run(fmt.Sprintf("yardstick-write/%d", size), func(b *testing.B) {
			raw, err := os.ReadFile(townOf(b, size).bundles[1])
			require.NoError(b, err)
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				file, err := os.Create(filepath.Join(b.TempDir(), "file"))
				require.NoError(b, err)
				_, err = file.Write(raw)
				require.NoError(b, err)
				require.NoError(b, file.Sync())
				require.NoError(b, file.Close())
			}
		})
	}
}

// BenchmarkBuild builds and signs a list at the back office.
func BenchmarkBuild(b *testing.B) {
	for _, size := range benchSizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			t := townOf(b, size)
			entries := make([]blocklist.Entry, size)
			for n := range entries {
				entries[n] = blocklist.Entry{Number: t.listed(n), Kind: cardlayout.Personal}
			}
			list := blocklist.List{Version: 1, Area: area, Made: made, Entries: entries}
			path := filepath.Join(b.TempDir(), "list")
			for b.Loop() {
				require.NoError(b, blocklist.Build(path, list))
				sign(b, path, today)
			}
			info, err := os.Stat(path + ".bundle")
			require.NoError(b, err)
			b.ReportMetric(float64(info.Size())/float64(size), "B/card")
		})
	}
}

// BenchmarkMemory starts a device in a process of its own, has it take a bundle, and
// tells how much memory it has beside the pages of files, which the system takes back
// when it wants to. The yardstick is the filter alone: nine bits a card.
func BenchmarkMemory(b *testing.B) {
	for _, size := range benchSizes {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			t := townOf(b, size)
			program, err := os.Executable()
			require.NoError(b, err)
			var empty, started, peak float64
			for b.Loop() {
				b.StopTimer()
				lists, store := opened(b, t)
				require.NoError(b, store.Close())
				b.StartTimer()
				device := exec.Command(program)
				device.Env = append(os.Environ(), "LEIMA_BENCH_LISTS="+lists.folder,
					"LEIMA_BENCH_BUNDLE="+t.bundles[1])
				answer, err := device.CombinedOutput()
				require.NoError(b, err, string(answer))
				_, err = fmt.Sscan(string(answer), &empty, &started, &peak)
				require.NoError(b, err, string(answer))
			}
			b.ReportMetric(empty, "MiB-empty")
			b.ReportMetric(started, "MiB-in-use")
			b.ReportMetric(peak, "MiB-peak")
			b.ReportMetric(float64(size)*9.1/8/(1<<20), "MiB-filter")
		})
	}
}

// alone is the device whose memory is measured.
func alone(folder, path string) {
	idle := anonymous()
	store := blocklist.NewStore(area)
	lists, err := OpenBlocks(folder, benchTrust(), 100, store)
	if err != nil {
		panic(err)
	}
	started, peak := anonymous(), 0.0
	var done atomic.Bool
	var watching sync.WaitGroup
	watching.Go(func() {
		for !done.Load() {
			peak = max(peak, anonymous())
			time.Sleep(time.Millisecond)
		}
	})
	err = lists.Apply(path, today, inbox.AtOnce)
	done.Store(true)
	watching.Wait()
	if err != nil {
		panic(err)
	}
	fmt.Println(idle, started, peak)
}

// anonymous is the process's memory in MiB that is no page of a file.
func anonymous() float64 {
	status, err := os.Open("/proc/self/status")
	if err != nil {
		return 0
	}
	defer status.Close()
	for lines := bufio.NewScanner(status); lines.Scan(); {
		if rest, found := strings.CutPrefix(lines.Text(), "RssAnon:"); found {
			var kib float64
			_, _ = fmt.Sscan(rest, &kib)
			return kib / 1024
		}
	}
	return 0
}

// Ensure that a list is applied in less memory than it has bytes: it is gone through as a
// stream, and only its filter and that of the list before are kept.
func TestLargerThanMemory(t *testing.T) {
	town := townOf(t, 1_000_000)
	lists, store := opened(t, town)
	info, err := os.Stat(town.bundles[1])
	require.NoError(t, err)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	require.NoError(t, lists.Apply(town.bundles[1], today, inbox.AtOnce))
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(info.Size())*3/4)
	require.Equal(t, 999_999, store.Count())
	for n := range town.numbers {
		_, listed, err := store.Lookup(cardlayout.Number(town.numbers[n]))
		if listed != (n > 0) || err != nil {
			t.Fatal(n, listed, err)
		}
	}
}
