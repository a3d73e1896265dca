package pcsc

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"leima/hw"
)

// A watch sees cards and readers come and go. Its goroutine runs while anybody uses it;
// there is one in a process, because package scard allows only one.
type watch struct {
	daemon daemon

	mu      sync.Mutex
	users   int
	running bool
	line    line // what the goroutine waits on; nil: it does not wait
	board   board
	turn    chan struct{} // closed and replaced when the board changes
}

// A board is what the watch has seen last. It is never changed, only replaced.
type board struct {
	sights  []sight
	trouble error // why nothing is seen
}

// A sight is a reader on the board.
type sight struct {
	name  string
	flags flags
	atr   []byte
}

// present says whether a card lies there, and mute whether it answers nothing.
func (s sight) present() bool { return s.flags&flagPresent != 0 }
func (s sight) mute() bool    { return s.flags&flagMute != 0 }

// errUnseen is the trouble of the first moment.
var errUnseen = fmt.Errorf("pcsc: pcscd was not heard yet: %w", hw.ErrReader)

func newWatch(d daemon) *watch {
	return &watch{daemon: d, board: board{trouble: errUnseen}, turn: make(chan struct{})}
}

// Times of the watch.
const (
	// slice is the longest wait: a Cancel may be missed.
	slice = time.Second

	// relist is how often readers are listed: not every driver tells of a new one.
	relist = 2 * time.Second

	// breath is the least time between two looks when the first brought nothing new.
	breath = 50 * time.Millisecond

	// firstRetry and lastRetry bound the interval at which a lost pcscd is tried again.
	firstRetry = 50 * time.Millisecond
	lastRetry  = 2 * time.Second
)

// join begins to use the watch.
func (w *watch) join() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.users++
	if !w.running {
		w.running = true
		go w.run()
	}
}

// leave ends the use. The goroutine ends soon after the last user has left; who joins
// meanwhile keeps it.
func (w *watch) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.users--
	if w.users == 0 && w.line != nil {
		go w.line.cancel() // it may block, and it may be missed: the slice ends too
	}
}

// look returns what is seen, and the channel that tells of the next change.
func (w *watch) look() (board, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.board, w.turn
}

// post replaces the board and wakes everybody, if there is anything new.
func (w *watch) post(b board) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.board.same(b) {
		return
	}
	w.board = b
	close(w.turn)
	w.turn = make(chan struct{})
}

func (b board) same(other board) bool {
	if len(b.sights) != len(other.sights) || b.trouble != other.trouble {
		return false
	}
	for i, s := range b.sights {
		if o := other.sights[i]; s.name != o.name || (s.flags^o.flags)&matter != 0 {
			return false
		}
	}
	return true
}

// wanted says whether anybody uses the watch. If not, the goroutine is to end.
func (w *watch) wanted() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.users == 0 {
		w.running = false
		w.board = board{trouble: errUnseen}
		return false
	}
	return true
}

// hold remembers what can be cancelled.
func (w *watch) hold(l line) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.line = l
}

// run follows one connection to pcscd after the other.
func (w *watch) run() {
	for pause := firstRetry; ; {
		seen, err := w.follow()
		if err == nil {
			return
		}
		w.post(board{trouble: err})
		if seen {
			pause = firstRetry
		}
		time.Sleep(pause)
		pause = min(2*pause, lastRetry)
	}
}

// follow watches through one connection until it fails, or nobody wants it any more,
// which is no error. seen says whether it was of any use.
func (w *watch) follow() (seen bool, err error) {
	if !w.wanted() {
		return false, nil
	}
	l, err := w.daemon.dial()
	if err != nil {
		return false, err
	}
	defer l.hangUp()
	w.hold(l)
	defer w.hold(nil)
	for v := (vigil{line: l}); ; seen = true {
		if err := v.look(); err != nil {
			return seen, err
		}
		w.post(v.board())
		if !w.wanted() {
			return true, nil
		}
	}
}

// A vigil is what one connection has seen. The slots are kept from look to look, with
// the whole of what was seen, counters too: what happened between two looks is then
// told at once by the second.
type vigil struct {
	line    line
	slots   []slot
	listed  time.Time // zero: list them now
	unknown bool      // the last look failed on a name
	plain   bool      // this pcscd does not know the pseudo-reader
}

// look waits for the next thing to see, a slice at most.
func (v *vigil) look() error {
	if time.Since(v.listed) >= relist {
		if err := v.list(); err != nil {
			return err
		}
	}
	if len(v.slots) == 0 {
		time.Sleep(slice)
		return nil
	}
	err := v.line.await(v.slots, slice)
	switch {
	case err == nil:
		v.learn()
		return nil
	case errors.Is(err, codeTimeout), errors.Is(err, codeCancelled):
		return nil
	case errors.Is(err, codeUnknownReader):
		v.doubt()
		return nil
	}
	return err
}

// list brings the slots up to date and keeps what is known of those that stay.
func (v *vigil) list() error {
	names, err := v.line.readers()
	if err != nil && !errors.Is(err, codeNoReaders) {
		return err
	}
	if !v.plain {
		names = append(names, plugAndPlay)
	}
	slots := make([]slot, len(names))
	for i, name := range names {
		slots[i] = slot{name: name}
		for _, old := range v.slots {
			if old.name == name {
				slots[i] = old
			}
		}
	}
	v.slots, v.listed = slots, time.Now()
	return nil
}

// learn makes what was seen what is known. A look that brought nothing new is followed
// by a pause, or a driver that reports changes all the time would keep us busy.
func (v *vigil) learn() {
	v.unknown = false
	fresh := false
	for i := range v.slots {
		s := &v.slots[i]
		gone := s.seen&(flagUnknown|flagMissing) != 0
		if s.name == plugAndPlay && s.seen&flagChanged != 0 || gone {
			v.listed = time.Time{}
		} else if s.seen != s.known {
			fresh = true
		}
		s.known = s.seen
	}
	if !fresh {
		time.Sleep(breath)
	}
}

// doubt lists the readers again because one is not known any more. If that does not
// help it is the pseudo-reader that is not known.
func (v *vigil) doubt() {
	v.plain = v.plain || v.unknown
	v.unknown, v.listed = true, time.Time{}
	time.Sleep(breath)
}

func (v *vigil) board() (b board) {
	for _, s := range v.slots {
		if s.name != plugAndPlay {
			b.sights = append(b.sights, sight{s.name, s.seen, s.atr})
		}
	}
	return b
}
