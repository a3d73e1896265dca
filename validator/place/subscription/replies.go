package subscription

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"

	"leima/validator/listener"
)

// largest is how many bytes of a text are taken.
const largest = 256 << 10

// replies is where a service sends to.
type replies struct {
	at     netip.AddrPort
	server *http.Server
	some   chan struct{} // one if any text may wait

	mu      sync.Mutex
	waiting []reply
}

// A reply is what has come to a path. A newer one takes its place.
type reply struct {
	path string
	text []byte
}

// mostPaths is how many paths may have something waiting.
const mostPaths = 16

// listen opens the replies for one service, at the address by which it is reached.
func listen(ctx context.Context, own netip.AddrPort, service netip.Addr) (*replies, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", own.String())
	if err != nil {
		return nil, err
	}
	at, _ := netip.ParseAddrPort(l.Addr().String())
	r := &replies{at: at, some: make(chan struct{}, 1)}
	r.server = listener.NewServer(r)
	r.server.WriteTimeout = patience
	go func() { _ = r.server.Serve(&only{l, service}) }()
	return r, nil
}

// only lets one host in.
type only struct {
	net.Listener
	host netip.Addr
}

func (o *only) Accept() (net.Conn, error) {
	for {
		conn, err := o.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from, _ := netip.ParseAddrPort(conn.RemoteAddr().String())
		if from.Addr().Unmap() == o.host {
			return conn, nil
		}
		_ = conn.Close()
	}
}

// ServeHTTP implements http.Handler.
func (r *replies) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	if q.Method != http.MethodPost {
		http.Error(w, "this address takes what a service sends, by POST",
			http.StatusMethodNotAllowed)
		return
	}
	text, err := io.ReadAll(http.MaxBytesReader(w, q.Body, largest))
	if err != nil {
		http.Error(w, "want a text of at most 256 KiB", http.StatusRequestEntityTooLarge)
		return
	}
	r.put(reply{q.URL.Path, text})
}

func (r *replies) put(one reply) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waiting = slices.DeleteFunc(r.waiting, func(o reply) bool { return o.path == one.path })
	if len(r.waiting) >= mostPaths {
		return
	}
	r.waiting = append(r.waiting, one)
	select {
	case r.some <- struct{}{}:
	default:
	}
}

// take takes the oldest text that waits; nil: none does.
func (r *replies) take() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.waiting) == 0 {
		return nil
	}
	text := r.waiting[0].text
	r.waiting = slices.Delete(r.waiting, 0, 1)
	if len(r.waiting) > 0 {
		select {
		case r.some <- struct{}{}:
		default:
		}
	}
	return text
}
