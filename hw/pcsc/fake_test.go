package pcsc

import (
	"slices"
	"sync"
	"time"
)

// A fake is a pcscd of a few lines. Everything in it waits on channels, so that tests may
// run in virtual time.
type fake struct {
	mu      sync.Mutex
	turn    chan struct{} // closed and replaced at every change
	down    bool          // pcscd does not run
	refuses error         // it takes no connection
	era     int           // how often it was started
	names   []string
	slots   map[string]*fakeSlot
	silent  bool // cancel is missed
	eager   bool // await returns at once, with nothing new
	noPnP   bool // the pseudo-reader is not known
	hanging chan struct{}

	dials, connects, awaits, lists int
	farewells                      []disposition // of each disconnect
	known                          [][]readerState
}

// A fakeSlot is a reader, with a card in it or without.
type fakeSlot struct {
	card  *fakeCard
	flags stateFlags
	busy  bool // somebody has the card
	fail  error
}

// A fakeCard is a card by what it answers.
type fakeCard struct {
	uid    []byte
	answer func(command []byte) ([]byte, error) // nil: 9000
}

func newFake(names ...string) *fake {
	f := &fake{turn: make(chan struct{}), slots: map[string]*fakeSlot{}}
	for _, name := range names {
		f.plug(name)
	}
	return f
}

// change does something to the fake and wakes everybody who waits for it.
func (f *fake) change(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
	close(f.turn)
	f.turn = make(chan struct{})
}

func (f *fake) plug(name string) {
	f.change(func() { f.names = append(f.names, name); f.slots[name] = &fakeSlot{} })
}

func (f *fake) unplug(name string) {
	f.change(func() {
		f.names = slices.DeleteFunc(f.names, func(n string) bool { return n == name })
		delete(f.slots, name)
	})
}

// put and take are seen by pcscd at once, slip is not: another card lies there unseen.
func (f *fake) put(name string, c *fakeCard) {
	f.change(func() { s := f.slots[name]; s.card = c; s.flags = (s.flags + 0x10000) | statePresent })
}

func (f *fake) take(name string) {
	f.change(func() { s := f.slots[name]; s.card = nil; s.flags = (s.flags + 0x10000) &^ statePresent })
}
func (f *fake) slip(name string, c *fakeCard) { f.change(func() { f.slots[name].card = c }) }

// stop and start are those of pcscd. Its readers begin anew.
func (f *fake) stop() { f.change(func() { f.down = true; f.era++ }) }

func (f *fake) start() {
	f.change(func() {
		f.down = false
		for _, s := range f.slots {
			s.busy, s.flags = false, s.flags&0xFFFF
		}
	})
}

// set changes a knob.
func (f *fake) set(do func()) { f.change(do) }

// get reads what was counted.
func (f *fake) get(what func() int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return what()
}

func (f *fake) establishContext() (cardContext, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dials++
	if f.refuses != nil {
		return nil, f.refuses
	}
	if f.down {
		return nil, codeNoService
	}
	return &fakeContext{fake: f, era: f.era, cancelled: make(chan struct{}, 1)}, nil
}

type fakeContext struct {
	fake      *fake
	era       int
	cancelled chan struct{}
}

func (l *fakeContext) listReaders() ([]string, error) {
	f := l.fake
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lists++
	switch {
	case l.era != f.era:
		return nil, codeLost
	case len(f.names) == 0:
		return nil, codeNoReaders
	}
	return slices.Clone(f.names), nil
}

func (l *fakeContext) getStatusChange(slots []readerState, limit time.Duration) error {
	l.fake.set(func() { l.fake.awaits++; l.fake.known = append(l.fake.known, slices.Clone(slots)) })
	timer := time.NewTimer(limit)
	defer timer.Stop()
	for {
		done, turn, err := l.see(slots)
		if done || err != nil {
			return err
		}
		select {
		case <-turn:
		case <-timer.C:
			return codeTimeout
		case <-l.cancelled:
			return codeCancelled
		}
	}
}

// see fills in what is seen, if anything is new.
func (l *fakeContext) see(slots []readerState) (fresh bool, turn <-chan struct{}, err error) {
	f := l.fake
	f.mu.Lock()
	defer f.mu.Unlock()
	if l.era != f.era {
		return false, nil, codeLost
	}
	seen := make([]stateFlags, len(slots))
	for i, s := range slots {
		there := f.slots[s.name]
		switch {
		case s.name == plugAndPlay && !f.noPnP:
		case there == nil:
			return false, nil, codeUnknownReader
		default:
			seen[i] = there.flags | 0x10
		}
		fresh = fresh || (seen[i]^s.currentState)&^stateChanged != 0
	}
	if fresh || f.eager {
		for i := range slots {
			slots[i].eventState, slots[i].atr = seen[i]|stateChanged, []byte{0x3B, byte(i)}
		}
		return true, nil, nil
	}
	return false, f.turn, nil
}

func (l *fakeContext) cancel() {
	l.fake.mu.Lock()
	defer l.fake.mu.Unlock()
	if !l.fake.silent {
		l.cancelled <- struct{}{}
	}
}

func (l *fakeContext) connect(reader string) (cardHandle, error) {
	f := l.fake
	f.set(func() { f.connects++ })
	f.wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.slots[reader]
	switch {
	case l.era != f.era:
		return nil, codeLost
	case s == nil:
		return nil, codeUnknownReader
	case s.fail != nil:
		return nil, s.fail
	case s.busy:
		return nil, codeSharing
	case s.card == nil:
		return nil, codeNoCard
	}
	s.busy = true
	return &fakeHandle{line: l, slot: s, count: s.flags & eventCounter}, nil
}

func (l *fakeContext) release() {}

// wait is what a hung reader does to a call.
func (f *fake) wait() {
	f.mu.Lock()
	hanging := f.hanging
	f.mu.Unlock()
	if hanging != nil {
		<-hanging
	}
}

type fakeHandle struct {
	line  *fakeContext
	slot  *fakeSlot
	count stateFlags // of the card that was connected
}

func (k *fakeHandle) transmit(command []byte) ([]byte, error) {
	f := k.line.fake
	f.wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	card := k.slot.card
	switch {
	case k.line.era != f.era:
		return nil, codeNoService
	case k.slot.flags&eventCounter != k.count:
		return nil, codeRemoved
	case card == nil:
		return nil, codeNotTransacted
	case card.answer != nil:
		return card.answer(command)
	case command[0] == 0xFF:
		return append(slices.Clone(card.uid), 0x90, 0x00), nil
	}
	return []byte{0x90, 0x00}, nil
}

func (k *fakeHandle) disconnect(how disposition) {
	k.line.fake.change(func() {
		k.slot.busy = false
		k.line.fake.farewells = append(k.line.fake.farewells, how)
	})
}

var (
	cardA = &fakeCard{uid: []byte{0x04, 1, 2, 3, 4, 5, 6}}
	cardB = &fakeCard{uid: []byte{0x04, 9, 9, 9, 9, 9, 9}}
)
