package bus

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/cmd/internal/emulated"
	"leima/cmd/internal/onboard"
	"leima/fare/actionlist"
	"leima/fare/sale"
	"leima/hw/emu"
	"leima/validator/journal"
	"leima/validator/lists"
	"leima/validator/lists/bundle"
	"leima/validator/servicepoint"
	"leima/validator/sim"
)

// commuter is a script of one card that boards again and again, every time another bus, for longer
// than a test waits.
func commuter(t *testing.T) string {
	t.Helper()
	var text strings.Builder
	text.WriteString("card Aino  kind personal, born 1980-05-17, group adult, purse 900.00\nat 07:00\n")
	for trip := range 5000 {
		fmt.Fprintf(&text, "bus trip=%d\ntap Aino\n", 300+trip)
	}
	path := filepath.Join(t.TempDir(), "commuter.tap")
	require.NoError(t, os.WriteFile(path, []byte(text.String()), 0o644))
	return path
}

// aino is what her card holds now.
func aino(t *testing.T, config string) cardlayout.Card {
	t.Helper()
	card, err := emulated.Cards(state(config, cardFolder)).Read("Aino")
	require.NoError(t, err)
	keys := sim.TestKeys()
	keys.Holder = nil
	held, err := servicepoint.Inspect(emu.Air{}.Present(card), keys, rand.Reader)
	require.NoError(t, err)
	return held.Card
}

// sell puts the bundle of a list with one load into the inbox.
func sell(t *testing.T, config string, version uint32, card cardlayout.Number, expects uint32) {
	t.Helper()
	first := cardlayout.DayOf(time.Unix(1772400000, 0))
	list, err := actionlist.New(227, version, time.Unix(1772400000, 0), []actionlist.Entry{
		{Card: card, Action: sale.Action{
			Expects: expects, Leaves: expects + 1, First: first - 1,
			Last: first + 60, Kind: sale.ValueAction, Amount: 2000,
		}},
	})
	require.NoError(t, err)
	var raw bytes.Buffer
	_, err = lists.SignActions(&raw, list,
		lists.Terms{Expires: time.Unix(1772400000, 0).AddDate(1, 0, 0)}, issuer)
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "actions")
	require.NoError(t, os.WriteFile(path, raw.Bytes(), 0o644))
	post(t, config, path, fmt.Sprintf("actions-%d.bundle", version))
}

// appliedActions are the loads that a device has put onto cards, as its journal has it.
func appliedActions(t *testing.T, config string) (expected []uint32) {
	t.Helper()
	j, err := journal.Open(state(config, journalFile))
	require.NoError(t, err)
	defer j.Close()
	require.NoError(t, j.Entries(0, func(e journal.Entry) error {
		for _, p := range e.Event.Actions {
			require.Zero(t, p.Status)
			expected = append(expected, p.Expects)
		}
		return nil
	}))
	return expected
}

// Ensure that a load which arrives through the inbox of a validator at work comes onto its
// card at the next tap, once, however often the card taps after it; that the list is found
// again by the next start, which does not do it a second time; and that the next list's load
// comes on top.
func TestLoadThroughTheInbox(t *testing.T) {
	t.Parallel()
	config := aDevice(t, `"taps/demo.tap"`, fmt.Sprintf("%q", commuter(t)),
		`pace = "1s"`, `pace = "20ms"`, "required = false", "required = false\npoll = \"5ms\"",
		"[service]", fmt.Sprintf("[action_list]\nkeys = [%q]\n[service]", bundle.Public(issuer)))
	serve := func() (stop func()) {
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan int)
		go func() {
			code, _, errs := start(t, ctx, "run", "--config", config)
			t.Log(errs)
			ended <- code
		}()
		return func() {
			cancel()
			require.Zero(t, <-ended)
		}
	}
	counter := func(want uint32) {
		require.Eventually(t, func() bool {
			_, err := os.Stat(state(config, cardFolder+"/Aino"+emulated.Suffix))
			return err == nil && aino(t, config).ActionCounter == want
		}, 20*time.Second, 5*time.Millisecond)
	}
	stop := serve()
	counter(0)
	sell(t, config, 5, aino(t, config).Number, 0)
	counter(1)
	before := aino(t, config)
	require.Eventually(t, func() bool { // it has tapped since, with the list still there
		return aino(t, config).Counter > before.Counter+2
	}, 20*time.Second, 5*time.Millisecond)
	stop()
	logged(t, config, "action list in use\" version=5 actions=1")
	require.Equal(t, []uint32{0}, appliedActions(t, config))

	require.NoError(t, os.Remove(state(config, "log")))
	before = aino(t, config)
	stop = serve()
	logged(t, config, "action list in use\" version=5 actions=1")
	require.Eventually(t, func() bool { return aino(t, config).Counter > before.Counter+2 },
		20*time.Second, 5*time.Millisecond)
	sell(t, config, 6, before.Number, 1)
	counter(2)
	stop()
	require.Equal(t, []uint32{0, 1}, appliedActions(t, config))
	require.Equal(t, cardlayout.Cents(90000+2*2000), aino(t, config).Purse+charged(t, config))
}

// charged is what a device has taken of all purses.
func charged(t *testing.T, config string) (sum cardlayout.Cents) {
	t.Helper()
	j, err := journal.Open(state(config, journalFile))
	require.NoError(t, err)
	defer j.Close()
	require.NoError(t, j.Entries(0, func(e journal.Entry) error {
		sum += e.Event.Charge
		return nil
	}))
	return sum
}

// Ensure that neither kind of list is taken for the other, not even by a device that pins
// one key for both, and that a damaged action list of the last time is told at the start.
func TestActionListsAreNoBlockLists(t *testing.T) {
	t.Parallel()
	config, stop := atWork(t, append(pinned(`poll = "0s"`), "[service]",
		fmt.Sprintf("[action_list]\nkeys = [%q]\n[service]", bundle.Public(issuer)))...)
	logged(t, config, "there is no block list")
	sell(t, config, 4, cardlayout.WithCheckDigit(92469900000000099), 0)
	send(t, config, 9, 92469900000000099)
	hangup(t)
	logged(t, config, "action list in use\" version=4")
	logged(t, config, "block list in use\" version=9")
	raw, err := os.ReadFile(state(config, onboard.ActionFolder+"/list-4"))
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "lie")
	lie := bytes.Replace(raw, []byte("gactions"), []byte("iblocklist"), 1)
	require.NoError(t, os.WriteFile(path, lie, 0o644))
	post(t, config, path, "lie.bundle")
	hangup(t)
	logged(t, config, "bundle lie.bundle: ")
	logged(t, config, "a bundle is not taken")
	require.Zero(t, stop())

	require.NoError(t, os.WriteFile(state(config, onboard.ActionFolder+"/list-4"), raw[:len(raw)-1], 0o644))
	text, err := os.ReadFile(config)
	require.NoError(t, err)
	text = bytes.Replace(text, []byte(`pace = "1h"`), []byte(`pace = "0s"`), 1)
	require.NoError(t, os.WriteFile(config, text, 0o644))
	code, _, errs := start(t, context.Background(), "run", "--config", config)
	require.Zero(t, code, errs)
	logged(t, config, "action lists: alarm")
}
