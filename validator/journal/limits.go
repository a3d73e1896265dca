package journal

import (
	"errors"
	"fmt"
	"time"
)

// Limits bound the size of a journal, and how long the result of a commit may stay unknown. A zero
// field is that of defaultLimits.
type Limits struct {
	// Size bounds the bytes of the stored entries, 64 KiB at least. Acknowledged entries are
	// dropped, the oldest first, once half of it is used; if all of it is used by unacknowledged
	// entries, Begin and Record return ErrFull. The files take up to a third more.
	Size uint64

	// Keep is the age at which an acknowledged entry is deleted, by the known times of events
	//
	Keep time.Duration

	// Doubt is the age at which an unresolved intent becomes an entry in doubt, by the times of
	// events, not of a clock.
	Doubt time.Duration

	segment uint64 // a segment is closed beyond this size, in bytes
}

// defaultLimits hold several years of a bus that uploads its journal, and some 700,000 entries
// otherwise.
var defaultLimits = Limits{Size: 256 << 20, Keep: 30 * day, Doubt: 14 * day}

const day = 24 * time.Hour

const (
	leastSize      = 64 << 10
	largestSegment = 128 << 10
)

// complete fills in the defaults.
func (l Limits) complete() (Limits, error) {
	if l.Size == 0 {
		l.Size = defaultLimits.Size
	}
	if l.Doubt == 0 {
		l.Doubt = defaultLimits.Doubt
	}
	if l.Keep == 0 {
		l.Keep = defaultLimits.Keep
	}
	switch {
	case l.Size < leastSize:
		return l, fmt.Errorf("a limit of %d bytes: want %d at least", l.Size, leastSize)
	case l.Doubt < 0:
		return l, errors.New("a commit is given up before it is made: want a time")
	case l.Keep < day:
		return l, errors.New("entries would be deleted within a day: want a day at least")
	}
	if l.segment == 0 {
		l.segment = min(l.Size/8, largestSegment)
	}
	return l, nil
}

// closingSize bounds the size of an entry that closes an intent. It is kept free for each open
// intent.
const closingSize = 64

// An Extent is the extent of a journal, in positions and bytes.
type Extent struct {
	First, Last  uint64   // the stored entries; First is Last+1 if there are none
	Acknowledged uint64   // up to this position
	Size, Limit  uint64   // of the stored entries in bytes, and its bound
	Open         int      // intents
	Hash         [32]byte // of all entries up to the last, also of pruned ones

	// Trouble is the reason why no segment can be begun or pruned, or the head not be signed.
	// Nothing is lost, and it is tried again, but the journal opens more slowly until then.
	Trouble error
}

// Unacknowledged is the number of entries that the back office does not have.
func (e *Extent) Unacknowledged() uint64 { return e.Last - e.Acknowledged }

// Extent returns the extent of the journal, of what is durable; of a journal that cannot be read
// only why.
func (j *Journal) Extent() Extent {
	j.using.Lock()
	defer j.using.Unlock()
	_ = j.catchUp() // else it is that of the last flush
	if j.unread != nil {
		return Extent{Trouble: j.unread}
	}
	return Extent{
		First: j.segments[0], Last: j.Position,
		Acknowledged: j.acknowledged, Size: j.stored(), Limit: j.limits.Size,
		Open: len(j.open.numbered), Hash: j.Hash, Trouble: errors.Join(j.trouble, j.unsigned),
	}
}

// stored is the size of the stored entries in bytes.
func (j *Journal) stored() uint64 { return j.size - j.base }

// makeRoom checks that one more event of size bytes fits, together with the closing entries of all
// intents then open. It prunes if needed.
func (j *Journal) makeRoom(kind Kind, size int) error {
	need := uint64(size) + closingSize*uint64(len(j.open.numbered))
	if kind == Intent {
		need += closingSize
	}
	fits := func() bool { return j.stored()+need <= j.limits.Size }
	if fits() {
		return nil
	}
	if err := j.sync(); err != nil {
		return err
	}
	if j.end > j.start && j.Position <= j.acknowledged {
		_ = j.roll() // a failure shows in the following check
	}
	for !fits() && j.oldestIsAcknowledged() {
		if j.drop() != nil {
			break
		}
	}
	if fits() {
		return nil
	}
	return fmt.Errorf("%w: it holds %d of %d bytes", ErrFull, j.stored(), j.limits.Size)
}
