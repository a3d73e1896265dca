package blocklist

import (
	"encoding/binary"
	"fmt"

	"leima/cardlayout"
)

// A record is the entry of one card in a file. Only a delta has records that remove a card from its
// base list.
type record struct {
	number     cardlayout.Number
	unblocking uint8
	removed    bool
}

// blockSize is the most bytes of a block. Four blocks fill a page of the database, with their keys
// and the database's overhead (16 bytes a page, and 16 and the key's 8 a block).
const blockSize = (pageSize-16)/4 - 16 - 8

// longestRecord is the most bytes of a record.
const longestRecord = binary.MaxVarintLen64 + 1

// A block is a run of records in the order of their numbers, packed: some three bytes a card
// instead of nine.
type block struct {
	packed []byte
	last   cardlayout.Number
}

func (b *block) full() bool { return len(b.packed) > blockSize-longestRecord }

func (b *block) add(r record) {
	gap := uint64(r.number-b.last) << 1
	if r.removed {
		b.packed = binary.AppendUvarint(b.packed, gap|1)
	} else {
		b.packed = append(binary.AppendUvarint(b.packed, gap), r.unblocking)
	}
	b.last = r.number
}

// decodeRecord cuts the first record off a block. before is the number of the record before it, 0
// for the first. The caller checks that the numbers grow.
func decodeRecord(packed []byte, before cardlayout.Number) (r record, rest []byte, err error) {
	word, n := binary.Uvarint(packed)
	if n <= 0 {
		return r, nil, fmt.Errorf("%w: a block of cards cannot be read", ErrDamaged)
	}
	r = record{number: before + cardlayout.Number(word>>1), removed: word&1 == 1}
	packed = packed[n:]
	if r.removed {
		return r, packed, nil
	}
	if len(packed) == 0 {
		return r, nil, fmt.Errorf("%w: a block of cards ends too early", ErrDamaged)
	}
	r.unblocking = packed[0]
	return r, packed[1:], nil
}
