package jetstream_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"leima/validator/depot"
	"leima/validator/depot/depottest"
	"leima/validator/depot/jetstream"
	"leima/validator/journal"
)

// chaos is how long a cluster is torn; "make nats-soak" is ten minutes.
var chaos = flag.Duration("chaos", 15*time.Second, "how long a cluster is torn")

func open(t testing.TB, c *cluster, stream, heads string) *jetstream.Store {
	t.Helper()
	var store *jetstream.Store
	require.Eventually(t, func() (done bool) {
		var err error
		store, err = jetstream.Open(t.Context(), jetstream.Options{
			Servers: c.addresses(), Stream: stream, Replicas: len(c.nodes), Heads: heads,
			Nats: []nats.Option{nats.ReconnectWait(100 * time.Millisecond)},
		})
		return err == nil
	}, time.Minute, 100*time.Millisecond)
	return store
}

func TestConforms(t *testing.T) {
	c := newCluster(t, 1, "")
	folders := map[string]string{}
	depottest.Conform(t, func(t *testing.T) (depot.Store, func()) {
		if folders[t.Name()] == "" {
			c.answers(func(streams js.JetStream) bool { // there may be none
				return streams.DeleteStream(t.Context(), "leima") == nil
			})
			folders[t.Name()] = t.TempDir()
		}
		store := open(t, c, "leima", filepath.Join(folders[t.Name()], "heads"))
		return store, func() { require.NoError(t, store.Close()) }
	})
}

// Ensure that three servers, one of which is killed, hangs, or loses its disk at any time, and one
// of which is full in the end, keep each entry that was acknowledged once.
func TestTornCluster(t *testing.T) {
	const devices = 6
	c := newCluster(t, 3, "")
	store := open(t, c, "leima", filepath.Join(t.TempDir(), "heads"))
	defer func() { require.NoError(t, store.Close()) }()
	r := depot.Receiver{Store: store, Now: depottest.Now, Alarm: func(a depot.Alarm) { t.Error(a) }}
	var over atomic.Bool
	var sending sync.WaitGroup
	var all [devices]*depottest.Device
	var refused atomic.Int64
	for n := range uint16(devices) {
		d := depottest.NewDevice(t, n+1)
		all[n] = d
		sending.Go(func() {
			sent := uint64(0)
			for !over.Load() || sent < d.Journal.Extent().Last {
				if !over.Load() {
					d.Record(1+rand.IntN(5), 1)
				}
				head, err := r.Receive(t.Context(), n+1, d.Items(sent), false)
				var gap *depot.GapError
				switch {
				case err == nil:
					sent = head.Position
				case errors.As(err, &gap):
					t.Errorf("the stream has lost what it had acknowledged: %v", gap.Heads)
					return
				default:
					refused.Add(1)
				}
			}
		})
	}
	torn := tear(c, *chaos)
	over.Store(true)
	sending.Wait()
	t.Logf("%s; %d appends were refused", torn, refused.Load())
	want := map[string][]byte{}
	for n, d := range all {
		want[fmt.Sprintf("%d/0", n+1)] = depottest.Raw(d.Items(0))
	}
	got := map[string][]byte{}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	size := func(m map[string][]byte) (n int) {
		for _, raw := range m {
			n += len(raw)
		}
		return n
	}
	_ = store.Follow(ctx, 0, func(_ uint64, b *depot.Batch) error {
		name := fmt.Sprintf("%d/%d", b.Device, b.Chain)
		got[name] = append(got[name], depottest.Raw(b.Entries)...)
		if size(got) >= size(want) {
			cancel()
		}
		return nil
	})
	for name, raw := range want {
		require.True(t, bytes.Equal(raw, got[name]), "of %s", name)
	}
	require.Len(t, got, devices)
}

// tear tears a cluster, never more than one of its servers at once.
func tear(c *cluster, how time.Duration) (done string) {
	count := map[string]int{}
	for end := time.Now().Add(how); time.Now().Before(end); {
		one := c.nodes[rand.IntN(len(c.nodes))]
		switch rand.IntN(3) {
		case 0:
			count["killed"]++
			one.kill()
			time.Sleep(time.Duration(rand.IntN(1000)) * time.Millisecond)
			one.start()
		case 1:
			count["hung"]++
			one.hangs(true)
			time.Sleep(time.Duration(rand.IntN(3000)) * time.Millisecond)
			one.hangs(false)
		case 2:
			count["wiped"]++
			one.kill()
			one.wipe()
			one.start()
		}
		c.ready()
		c.whole()
	}
	return strings.TrimPrefix(fmt.Sprint(count), "map")
}

// gone are the alarms of a store about what it had acknowledged.
type gone struct{ device, after, upTo uint64 }

