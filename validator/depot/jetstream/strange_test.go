package jetstream_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
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

// sends has a store receive what a device sends.
func sends(t *testing.T, s *jetstream.Store, device uint16, items []journal.Item) error {
	t.Helper()
	r := depot.Receiver{Store: s, Now: depottest.Now, Alarm: func(depot.Alarm) {}}
	_, err := r.Receive(t.Context(), device, items, false)
	return err
}

// Ensure that what somebody else publishes into the stream, be it garbage, large, or another
// device's, keeps no device from sending and no follower from what devices have sent, is shown to
// nobody as a journal, and is an alarm.
func TestStrangersMessages(t *testing.T) {
	c := newCluster(t, 1, "")
	alarms := 0
	openAs := func(heads string) *jetstream.Store {
		s, err := jetstream.Open(t.Context(), jetstream.Options{
			Servers: c.addresses(), Stream: "leima", Replicas: 1, Heads: heads,
			Stranger: func(string, uint64) { alarms++ },
		})
		require.NoError(t, err)
		return s
	}
	heads := filepath.Join(t.TempDir(), "heads")
	store := openAs(heads)
	device, other := depottest.NewDevice(t, 9), depottest.NewDevice(t, 8)
	device.Record(30, 1)
	other.Record(10, 2)
	items, others := device.Items(0), other.Items(0)
	strange := func() {
		require.True(t, c.answers(func(streams js.JetStream) bool {
			stream, err := streams.Stream(t.Context(), "leima")
			require.NoError(t, err)
			another, err := stream.GetLastMsgForSubject(t.Context(), "leima.journal.8.0")
			require.NoError(t, err)
			for name := range another.Header {
				if strings.HasPrefix(name, "Nats-") {
					another.Header.Del(name)
				}
			}
			for _, m := range []nats.Msg{
				{Subject: "leima.journal.9.0", Data: []byte("garbage")},
				{Subject: "leima.journal.9.0", Data: bytes.Repeat([]byte{0xff}, 900_000)},
				{Subject: "leima.journal.9.0", Data: another.Data, Header: another.Header},
				{Subject: "leima.journal.9.1"},
				{Subject: "leima.journal.9.1", Data: another.Data},
				{Subject: "leima.journal.x"},
			} {
				_, err := streams.PublishMsg(t.Context(), &m)
				require.NoError(t, err)
			}
			return true
		}))
	}
	require.NoError(t, sends(t, store, 8, others))
	strange()
	require.NoError(t, sends(t, store, 9, items[:10]))
	strange()
	require.Error(t, sends(t, store, 9, items[10:20])) // and the device sends it again
	require.NoError(t, sends(t, store, 9, items[10:20]))
	require.NoError(t, store.Close())

	strange()
	store = openAs(heads)
	defer func() { require.NoError(t, store.Close()) }()
	require.NoError(t, sends(t, store, 9, items[5:]), "a part comes again")
	fork := device.Copy()
	device.Record(1, 5)
	fork.Record(1, 6)
	require.NoError(t, sends(t, store, 9, device.Items(30)))
	require.NoError(t, sends(t, store, 9, fork.Items(30)), "a second chain")
	require.Equal(t, map[string][]byte{
		"8/0": depottest.Raw(others), "9/0": depottest.Raw(device.Items(0)),
		"9/1": depottest.Raw(fork.Items(30)),
	}, depottest.Kept(t, store, 6))
	require.NotZero(t, alarms)
}

// Ensure that a stream that is deleted, or made anew with other content, while the depot runs is
// made again or followed anew, and that all that the devices keep is there once more.
func TestDeletedWhileItRuns(t *testing.T) {
	c := newCluster(t, 1, "")
	var alarms []gone
	store, err := jetstream.Open(t.Context(), jetstream.Options{
		Servers: c.addresses(), Stream: "leima", Replicas: 1,
		Heads: filepath.Join(t.TempDir(), "heads"),
		Alarm: func(device uint16, after, upTo uint64) {
			alarms = append(alarms, gone{uint64(device), after, upTo})
		},
	})
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	device := depottest.NewDevice(t, 9)
	device.Record(30, 1)
	items := device.Items(0)
	require.NoError(t, sends(t, store, 9, items[:10]))
	require.NoError(t, sends(t, store, 9, items[10:20]))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	last := make(chan uint64, 10)
	ended := make(chan error, 1)
	go func() {
		ended <- store.Follow(ctx, 0, func(cursor uint64, _ *depot.Batch) error {
			last <- cursor
			return nil
		})
	}()
	<-last
	before := <-last
	require.True(t, c.answers(func(streams js.JetStream) bool {
		return streams.DeleteStream(t.Context(), "leima") == nil
	}))
	require.Error(t, sends(t, store, 9, items[20:]))
	var gap *depot.GapError
	require.ErrorAs(t, sends(t, store, 9, items[20:]), &gap)
	require.Equal(t, []gone{{9, 0, 20}}, alarms)
	require.NoError(t, sends(t, store, 9, items))
	require.ErrorContains(t, <-ended, "has begun anew")
	all, _ := depottest.Followed(t, store, before, 1)
	require.Equal(t, depottest.Raw(items), depottest.Raw(all[0].Entries))
}

