package journal

import (
	"errors"
	"fmt"
	"time"
)

// Limits say how large a journal may become, and how long it may not know what became
// of a commit. What is 0 is as in DefaultLimits.
type Limits struct {
	// Size is the most bytes of entries that are kept, 64 KiB at least. Acknowledged
	// entries are dropped, the oldest first, once half of it is used; where nothing is
	// acknowledged and all of it is used, Begin and Record fail with ErrFull. The files
	// take up to a tenth more, and 4 MiB.
	Size uint64

	// Doubt is after how long an intent that no card has resolved becomes an entry in
	// doubt, by the times of events, not of a clock.
	Doubt time.Duration

	segment uint64 // the log is archived in pieces of this many bytes
}

// DefaultLimits hold several years of a bus that uploads, and some 700,000 entries of
// one that does not.
var DefaultLimits = Limits{Size: 256 << 20, Doubt: 14 * 24 * time.Hour}

const (
	leastSize      = 64 << 10
	largestSegment = 256 << 10
)

// complete fills in what was not said.
func (l Limits) complete() (Limits, error) {
	if l.Size == 0 {
		l.Size = DefaultLimits.Size
	}
	if l.Doubt == 0 {
		l.Doubt = DefaultLimits.Doubt
	}
	if l.Size < leastSize || l.Doubt < 0 {
		return l, fmt.Errorf("limits of %d bytes and %s: want %d bytes at least, and a time",
			l.Size, l.Doubt, leastSize)
	}
	if l.segment == 0 {
		l.segment = min(l.Size/8, largestSegment)
	}
	return l, nil
}

// closingSize is the most that an entry takes which closes an intent. So much is kept
// free for each that is open.
const closingSize = 64

// An Extent says what of the log a journal has, by positions and in bytes.
type Extent struct {
	First, Last  uint64   // the entries that are kept; First is Last+1 if none is
	Acknowledged uint64   // up to here
	Size, Limit  uint64   // bytes of entries that are kept, and that may be
	Open         int      // intents
	Hash         [32]byte // of all entries up to the last, pruned ones as well

	// Trouble is why old entries cannot be put aside, or the head not be signed. Nothing is
	// lost by it, and it is tried again, but the journal opens more slowly meanwhile.
	Trouble error
}

// Extent tells how far the journal reaches.
func (j *Journal) Extent() Extent {
	j.using.Lock()
	defer j.using.Unlock()
	return Extent{
		First: j.tail.Pruned.Position + 1, Last: j.head.Position,
		Acknowledged: j.tail.Acknowledged, Size: j.size(), Limit: j.limits.Size,
		Open: len(j.open.numbered), Hash: j.head.Hash, Trouble: errors.Join(j.trouble, j.unsigned),
	}
}

// size is how many bytes of entries are kept.
func (j *Journal) size() uint64 {
	size := j.logSize
	for _, a := range j.archives {
		size += a.Size
	}
	return size
}

// makeRoom tells whether one more event of so many bytes finds room, with what closes
// every intent that is then open. It prunes what it may.
func (j *Journal) makeRoom(kind Kind, size int) error {
	need := uint64(size) + closingSize*uint64(len(j.open.numbered))
	if kind == Intent {
		need += closingSize
	}
	fits := func() bool { return j.size()+need <= j.limits.Size }
	if fits() {
		return nil
	}
	for j.logSize > 0 && j.base().Position < j.tail.Acknowledged && j.archive() == nil {
	}
	_ = j.prune(need) // what cannot be pruned is seen by what follows
	if fits() {
		return nil
	}
	return fmt.Errorf("%w: it holds %d of %d bytes", ErrFull, j.size(), j.limits.Size)
}
