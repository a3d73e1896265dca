package shelf_test

import (
	"bytes"
	"crypto/ed25519"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/depot/shelf"
	"leima/validator/lists/bundle"
	"leima/validator/lists/manifest"
)

const area = 227

var made = time.Date(2026, time.March, 2, 3, 0, 0, 0, time.UTC)

func key(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func role(least uint, keys ...byte) (r manifest.Role) {
	r.Least = least
	for _, n := range keys {
		r.Keys = append(r.Keys, bundle.Public(key(n)))
	}
	return r
}

// A list is a bundle of it.
type list struct {
	purpose       bundle.Purpose
	version, base uint32
	by            byte
}

func (l list) raw(t *testing.T) []byte {
	t.Helper()
	var raw bytes.Buffer
	_, err := bundle.Write(&raw, bundle.Manifest{
		Purpose: l.purpose, Area: area, Version: l.version, Base: l.base, Made: made,
		Expires: made.AddDate(0, 0, 14),
	}, bytes.NewReader([]byte("the list")), key(l.by))
	require.NoError(t, err)
	return raw.Bytes()
}

func good(purpose bundle.Purpose, version, base uint32) list {
	return list{purpose: purpose, version: version, base: base, by: 1}
}

func written(t *testing.T, raw []byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "a.bundle")
	require.NoError(t, os.WriteFile(path, raw, 0o600))
	return path
}

// newShelf has two owners, both needed, and one signer.
func newShelf(t *testing.T) *shelf.Shelf {
	t.Helper()
	s := &shelf.Shelf{
		Folder: filepath.Join(t.TempDir(), "shelf"), Area: area,
		Keys: []bundle.PublicKey{bundle.Public(key(1))},
	}
	_, err := s.Publish(terms(11))
	require.ErrorIs(t, err, shelf.ErrNoRoot)
	err = changed(s, manifest.Root{Owners: role(2, 2, 3), Signers: role(1, 11)}, key(2))
	require.ErrorIs(t, err, manifest.ErrUnsigned)
	err = changed(s, manifest.Root{Owners: role(2, 2, 3), Signers: role(1, 11)}, key(2), key(3))
	require.NoError(t, err)
	return s
}

func terms(signer byte) shelf.Terms {
	return shelf.Terms{Keys: []ed25519.PrivateKey{key(signer)}, Now: made, Good: 24 * time.Hour}
}

// Ensure that a manifest names what devices need, no more: a full list takes the place of the one
// before with its delta, a delta that of the delta before, and other lists stay.
func TestReplaces(t *testing.T) {
	s := newShelf(t)
	for n, c := range []struct {
		comes list
		then  []uint32 // versions
		want  error
	}{
		{good(bundle.BlockList, 7, 5), nil, shelf.ErrBase},
		{good(bundle.BlockList, 5, 0), []uint32{5}, nil},
		{good(bundle.Actions, 1, 0), []uint32{5, 1}, nil},
		{good(bundle.BlockList, 7, 5), []uint32{1, 5, 7}, nil},
		{good(bundle.BlockList, 9, 5), []uint32{1, 5, 9}, nil},
		{good(bundle.BlockList, 9, 5), []uint32{1, 5, 9}, nil}, // is there
		{good(bundle.BlockList, 8, 5), nil, shelf.ErrOlder},
		{good(bundle.BlockList, 10, 6), nil, shelf.ErrBase},
		{good(bundle.BlockList, 8, 0), nil, shelf.ErrOlder},
		{good(bundle.BlockList, 9, 0), []uint32{1, 9}, nil},
		{good(bundle.Actions, 2, 0), []uint32{9, 2}, nil},
		{good(bundle.Actions, 3, 1), nil, shelf.ErrBase},
		{good(bundle.Actions, 3, 2), []uint32{9, 2, 3}, nil},
		{good(bundle.Actions, 4, 2), []uint32{9, 2, 4}, nil},
	} {
		before, err := s.Manifest()
		require.NoError(t, err)
		m, err := s.Publish(terms(11), written(t, c.comes.raw(t)))
		require.ErrorIs(t, err, c.want, n)
		if err != nil {
			after, err := s.Manifest()
			require.NoError(t, err)
			require.Equal(t, before, after, "nothing is published")
			continue
		}
		require.Equal(t, before.Version+1, m.Version)
		var versions []uint32
		for _, o := range m.Objects {
			versions = append(versions, o.Version)
			require.FileExists(t, filepath.Join(s.Folder, "objects", o.Name()))
		}
		require.ElementsMatch(t, c.then, versions, n)
	}
	objects, err := os.ReadDir(filepath.Join(s.Folder, "objects"))
	require.NoError(t, err)
	require.Len(t, objects, 4, "those of the last two manifests")
}

