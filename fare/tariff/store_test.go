package tariff

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"leima/cardlayout/canonical"
)

func published(t testing.TB) []Source {
	return []Source{
		{File: "mikkeli-2025.toml", TOML: source(t, "mikkeli-2025.toml")},
		{File: "kotka-2025.toml", TOML: source(t, "kotka-2025.toml")},
	}
}

func save(t testing.TB) string {
	path := filepath.Join(t.TempDir(), "tariffs")
	require.NoError(t, Save(path, published(t), time.LoadLocation))
	require.NoFileExists(t, path+".new")
	return path
}

// Ensure that what was saved is what is loaded, in the order of area and time.
func TestSaveAndLoad(t *testing.T) {
	path := save(t)
	for range 2 { // also over an older file and the rest of a draft
		set, err := Load(path, time.LoadLocation)
		require.NoError(t, err)
		all := set.All()
		require.Len(t, all, 2)
		require.Equal(t, compile(t, "kotka-2025.toml"), all[0])
		require.Equal(t, compile(t, "mikkeli-2025.toml"), all[1])
		require.NoError(t, os.WriteFile(path+".new", []byte("a draft"), 0o644))
		require.NoError(t, Save(path, published(t), time.LoadLocation))
	}
}

// Ensure that tariffs of one area are kept beside each other, each from its own
// first instant, also from one long past.
func TestSaveVersions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tariffs")
	var sources []Source
	for _, from := range []string{"2026-01-01", "1969-01-01", "2025-01-01"} {
		text := strings.Replace(small, "2025-01-01", from, 1)
		sources = append(sources, Source{File: from, TOML: []byte(text)})
	}
	require.NoError(t, Save(path, sources, time.LoadLocation))
	set, err := Load(path, time.LoadLocation)
	require.NoError(t, err)
	require.Len(t, set.All(), 3)
	for n, year := range []int{1969, 2025, 2026} {
		require.Equal(t, year, set.All()[n].From.Year())
	}
}

// Ensure that a file of no tariffs is a file, and covers nothing.
func TestSaveNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tariffs")
	require.NoError(t, Save(path, nil, time.LoadLocation))
	set, err := Load(path, time.LoadLocation)
	require.NoError(t, err)
	require.Empty(t, set.All())
}

// Ensure that sources with mistakes are refused together, and the file before
// stays.
func TestSaveRefuses(t *testing.T) {
	path := save(t)
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	bad := published(t)
	bad[0].TOML = bytes.Replace(bad[0].TOML, []byte("area = 227"), []byte("area = 0"), 1)
	bad[1].TOML = bytes.Replace(bad[1].TOML, []byte("zones = 2"), []byte("zones = 0"), 1)
	err = Save(path, bad, time.LoadLocation)
	require.ErrorContains(t, err, `mikkeli-2025.toml:8: area: "0"`)
	require.ErrorContains(t, err, `kotka-2025.toml:8: zones: "0"`)

	twice := append(published(t), published(t)[0])
	twice[2].File = "copy.toml"
	err = Save(path, twice, time.LoadLocation)
	require.ErrorContains(t, err, "copy.toml:11: valid_from: tariff mikkeli-2025 of area 227 "+
		"begins at 2025-01-01T00:00:00+02:00, and so does mikkeli-2025 (mikkeli-2025.toml:11): "+
		"leave one out, or give one a later valid_from")

	err = Save(filepath.Join(path, "under a file"), published(t), time.LoadLocation)
	require.ErrorContains(t, err, "saving tariffs to ")

	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, before, after)
}

// Ensure that a file that cannot be put in its place leaves no draft behind.
func TestSaveOverFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tariffs")
	require.NoError(t, os.Mkdir(path, 0o755))
	require.Error(t, Save(path, published(t), time.LoadLocation))
	require.NoFileExists(t, path+".new")
}

// Ensure that a file cut off anywhere, or with one bit changed, is refused as
// damaged, with what to do.
func TestDamaged(t *testing.T) {
	path := save(t)
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	refuse := func(raw []byte, what string, at int) {
		require.NoError(t, os.WriteFile(path, raw, 0o644))
		_, err := Load(path, time.LoadLocation)
		require.ErrorIs(t, err, errDamaged, "%s at %d", what, at)
		require.ErrorContains(t, err, "put it aside and fetch the tariffs again")
	}
	for length := 0; length < len(whole); length += 1 + length%97 {
		refuse(whole[:length], "cut", length)
	}
	for at := 0; at < len(whole); at += 61 {
		whole[at] ^= 1 << (at % 8)
		refuse(whole, "flipped", at)
		whole[at] ^= 1 << (at % 8)
	}
	refuse(append(whole, 0), "longer", len(whole))
}

// Ensure that a missing file is told apart from a damaged one.
func TestMissing(t *testing.T) {
	_, err := Load(filepath.Join(t.TempDir(), "tariffs"), time.LoadLocation)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.NotErrorIs(t, err, errDamaged)
	require.ErrorContains(t, err, "fetch the area's tariffs")
}

// Ensure that a file with a good seal around something else is refused.
func TestForged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "tariffs")
	for _, size := range []int{0, 1, 4096, 8192, 40000} {
		for _, fill := range []byte{0, 0xA5, 0xFF} {
			require.NoError(t, os.WriteFile(path, bytes.Repeat([]byte{fill}, size), 0o644))
			require.NoError(t, seal(path))
			_, err := Load(path, time.LoadLocation)
			require.ErrorIs(t, err, errDamaged)
		}
	}
	other := append([]byte("something"), "ANOTHER1"...)
	sum := sha256.Sum256(other)
	require.NoError(t, os.WriteFile(path, append(other, sum[:]...), 0o644))
	_, err := Load(path, time.LoadLocation)
	require.ErrorContains(t, err, "it is no tariff file of this format")

	require.ErrorContains(t, forge(t, nil, nil), "it holds no tariffs")
	require.ErrorContains(t, forge(t, sourcesBucket, []byte{0xFF}), "reading a source")
	bad, err := canonical.Encode.Marshal(Source{File: "x.toml", TOML: []byte("id = 1")})
	require.NoError(t, err)
	err = forge(t, sourcesBucket, bad)
	require.ErrorContains(t, err, "x.toml:1: ")
	require.NotErrorIs(t, err, errDamaged)
	require.True(t, strings.HasPrefix(err.Error(), "loading tariffs from "))
}

// forge seals a database with one value in one bucket, and loads it.
func forge(t *testing.T, bucket, value []byte) error {
	path := filepath.Join(t.TempDir(), "tariffs")
	db, err := bbolt.Open(path, 0o644, &bbolt.Options{PageSize: pageSize})
	require.NoError(t, err)
	require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
		if bucket == nil {
			return nil
		}
		b, err := tx.CreateBucket(bucket)
		require.NoError(t, err)
		return b.Put([]byte("key"), value)
	}))
	require.NoError(t, db.Close())
	require.NoError(t, seal(path))
	_, err = Load(path, time.LoadLocation)
	return err
}
