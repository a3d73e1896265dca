package pcsc

import (
	"cmp"
	"fmt"
	"time"
)

// Options say which reader is meant and how patient to be with it.
type Options struct {
	// Pattern is the reader's name, or a part of it, or parts with stars between them:
	// "ACR122U", "acs*picc". Letters are alike in both cases. The numbers at the end of
	// a name change with the socket a reader is plugged into: leave them away, unless
	// two readers of a kind are told apart by them. An empty pattern takes the first
	// reader.
	Pattern string

	// Limit is how long one call may take before the card is given up, 0 is 5 s: a
	// slow card may extend its time to many seconds, and no passenger waits for it.
	Limit time.Duration

	// Check is how often WaitRemoved asks for the card's UID, 0 is 250 ms. A card that
	// is pulled away is seen without it; what it finds is a card exchanged for another
	// sooner than pcscd looks.
	Check time.Duration
}

// shared is the one watch of the process: package scard keeps the names of readers that
// are waited for in a table of the process, where two who wait would disturb each other.
var shared = newWatch(system)

// Open uses the reader that fits the options, whenever there is one: neither it nor
// pcscd need be there yet. Without PC/SC in the program it returns ErrNotBuilt.
func Open(o Options) (*Reader, error) {
	if err := built(); err != nil {
		return nil, err
	}
	return open(o, system, shared), nil
}

func open(o Options, d daemon, w *watch) *Reader {
	o.Limit = cmp.Or(o.Limit, 5*time.Second)
	o.Check = cmp.Or(o.Check, 250*time.Millisecond)
	w.join()
	return &Reader{
		options: o, daemon: d, watch: w,
		turn: make(chan struct{}, 1), closing: make(chan struct{}),
	}
}

// Readers returns the names of all readers that pcscd knows.
func Readers() ([]string, error) {
	if err := built(); err != nil {
		return nil, err
	}
	return list(system, 5*time.Second)
}

// list asks for the readers and waits no longer than limit.
func list(d daemon, limit time.Duration) (names []string, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		names, err = listed(d)
	}()
	select {
	case <-done:
	case <-time.After(limit):
		return nil, fmt.Errorf("listing the readers: %w", hung(limit))
	}
	if err != nil {
		return nil, fmt.Errorf("listing the readers: %w", err)
	}
	return names, nil
}

func listed(d daemon) ([]string, error) {
	l, err := d.dial()
	if err != nil {
		return nil, err
	}
	defer l.hangUp()
	names, err := l.readers()
	if err == codeNoReaders {
		return nil, nil
	}
	return names, err
}
