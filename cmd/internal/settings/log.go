package settings

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"
)

// OpenLog opens the log at a path; without one it is otherwise. Whoever opened it closes it.
// Who logs is never kept waiting: what a slow disk or a pipe that nobody reads does not take
// in time is dropped, and counted in a line of its own.
func OpenLog(path string, otherwise io.Writer) (*slog.Logger, io.Closer, error) {
	to := &spool{out: otherwise, lines: make(chan []byte, backlog), ended: make(chan struct{})}
	if path != "" {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, nil, fmt.Errorf("opening the log: %w: make the state folder writable", err)
		}
		to.out, to.file = file, file
	}
	go to.run()
	return slog.New(slog.NewTextHandler(to, nil)), to, nil
}

const (
	backlog = 1024            // lines that wait for the log
	closing = 2 * time.Second // for which the end of a program waits for its log
)

// A spool passes lines on to a writer that may be slow, stuck or gone.
type spool struct {
	out   io.Writer
	file  io.Closer // nil: out is somebody else's
	lines chan []byte
	ended chan struct{}

	mu      sync.Mutex
	dropped int
	closed  bool
}

// Write implements io.Writer for a handler of slog, which writes a line at a time.
func (s *spool) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return len(line), nil
	}
	select {
	case s.lines <- bytes.Clone(line):
	default:
		s.dropped++
	}
	return len(line), nil
}

// run is the only goroutine that may be kept waiting by the log.
func (s *spool) run() {
	defer close(s.ended)
	for line := range s.lines {
		_, _ = s.out.Write(line) // a full disk keeps nobody from travelling
		if n := s.lost(); n > 0 {
			fmt.Fprintf(s.out, "level=WARN msg=\"the log was too slow\" lines_lost=%d\n", n)
		}
	}
}

func (s *spool) lost() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, s.dropped = s.dropped, 0
	return n
}

// Close writes what waits, if that can be done in time.
func (s *spool) Close() error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.lines)
	}
	s.mu.Unlock()
	select {
	case <-s.ended:
	case <-time.After(closing):
		return nil // the end of the program closes it
	}
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
