package bus

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/blocklist"
	"leima/cardlayout"
	"leima/cmd/internal/onboard"
	"leima/validator"
	"leima/validator/lists"
	"leima/validator/lists/bundle"
)

var issuer = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))

// pinned puts the issuer's key into a configuration, and more settings of block lists.
func pinned(more string) []string {
	return []string{"required = false", fmt.Sprintf("required = false\nkeys = [%q]\n%s",
		bundle.Public(issuer), more)}
}

// send puts the bundle of a list into a device's inbox.
func send(t *testing.T, config string, version uint32, numbers ...uint64) {
	t.Helper()
	sendUntil(t, config, time.Unix(1772400000, 0).AddDate(1, 0, 0), version, numbers...)
}

func sendUntil(t *testing.T, config string, expires time.Time, version uint32, numbers ...uint64) {
	t.Helper()
	list := blocklist.List{Version: version, Area: 227, Made: time.Unix(1772400000, 0)}
	for _, number := range numbers {
		list.Entries = append(list.Entries, blocklist.Entry{
			Number: cardlayout.WithCheckDigit(number), Kind: cardlayout.Personal,
		})
	}
	path := filepath.Join(t.TempDir(), "list")
	require.NoError(t, blocklist.Build(path, list))
	var raw bytes.Buffer
	_, err := lists.SignBlocks(&raw, path, lists.Terms{Expires: expires}, issuer)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path+".part", raw.Bytes(), 0o644))
	post(t, config, path+".part", fmt.Sprintf("%d.bundle", version))
}

func post(t *testing.T, config, path, name string) {
	t.Helper()
	inbox := state(config, onboard.InboxFolder)
	require.NoError(t, os.MkdirAll(inbox, 0o755))
	require.NoError(t, os.Rename(path, filepath.Join(inbox, name)))
}

// Ensure that a bundle is taken into use without a stop, when it is asked for, and that
// one which is refused is put aside with an alarm while the good one stays; and that the
// next start finds the list again.
func TestHangup(t *testing.T) {
	t.Parallel()
	config, stop := atWork(t, pinned(`poll = "0s"`)...)
	logged(t, config, "there is no block list")
	send(t, config, 7, 92469900000000099)
	hangup(t)
	logged(t, config, "version=7 cards=1")

	rubbish := filepath.Join(t.TempDir(), "rubbish")
	require.NoError(t, os.WriteFile(rubbish, []byte("rubbish"), 0o644))
	post(t, config, rubbish, "8.bundle")
	send(t, config, 6)
	hangup(t)
	logged(t, config, "bundle 8.bundle: the bundle is damaged")
	logged(t, config, "bundle 6.bundle: it is older than the one in use")
	logged(t, config, `"in use"=7`)
	require.FileExists(t, state(config, "refused/8.bundle"))
	require.FileExists(t, state(config, "refused/6.bundle"))
	require.Zero(t, stop())

	require.NoError(t, os.Remove(state(config, "log")))
	text, err := os.ReadFile(config)
	require.NoError(t, err)
	text = bytes.Replace(text, []byte(`pace = "1h"`), []byte(`pace = "0s"`), 1)
	require.NoError(t, os.WriteFile(config, text, 0o644))
	code, _, errs := start(t, context.Background(), "run", "--config", config)
	require.Zero(t, code, errs)
	logged(t, config, "version=7 cards=1")
	logged(t, config, "block lists: alarm")
}

