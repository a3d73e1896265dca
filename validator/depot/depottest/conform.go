package depottest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/depot"
	"leima/validator/journal"
)

// Conform is what every store must do. Open opens a store that is empty at first, and the same one
// again once it was closed.
func Conform(t *testing.T, open func(*testing.T) (s depot.Store, closes func())) {
	for name, does := range map[string]func(*testing.T, func(*testing.T) (depot.Store, func())){
		"keeps what it says is kept": keeps, "what comes twice is kept once": keepsOnce,
		"follows as it grows": follows, "two journals of one device": keepsForks,
		"a gap": keepsGaps, "what does not follow": keepsApart, "many devices at once": keepsMany,
	} {
		t.Run(name, func(t *testing.T) { does(t, open) })
	}
}

// receiver receives into a store, and collects alarms.
func receiver(s depot.Store) (r *depot.Receiver, alarms *[]depot.Alarm) {
	alarms = &[]depot.Alarm{}
	return &depot.Receiver{
		Store: s, Now: Now, Alarm: func(a depot.Alarm) { *alarms = append(*alarms, a) },
	}, alarms
}

// headOf is the head at the last of some items.
func headOf(items []journal.Item) depot.Head {
	last := items[len(items)-1]
	return depot.Head{Position: last.Position, Hash: last.Hash}
}

// Ensure that chains, batches and reports are there after a restart, byte for byte, and that a
// following goes on where another one has ended.
func keeps(t *testing.T, open func(*testing.T) (depot.Store, func())) {
	store, closes := open(t)
	nothing, err := store.Last(t.Context())
	require.NoError(t, err)
	require.Zero(t, nothing)
	r, alarms := receiver(store)
	device := NewDevice(t, 9)
	device.Record(10, 1)
	items := device.Items(0)
	for _, sent := range [][]journal.Item{
		items[:3], items[3:9], append(items[9:10:10], device.Report()), {device.Report()},
	} {
		head, err := r.Receive(t.Context(), 9, sent, false)
		require.NoError(t, err)
		require.Equal(t, headOf(sent), head)
	}
	closes()

	store, closes = open(t)
	defer closes()
	chains, err := store.Chains(t.Context(), 9)
	require.NoError(t, err)
	require.Equal(t, []depot.Chain{{First: 1, Head: headOf(items)}}, chains)
	none, err := store.Chains(t.Context(), 8)
	require.NoError(t, err)
	require.Empty(t, none)
	all, last := Followed(t, store, 0, 2)
	rest, last := Followed(t, store, last, 2)
	all = append(all, rest...)
	end, err := store.Last(t.Context())
	require.NoError(t, err)
	require.Equal(t, last, end)
	require.Equal(t, Raw(items[:3]), Raw(all[0].Entries))
	require.Equal(t, Raw(items[3:9]), Raw(all[1].Entries))
	require.Equal(t, Raw(items[9:]), Raw(all[2].Entries))
	require.Equal(t, device.Report().Raw, all[2].Report.Raw)
	require.Empty(t, all[3].Entries)
	require.NotNil(t, all[3].Report)
	require.Equal(t, Now(), all[3].Received)
	for position, want := range map[uint64]int{1: 0, 3: 0, 4: 1, 9: 1, 10: 2} {
		b, err := store.Holding(t.Context(), 9, 0, position)
		require.NoError(t, err)
		require.Equal(t, all[want], b)
	}
	_, err = store.Holding(t.Context(), 9, 0, 11)
	require.Error(t, err)
	require.Empty(t, *alarms)
}

// Ensure that of what a device sends again, from anywhere to anywhere, each entry is kept once.
func keepsOnce(t *testing.T, open func(*testing.T) (depot.Store, func())) {
	store, closes := open(t)
	defer closes()
	r, alarms := receiver(store)
	device := NewDevice(t, 9)
	device.Record(60, 1)
	items := device.Items(0)
	random := rand.New(rand.NewPCG(1, 9))
	last, batches := 0, 0
	for last < len(items) {
		first := random.IntN(last + 1)
		end := first + 1 + random.IntN(len(items)-first)
		end = min(end, first+12)
		head, err := r.Receive(t.Context(), 9, items[first:end], random.IntN(2) == 0)
		require.NoError(t, err)
		require.Equal(t, headOf(items[:end]), head)
		if end > last {
			last, batches = end, batches+1
		}
	}
	require.Equal(t, map[string][]byte{"9/0": Raw(items)}, Kept(t, store, batches))
	require.Empty(t, *alarms)
}

