package panel_test

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout/plain"
	"leima/hw"
	"leima/hw/panel"
)

var update = flag.Bool("update", false, "write the golden files")

var signals = []hw.Signal{
	{Lamp: hw.LampIdle, Lines: [2]string{"Present your card", ""}},
	{
		Lamp: hw.LampGreen, Tone: hw.ToneHigh, Lines: [2]string{"Value ticket", "3 persons"},
		Charge: "7,53 €", Balance: "12,47 €", Until: "09:30", Took: 103 * time.Millisecond,
	},
	{
		Lamp: hw.LampYellow, Lines: [2]string{"Not finished yet", "Present the same card again"},
		Took: 88 * time.Millisecond,
	},
	{
		Lamp: hw.LampRed, Lines: [2]string{"This card is blocked", "Contact the service point"},
		Balance: "10,00 €", Took: 61 * time.Millisecond,
	},
	{Lamp: hw.LampBlue, Lines: [2]string{"The reader is out of order", "Use the other one, or ask the driver"}},
}

// Ensure that every lamp looks as it should, with and without colour.
func TestGolden(t *testing.T) {
	for name, style := range map[string]panel.Style{
		"transcript": {}, "transcript-colour": {Colour: true},
		"screen": {Screen: true}, "screen-colour": {Screen: true, Colour: true},
	} {
		var all bytes.Buffer
		for _, s := range signals {
			var out bytes.Buffer
			p := panel.New(&out, style)
			require.NoError(t, p.Note("08:00  Aino gets on"))
			require.NoError(t, p.Show(s))
			require.NoError(t, p.Close())
			shown := out.String()
			if style.Screen { // which may have been drawn before the note as well as after it
				shown = shown[strings.LastIndex(shown, "\x1b[H"):]
				fits(t, shown)
			}
			all.WriteString(shown)
		}
		golden := "testdata/" + name + ".txt"
		if *update {
			require.NoError(t, os.WriteFile(golden, all.Bytes(), 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		require.Equal(t, string(want), all.String(), name)
	}
}

// fits: no screen is larger than 80 columns and 24 lines.
func fits(t *testing.T, out string) {
	t.Helper()
	last := out[strings.LastIndex(out, "\x1b[J")+len("\x1b[J"):]
	lines := strings.Split(strings.TrimSuffix(last, "\n"), "\n")
	require.LessOrEqual(t, len(lines), 24)
	for _, line := range lines {
		for _, colour := range []string{"\x1b[0m", "\x1b[30;47m", "\x1b[30;42m", "\x1b[30;43m", "\x1b[97;41m", "\x1b[97;44m"} {
			line = strings.ReplaceAll(line, colour, "")
		}
		require.LessOrEqual(t, len([]rune(line)), 80, line)
	}
}

// Ensure that many notes leave the panel in its place.
func TestScreenKeepsItsSize(t *testing.T) {
	var out bytes.Buffer
	p := panel.New(&out, panel.Style{Screen: true})
	for range 100 {
		require.NoError(t, p.Note(strings.Repeat("Ä", 200)))
		require.NoError(t, p.Show(signals[1]))
	}
	require.NoError(t, p.Close())
	fits(t, out.String())
	require.Contains(t, out.String(), "Value ticket")
}

// stuck is a terminal that takes nothing until it is let go.
type stuck struct{ free chan struct{} }

func (s stuck) Write(p []byte) (int, error) { <-s.free; return len(p), nil }

// Ensure that a terminal that takes nothing keeps no tap waiting.
func TestShowDoesNotBlock(t *testing.T) {
	out := stuck{make(chan struct{})}
	p := panel.New(out, panel.Style{})
	for range 10_000 {
		require.NoError(t, p.Show(signals[1]))
	}
	close(out.free)
	require.NoError(t, p.Close())
	require.ErrorIs(t, p.Show(signals[1]), panel.ErrClosed)
	require.NoError(t, p.Close(), "closing twice does no harm")
}

// slow is a terminal that tells of every screen drawn on it.
type slow struct{ screens chan string }

func (s slow) Write(p []byte) (int, error) { s.screens <- string(p); return len(p), nil }

// Ensure that a result stays to be read when the card is gone, gives way to the next
// result at once, and to the idle lamp after its time.
func TestResultIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := slow{make(chan string, 10)}
		p := panel.New(out, panel.Style{Screen: true, Hold: 2 * time.Second})
		show := func(s hw.Signal) {
			require.NoError(t, p.Show(s))
			synctest.Wait()
		}
		show(signals[0])
		require.Contains(t, <-out.screens, "READY")
		show(signals[1])
		require.Contains(t, <-out.screens, "GREEN")
		show(signals[0])
		require.Empty(t, drawn(out))
		time.Sleep(time.Second)
		show(signals[3])
		require.Contains(t, <-out.screens, "RED")
		show(signals[0])
		time.Sleep(1999 * time.Millisecond)
		synctest.Wait()
		require.Empty(t, drawn(out))
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		require.Contains(t, <-out.screens, "READY")
		require.NoError(t, p.Close())
	})
}

// drawn is a screen that was drawn and should not have been.
func drawn(out slow) string {
	select {
	case screen := <-out.screens:
		return screen
	default:
		return ""
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no such terminal") }

// Ensure that a broken terminal is told.
func TestBrokenTerminal(t *testing.T) {
	p := panel.New(broken{}, panel.Style{})
	require.NoError(t, p.Show(signals[1]))
	require.ErrorIs(t, p.Close(), hw.ErrPanel)
}

// Ensure that no text of a signal or a note commands the terminal, or a browser's page: what it
// would have commanded is shown.
func TestHostileTexts(t *testing.T) {
	const hostile = "Tori\x1b[2J\u009b31m\x1b]0;x\a\r\u202e\x7f"
	s := hw.Signal{
		Lamp: hw.LampGreen, Lines: [2]string{hostile, hostile}, Charge: hostile,
		Balance: hostile, Until: hostile,
	}
	var out bytes.Buffer
	p := panel.New(&out, panel.Style{})
	require.NoError(t, p.Note(hostile))
	require.NoError(t, p.Show(s))
	require.NoError(t, p.Close())
	require.NoError(t, plain.Check(out.String()), "%q", &out)
	require.Equal(t, 6, strings.Count(out.String(), `\u001b[2J`))

	out.Reset()
	p = panel.New(&out, panel.Style{Screen: true})
	require.NoError(t, p.Show(s))
	require.NoError(t, p.Close())
	require.NotContains(t, out.String(), "\x1b[2J\u009b")
	require.NotContains(t, out.String(), "\x1b]0")
	require.NotContains(t, out.String(), "\u202e")

	page, server := aPage(t)
	require.NoError(t, page.Show(s))
	answer, err := http.Get(server.URL + "/events")
	require.NoError(t, err)
	defer answer.Body.Close()
	line, err := bufio.NewReader(answer.Body).ReadString('\n')
	require.NoError(t, err)
	require.NotContains(t, line, "\u202e")
	require.Contains(t, line, `\\u001b[2J`, "as it is shown")
}
