package bus

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/emulated"
	"leima/validator/api"
)

// freeAddress is one that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer free.Close()
	return free.Addr().String()
}

// floods are what strangers do at a door, each on a connection of its own.
var floods = map[string]string{
	"nothing":      "",
	"slow headers": "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ",
	"slow bodies":  "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nx",
	"streams":      "GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
	"orders":       "POST /v1/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{",
	"watchers":     "GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
}

// flood has strangers at a door until the test ends.
func flood(t *testing.T, open func() (net.Conn, error), text string) {
	t.Helper()
	for range 200 {
		conn, err := open()
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		_, _ = io.WriteString(conn, text) // it may have been closed already
	}
}

// Ensure that strangers who flood one of the doors, in whatever way, keep nobody out of it or of
// another, nor a card from the reader.
func TestFlood(t *testing.T) {
	t.Parallel()
	address, shows := freeAddress(t), freeAddress(t)
	config := aBusConfig(t, `["unix:api.sock"]`, `["unix:api.sock", "`+address+`"]`+"\n"+
		`token = "token"`+"\n"+`certificate = "cert.pem"`+"\n"+`key = "key.pem"`,
		`"127.0.0.1:8081"`, `"`+shows+`"`)
	folder := filepath.Dir(config)
	trust := certificate(t, folder)
	token := strings.Repeat("secret-", 5)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "token"), []byte(token+"\n"), 0o600))
	network := api.NewClient("https://"+address, token, trust)
	local := api.NewClient("unix:"+state(config, "api.sock"), "", nil)
	stop := running(t, config, local)
	stage := emulated.RemoteControl{Send: local.Send}
	require.Eventually(t, func() bool { // the passengers come after the doors are open
		scene, err := stage.State(t.Context())
		return err == nil && len(scene.Cards) > 0
	}, 20*time.Second, 10*time.Millisecond)
	taps := 0
	works := func(t *testing.T) {
		t.Helper()
		_, err := network.State(t.Context())
		require.NoError(t, err)
		answer, err := http.Get("http://" + shows + "/")
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusOK, answer.StatusCode)
		stage := emulated.RemoteControl{Send: api.NewClient("unix:"+state(config, "api.sock"), "", nil).Send}
		_, err = stage.Do(t.Context(), emulated.Operation{Kind: "put", Card: "Aino"})
		require.NoError(t, err)
		taps++
		require.Eventually(t, func() bool {
			state, err := local.State(t.Context())
			return err == nil && state.Journal.Events >= uint32(taps)
		}, 20*time.Second, 5*time.Millisecond)
		_, err = stage.Do(t.Context(), emulated.Operation{Kind: "take"})
		require.NoError(t, err)
	}
	for door, open := range map[string]func() (net.Conn, error){
		"socket":  func() (net.Conn, error) { return net.Dial("unix", state(config, "api.sock")) },
		"network": func() (net.Conn, error) { return net.Dial("tcp", address) },
		"with TLS": func() (net.Conn, error) {
			return tls.Dial("tcp", address, trust)
		},
		"display": func() (net.Conn, error) { return net.Dial("tcp", shows) },
	} {
		for what, text := range floods {
			t.Run(fmt.Sprint(what, " at the ", door), func(t *testing.T) {
				flood(t, open, text)
				works(t)
			})
		}
	}
	require.Empty(t, stop())
}

// Ensure that the display is called by an address or one of its names, and that nobody's
// stream keeps another's out: seventeen watch, and the newest is shown what the lamp shows.
func TestDisplayIsAListener(t *testing.T) {
	t.Parallel()
	shows := freeAddress(t)
	config := aBusConfig(t, `listen = "127.0.0.1:8081"`, `listen = "`+shows+`"`+"\n"+
		`names = ["display.bus"]`)
	local := api.NewClient("unix:"+state(config, "api.sock"), "", nil)
	stop := running(t, config, local)
	get := func(path, host string) *http.Response {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodGet,
			"http://"+shows+path, nil)
		require.NoError(t, err)
		r.Host = host
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		t.Cleanup(func() { _ = answer.Body.Close() })
		return answer
	}
	for _, path := range []string{"/", "/events", "/style.css"} {
		require.Equal(t, http.StatusForbidden, get(path, "evil.example").StatusCode)
		for _, host := range []string{shows, "localhost", "display.bus:8081"} {
			require.Equal(t, http.StatusOK, get(path, host).StatusCode)
		}
	}
	first := get("/events", shows)
	for range 17 {
		last := get("/events", shows)
		lines := bufio.NewScanner(last.Body)
		for lines.Scan() && !strings.HasPrefix(lines.Text(), "data: ") { // a sign of life
		}
		require.NoError(t, lines.Err())
		require.Contains(t, lines.Text(), "data: ")
	}
	_, err := io.Copy(io.Discard, first.Body)
	require.NoError(t, err, "the oldest has ended")
	require.Empty(t, stop())
}
