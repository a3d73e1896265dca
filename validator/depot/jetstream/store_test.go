package jetstream_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
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

func open(t testing.TB, c *cluster, stream, heads string, more ...nats.Option) *jetstream.Store {
	t.Helper()
	var store *jetstream.Store
	require.Eventually(t, func() (done bool) {
		var err error
		store, err = jetstream.Open(t.Context(), jetstream.Options{
			Servers: c.addresses(), Stream: stream, Replicas: len(c.nodes), Heads: heads,
			Nats: append(more, nats.ReconnectWait(100*time.Millisecond)),
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

// Ensure that of a device that sends to one depot and to another, in any order and to both at
// once, each entry is kept once, on one stream, and that both follow the same.
func TestTwoDepots(t *testing.T) {
	c := newCluster(t, 1, "")
	device := depottest.NewDevice(t, 9)
	device.Record(60, 1)
	other := device.Copy() // its disk was copied
	device.Record(60, 2)
	other.Record(60, 3)
	var stores [2]*jetstream.Store
	var depots [2]depot.Receiver
	var batches atomic.Int64
	for n := range stores {
		stores[n] = open(t, c, "leima", filepath.Join(t.TempDir(), "heads"))
		defer func() { require.NoError(t, stores[n].Close()) }()
		depots[n].Store, depots[n].Now = counting{stores[n], &batches}, depottest.Now
		depots[n].Alarm = func(depot.Alarm) {}
	}
	var sending sync.WaitGroup
	for _, items := range [][]journal.Item{device.Items(0), other.Items(0), device.Items(0)} {
		sending.Go(func() {
			for sent := 0; sent < len(items); {
				end := min(len(items), sent+1+rand.IntN(9))
				head, err := depots[rand.IntN(2)].Receive(t.Context(), 9, items[sent:end], false)
				if err == nil { // else the device sends it again
					require.Equal(t, items[end-1].Hash, head.Hash)
					sent = end
				}
			}
		})
	}
	sending.Wait()
	for _, store := range stores {
		kept := depottest.Kept(t, store, int(batches.Load()))
		require.Len(t, kept, 2)
		both := []string{string(kept["9/0"]), string(kept["9/1"])}
		one, two := device.Items(0), other.Items(0)
		if bytes.HasSuffix(kept["9/0"], two[len(two)-1].Raw) {
			one, two = two, one
		}
		require.Equal(t, []string{string(depottest.Raw(one)), string(depottest.Raw(two[60:]))}, both)
	}
}

// counting counts the batches that a store has kept.
type counting struct {
	depot.Store
	n *atomic.Int64
}

func (c counting) Append(ctx context.Context, b *depot.Batch) error {
	err := c.Store.Append(ctx, b)
	if err == nil {
		c.n.Add(1)
	}
	return err
}

// Ensure that a stream that would lose what was acknowledged, as somebody may have made it, is
// refused, and that the error says which settings are wanted.
func TestUnfit(t *testing.T) {
	c := newCluster(t, 1, "")
	for want, set := range map[string]func(*js.StreamConfig){
		"replicas 3, not 1":                func(*js.StreamConfig) {},
		"storage on files":                 func(c *js.StreamConfig) { c.Storage = js.MemoryStorage },
		"retention by limits":              func(c *js.StreamConfig) { c.Retention = js.WorkQueuePolicy },
		"discard new":                      func(c *js.StreamConfig) { c.Discard = js.DiscardOld },
		"no maximum age":                   func(c *js.StreamConfig) { c.MaxAge = time.Hour },
		"no maximum of messages a subject": func(c *js.StreamConfig) { c.MaxMsgsPerSubject = 1 },
		"persist mode default":             func(c *js.StreamConfig) { c.PersistMode = js.AsyncPersistMode },
		"no subject transform": func(c *js.StreamConfig) {
			c.SubjectTransform = &js.SubjectTransformConfig{Source: ">", Destination: "away.>"}
		},
		"deny delete":                        func(c *js.StreamConfig) { c.DenyDelete = false },
		"deny purge":                         func(c *js.StreamConfig) { c.DenyPurge = false },
		"messages of up to 786432 bytes":     func(c *js.StreamConfig) { c.MaxMsgSize = 100_000 },
		"acknowledgements":                   func(c *js.StreamConfig) { c.NoAck = true },
		"want the subjects leima.journal.> ": func(c *js.StreamConfig) { c.Subjects = []string{"x"} },
	} {
		made := js.StreamConfig{
			Name: "leima", Subjects: []string{"leima.journal.>"}, Storage: js.FileStorage,
			Discard: js.DiscardNew, DenyDelete: true, DenyPurge: true,
		}
		set(&made)
		require.True(t, c.answers(func(streams js.JetStream) bool {
			_, err := streams.CreateStream(t.Context(), made)
			return err == nil
		}), want)
		replicas := 1
		if want == "replicas 3, not 1" {
			replicas = 3
		}
		_, err := jetstream.Open(t.Context(), jetstream.Options{
			Servers: c.addresses(), Stream: "leima", Replicas: replicas,
			Heads: filepath.Join(t.TempDir(), "heads"),
		})
		require.ErrorIs(t, err, jetstream.ErrUnfit, want)
		require.ErrorContains(t, err, want)
		require.True(t, c.answers(func(streams js.JetStream) bool {
			return streams.DeleteStream(t.Context(), "leima") == nil
		}))
	}
}