// Ensure that a tariff with a mistake, and two for one instant, are refused at a reload with
// file, line and reason, while the running one stays; and that a good one is then taken.
func TestRefusedTariffLeavesTheRunningOne(t *testing.T) {
	t.Parallel()
	path := aDevice(t, `["tariffs/mikkeli-2025.toml"]`, `["own.toml", "second.toml"]`)
	good, err := os.ReadFile("../../../../testdata/tariffs/mikkeli-2025.toml")
	require.NoError(t, err)
	write := func(name string, text []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), name), text, 0o644))
	}
	later := bytes.Replace(good, []byte(`valid_from = "2025-`), []byte(`valid_from = "2029-`), 1)
	require.NotEqual(t, good, later)
	write("own.toml", good)
	write("second.toml", later)
	c, err := read(path)
	require.NoError(t, err)
	d, err := c.Open(os.Stderr)
	require.NoError(t, err)
	defer func() { require.NoError(t, d.Close()) }()
	v := &validator.Validator{Now: time.Now}
	running := d.Set()
	stored, err := os.ReadFile(state(path, onboard.TariffFile))
	require.NoError(t, err)

	const band = "[[value.band]]\nname.fi = \"Yö\"\nname.sv = \"Natt\"\nname.en = \"Night\"\n" +
		"hours = \"23:00-04:00\"\nsupplement = \"1.00\"\nassumed = \"a test\"\n"
	for reason, wrong := range map[string][]byte{
		`own\.toml:\d+: value\.prices\.adult: `: bytes.Replace(good, []byte(`"2.51", "3.38"`),
			[]byte(`"2,51 €", "3.38"`), 1),
		`own\.toml:1: colour: not a field of a tariff`: append([]byte("colour = 1\n"), good...),
		`own\.toml:\d+: valid_from: `: bytes.Replace(good, []byte(`valid_from = "2025-01-01`),
			[]byte(`valid_from = "2025-02-30`), 1),
		`own\.toml:\d+: value\.prices\.adult: .*7`: bytes.Replace(good, []byte(`"2.51", "3.38", `),
			[]byte(`"2.51", `), 1),
		`own\.toml:\d+: value\.band: `:                                            append(slices.Clone(good), []byte(band+band)...),
		`second\.toml:\d+: valid_from: tariff .* and so does .*\(own\.toml:\d+\)`: later,
	} {
		write("own.toml", wrong)
		d.Reload(v)
		require.Same(t, running, d.Set(), reason)
		said := regexp.MustCompile(`the tariffs stay as they are.*` + reason)
		require.Eventually(t, func() bool {
			text, _ := os.ReadFile(state(path, "log"))
			return said.Match(text)
		}, 10*time.Second, 10*time.Millisecond, reason)
		kept, err := os.ReadFile(state(path, onboard.TariffFile))
		require.NoError(t, err)
		require.Equal(t, stored, kept, "and the next start finds it")
	}

	write("own.toml", good)
	d.Reload(v)
	require.NotSame(t, running, d.Set())
}

// Ensure that the inbox is looked into from time to time, and at the start; and that a
// list which adds more than the cap raises the alarm.
func TestInbox(t *testing.T) {
	t.Parallel()
	config := aDevice(t, append(pinned("poll = \"5ms\"\ncap = 2"), `pace = "1s"`, `pace = "1h"`)...)
	send(t, config, 3, 92469900000000099)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan int)
	go func() {
		code, _, _ := start(t, ctx, "run", "--config", config)
		ended <- code
	}()
	logged(t, config, "version=3 cards=1")
	send(t, config, 4, 92469900000000099, 92469900000000101, 92469900000000102, 92469900000000103)
	logged(t, config, "version=4 cards=4")
	logged(t, config, "no block is written to them\" cards=3 cap=2")
	cancel()
	require.Zero(t, <-ended)
}

// Ensure that a list which is damaged at the start is put aside with an alarm, and that
// the bus goes out.
func TestDamagedList(t *testing.T) {
	t.Parallel()
	config := aDevice(t)
	code, _, errs := start(t, context.Background(), "run", "--config", config)
	require.Zero(t, code, errs)
	files, err := filepath.Glob(state(config, onboard.ListFolder) + "/full-*")
	require.NoError(t, err)
	require.Len(t, files, 1, "the street's own")
	require.NoError(t, os.WriteFile(files[0], []byte("rubbish"), 0o644))
	code, _, errs = start(t, context.Background(), "run", "--config", config)
	require.Zero(t, code, errs)
	require.FileExists(t, state(config, onboard.ListFolder+"/full.damaged"))
	logged(t, config, "block lists: alarm")
}

