package settings

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/journal"

	"leima/cmd/internal/text"
)

// OpenLog opens the log at a path; without a path it writes to otherwise. The caller closes it.
// Logging never blocks: lines that a slow disk or a stuck pipe does not take in time are dropped,
// and counted in a line. What repeats itself is left out, and counted too. In systemd's journal a
// line has its priority, and the time is the journal's.
func OpenLog(path string, otherwise io.Writer) (*slog.Logger, io.Closer, error) {
	to := &spool{out: otherwise, lines: make(chan []byte, backlog), ended: make(chan struct{})}
	if path != "" {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, nil, fmt.Errorf("the log %s cannot be written: %w: make the state "+
				"folder writable", path, text.Cause(err))
		}
		to.out, to.file = file, file
	}
	options := &slog.HandlerOptions{}
	if journald, _ := journal.StderrIsJournalStream(); journald && path == "" {
		to.prioritized, options.ReplaceAttr = true, timeless
	}
	go to.run()
	return slog.New(newPaced(slog.NewTextHandler(to, options))), to, nil
}

// timeless leaves out the time.
func timeless(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey && len(groups) == 0 {
		return slog.Attr{}
	}
	return a
}

// prioritized has a priority of syslog instead of its level (sd-daemon(3)).
func prioritized(line []byte) []byte {
	for level, priority := range map[string]string{
		"level=ERROR ": "<3>", "level=WARN ": "<4>", "level=INFO ": "<6>",
	} {
		if rest, is := bytes.CutPrefix(line, []byte(level)); is {
			return append([]byte(priority), rest...)
		}
	}
	return line
}

const (
	backlog = 1024            // lines that wait for the log
	closing = 2 * time.Second // how long the end of a program waits for its log
)

// A spool passes lines on to a writer that may be slow, stuck or gone.
type spool struct {
	out   io.Writer
	file  io.Closer // nil: out is not ours to close
	lines chan []byte
	ended chan struct{}

	prioritized bool // for systemd's journal

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

// run is the only goroutine that waits for the log.
func (s *spool) run() {
	defer close(s.ended)
	for line := range s.lines {
		if s.prioritized {
			line = prioritized(line)
		}
		_, _ = s.out.Write(line) // a full disk stops no passenger
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

// Close writes the remaining lines, if that can be done in time.
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
