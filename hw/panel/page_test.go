package panel_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/panel"
)

func aPage(t *testing.T) (*panel.Page, *httptest.Server) {
	t.Helper()
	page := &panel.Page{Words: panel.Words{Language: "sv", Charge: "Pris"}, Now: time.Now}
	server := httptest.NewServer(page)
	t.Cleanup(server.Close)
	return page, server
}

// Ensure that a browser hears the signal that is on, and then each new one, with all that
// a passenger is told.
func TestPageTellsSignals(t *testing.T) {
	page, server := aPage(t)
	require.NoError(t, page.Show(hw.Signal{
		Lamp: hw.LampGreen, Tone: hw.ToneHigh,
		Lines: [2]string{"Värdebiljett", ""}, Charge: "2,51 €", Balance: "7,49 €", Until: "09:30",
	}))
	answer, err := http.Get(server.URL + "/events")
	require.NoError(t, err)
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	next := func() map[string]any {
		for lines.Scan() {
			if text, is := strings.CutPrefix(lines.Text(), "data: "); is {
				var said map[string]any
				require.NoError(t, json.Unmarshal([]byte(text), &said))
				return said
			}
		}
		require.Fail(t, "the stream has ended")
		return nil
	}
	said := next()
	require.Equal(t, "green", said["lamp"])
	require.Equal(t, "high", said["tone"])
	require.Equal(t, []any{"2,51 €", "7,49 €", "09:30"}, []any{said["charge"], said["balance"], said["until"]})
	require.NoError(t, page.Show(hw.Signal{Lamp: hw.LampIdle, Lines: [2]string{"Visa ditt kort", ""}}))
	require.Equal(t, "idle", next()["lamp"])
}

// Ensure that browsers which do not read hold up nobody.
func TestPageWaitsForNobody(t *testing.T) {
	page, server := aPage(t)
	for range 8 {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		require.NoError(t, err)
		defer conn.Close()
		_, err = io.WriteString(conn, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
		require.NoError(t, err)
	}
	long := strings.Repeat("x", 1<<16)
	for n := range 2000 {
		require.NoError(t, page.Show(hw.Signal{Lamp: hw.Lamp(n % 5), Lines: [2]string{long, ""}}))
	}
}

// Ensure that the page is all there, may load nothing from elsewhere, and takes nothing.
func TestPageIsAllThere(t *testing.T) {
	_, server := aPage(t)
	for path, kind := range map[string]string{
		"/": "text/html", "/style.css": "text/css",
		"/display.js": "text/javascript",
	} {
		answer, err := http.Get(server.URL + path)
		require.NoError(t, err)
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		_ = answer.Body.Close()
		require.Equal(t, http.StatusOK, answer.StatusCode, path)
		require.Contains(t, answer.Header.Get("Content-Type"), kind)
		require.Contains(t, answer.Header.Get("Content-Security-Policy"), "default-src 'none'")
		require.NotContains(t, string(text), "http://", "nothing from the network")
	}
	answer, err := http.Post(server.URL+"/events", "text/plain", nil)
	require.NoError(t, err)
	_ = answer.Body.Close()
	require.Equal(t, http.StatusMethodNotAllowed, answer.StatusCode)
}

// Ensure that the display has a shape for every lamp and notes for every tone.
func TestPageKnowsEverySign(t *testing.T) {
	page, err := os.ReadFile("page/index.html")
	require.NoError(t, err)
	style, err := os.ReadFile("page/style.css")
	require.NoError(t, err)
	script, err := os.ReadFile("page/display.js")
	require.NoError(t, err)
	for lamp := hw.LampIdle; lamp.String() != "unknown"; lamp++ {
		require.Contains(t, string(page), `class="shape `+lamp.String()+`"`)
		require.Contains(t, string(style), `body[data-lamp="`+lamp.String()+`"]`)
	}
	for tone := hw.ToneHigh; tone.String() != "unknown"; tone++ {
		require.Regexp(t, `(?m)^  `+tone.String()+`: \[\[`, string(script))
	}
}

// Ensure that a browser gets the words that come with no signal.
func TestPageHasWords(t *testing.T) {
	_, server := aPage(t)
	answer, err := http.Get(server.URL + "/words.js")
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, "text/javascript; charset=utf-8", answer.Header.Get("Content-Type"))
	require.Equal(t, `const words = {"language":"sv","charge":"Pris","balance":"","until":"",`+
		`"gone":["",""]}`, string(text))
}