// Ensure that a following waits for what comes, and ends with its context.
func follows(t *testing.T, open func(*testing.T) (depot.Store, func())) {
	store, closes := open(t)
	defer closes()
	r, _ := receiver(store)
	device := NewDevice(t, 9)
	device.Record(3, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	came, ended := make(chan uint64), make(chan error, 1)
	go func() {
		ended <- store.Follow(ctx, 0, func(_ uint64, b *depot.Batch) error {
			came <- b.Entries[0].Position
			return nil
		})
	}()
	for n, item := range device.Items(0) {
		_, err := r.Receive(t.Context(), 9, []journal.Item{item}, false)
		require.NoError(t, err)
		require.EqualValues(t, n+1, <-came)
	}
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
}

// Ensure that of a device whose disk was copied both journals are kept, each going on, and that an
// alarm says where they part.
func keepsForks(t *testing.T, open func(*testing.T) (depot.Store, func())) {
	store, closes := open(t)
	defer closes()
	r, alarms := receiver(store)
	device := NewDevice(t, 9)
	device.Record(5, 1)
	other := device.Copy()
	device.Record(5, 2)
	other.Record(4, 3)
	one, two := device.Items(0), other.Items(0)
	batches := 0
	for _, sent := range [][]journal.Item{
		one[:8], two[:2], two[2:7], two[5:9], one[8:], {other.Report()},
	} {
		head, err := r.Receive(t.Context(), 9, sent, false)
		require.NoError(t, err)
		require.Equal(t, headOf(sent), head)
		batches++
	}
	fork := depot.Alarm{Device: 9, Kind: depot.Fork, First: 6}
	require.Equal(t, []depot.Alarm{fork}, *alarms)
	again, err := r.Alarms(t.Context(), 9)
	require.NoError(t, err)
	require.Equal(t, *alarms, again)
	require.Equal(t, map[string][]byte{"9/0": Raw(one), "9/1": Raw(two[5:])},
		Kept(t, store, batches-1))
}

// Ensure that an entry with the next position that does not follow the last one is not taken for
// the next, and is kept apart if its device has nothing older.
func keepsApart(t *testing.T, open func(*testing.T) (depot.Store, func())) {
	store, closes := open(t)
	defer closes()
	r, alarms := receiver(store)
	device := NewDevice(t, 9)
	device.Record(2, 1)
	other := device.Copy()
	device.Record(3, 2)
	other.Record(6, 3)
	one, two := device.Items(0), other.Items(0)
	_, err := r.Receive(t.Context(), 9, one, false)
	require.NoError(t, err)
	var gap *depot.GapError
	_, err = r.Receive(t.Context(), 9, two[5:], false)
	require.ErrorAs(t, err, &gap)
	_, err = r.Receive(t.Context(), 9, two[5:], true)
	require.NoError(t, err)
	require.Equal(t, []depot.Alarm{{Device: 9, Kind: depot.Fork, First: 6}}, *alarms)
	require.Equal(t, map[string][]byte{"9/0": Raw(one), "9/1": Raw(two[5:])}, Kept(t, store, 2))
}

// Ensure that what follows a gap is kept beside what was before, that the alarm names the gap, and
// that it is none any more once the gap was filled.
func keepsGaps(t *testing.T, open func(*testing.T) (depot.Store, func())) {
	store, closes := open(t)
	defer closes()
	r, alarms := receiver(store)
	device := NewDevice(t, 9)
	device.Record(20, 1)
	items := device.Items(0)
	receive := func(sent []journal.Item, oldest bool) {
		head, err := r.Receive(t.Context(), 9, sent, oldest)
		require.NoError(t, err)
		require.Equal(t, headOf(sent), head)
	}
	receive(items[:5], false)
	_, err := r.Receive(t.Context(), 9, items[9:15], false)
	gap, is := err.(*depot.GapError)
	require.True(t, is, "%v", err)
	require.Equal(t, []depot.Head{headOf(items[:5])}, gap.Heads)
	_, err = r.Receive(t.Context(), 9, []journal.Item{device.Report()}, false)
	require.ErrorAs(t, err, &gap)

	receive(items[9:15], true)
	receive(items[15:18], false)
	require.Equal(t, []depot.Alarm{{Device: 9, Kind: depot.Gap, First: 6, Last: 9}}, *alarms)
	require.Equal(t, map[string][]byte{"9/0": Raw(items[:5]), "9/1": Raw(items[9:18])},
		Kept(t, store, 3))
	receive(items[3:], false)
	require.Equal(t, map[string][]byte{"9/0": Raw(items[:9]), "9/1": Raw(items[9:])},
		Kept(t, store, 5))
	left, err := r.Alarms(t.Context(), 9)
	require.NoError(t, err)
	require.Empty(t, left)
	receive(append(items[18:len(items):len(items)], device.Report()), false)
}

// Ensure that devices that send at once do not mix.
func keepsMany(t *testing.T, open func(*testing.T) (depot.Store, func())) {
	const devices, entries = 8, 12
	store, closes := open(t)
	defer closes()
	r, alarms := receiver(store)
	want := map[string][]byte{}
	var all sync.WaitGroup
	failed := make(chan error, devices)
	for n := range uint16(devices) {
		device := NewDevice(t, n+1)
		device.Record(entries, 1)
		items := device.Items(0)
		want[fmt.Sprintf("%d/0", n+1)] = Raw(items)
		all.Go(func() {
			for k := range items {
				if _, err := r.Receive(t.Context(), n+1, items[k:k+1], false); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	all.Wait()
	require.Empty(t, failed)
	require.Equal(t, want, Kept(t, store, devices*entries))
	require.Empty(t, *alarms)
}
