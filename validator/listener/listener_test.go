package listener_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/validator/listener"
)

// aDoor serves "yes", a stream, and a path that reads a whole body.
func aDoor(t *testing.T) (server *httptest.Server, watching chan string, open *counted) {
	t.Helper()
	watching = make(chan string, 1000)
	seats := new(listener.Streams)
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "yes") })
	mux.HandleFunc("/body", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
	})
	mux.Handle("/events", seats.Limit(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "data: seated\n\n")
		_ = http.NewResponseController(w).Flush()
		watching <- r.RemoteAddr
		<-r.Context().Done()
	})))
	server = httptest.NewUnstartedServer(nil)
	server.Config = listener.NewServer(mux)
	open = &counted{Listener: server.Listener}
	server.Listener = open
	server.Start()
	t.Cleanup(func() { server.CloseClientConnections(); server.Close() })
	return server, watching, open
}

// A counted listener knows how many of its connections are open, and were at most.
type counted struct {
	net.Listener
	mu         sync.Mutex
	open, most int
}

func (c *counted) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	if err == nil {
		c.count(1)
	}
	return &closing{Conn: conn, once: sync.OnceFunc(func() { c.count(-1) })}, err
}

func (c *counted) count(more int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open += more
	c.most = max(c.most, c.open)
}

// atMost is how many were.
func (c *counted) atMost() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.most
}

type closing struct {
	net.Conn
	once func()
}

func (c *closing) Close() error { c.once(); return c.Conn.Close() }

// dial opens a connection and sends a text.
func dial(t *testing.T, server *httptest.Server, text string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = io.WriteString(conn, text)
	require.NoError(t, err)
	return conn
}

// asked asks by a connection of its own.
func asked(t *testing.T, server *httptest.Server) string {
	t.Helper()
	conn := dial(t, server, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	return string(answer)
}

// Ensure that whatever many strangers do at a door, the next one comes in: idle connections,
// slow headers, slow bodies, streams; and that who watches already stays.
func TestNobodyFillsTheListener(t *testing.T) {
	for name, text := range map[string]string{
		"idle": "", "slow header": "GET / HTTP/1.1\r\nHost: x\r\n",
		"slow body": "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx",
		"kept":      "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			server, watching, open := aDoor(t)
			stream := dial(t, server, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
			<-watching
			for range 300 {
				dial(t, server, text)
			}
			for range 3 {
				require.Contains(t, asked(t, server), "yes")
			}
			require.Contains(t, seen(stream, "seated"), "seated")
			for range 15 {
				dial(t, server, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n")
				<-watching
			}
			require.LessOrEqual(t, open.atMost(), 129, "with the one that is coming in")
		})
	}
}

// seen reads until a line has a text, or there is no more.
func seen(conn net.Conn, text string) string {
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		if strings.Contains(lines.Text(), text) {
			return lines.Text()
		}
	}
	return ""
}

// Ensure that the seventeenth stream ends the oldest of the host that has the most, and no
// other host's.
func TestSeats(t *testing.T) {
	seats, ended := new(listener.Streams), map[string]bool{}
	enter := func(host string, n int) func() {
		name := fmt.Sprint(host, " ", n)
		r := httptest.NewRequest(http.MethodGet, "/events", nil)
		r.RemoteAddr = host + ":1"
		ctx, leave := seats.Open(r)
		t.Cleanup(leave)
		return func() {
			if ctx.Err() != nil {
				ended[name] = true
			}
		}
	}
	looks := []func(){enter("192.0.2.1", 0)}
	for n := range 40 {
		looks = append(looks, enter("192.0.2.2", n))
	}
	for _, look := range looks {
		look()
	}
	require.Len(t, ended, 25)
	require.False(t, ended["192.0.2.1 0"])
	require.True(t, ended["192.0.2.2 24"])
	require.False(t, ended["192.0.2.2 25"])
}

// Ensure that a stream which has ended leaves its seat.
func TestSeatsAreLeft(t *testing.T) {
	seats := new(listener.Streams)
	first, leave := seats.Open(httptest.NewRequest(http.MethodGet, "/events", nil))
	defer leave()
	for range 40 {
		_, leave := seats.Open(httptest.NewRequest(http.MethodGet, "/events", nil))
		leave()
	}
	require.NoError(t, first.Err())
}

// Ensure that nobody comes in by a name that is none of the device's.
func TestCalled(t *testing.T) {
	called := listener.CheckHost([]string{"Display.Bus"}, http.HandlerFunc(
		func(http.ResponseWriter, *http.Request) {}))
	for host, want := range map[string]int{
		"127.0.0.1:8081": 200, "192.0.2.7": 200, "[::1]:80": 200,
		"localhost:1": 200, "LocalHost": 200, "display.bus:8081": 200, "evil.example": 403,
		"evil.example:8081": 403, "127.0.0.1.evil.example": 403, "": 403, "localhost.evil": 403,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = host
		answer := httptest.NewRecorder()
		called.ServeHTTP(answer, r)
		require.Equal(t, want, answer.Code, host)
	}
}

// Ensure that a connection that has several requests, by HTTP/2, is not idle while one of them is
// not answered.
func TestSeveralRequestsOfAConnection(t *testing.T) {
	begun, end := make(chan struct{}), make(chan struct{})
	ends := sync.OnceFunc(func() { close(end) })
	mux := http.NewServeMux()
	mux.HandleFunc("/long", func(w http.ResponseWriter, _ *http.Request) {
		begun <- struct{}{}
		<-end
		fmt.Fprint(w, "whole")
	})
	mux.HandleFunc("/", func(http.ResponseWriter, *http.Request) {})
	server := httptest.NewUnstartedServer(nil)
	server.Config = listener.NewLargeServer(mux, 8)
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	defer ends()
	answered := make(chan string, 1)
	go func() {
		a, err := server.Client().Get(server.URL + "/long")
		if err != nil {
			answered <- err.Error()
			return
		}
		defer a.Body.Close()
		raw, err := io.ReadAll(a.Body)
		answered <- fmt.Sprint(string(raw), err)
	}()
	<-begun
	a, err := server.Client().Get(server.URL)
	require.NoError(t, err)
	require.NoError(t, a.Body.Close())
	require.Equal(t, 2, a.ProtoMajor)
	for range 30 {
		dial(t, server, "")
	}
	for range 3 { // by connections of their own, before which all others were let in
		other := &http.Client{Transport: &http.Transport{
			ForceAttemptHTTP2: true,
			TLSClientConfig:   server.Client().Transport.(*http.Transport).TLSClientConfig.Clone(),
		}}
		a, err := other.Get(server.URL)
		require.NoError(t, err)
		require.NoError(t, a.Body.Close())
		other.CloseIdleConnections()
	}
	ends()
	require.Equal(t, "whole<nil>", <-answered)
}
