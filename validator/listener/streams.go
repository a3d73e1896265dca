package listener

import (
	"context"
	"net/http"
	"slices"
	"sync"
)

// maxStreams is the largest number of streams.
const maxStreams = 16

// Streams are the clients that watch a stream. If there are too many, the newest ends another: the
// oldest of the host with the most. The zero value has all seats free.
type Streams struct {
	mu  sync.Mutex
	all []*stream // the oldest first
}

type stream struct {
	host string
	end  context.CancelFunc
}

// Open gives a request a seat, until its context ends or too many others come. The caller calls
// leave when the stream has ended.
func (s *Streams) Open(r *http.Request) (ctx context.Context, leave func()) {
	KeepOpen(r)
	ctx, cancel := context.WithCancel(r.Context())
	one := &stream{hostOf(r.RemoteAddr), cancel}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.all) >= maxStreams {
		n := busiestHost(s.all, func(s *stream) string { return s.host })
		s.all[n].end()
		s.all = slices.Delete(s.all, n, n+1)
	}
	s.all = append(s.all, one)
	return ctx, func() {
		cancel()
		s.mu.Lock()
		defer s.mu.Unlock()
		s.all = slices.DeleteFunc(s.all, func(o *stream) bool { return o == one })
	}
}

// Limit gives a seat to each request of a streaming handler.
func (s *Streams) Limit(stream http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, leave := s.Open(r)
		defer leave()
		stream.ServeHTTP(w, r.WithContext(ctx))
	})
}

// KeepOpen keeps a request's connection open until it was answered, however many others come. The
// caller makes sure that there are few.
func KeepOpen(r *http.Request) {
	if g, is := r.Context().Value(key{}).(*connection); is {
		g.connections.mu.Lock()
		defer g.connections.mu.Unlock()
		g.streams = true
	}
}