// Ensure that no manifest names an object that the shelf has lost, and that publishing its bundle once
// more mends that.
func TestLostObject(t *testing.T) {
	s := newShelf(t)
	file := written(t, good(bundle.BlockList, 5, 0).raw(t))
	m, err := s.Publish(terms(11), file)
	require.NoError(t, err)
	object := filepath.Join(s.Folder, "objects", m.Objects[0].Name())
	for _, lose := range []func() error{
		func() error { return os.Remove(object) }, func() error { return os.Truncate(object, 7) },
	} {
		require.NoError(t, lose())
		for _, files := range [][]string{nil, {written(t, good(bundle.Actions, 1, 0).raw(t))}} {
			_, err = s.Publish(terms(11), files...)
			require.ErrorIs(t, err, shelf.ErrBroken)
			require.ErrorContains(t, err, "publish its bundle again")
		}
		_, err = s.Publish(terms(11), file)
		require.NoError(t, err)
	}
}

// Ensure that nothing is published that a device would refuse, nor anything beside it; nor by a key
// that signs no manifests.
func TestPublishesWhatDevicesTake(t *testing.T) {
	s := newShelf(t)
	fine := good(bundle.Actions, 1, 0).raw(t)
	changed := bytes.Clone(fine)
	changed[len(changed)-1]++
	expired := terms(11)
	expired.Now = made.AddDate(0, 0, 14)
	for name, c := range map[string]struct {
		raw   []byte
		terms shelf.Terms
		want  error
	}{
		"changed":          {changed, terms(11), bundle.ErrDamaged},
		"cut":              {fine[:len(fine)-1], terms(11), bundle.ErrDamaged},
		"by another":       {list{purpose: bundle.Actions, version: 1, by: 9}.raw(t), terms(11), bundle.ErrKey},
		"expired":          {fine, expired, bundle.ErrExpired},
		"no bundle":        {[]byte("hello"), terms(11), bundle.ErrDamaged},
		"by no signer":     {fine, terms(2), manifest.ErrUnsigned},
		"with nobody's":    {fine, shelf.Terms{Now: made, Good: time.Hour}, manifest.ErrUnsigned},
		"good for nothing": {fine, shelf.Terms{Keys: terms(11).Keys, Now: made}, manifest.ErrDamaged},
	} {
		_, err := s.Publish(c.terms, written(t, good(bundle.Tariffs, 1, 0).raw(t)), written(t, c.raw))
		require.ErrorIs(t, err, c.want, name)
		m, err := s.Manifest()
		require.NoError(t, err)
		require.Zero(t, m.Version, name)
	}
}

// Ensure that the running depot and persons who publish at once take turns: no version is given
// twice, and nothing is lost.
func TestTakeTurns(t *testing.T) {
	s := newShelf(t)
	var publishing sync.WaitGroup
	for n := range 8 {
		file := written(t, good(bundle.Actions, 1, 0).raw(t))
		if n == 0 {
			file = written(t, good(bundle.Tariffs, 1, 0).raw(t))
		}
		publishing.Go(func() {
			_, err := s.Publish(terms(11), file)
			if err != nil {
				t.Error(err)
			}
		})
	}
	publishing.Wait()
	m, err := s.Manifest()
	require.NoError(t, err)
	require.EqualValues(t, 8, m.Version)
	require.Len(t, m.Objects, 2)
}

