package api

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// The pulse of a stream: something is sent this often. A peer that takes longer than the deadline
// for one message is gone.
const (
	pulse    = time.Second
	deadline = 5 * time.Second
)

// Stream sends server-sent events (HTML standard, section 9.2) while source runs, whose context
// ends when the other end no longer reads. Each text that source sends is one line, sent as it is.
func Stream(
	ctx context.Context, w http.ResponseWriter,
	source func(ctx context.Context, tell func([]byte) error) error,
) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &stream{w: w, control: http.NewResponseController(w), failed: cancel}
	_ = s.control.SetReadDeadline(time.Time{})
	var beating sync.WaitGroup
	beating.Go(func() {
		for every := time.NewTicker(pulse); ; {
			select {
			case <-ctx.Done():
				every.Stop()
				return
			case <-every.C:
				_ = s.send(": \n\n")
			}
		}
	})
	_ = source(ctx, func(text []byte) error { return s.send("data: " + string(text) + "\n\n") })
	cancel()
	beating.Wait()
}

// A stream may have several writers.
type stream struct {
	mu      sync.Mutex
	w       http.ResponseWriter
	control *http.ResponseController
	failed  func()
	err     error
}

func (s *stream) send(text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	_ = s.control.SetWriteDeadline(time.Now().Add(deadline))
	if _, s.err = s.w.Write([]byte(text)); s.err == nil {
		s.err = s.control.Flush()
	}
	if s.err != nil {
		s.failed()
	}
	return s.err
}