// Ensure that no list is refused by a clock that is years ahead, before the next start or after
// it, and that one which has expired before the time was last known is.
func TestListsByAWrongClock(t *testing.T) {
	t.Parallel()
	path := aDevice(t, pinned("")...)
	code, _, errs := start(t, context.Background(), "run", "--config", path)
	require.Zero(t, code, errs)
	c, err := read(path)
	require.NoError(t, err)
	d, err := c.Open(os.Stderr)
	require.NoError(t, err)
	defer func() { require.NoError(t, d.Close()) }()
	now := d.Journal.Timing().Last
	shown := now.AddDate(12, 0, 0)
	aBus := func() *validator.Validator {
		return &validator.Validator{
			Now: func() time.Time { return shown }, Journal: d.Journal,
			Blocklist: d.Lists, Earliest: d.Earliest, Log: d.Log,
			Synced: func() bool { return true },
		}
	}
	v := aBus()
	sendUntil(t, path, now.AddDate(0, 0, 1), 50)
	d.Reload(v)
	require.EqualValues(t, 50, d.Lists.Version())
	shown = now.Add(time.Hour)
	sendUntil(t, path, now.Add(2*time.Hour), 51)
	d.Reload(v)
	require.EqualValues(t, 51, d.Lists.Version(), "the clock is right again")

	require.NoError(t, d.Journal.Record(validator.Event{ID: d.Journal.Next(), At: shown, Synchronized: true}))
	v, shown = aBus(), time.Unix(0, 0)
	sendUntil(t, path, now.Add(time.Hour), 52)
	d.Reload(v)
	require.Contains(t, d.Blocks.Status().Alarm, "the bundle has expired")
	sendUntil(t, path, now.Add(time.Hour+time.Second), 53)
	d.Reload(v)
	require.EqualValues(t, 53, d.Lists.Version())
}

// Ensure that a clock which has lost its time makes no expired list good again: the
// journal knows that it is later.
func TestExpiredByTheJournal(t *testing.T) {
	t.Parallel()
	path := aDevice(t, pinned("")...)
	code, _, errs := start(t, context.Background(), "run", "--config", path)
	require.Zero(t, code, errs)
	c, err := read(path)
	require.NoError(t, err)
	d, err := c.Open(os.Stderr)
	require.NoError(t, err)
	defer func() { require.NoError(t, d.Close()) }()
	v := &validator.Validator{
		Now: func() time.Time { return time.Unix(0, 0) }, Journal: d.Journal,
		Earliest: d.Earliest, Log: d.Log,
	}
	latest := d.Journal.Latest()

	sendUntil(t, path, latest, 50)
	d.Reload(v)
	require.Contains(t, d.Blocks.Status().Alarm, "the bundle has expired")
	sendUntil(t, path, latest.Add(time.Second), 51)
	d.Reload(v)
	require.EqualValues(t, 51, d.Lists.Version())
}

// Ensure that the log tells of a list that has lost its cards, and of the end of the day for
// which they are refused all the same, which no restart ends.
func TestLostCardsAreTold(t *testing.T) {
	t.Parallel()
	path := aDevice(t, pinned("")...)
	code, _, errs := start(t, context.Background(), "run", "--config", path)
	require.Zero(t, code, errs)
	c, err := read(path)
	require.NoError(t, err)
	d, err := c.Open(os.Stderr)
	require.NoError(t, err)
	shown := d.Journal.Timing().Last
	scan := func() {
		d.Reload(&validator.Validator{
			Now: func() time.Time { return shown }, Journal: d.Journal,
			Blocklist: d.Lists, Earliest: d.Earliest, Log: d.Log,
			Synced: func() bool { return true },
		})
	}
	listed := func() bool {
		_, listed, err := d.Lists.Lookup(cardlayout.WithCheckDigit(92469900000000105))
		require.NoError(t, err)
		return listed
	}
	numbers := make([]uint64, 20)
	for n := range numbers {
		numbers[n] = 92469900000000100 + uint64(n)
	}
	send(t, path, 50, numbers...)
	scan()
	require.True(t, listed())
	send(t, path, 51)
	scan()
	logged(t, path, "the list has lost more than half of its cards")
	require.True(t, listed())
	require.NoError(t, d.Close())
	d, err = c.Open(os.Stderr)
	require.NoError(t, err)
	defer func() { require.NoError(t, d.Close()) }()
	shown = shown.Add(23 * time.Hour)
	scan()
	require.True(t, listed())
	shown = shown.Add(time.Hour)
	scan()
	require.False(t, listed())
	logged(t, path, "the cards of the list before are refused no more")
}
