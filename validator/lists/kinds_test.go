package lists_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/blocklist"
	"leima/cardlayout"
	"leima/fare/actionlist"
	"leima/fare/faretest"
	"leima/fare/sale"
	"leima/fare/tariff"
	"leima/validator/lists"
	"leima/validator/lists/bundle"
	"leima/validator/lists/inbox"
)

const area = 227

var (
	made   = time.Date(2026, time.March, 2, 4, 0, 0, 0, time.UTC)
	today  = made.Add(time.Hour)
	end    = made.AddDate(0, 0, 14)
	issuer = keyOf(1)
	trust  = bundle.Trust{Area: area, Keys: []bundle.PublicKey{bundle.Public(issuer)}, Largest: 4 << 20}
)

func keyOf(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

// A store is what the stores of all kinds have.
type store interface {
	Apply(path string, now time.Time, when inbox.Exchange) error
	Alarm() string
	Version() uint32
	Lacks(version, base uint32) bool
}

// A kind is a purpose of bundles.
type kind struct {
	what    string
	purpose bundle.Purpose
	open    func(folder string, trust bundle.Trust) (store, error)
	signed  func(t testing.TB, version uint32, size int) []byte // the bundle of so many entries
	holds   func(t testing.TB, s store, size int)
	bad     func(t testing.TB) map[string]contents
	delta   func(t testing.TB, from, to edition) []byte // the bundle of it; nil: there are none
	full    string                                      // the beginning of a full one's name
}

// An edition is a version with so many entries.
type edition struct {
	version uint32
	size    int
}

// A contents is a file that no bundle of version 9 with a count of one should have.
type contents struct {
	file []byte
	says string
}

// kinds are those that are kept as their bundles came.
var kinds = []*kind{
	{
		"action list", bundle.Actions, openActions, signedActions, holdsActions, badActions,
		deltaActions, "list-",
	},
	{
		"tariffs", bundle.Tariffs, openTariffs, signedTariffs, holdsTariffs, badTariffs,
		nil, "list-",
	},
}

// changing are the kinds that have deltas.
var changing = []*kind{kinds[0], {
	"block list", bundle.BlockList, openBlocks, signedBlocks, holdsBlocks, nil, deltaBlocks, "full-",
}}

// each runs a test for all kinds that are kept as their bundles came.
func each(t *testing.T, test func(*testing.T, *kind)) {
	for _, k := range kinds {
		t.Run(k.what, func(t *testing.T) { test(t, k) })
	}
}

func (k *kind) start(t testing.TB, folder string) store {
	t.Helper()
	s, err := k.open(folder, trust)
	require.NoError(t, err)
	if b, opened := s.(blocks); opened {
		t.Cleanup(func() { require.NoError(t, b.cards.Close()) })
	}
	return s
}

func (k *kind) has(t testing.TB, s store, version uint32, size int) {
	t.Helper()
	require.Equal(t, version, s.Version())
	k.holds(t, s, size)
}

// as is a bundle with whatever is claimed of its file.
func as(t testing.TB, purpose bundle.Purpose, in cardlayout.Area, key ed25519.PrivateKey, file []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	_, err := bundle.Write(&b, bundle.Manifest{
		Purpose: purpose, Area: in, Version: 9, Made: made,
		Expires: end, Count: 1, Digest: sha256.Sum256(file),
	}, bytes.NewReader(file), key)
	require.NoError(t, err)
	return b.Bytes()
}

// file puts bytes into a file of the test.
func file(t testing.TB, raw []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.bundle")
	require.NoError(t, os.WriteFile(path, raw, 0o644))
	return path
}

func apply(t testing.TB, s store, raw []byte) error {
	t.Helper()
	return s.Apply(file(t, raw), today, inbox.AtOnce)
}

func names(t testing.TB, folder string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func card(n uint64) cardlayout.Number { return cardlayout.WithCheckDigit(92469900110000000 + n) }

// list has a load for each of so many cards.
func list(t testing.TB, version uint32, cards int) *actionlist.List {
	t.Helper()
	first := cardlayout.DayOf(made)
	var entries []actionlist.Entry
	for n := range cards {
		entries = append(entries, actionlist.Entry{Card: card(uint64(n)), Action: sale.Action{
			Leaves: 1, First: first, Last: first + 13, Kind: sale.ValueAction, Amount: 2000,
		}})
	}
	l, err := actionlist.New(area, version, made, entries)
	require.NoError(t, err)
	return l
}

func openActions(folder string, trust bundle.Trust) (store, error) {
	return lists.OpenActions(folder, trust)
}

func signedActions(t testing.TB, version uint32, cards int) []byte {
	return signed(t, list(t, version, cards), lists.Terms{Expires: end})
}

func signed(t testing.TB, l lists.ActionFile, terms lists.Terms) []byte {
	t.Helper()
	var b bytes.Buffer
	_, err := lists.SignActions(&b, l, terms, issuer)
	require.NoError(t, err)
	return b.Bytes()
}

func holdsActions(t testing.TB, s store, cards int) {
	t.Helper()
	for n := range cards + 1 {
		found, err := s.(lists.Actions).Lookup(card(uint64(n)))
		require.NoError(t, err)
		require.Equal(t, n < cards, len(found) == 1, "card %d", n)
	}
}

func deltaActions(t testing.TB, from, to edition) []byte {
	t.Helper()
	delta, err := actionlist.NewDelta(list(t, from.version, from.size), list(t, to.version, to.size))
	require.NoError(t, err)
	return signed(t, delta, lists.Terms{Expires: end})
}

func badActions(t testing.TB) map[string]contents {
	other, err := list(t, 8, 1).Encode()
	require.NoError(t, err)
	more, err := list(t, 9, 2).Encode()
	require.NoError(t, err)
	return map[string]contents{
		"another list":        {other, "it is version 8"},
		"more than are there": {more, "with 2 actions"},
		"no list":             {[]byte("no list"), "no action list"},
	}
}

// source is a published tariff by name.
func source(t testing.TB, name string) tariff.Source {
	t.Helper()
	source, err := faretest.Source(name)
	require.NoError(t, err)
	return source
}

// sources are so many tariffs of Mikkeli, each of which begins later than the one before.
func sources(t testing.TB, size int) (all []tariff.Source) {
	for n := range size {
		s := source(t, "mikkeli-2025")
		s.TOML = bytes.Replace(s.TOML, []byte(`valid_from = "2025-`),
			[]byte(`valid_from = "`+strconv.Itoa(2025+n)+`-`), 1)
		all = append(all, s)
	}
	return all
}

func openTariffs(folder string, trust bundle.Trust) (store, error) {
	return lists.OpenTariffs(folder, trust, time.LoadLocation)
}

func signedTariffs(t testing.TB, version uint32, size int) []byte {
	t.Helper()
	var b bytes.Buffer
	_, err := lists.SignTariffs(&b, sources(t, size), bundle.Manifest{
		Version: version, Area: area,
		Made: made, Expires: end,
	}, time.LoadLocation, issuer)
	require.NoError(t, err)
	return b.Bytes()
}

func holdsTariffs(t testing.TB, s store, size int) {
	t.Helper()
	used := s.(*lists.Tariffs).Used()
	if size == 0 {
		require.Nil(t, used.Value.Set)
		return
	}
	require.Len(t, used.Value.All(), size)
	require.Equal(t, sources(t, size), used.Value.Sources)
}

func badTariffs(t testing.TB) map[string]contents {
	pack := func(sources ...tariff.Source) []byte {
		raw, err := tariff.Pack(sources, time.LoadLocation)
		require.NoError(t, err)
		return raw
	}
	good := pack(sources(t, 1)...)
	return map[string]contents{
		"another's tariffs":   {pack(source(t, "kotka-2025")), "and the bundle for 227"},
		"more than are there": {pack(sources(t, 2)...), "has 2 tariffs, and says 1"},
		"no tariffs":          {[]byte("x"), "no tariffs"},
		"none":                {[]byte{0x80}, "no tariffs"},
		"written otherwise":   {append(bytes.Clone(good), 0), "holds no tariffs"},
		"a mistake": {
			bytes.Replace(good, []byte(`"2.51"`), []byte(`"2.5l"`), 1),
			"do not compile",
		},
	}
}

// blocks are block lists with the store that looks cards up.
type blocks struct {
	*lists.Blocks
	cards *blocklist.Store
}

func openBlocks(folder string, trust bundle.Trust) (store, error) {
	cards := blocklist.NewStore(trust.Area)
	s, err := lists.OpenBlocks(folder, trust, 100, cards)
	return blocks{s, cards}, err
}

// built is the file of a block list of so many cards.
func built(t testing.TB, e edition) string {
	t.Helper()
	var entries []blocklist.Entry
	for n := range e.size {
		entries = append(entries, blocklist.Entry{
			Number: card(uint64(n)), Kind: cardlayout.Personal,
		})
	}
	path := filepath.Join(t.TempDir(), "list")
	require.NoError(t, blocklist.Build(path, blocklist.List{
		Version: e.version, Area: area, Made: made, Entries: entries,
	}))
	return path
}

func signedBlocks(t testing.TB, version uint32, cards int) []byte {
	return signedFile(t, built(t, edition{version, cards}))
}

func signedFile(t testing.TB, path string) []byte {
	t.Helper()
	var b bytes.Buffer
	_, err := lists.SignBlocks(&b, path, lists.Terms{Expires: end}, issuer)
	require.NoError(t, err)
	return b.Bytes()
}

func deltaBlocks(t testing.TB, from, to edition) []byte {
	t.Helper()
	old, err := blocklist.Open(built(t, from))
	require.NoError(t, err)
	next, err := blocklist.Open(built(t, to))
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "delta")
	require.NoError(t, blocklist.BuildDelta(path, old, next))
	require.NoError(t, errors.Join(old.Close(), next.Close()))
	return signedFile(t, path)
}

func holdsBlocks(t testing.TB, s store, cards int) {
	t.Helper()
	for n := range cards + 1 {
		_, listed, err := s.(blocks).cards.Lookup(card(uint64(n)))
		require.NoError(t, err)
		require.Equal(t, n < cards, listed, "card %d", n)
	}
}
