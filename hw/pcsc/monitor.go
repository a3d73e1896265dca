package pcsc

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"leima/hw"
)

// A monitor watches cards and readers. Its goroutine runs while it has users; there is one in a
// process, because package scard allows only one.
type monitor struct {
	daemon service

	mu       sync.Mutex
	users    int
	running  bool
	context  cardContext // in use by the goroutine; nil: it does not wait
	snapshot snapshot
	changed  chan struct{} // closed and replaced when the snapshot changes
}

// A snapshot is the last state of all readers. It is never changed, only replaced.
type snapshot struct {
	readers []readerStatus
	trouble error // why there is no state
}

// A readerStatus is one reader of a snapshot.
type readerStatus struct {
	name  string
	flags stateFlags
	atr   []byte
}

// present reports whether a card is there, and mute whether it does not answer.
func (s readerStatus) present() bool { return s.flags&statePresent != 0 }
func (s readerStatus) mute() bool    { return s.flags&stateMute != 0 }

// errNotPolled is the trouble before the first poll.
var errNotPolled = fmt.Errorf("pcsc: pcscd was not asked yet: %w", hw.ErrReader)

func newMonitor(d service) *monitor {
	return &monitor{
		daemon: d, snapshot: snapshot{trouble: errNotPolled},
		changed: make(chan struct{}),
	}
}

// Times of the monitor.
const (
	// maxWait is the longest wait: a Cancel may be missed.
	maxWait = time.Second

	// listInterval is how often readers are listed: not every driver reports a new one.
	listInterval = 2 * time.Second

	// pollInterval is the least time between two polls if the first brought no change.
	pollInterval = 50 * time.Millisecond

	// firstRetry and lastRetry bound the interval at which a lost pcscd is tried again.
	firstRetry = 50 * time.Millisecond
	lastRetry  = 2 * time.Second
)

// acquire adds a user.
func (m *monitor) acquire() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.users++
	if !m.running {
		m.running = true
		go m.run()
	}
}

// release removes a user. The goroutine ends soon after the last one, unless another joins.
func (m *monitor) release() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.users--
	if m.users == 0 && m.context != nil {
		go m.context.cancel() // it may block, and it may be missed: the wait ends anyway
	}
}

// current returns the snapshot, and the channel that is closed at the next change.
func (m *monitor) current() (snapshot, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.snapshot, m.changed
}

// publish replaces the snapshot and wakes all waiting callers if it has changed.
func (m *monitor) publish(b snapshot) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.snapshot.same(b) {
		return
	}
	m.snapshot = b
	close(m.changed)
	m.changed = make(chan struct{})
}

func (b snapshot) same(other snapshot) bool {
	if len(b.readers) != len(other.readers) || b.trouble != other.trouble {
		return false
	}
	for i, s := range b.readers {
		if o := other.readers[i]; s.name != o.name || (s.flags^o.flags)&cardMask != 0 {
			return false
		}
	}
	return true
}

// inUse reports whether the monitor has users. If not, the goroutine is to end.
func (m *monitor) inUse() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.users == 0 {
		m.running = false
		m.snapshot = snapshot{trouble: errNotPolled}
		return false
	}
	return true
}

// setContext sets the context to be cancelled.
func (m *monitor) setContext(l cardContext) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.context = l
}

// run uses one connection to pcscd after the other.
func (m *monitor) run() {
	for pause := firstRetry; ; {
		seen, err := m.runContext()
		if err == nil {
			return
		}
		m.publish(snapshot{trouble: err})
		if seen {
			pause = firstRetry
		}
		time.Sleep(pause)
		pause = min(2*pause, lastRetry)
	}
}

// runContext polls through one context until it fails, or until there are no users, which is no
// error. seen reports whether a poll succeeded.
func (m *monitor) runContext() (seen bool, err error) {
	if !m.inUse() {
		return false, nil
	}
	l, err := m.daemon.establishContext()
	if err != nil {
		return false, contextError(err)
	}
	defer l.release()
	m.setContext(l)
	defer m.setContext(nil)
	for v := (poller{context: l}); ; seen = true {
		if err := v.poll(); err != nil {
			return seen, err
		}
		m.publish(v.snapshot())
		if !m.inUse() {
			return true, nil
		}
	}
}

// A poller holds the state of one context. It keeps the slots between polls with their counters: a
// change between two polls is then reported at once by the second.
type poller struct {
	context       cardContext
	states        []readerState
	listed        time.Time // zero: list them now
	failedOnName  bool      // the last poll failed on a name
	noPlugAndPlay bool      // this pcscd does not know the pseudo-reader
}

// poll waits for the next change, maxWait at most.
func (p *poller) poll() error {
	if time.Since(p.listed) >= listInterval {
		if err := p.listReaders(); err != nil {
			return err
		}
	}
	if len(p.states) == 0 {
		time.Sleep(maxWait)
		return nil
	}
	err := p.context.getStatusChange(p.states, maxWait)
	switch {
	case err == nil:
		p.update()
		return nil
	case errors.Is(err, codeTimeout), errors.Is(err, codeCancelled):
		return nil
	case errors.Is(err, codeUnknownReader):
		p.relist()
		return nil
	}
	return err
}

// listReaders updates the slots and keeps the state of those that stay.
func (p *poller) listReaders() error {
	names, err := p.context.listReaders()
	if err != nil && !errors.Is(err, codeNoReaders) {
		return err
	}
	if !p.noPlugAndPlay {
		names = append(names, plugAndPlay)
	}
	slots := make([]readerState, len(names))
	for i, name := range names {
		slots[i] = readerState{name: name}
		for _, old := range p.states {
			if old.name == name {
				slots[i] = old
			}
		}
	}
	p.states, p.listed = slots, time.Now()
	return nil
}

// update makes the event states the current ones. A poll without a change is followed by a pause,
// or a driver that reports changes all the time would keep us busy.
func (p *poller) update() {
	p.failedOnName = false
	fresh := false
	for i := range p.states {
		s := &p.states[i]
		gone := s.eventState&(stateUnknown|stateUnavailable) != 0
		if s.name == plugAndPlay && s.eventState&stateChanged != 0 || gone {
			p.listed = time.Time{}
		} else if s.eventState != s.currentState {
			fresh = true
		}
		s.currentState = s.eventState
	}
	if !fresh {
		time.Sleep(pollInterval)
	}
}

// relist lists the readers again because one is unknown. If that does not help, the pseudo-reader
// is unknown.
func (p *poller) relist() {
	p.noPlugAndPlay = p.noPlugAndPlay || p.failedOnName
	p.failedOnName, p.listed = true, time.Time{}
	time.Sleep(pollInterval)
}

func (p *poller) snapshot() (b snapshot) {
	for _, s := range p.states {
		if s.name != plugAndPlay {
			b.readers = append(b.readers, readerStatus{s.name, s.eventState, s.atr})
		}
	}
	return b
}
