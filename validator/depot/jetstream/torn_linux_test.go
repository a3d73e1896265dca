package jetstream_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"leima/validator/depot"
	"leima/validator/depot/depottest"
)

// chaos is how long a cluster is torn; "make nats-soak" is ten minutes.
var chaos = flag.Duration("chaos", 15*time.Second, "how long a cluster is torn")

// Ensure that three servers, of which one is killed, hangs, is cut off, loses its disk or has no
// room on it, at any time, keep each entry that was acknowledged once.
func TestTornCluster(t *testing.T) {
	t.Parallel()
	const devices = 6
	if !apart(t) {
		return
	}
	c := newClusterAt(t, machines(t, 3), "")
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

// Ensure that the depot leaves a server that is cut off from it and from the others, and goes on with
// these.
func TestCutOff(t *testing.T) {
	t.Parallel()
	if !apart(t) {
		return
	}
	c := newClusterAt(t, machines(t, 3), "")
	store := open(t, c, "leima", filepath.Join(t.TempDir(), "heads"), nats.DontRandomize())
	defer func() { require.NoError(t, store.Close()) }()
	device := depottest.NewDevice(t, 9)
	device.Record(20, 1)
	items := device.Items(0)
	r := depot.Receiver{Store: store, Now: depottest.Now}
	_, err := r.Receive(t.Context(), 9, items[:10], false)
	require.NoError(t, err)
	c.nodes[0].cutOff(true)
	require.Eventually(t, func() bool {
		_, err = r.Receive(t.Context(), 9, items[10:], false)
		return err == nil
	}, time.Minute, 100*time.Millisecond)
	require.Equal(t, map[string][]byte{"9/0": depottest.Raw(items)}, depottest.Kept(t, store, 2))
}

// tear tears a cluster, never more than one of its servers at once.
func tear(c *cluster, how time.Duration) (done string) {
	count := map[string]int{}
	tears := []struct {
		name string
		does func(n *node, wait func())
	}{
		{"killed", func(n *node, wait func()) { n.kill(); wait(); n.start() }},
		{"hung", func(n *node, wait func()) { n.hangs(true); wait(); n.hangs(false) }},
		{"wiped", func(n *node, _ func()) { n.kill(); n.wipe(); n.start() }},
		{"cut off", func(n *node, wait func()) { n.cutOff(true); wait(); n.cutOff(false) }},
		{"full", func(n *node, wait func()) { n.fill(true); wait(); n.fill(false); n.kill(); n.start() }},
	}
	order := rand.Perm(len(tears))
	for end, turn := time.Now().Add(how), 0; time.Now().Before(end); turn++ {
		one, does := c.nodes[rand.IntN(len(c.nodes))], tears[order[turn%len(order)]]
		count[does.name]++
		does.does(one, func() { time.Sleep(time.Duration(rand.IntN(3000)) * time.Millisecond) })
		c.ready()
		c.whole()
	}
	return strings.TrimPrefix(fmt.Sprint(count), "map")
}