// Ensure that a manifest is renewed when half of its time is over, or when other keys count, and
// not before; and that one that could not be signed stays.
func TestRenew(t *testing.T) {
	s := newShelf(t)
	renewed, err := s.Renew(terms(11))
	require.NoError(t, err)
	require.False(t, renewed, "there is none")
	_, err = s.Publish(terms(11), written(t, good(bundle.Actions, 1, 0).raw(t)))
	require.NoError(t, err)
	later := terms(11)
	for _, c := range []struct {
		after   time.Duration
		renewed bool
	}{{0, false}, {12 * time.Hour, false}, {12*time.Hour + time.Second, true}, {13 * time.Hour, false}} {
		later.Now = made.Add(c.after)
		renewed, err := s.Renew(later)
		require.NoError(t, err)
		require.Equal(t, c.renewed, renewed, c.after)
	}
	stranger := later
	stranger.Keys = []ed25519.PrivateKey{key(2)}
	_, err = s.Renew(stranger)
	require.ErrorIs(t, err, manifest.ErrUnsigned, "it is said while there is time to mend it")
	stranger.Keys = nil
	_, err = s.Renew(stranger)
	require.NoError(t, err, "a person publishes")
	err = changed(s, manifest.Root{Owners: role(1, 2), Signers: role(1, 12)}, key(2), key(3))
	require.NoError(t, err)
	_, err = s.Renew(later)
	require.ErrorIs(t, err, manifest.ErrUnsigned)
	later.Keys = []ed25519.PrivateKey{key(12)}
	renewed, err = s.Renew(later)
	require.NoError(t, err)
	require.True(t, renewed)
	m, err := s.Manifest()
	require.NoError(t, err)
	require.EqualValues(t, 3, m.Version)
	require.EqualValues(t, 2, m.Root)
	require.Len(t, m.Objects, 1)
}

// Ensure that a manifest that was made while the clock was years ahead does not stand for years: the
// next one takes its place once the clock is right.
func TestRenewAfterAWrongClock(t *testing.T) {
	s := newShelf(t)
	wrong, right := terms(11), terms(11)
	wrong.Now = made.AddDate(12, 0, 0)
	_, err := s.Publish(wrong)
	require.NoError(t, err)
	for _, want := range []bool{true, false} {
		renewed, err := s.Renew(right)
		require.NoError(t, err)
		require.Equal(t, want, renewed)
	}
	m, err := s.Manifest()
	require.NoError(t, err)
	require.EqualValues(t, 2, m.Version)
	require.Equal(t, made.Add(right.Good), m.Expires)
}

// Ensure that no name that a client makes up leads to a file that is not on the shelf.
func TestHostileNames(t *testing.T) {
	s := newShelf(t)
	m, err := s.Publish(terms(11), written(t, good(bundle.Actions, 1, 0).raw(t)))
	require.NoError(t, err)
	name := m.Objects[0].Name()
	for path, status := range map[string]int{
		"/v1/manifest": 200, "/v1/roots/1": 200, "/v1/objects/" + name: 200,
		"/v1/roots/2": 404, "/v1/roots/01": 404, "/v1/roots/-1": 404, "/v1/roots/..%2flock": 404,
		"/v1/objects/": 404, "/v1/objects/" + name[1:]: 404, "/v1/objects/..%2fmanifest": 404,
		"/v1/objects/%2e%2e%2f%2e%2e%2f" + name[8:]:          404,
		"/v1/objects/" + string(bytes.ToUpper([]byte(name))): 404,
		"/v1/lock": 404, "/manifest": 404, "/": 404,
	} {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		require.Equal(t, status, w.Code, path)
	}
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest("POST", "/v1/manifest", nil))
	require.Equal(t, 405, w.Code)
}

// changed makes a root the one that counts.
func changed(s *shelf.Shelf, next manifest.Root, keys ...ed25519.PrivateKey) error {
	raw, err := s.Draft(next, keys...)
	if err == nil {
		_, err = s.Change(raw)
	}
	return err
}