// Ensure that a stream of an older copy that has grown again to where it was is followed anew: what
// is there now was never given.
func TestGrownAgain(t *testing.T) {
	c := newCluster(t, 1, "")
	heads, others := filepath.Join(t.TempDir(), "heads"), filepath.Join(t.TempDir(), "heads")
	device, other := depottest.NewDevice(t, 9), depottest.NewDevice(t, 8)
	device.Record(20, 1)
	other.Record(20, 1)
	store := open(t, c, "leima", heads)
	for n := range 4 {
		require.NoError(t, sends(t, store, 9, device.Items(0)[n:n+1]))
	}
	_, last := depottest.Followed(t, store, 0, 4)
	require.NoError(t, store.Close())
	c.nodes[0].kill()
	copied := filepath.Join(t.TempDir(), "copied")
	require.NoError(t, os.CopyFS(copied, os.DirFS(c.nodes[0].store)))
	c.nodes[0].start()
	c.ready()
	store = open(t, c, "leima", heads)
	for n := 4; n < 8; n++ {
		require.NoError(t, sends(t, store, 9, device.Items(0)[n:n+1]))
	}
	_, last = depottest.Followed(t, store, last, 4)
	require.NoError(t, store.Close())

	c.nodes[0].kill()
	c.nodes[0].wipe()
	require.NoError(t, os.CopyFS(c.nodes[0].store, os.DirFS(copied)))
	c.nodes[0].start()
	c.ready()
	second := open(t, c, "leima", others) // another depot, which was told nothing
	for n := range 6 {
		require.NoError(t, sends(t, second, 8, other.Items(0)[n:n+1]))
	}
	require.NoError(t, second.Close())
	store = open(t, c, "leima", heads)
	defer func() { require.NoError(t, store.Close()) }()
	all, _ := depottest.Followed(t, store, last, 10)
	require.Len(t, all, 10, "all of it comes again")
}

// Ensure that who has followed a stream whose heads were lost is given all of it again, and does
// not wait for cursors that it has seen.
func TestHeadsLost(t *testing.T) {
	c := newCluster(t, 1, "")
	heads := filepath.Join(t.TempDir(), "heads")
	device := depottest.NewDevice(t, 9)
	device.Record(20, 1)
	items := device.Items(0)
	store := open(t, c, "leima", heads)
	for n := range 5 {
		require.NoError(t, sends(t, store, 9, items[n:n+1]))
	}
	require.NoError(t, store.Close())
	require.True(t, c.answers(func(streams js.JetStream) bool {
		return streams.DeleteStream(t.Context(), "leima") == nil
	}))
	store = open(t, c, "leima", heads)
	require.NoError(t, sends(t, store, 9, items[:3]))
	_, last := depottest.Followed(t, store, 0, 1)
	require.NoError(t, store.Close())
	require.NoError(t, os.Remove(heads))

	store = open(t, c, "leima", heads)
	defer func() { require.NoError(t, store.Close()) }()
	require.NoError(t, store.Beyond(t.Context(), last))
	all, after := depottest.Followed(t, store, last, 1)
	require.Equal(t, depottest.Raw(items[:3]), depottest.Raw(all[0].Entries))
	require.NoError(t, store.Beyond(t.Context(), after))
	end, err := store.Last(t.Context())
	require.NoError(t, err)
	require.Equal(t, after, end, "it is known already")
}

// Ensure that a stream that grows while somebody asks how far it is has not gone back: a
// follower is given each batch once.
func TestAskedWhileItGrows(t *testing.T) {
	c := newCluster(t, 1, "")
	store := open(t, c, "leima", filepath.Join(t.TempDir(), "heads"))
	defer func() { require.NoError(t, store.Close()) }()
	device := depottest.NewDevice(t, 9)
	device.Record(300, 1)
	items := device.Items(0)
	ctx, done := context.WithCancel(t.Context())
	var asking sync.WaitGroup
	for range 8 {
		asking.Go(func() {
			for ctx.Err() == nil {
				_, _ = store.Last(ctx)
			}
		})
	}
	for n := range items {
		require.NoError(t, sends(t, store, 9, items[n:n+1]))
	}
	done()
	asking.Wait()
	end, err := store.Last(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, len(items), end)
}