// Ensure that a stream that is made anew, and one that has lost its end, is noticed by what was
// acknowledged; that the device is asked again and all is there once more; and that who follows is
// given it with greater cursors.
func TestLostTail(t *testing.T) {
	for name, loses := range map[string]struct {
		left uint64 // entries
		does func(*testing.T, *cluster, string)
	}{
		"made anew": {0, func(t *testing.T, c *cluster, _ string) {
			require.True(t, c.answers(func(streams js.JetStream) bool {
				return streams.DeleteStream(t.Context(), "leima") == nil
			}))
		}},
		"an old copy": {20, func(t *testing.T, c *cluster, copied string) {
			c.nodes[0].kill()
			c.nodes[0].wipe()
			require.NoError(t, os.CopyFS(c.nodes[0].store, os.DirFS(copied)))
			c.nodes[0].start()
			c.ready()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, 1, "")
			device := depottest.NewDevice(t, 9)
			device.Record(50, 1)
			items := device.Items(0)
			heads := filepath.Join(t.TempDir(), "heads")
			var alarms []gone
			send := func(s *jetstream.Store, items []journal.Item, oldest bool) error {
				r := depot.Receiver{Store: s, Now: depottest.Now}
				_, err := r.Receive(t.Context(), 9, items, oldest)
				return err
			}
			store := open(t, c, "leima", heads)
			require.NoError(t, send(store, items[:20], false))
			require.NoError(t, store.Close())
			c.nodes[0].kill()
			copied := filepath.Join(t.TempDir(), "copied")
			require.NoError(t, os.CopyFS(copied, os.DirFS(c.nodes[0].store)))
			c.nodes[0].start()
			c.ready()
			store = open(t, c, "leima", heads)
			require.NoError(t, send(store, items[20:40], false))
			_, last := depottest.Followed(t, store, 0, 2)
			require.NoError(t, store.Close())

			loses.does(t, c, copied)
			store, err := jetstream.Open(t.Context(), jetstream.Options{
				Servers: c.addresses(), Stream: "leima", Replicas: 1, Heads: heads,
				Alarm: func(device uint16, after, upTo uint64) {
					alarms = append(alarms, gone{uint64(device), after, upTo})
				},
			})
			require.NoError(t, err)
			defer func() { require.NoError(t, store.Close()) }()
			var gap *depot.GapError
			require.ErrorAs(t, send(store, items[40:], false), &gap)
			require.Equal(t, []gone{{9, loses.left, 40}}, alarms)
			require.NoError(t, send(store, items[loses.left:], loses.left == 0))
			want := map[string][]byte{"9/0": depottest.Raw(items)}
			batches := 1
			if loses.left > 0 {
				batches = 2
			}
			require.Equal(t, want, depottest.Kept(t, store, batches))
			again, _ := depottest.Followed(t, store, last, batches)
			require.Len(t, again, batches, "all of it comes again")
		})
	}
}

// Ensure that nothing is acknowledged by servers that are full.
func TestFull(t *testing.T) {
	c := newCluster(t, 1, "64KB")
	store := open(t, c, "leima", filepath.Join(t.TempDir(), "heads"))
	defer func() { require.NoError(t, store.Close()) }()
	device := depottest.NewDevice(t, 9)
	device.Record(1000, 1)
	items := device.Items(0)
	r := depot.Receiver{Store: store, Now: depottest.Now}
	acknowledged, err := 0, error(nil)
	for err == nil && acknowledged < len(items) {
		if _, err = r.Receive(t.Context(), 9, items[acknowledged:acknowledged+20], false); err == nil {
			acknowledged += 20
		}
	}
	require.Error(t, err, "it is not full with %d entries", acknowledged)
	chains, err := store.Chains(t.Context(), 9)
	require.NoError(t, err)
	require.GreaterOrEqual(t, chains[0].Position, uint64(acknowledged))
}

// Ensure that a batch that the stream has, unheard, is not kept a second time.
func TestUnheardAppend(t *testing.T) {
	c := newCluster(t, 1, "")
	device := depottest.NewDevice(t, 9)
	device.Record(20, 1)
	items := device.Items(0)
	var stores [2]*jetstream.Store
	for n := range stores {
		stores[n] = open(t, c, "leima", filepath.Join(t.TempDir(), "heads"))
		defer func() { require.NoError(t, stores[n].Close()) }()
	}
	receive := func(s *jetstream.Store, items []journal.Item) error {
		_, err := (&depot.Receiver{Store: s, Now: depottest.Now}).Receive(t.Context(), 9, items, false)
		return err
	}
	require.NoError(t, receive(stores[0], items[:10]))
	require.NoError(t, receive(stores[1], items[10:])) // as one whose answer the first has not heard
	require.Error(t, receive(stores[0], items[10:]))
	require.NoError(t, receive(stores[0], items[10:]))
	require.Equal(t, map[string][]byte{"9/0": depottest.Raw(items)}, depottest.Kept(t, stores[0], 2))
}
