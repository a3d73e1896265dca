package download_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/lists/bundle"
	"leima/validator/lists/manifest"
)

// Ensure that a download that is cut at the same place again and again, as by a box between that
// sends all from the beginning, is trouble that is told, and no reason to ask without a pause.
func TestCutAtTheSamePlace(t *testing.T) {
	d := newDepot(t)
	list := signed(t, bundle.BlockList, 1, 0, 300<<10)
	d.publish(list)
	d.answer(func(w http.ResponseWriter, q *http.Request) bool {
		if !strings.HasPrefix(q.URL.Path, "/v1/objects/") {
			return false
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(list)))
		_, _ = w.Write(list[:100<<10])
		panic(http.ErrAbortHandler)
	})
	b := newBus(d)
	b.starts()
	for range 3 {
		require.NotZero(t, b.polls())
		require.NotEmpty(t, b.status.Trouble)
	}
	d.answer(nil)
	b.polls()
	require.Empty(t, b.status.Trouble)
	b.holds(list)
}

// Ensure that once a device knows another root, a manifest by the former one is an alarm, also if
// the depot says that it is still the last.
func TestFormerRootsManifest(t *testing.T) {
	d := newDepot(t)
	old := d.publish(signed(t, bundle.Actions, 1, 0, 9))
	former, err := os.ReadFile(filepath.Join(d.shelf.Folder, "manifest"))
	require.NoError(t, err)
	b := newBus(d)
	b.starts()
	require.Equal(t, old.Version, b.status.Version)
	require.NoError(t, changed(d.shelf, manifest.Root{
		Owners: role(2, 1, 2), Signers: role(1, 12),
	}, key(1), key(2)))
	d.answer(func(w http.ResponseWriter, q *http.Request) bool { // another's, by the new root
		if q.URL.Path != "/v1/manifest" {
			return false
		}
		raw, err := manifest.Root{Area: area}.Issue(manifest.Manifest{
			Version: 9, Root: 2, Made: made, Expires: made.Add(time.Hour),
		}, key(11))
		require.NoError(t, err)
		_, _ = w.Write(raw)
		return true
	})
	b.polls()
	require.True(t, b.status.Alarm)
	d.answer(func(w http.ResponseWriter, q *http.Request) bool {
		if q.URL.Path != "/v1/manifest" {
			return false
		}
		if q.Header.Get("If-None-Match") != "" {
			w.WriteHeader(http.StatusNotModified)
			return true
		}
		_, _ = w.Write(former)
		return true
	})
	for range 2 {
		b.polls()
		require.True(t, b.status.Alarm)
		require.Contains(t, b.status.Trouble, manifest.ErrRoot.Error())
	}
	d.answer(nil) // which still goes by the former
	b.polls()
	require.True(t, b.status.Alarm)
	b.restarts()
	require.True(t, b.status.Alarm)
	b.now = made.AddDate(0, 0, 2)
	d.goes(true)
	b.polls()
	require.True(t, b.status.Alarm, "the last has expired")
	b.restarts()
	require.True(t, b.status.Alarm, "the last has expired")
	d.goes(false)
	b.now = made.Add(time.Minute)
	_, err = d.shelf.Publish(d.terms())
	require.ErrorIs(t, err, manifest.ErrUnsigned)
	terms := d.terms()
	terms.Keys[0] = key(12)
	_, err = d.shelf.Publish(terms)
	require.NoError(t, err)
	b.polls()
	require.False(t, b.status.Alarm)
}

// Ensure that what was taken and then lost on the device's disk is fetched again.
func TestLostAfterItWasTaken(t *testing.T) {
	d := newDepot(t)
	list := signed(t, bundle.Actions, 1, 0, 9)
	d.publish(list)
	b := newBus(d)
	b.starts()
	takes := func() {
		b.holds(list)
		files, err := filepath.Glob(filepath.Join(b.Folder, "*.bundle"))
		require.NoError(t, err)
		require.NoError(t, os.Remove(files[0]))
		b.have[bundle.Actions] = 1
		b.polls()
		b.holds()
	}
	takes()
	b.have[bundle.Actions] = 0
	b.polls()
	takes()
}

// Ensure that a manifest which names none but older lists than those in use, as of a shelf that was
// lost and made anew, is an alarm: nothing newer would come. What else it names is fetched.
func TestShelfBehindTheDevice(t *testing.T) {
	d := newDepot(t)
	full, actions := signed(t, bundle.BlockList, 5, 0, 9), signed(t, bundle.Actions, 3, 0, 9)
	d.publish(full, signed(t, bundle.BlockList, 7, 5, 9))
	b := newBus(d)
	b.have[bundle.BlockList] = 7
	b.starts()
	require.False(t, b.status.Alarm, "the full list lies beneath its delta")
	b.have[bundle.BlockList] = 9
	d.publish(actions)
	b.polls()
	b.holds(actions)
	require.True(t, b.status.Alarm)
	require.Contains(t, b.status.Trouble, "blocklist version 7, and this device has 9")
	require.Contains(t, b.status.Trouble, "give the next a higher version")
	d.goes(true)
	b.polls()
	require.True(t, b.status.Alarm, "the depot is gone")
	d.goes(false)
	d.publish(signed(t, bundle.BlockList, 10, 0, 9))
	b.polls()
	require.False(t, b.status.Alarm)
}

// Ensure that a depot, or somebody on the way, who lets manifests pass and none of an object that
// they name, is an alarm after an hour, also if the link fails in between; and that it ends when
// some of it comes.
func TestObjectKeptBack(t *testing.T) {
	d := newDepot(t)
	d.now = made
	list := signed(t, bundle.BlockList, 1, 0, 300<<10)
	d.publish(list)
	for name, keeps := range map[string]func(w http.ResponseWriter){
		"not there": func(w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) },
		"cut":       func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
	} {
		d.answer(func(w http.ResponseWriter, q *http.Request) bool {
			kept := strings.HasPrefix(q.URL.Path, "/v1/objects/")
			if kept {
				keeps(w)
			}
			return kept
		})
		b := newBus(d)
		b.starts()
		require.False(t, b.status.Alarm, name)
		require.NotEmpty(t, b.status.Trouble, name)
		for range 2 {
			b.now = b.now.Add(31 * time.Minute)
			d.goes(true)
			b.polls()
			require.False(t, b.status.Alarm, name)
			d.goes(false)
			b.polls()
		}
		require.True(t, b.status.Alarm, name)
		require.Contains(t, b.status.Trouble, "may keep it back", name)
		d.answer(nil)
		b.polls()
		require.False(t, b.status.Alarm, name)
		b.holds(list)
		b.stop()
		require.NoError(t, os.RemoveAll(b.Folder))
	}
}
