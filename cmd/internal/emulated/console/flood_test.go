package console

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/api"
	"leima/validator/console"
)

// Ensure that strangers who flood the page, in whatever way, neither keep the driver from it nor
// a card from the reader.
func TestFlood(t *testing.T) {
	t.Parallel()
	config, folder := aConfig(t)
	aBus(t, folder)
	address, stop := start(t, config)
	d := signOn(t, address)
	// A browser sends again what a connection did not answer that was closed meanwhile.
	d.client.Transport = &http.Transport{DisableKeepAlives: true}
	host := strings.TrimPrefix(address, "http://")
	typed := func(n int) string {
		text := fmt.Sprintf(`{"driver":%d,"pin":"999999"}`, 1000+n)
		return fmt.Sprintf("POST /api/sign-on HTTP/1.1\r\nHost: 127.0.0.1\r\n"+
			"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(text), text)
	}
	for n, flood := range []struct {
		what, text string
		often      int
	}{
		{"nothing", "", 200},
		{"slow headers", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ", 200},
		{"slow bodies", "POST /api/sign-on HTTP/1.1\r\nHost: 127.0.0.1\r\n" +
			"Content-Length: 1000\r\n\r\n{", 200},
		{"streams", "GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 200},
		{"sign-ons", "", 20},
	} {
		t.Run(flood.what, func(t *testing.T) {
			for one := range flood.often {
				conn, err := net.Dial("tcp", host)
				require.NoError(t, err)
				t.Cleanup(func() { _ = conn.Close() })
				if flood.what == "sign-ons" {
					flood.text = typed(one)
				}
				_, _ = io.WriteString(conn, flood.text) // it may have been closed already
			}
			d.do(10*n, api.Command{Kind: "sell", Sell: &api.TicketSale{Group: "adult", Persons: 1}})
			require.Equal(t, http.StatusOK, d.ask(http.MethodPost, "/api/lock", struct{}{}, nil))
			require.Equal(t, http.StatusOK, d.ask(http.MethodPost, "/api/unlock",
				map[string]string{"pin": "1234"}, nil))
			d.do(10*n+1, api.Command{Kind: "load", Load: &api.LoadOrder{Amount: 1000}})
			act := func(act string) {
				require.Equal(t, http.StatusOK, d.ask(http.MethodPost, "/api/emulated",
					console.Operation{Reader: "own", Kind: act, Card: "Aino"}, nil))
			}
			act("put")
			tries := 0
			require.Eventually(t, func() bool {
				var taps []struct {
					Balance int64
					Ending  string
				}
				require.Equal(t, http.StatusOK, d.ask(http.MethodGet, "/api/taps", nil, &taps))
				if len(taps) > tries && taps[0].Ending == "try again" { // the machine was slow
					tries = len(taps)
					act("take")
					act("put")
				}
				return len(taps) > n && taps[0].Balance == int64(2000+1000*n)
			}, 3*time.Minute, 10*time.Millisecond)
			act("take")
		})
	}
	require.Zero(t, stop())
}