// Ensure that a depot that servers know no more for a while is there again once they do, and that
// one which they do not know at its start says what to correct.
func TestNotKnownForAWhile(t *testing.T) {
	c := newCluster(t, 1, "")
	refused, ended := make(chan struct{}, 100), make(chan struct{})
	store := open(t, c, "leima", filepath.Join(t.TempDir(), "heads"),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if errors.Is(err, nats.ErrAuthorization) {
				refused <- struct{}{}
			}
		}),
		nats.ClosedHandler(func(*nats.Conn) { close(ended) }))
	defer func() { require.NoError(t, store.Close()) }()
	device := depottest.NewDevice(t, 9)
	device.Record(20, 1)
	items := device.Items(0)
	require.NoError(t, sends(t, store, 9, items[:10]))
	known, err := os.ReadFile(c.nodes[0].config)
	require.NoError(t, err)
	restart := func(config string) {
		c.nodes[0].kill()
		require.NoError(t, os.WriteFile(c.nodes[0].config, []byte(config), 0o600))
		c.nodes[0].start()
	}
	restart(string(known) + "authorization { user: other, password: another }\n")
	for range 4 {
		select {
		case <-refused:
		case <-ended:
			t.Fatal("it does not try any more")
		}
	}
	_, err = jetstream.Open(t.Context(), jetstream.Options{
		Servers: c.addresses(), Stream: "leima", Heads: filepath.Join(t.TempDir(), "heads"),
	})
	require.ErrorContains(t, err, "[nats] credentials")
	restart(string(known))
	c.ready()
	require.Eventually(t, func() bool { return sends(t, store, 9, items[10:]) == nil },
		time.Minute, 100*time.Millisecond)
}

// Ensure that servers that would refuse what a device may send at once are refused themselves: the
// device would send it again for ever.
func TestServersOfSmallMessages(t *testing.T) {
	c := newCluster(t, 1, "")
	config, err := os.ReadFile(c.nodes[0].config)
	require.NoError(t, err)
	c.nodes[0].kill()
	config = append(config, "max_payload: 100000\n"...)
	require.NoError(t, os.WriteFile(c.nodes[0].config, config, 0o600))
	c.nodes[0].start()
	c.ready()
	_, err = jetstream.Open(t.Context(), jetstream.Options{
		Servers: c.addresses(), Stream: "leima", Replicas: 1,
		Heads: filepath.Join(t.TempDir(), "heads"),
	})
	require.ErrorIs(t, err, jetstream.ErrUnfit)
	require.ErrorContains(t, err, "max_payload")
}

// Ensure that a following goes on when somebody deletes its consumer.
func TestConsumerDeleted(t *testing.T) {
	c := newCluster(t, 1, "")
	store := open(t, c, "leima", filepath.Join(t.TempDir(), "heads"))
	defer func() { require.NoError(t, store.Close()) }()
	device := depottest.NewDevice(t, 9)
	device.Record(4, 1)
	items := device.Items(0)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	came := make(chan *depot.Batch, 10)
	go func() {
		_ = store.Follow(ctx, 0, func(_ uint64, b *depot.Batch) error {
			came <- b
			return nil
		})
	}()
	for n := range items {
		require.NoError(t, sends(t, store, 9, items[n:n+1]))
		require.Equal(t, items[n].Position, (<-came).Entries[0].Position)
		require.True(t, c.answers(func(streams js.JetStream) bool {
			stream, err := streams.Stream(t.Context(), "leima")
			require.NoError(t, err)
			for name := range stream.ConsumerNames(t.Context()).Name() {
				require.NoError(t, stream.DeleteConsumer(t.Context(), name))
			}
			return true
		}))
	}
}

// Ensure that a stream that somebody has made without protection can be edited as the refusal says,
// and is taken then with what it holds.
func TestUnfitIsEdited(t *testing.T) {
	c := newCluster(t, 1, "")
	made := js.StreamConfig{Name: "leima", Subjects: []string{"leima.journal.>"}, Discard: js.DiscardNew}
	require.True(t, c.answers(func(streams js.JetStream) bool {
		_, err := streams.CreateStream(t.Context(), made)
		return err == nil
	}))
	options := jetstream.Options{
		Servers: c.addresses(), Stream: "leima", Replicas: 1,
		Heads: filepath.Join(t.TempDir(), "heads"),
	}
	_, err := jetstream.Open(t.Context(), options)
	require.ErrorContains(t, err, "want deny delete, deny purge (\"nats stream edit\")")
	made.DenyDelete, made.DenyPurge = true, true
	require.True(t, c.answers(func(streams js.JetStream) bool {
		_, err := streams.UpdateStream(t.Context(), made)
		return err == nil
	}))
	store, err := jetstream.Open(t.Context(), options)
	require.NoError(t, err)
	require.NoError(t, store.Close())
}
