package simtest

import (
	"errors"
	"slices"
	"sync"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
	"leima/validator"
)

// ErrDisk is what a FailingJournal fails with.
var ErrDisk = errors.New("no space left on device")

// A FailingJournal fails at some calls.
type FailingJournal struct {
	validator.Journal
	FailBegin, FailFlush, FailSettle, FailVoid, FailRecord bool
}

// Begin keeps an intent, or fails.
func (f *FailingJournal) Begin(e validator.Event) error {
	if f.FailBegin {
		return ErrDisk
	}
	return f.Journal.Begin(e)
}

// Flush makes durable what was written, or fails.
func (f *FailingJournal) Flush() error {
	if f.FailFlush {
		return ErrDisk
	}
	return f.Journal.Flush()
}

// Record keeps an event, or fails.
func (f *FailingJournal) Record(e validator.Event) error {
	if f.FailRecord {
		return ErrDisk
	}
	return f.Journal.Record(e)
}

// Settle settles an intent, or fails.
func (f *FailingJournal) Settle(id cardlayout.EventID, r desfire.TMAC) error {
	if f.FailSettle {
		return ErrDisk
	}
	return f.Journal.Settle(id, r)
}

// Void voids an intent, or fails.
func (f *FailingJournal) Void(id cardlayout.EventID) error {
	if f.FailVoid {
		return ErrDisk
	}
	return f.Journal.Void(id)
}

// A Panel remembers what it was to show. A bus that has just started shows that it waits when it
// comes to it.
type Panel struct {
	Err error // that it answers with

	mu      sync.Mutex
	signals []hw.Signal
}

// Show remembers a signal.
func (p *Panel) Show(signal hw.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.signals = append(p.signals, signal)
	return p.Err
}

// Signals are all that it was to show.
func (p *Panel) Signals() []hw.Signal {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.signals)
}

// Last is what it shows.
func (p *Panel) Last() hw.Signal {
	all := p.Signals()
	return all[len(all)-1]
}

// Lamps are the lamps of all signals.
func (p *Panel) Lamps() (lamps []hw.Lamp) {
	for _, signal := range p.Signals() {
		lamps = append(lamps, signal.Lamp)
	}
	return lamps
}
