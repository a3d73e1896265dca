package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"leima/validator"
	"leima/validator/testrig"
)

// A progress shows the progress of a long task: on a terminal in one line that is rewritten,
// elsewhere in a line for every tenth.
type progress struct {
	to       io.Writer
	terminal bool
	all      int
	next     time.Time // on a terminal: not before
	tenth    int
	open     bool
}

func newProgress(to io.Writer, all int) *progress {
	p := &progress{to: to, all: all}
	if file, ok := to.(*os.File); ok {
		info, err := file.Stat()
		p.terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// due reports whether to show the progress after done steps.
func (p *progress) due(done int) bool {
	if p.terminal {
		now := time.Now()
		if done < p.all && now.Before(p.next) {
			return false
		}
		p.next = now.Add(100 * time.Millisecond)
		return true
	}
	tenth := done * 10 / max(1, p.all)
	if tenth == p.tenth {
		return false
	}
	p.tenth = tenth
	return true
}

func (p *progress) say(format string, args ...any) {
	if p.terminal {
		fmt.Fprintf(p.to, "\r\x1b[K"+format, args...)
		p.open = true
		return
	}
	fmt.Fprintf(p.to, format+"\n", args...)
}

// end ends the line.
func (p *progress) end() {
	if p.open {
		fmt.Fprintln(p.to)
		p.open = false
	}
}

// soaked shows the progress of a soak.
func (p *progress) soaked(s *testrig.SoakResult) {
	if !p.due(len(s.Taps)) {
		return
	}
	whole, _ := s.Sorted()
	at := func(percent float64) float64 { return millis(testrig.Percentile(whole, percent)) }
	p.say("%d of %d taps  p50 %.2f ms  p99 %.2f ms  worst %.2f ms  not accepted %d",
		len(s.Taps), p.all, at(50), at(99), at(100), len(s.Taps)-s.Endings[validator.Accepted])
}
