package console_test

import (
	"errors"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"leima/validator"
	"leima/validator/api"
	"leima/validator/console"
	"leima/validator/sim"
)

var update = flag.Bool("update", false, "write the golden files")

// aDay is a shift in which every kind of receipt is written.
func aDay(t *testing.T, prepare ...func(*consoleFixture)) (*consoleFixture, *browser) {
	d := aConsole(t, prepare...)
	d.up()
	b := d.driver(7)
	d.tap(d.Bus, "Aino")
	d.Clock.Set(d.Clock.Now().Add(time.Minute))
	d.await(func(s console.States) bool { // else what the bus has said before sets it back
		return s.Bus != nil && s.Bus.Now.Equal(d.Clock.Now())
	})
	for _, c := range []struct {
		command api.Command
		tap     bool
	}{
		{single, false},
		{tenEuros, true},
		{api.Command{Kind: "take_back", TakeBack: "driver"}, true},
		{api.Command{Kind: "next_tap", NextTap: &api.NextTap{Check: true}}, true},
		{api.Command{Kind: "judge", Misuse: &api.MisuseReport{
			Group: "adult", Charge: true,
			CardUse: api.CardUse{Kind: "personal", Other: true, Personal: true, Age: "equal"},
		}}, false},
	} {
		b.do("own", c.command)
		if c.tap {
			d.tap(d.own, "Aino")
		}
	}
	require.Eventually(t, func() bool { // the taps are told by the devices
		var all []console.Receipt
		return b.get("/api/receipts", &all) == http.StatusOK && len(all) == 5
	}, 10*time.Second, 5*time.Millisecond)
	require.Equal(t, http.StatusOK, b.get("/api/report", nil))
	return d, b
}

// Ensure that a receipt is as it should be, in each language, and fits its paper.
func TestReceipts(t *testing.T) {
	t.Parallel()
	_, b := aDay(t)
	for _, language := range []string{"fi", "sv", "en"} {
		var all []console.Receipt
		require.Equal(t, http.StatusOK, b.get("/api/receipts?lang="+language, &all))
		var text strings.Builder
		for _, kind := range []string{"single", "load", "reversal", "history", "misuse", "report"} {
			for _, r := range all {
				if r.Kind == kind {
					text.WriteString(r.Text + "\n")
				}
			}
		}
		for line := range strings.Lines(text.String()) {
			require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), 40, line)
		}
		golden(t, "receipts-"+language+".txt", text.String())
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// Ensure that a receipt is printed as it is shown, once, and that a printer that is missing
// or broken is told of.
func TestPrint(t *testing.T) {
	t.Parallel()
	var printed []string
	broken := false
	d, b := aDay(t, func(d *consoleFixture) {
		d.console.Printer = func(text string) error {
			if broken {
				return errors.New("no paper")
			}
			printed = append(printed, text)
			return nil
		}
	})
	var all []console.Receipt
	require.Equal(t, http.StatusOK, b.get("/api/receipts?lang=sv", &all))
	code, why := b.post("/api/print", map[string]string{"id": all[0].ID}, nil)
	require.Equal(t, http.StatusOK, code, why)
	require.Equal(t, []string{all[0].Text}, printed)
	code, _ = b.post("/api/print", map[string]string{"id": "none"}, nil)
	require.Equal(t, http.StatusNotFound, code)
	broken = true
	code, why = b.post("/api/print", map[string]string{"id": all[0].ID}, nil)
	require.Equal(t, http.StatusServiceUnavailable, code)
	require.Contains(t, why, "no paper")
	d.stop()
	d2, b2 := aDay(t)
	require.Equal(t, http.StatusOK, b2.get("/api/receipts", &all))
	code, _ = b2.post("/api/print", map[string]string{"id": all[0].ID}, nil)
	require.Equal(t, http.StatusServiceUnavailable, code)
	d2.stop()
}

// Ensure that whatever is written of a season, by either device, names the season in the language
// of the receipt, and its zones as the card has them, in a zone that is not the bus's: receipt,
// take-back, tap and event.
func TestReceiptNamesTheSeason(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.up()
	b := d.driver(7)
	b.do("both", api.Command{Kind: "move", Move: &api.Place{Line: "2", Trip: 7, Zone: "D"}})
	for device, at := range map[string]*sim.Bus{"bus": d.Bus, "own": d.own} {
		for _, c := range []api.Command{
			{Kind: "load", Load: &api.LoadOrder{Product: 30, Zones: "A-B"}},
			{Kind: "take_back", TakeBack: "driver"},
		} {
			b.do(device, c)
			o := d.tap(at, "Aino")
			require.Equal(t, validator.Accepted, o.Ending, "%s %s: %v", device, c.Kind, o.Decision.Refused)
			require.Equal(t, "A-B", o.Event.Zones.String())
			var receipts []console.Receipt
			require.Eventually(t, func() bool {
				require.Equal(t, http.StatusOK, b.get("/api/receipts", &receipts))
				return len(receipts) > 0 && receipts[0].At.Equal(o.Event.At) &&
					(receipts[0].Kind == "reversal") == (c.Kind == "take_back")
			}, 10*time.Second, 10*time.Millisecond)
			for language, name := range map[string]string{
				"fi": "Kausilippu 30 vrk",
				"sv": "Periodbiljett 30 dygn", "en": "30-day season ticket",
			} {
				require.Equal(t, http.StatusOK, b.get("/api/receipts?lang="+language, &receipts))
				require.Regexp(t, name+` +A-B`, receipts[0].Text)
			}
			var taps []struct{ Zones string }
			require.Equal(t, http.StatusOK, b.get("/api/taps", &taps))
			require.Equal(t, "A-B", taps[0].Zones)
			d.Clock.Set(d.Clock.Now().Add(time.Minute))
		}
	}
}
