package depot

import (
	"context"
	"time"

	"leima/validator/journal"
)

// A Head is the end of a chain: the position and the hash of its last entry.
type Head struct {
	Position uint64
	Hash     [32]byte
}

// A Chain is entries of a device that follow each other without a gap. The first one that came has
// the number 0.
type Chain struct {
	Number uint8
	First  uint64 // position of its first entry; after 1, a fork or a gap is before it
	Head
}

// holds reports whether a position is one of the chain's.
func (c *Chain) holds(position uint64) bool {
	return c.First <= position && position <= c.Position
}

// A Batch is what is kept at once: entries that follow each other in a chain, or none; and perhaps
// a head at the end, by which the device has said that this is all.
type Batch struct {
	Device   uint16
	Chain    uint8
	Received time.Time // by the depot's clock, in UTC, to the second
	Entries  []journal.Item
	Report   *journal.Item
}

// first and last are the positions of the batch's entries.
func (b *Batch) first() uint64 { return b.Entries[0].Position }
func (b *Batch) last() uint64  { return b.Entries[len(b.Entries)-1].Position }

// Holds reports whether a position is one of the batch's.
func (b *Batch) Holds(position uint64) bool {
	return len(b.Entries) > 0 && b.first() <= position && position <= b.last()
}

// A Store keeps batches for years. Calls for one device come one after another, those for several
// at once.
type Store interface {
	// Chains are those of a device, by their numbers.
	Chains(ctx context.Context, device uint16) ([]Chain, error)

	// Append keeps a batch. Nil means that it is durable; after an error it is kept or not, as the
	// chains tell. ErrFull says that there is no room.
	Append(ctx context.Context, b *Batch) error

	// Holding is the batch that holds a position of a chain, which has it.
	Holding(ctx context.Context, device uint16, chain uint8, position uint64) (*Batch, error)

	// Last is the cursor of the batch that was appended last; 0 if none was.
	Last(ctx context.Context) (cursor uint64, err error)

	// Follow calls each with all batches that were appended after a cursor, in their order, with
	// the cursor that each of them is, and with those that will be, until each returns an error or
	// the context ends. The cursor before all is 0. What is given is durable.
	Follow(ctx context.Context, after uint64, each func(cursor uint64, b *Batch) error) error
}
