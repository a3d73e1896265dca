package listener

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// few is the number of connections of a listener of a bus.
const few = 128

// NewServer serves a handler. WriteTimeout is left to the handler, which may stream.
func NewServer(handler http.Handler) *http.Server { return NewLargeServer(handler, few) }

// NewLargeServer is NewServer with so many connections.
func NewLargeServer(handler http.Handler, most int) *http.Server {
	h := &connections{most: most}
	return &http.Server{
		Handler:           h.limit(handler),
		ConnContext:       h.add,
		ConnState:         h.remove,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // strangers would fill it
	}
}

// connections are the open connections, the oldest first: at most so many, half of which may have
// a request.
type connections struct {
	most int

	mu   sync.Mutex
	open []*connection
}

// A connection is one open connection.
type connection struct {
	connections *connections
	conn        net.Conn
	host        string
	busy        int  // requests that it has: more than one by HTTP/2
	streams     bool // it has a seat, and stays
}

type key struct{} // of a connection in a context

// add adds a connection. If that is one too many, another is closed.
func (c *connections) add(ctx context.Context, conn net.Conn) context.Context {
	g := &connection{connections: c, conn: conn, host: hostOf(conn.RemoteAddr().String())}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.open) >= c.most {
		c.closeOne(func(g *connection) bool { return g.busy == 0 },
			func(g *connection) bool { return !g.streams })
	}
	c.open = append(c.open, g)
	return context.WithValue(ctx, key{}, g)
}

// closeOne closes one connection: of the first kind that has any, the oldest of the host with the
// most of them. c.mu is held.
func (c *connections) closeOne(kinds ...func(*connection) bool) {
	for _, of := range kinds {
		var some []*connection
		for _, g := range c.open {
			if of(g) {
				some = append(some, g)
			}
		}
		if len(some) > 0 {
			g := some[busiestHost(some, func(g *connection) string { return g.host })]
			c.open = slices.DeleteFunc(c.open, func(o *connection) bool { return o == g })
			_ = raw(g.conn).Close()
			return
		}
	}
}

// raw is the connection below TLS: closing TLS would wait for the other end.
func raw(conn net.Conn) net.Conn {
	if over, is := conn.(interface{ NetConn() net.Conn }); is {
		return over.NetConn()
	}
	return conn
}

// remove removes a closed connection.
func (c *connections) remove(conn net.Conn, state http.ConnState) {
	if state == http.StateClosed || state == http.StateHijacked {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.open = slices.DeleteFunc(c.open, func(g *connection) bool { return g.conn == conn })
	}
}

// limit counts the requests. If there are too many, the oldest connection with one is closed.
func (c *connections) limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if g, is := r.Context().Value(key{}).(*connection); is {
			c.begin(g)
			defer c.end(g)
		}
		next.ServeHTTP(w, r)
	})
}

func (c *connections) begin(g *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	others := 0
	for _, o := range c.open {
		if o != g && o.busy > 0 && !o.streams {
			others++
		}
	}
	if others >= c.most/2 {
		c.closeOne(func(o *connection) bool { return o != g && o.busy > 0 && !o.streams })
	}
	g.busy++
}

func (c *connections) end(g *connection) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if g.busy--; g.busy == 0 {
		g.streams = false
	}
}

// hostOf is an address without its port.
func hostOf(address string) string {
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return address
}

// busiestHost is the index of the first entry of the host with the most; all is not empty.
func busiestHost[G any](all []G, host func(G) string) (first int) {
	count := map[string]int{}
	for _, g := range all {
		count[host(g)]++
	}
	for n := len(all) - 1; n >= 0; n-- {
		if count[host(all[n])] >= count[host(all[first])] {
			first = n
		}
	}
	return first
}
