package pcsc

import (
	"cmp"
	"fmt"
	"time"
)

// Options choose the reader and its limits.
type Options struct {
	// Pattern is the reader's name, or a part of it, or parts with stars between them: "ACR122U",
	// "acs*picc". Case does not matter. The numbers at the end of a name change with the USB
	// socket: leave them out, unless two readers of a kind are told apart by them. An empty pattern
	// takes the first reader.
	Pattern string

	// Limit is how long one call may take before the card is given up; 0 is 5 s. A slow card may
	// extend its time to many seconds, but no passenger waits for that.
	Limit time.Duration

	// Check is how often WaitRemoved asks for the card's UID; 0 is 250 ms. It is for a card that is
	// exchanged for another between two polls of pcscd; a card that is pulled away is noticed
	// without it.
	Check time.Duration
}

// shared is the one monitor of the process: package scard keeps the names of readers that are
// waited for in a table of the process, where two monitors would disturb each other.
var shared = newMonitor(system)

// Open uses the reader that fits the options, whenever there is one: neither it nor pcscd need be
// there yet. Without PC/SC in the build the error
// says so, and wraps hw.ErrReader.
func Open(o Options) (*Reader, error) {
	if err := built(); err != nil {
		return nil, err
	}
	return open(o, system, shared), nil
}

func open(o Options, d service, w *monitor) *Reader {
	o.Limit = cmp.Or(o.Limit, 5*time.Second)
	o.Check = cmp.Or(o.Check, 250*time.Millisecond)
	w.acquire()
	return &Reader{
		options: o, daemon: d, monitor: w,
		lock: make(chan struct{}, 1), closing: make(chan struct{}),
	}
}

// Readers returns the names of all readers that pcscd knows.
func Readers() ([]string, error) {
	if err := built(); err != nil {
		return nil, err
	}
	return list(system, 5*time.Second)
}

// list lists the readers, within limit.
func list(d service, limit time.Duration) (names []string, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		names, err = listed(d)
	}()
	select {
	case <-done:
	case <-time.After(limit):
		return nil, fmt.Errorf("listing the readers: %w", timeoutError(limit))
	}
	if err != nil {
		return nil, fmt.Errorf("listing the readers: %w", err)
	}
	return names, nil
}

func listed(d service) ([]string, error) {
	l, err := d.establishContext()
	if err != nil {
		return nil, err
	}
	defer l.release()
	names, err := l.listReaders()
	if err == codeNoReaders {
		return nil, nil
	}
	return names, err
}
