package settlement

import (
	"slices"

	"leima/validator/depot"
	"leima/validator/journal"
)

// A deviceState is how far a device is.
type deviceState struct {
	Reported uint64          `cbor:"1,keyasint,omitzero"` // cursor of its last report
	Counted  []span          `cbor:"2,keyasint,omitzero"` // entries
	Chains   map[uint8]chain `cbor:"3,keyasint,omitzero"` // by number
}

// A span is entries that follow each other.
type span struct {
	First uint64   `cbor:"1,keyasint"`
	Last  uint64   `cbor:"2,keyasint"`
	Hash  [32]byte `cbor:"3,keyasint"` // of the last
}

// A chain is where one of the device's chains is.
type chain struct {
	Last uint64 `cbor:"1,keyasint"`
	Fork bool   `cbor:"2,keyasint,omitzero"` // it has parted from what is counted
}

// count returns those of a batch's entries that are counted: each position once, also if the store
// gives it again, and none that has parted from what was counted before.
func (d *deviceState) count(b *depot.Batch) (counted []*journal.Item) {
	c := d.Chains[b.Chain]
	for n := range b.Entries {
		e := &b.Entries[n]
		if e.Position != c.Last+1 {
			c.Fork = false // the store has begun anew
		}
		if c.Last = e.Position; d.holds(e.Position) || c.Fork {
			continue
		}
		if c.Fork = !d.extend(e); !c.Fork {
			counted = append(counted, e)
		}
	}
	if d.Chains == nil {
		d.Chains = map[uint8]chain{}
	}
	d.Chains[b.Chain] = c
	return counted
}

func (d *deviceState) holds(position uint64) bool {
	return slices.ContainsFunc(d.Counted, func(s span) bool {
		return s.First <= position && position <= s.Last
	})
}

// counts reports whether the entry at the end of a chain was counted, as far as is known.
func (d *deviceState) counts(end depot.Head) bool {
	return slices.ContainsFunc(d.Counted, func(s span) bool {
		return s.First <= end.Position && end.Position < s.Last ||
			end == depot.Head{Position: s.Last, Hash: s.Hash}
	})
}

// ends reports whether a report is of where the device is. What was counted goes on after that of a
// copied disk, and after one that the store gives again.
func (d *deviceState) ends(report *journal.Item) bool {
	if len(d.Counted) == 0 {
		return report.Position == 0
	}
	return slices.ContainsFunc(d.Counted, func(s span) bool {
		return s.Last == report.Position && s.Hash == report.Hash
	})
}

// extend adds an entry to what is counted, unless it does not follow what is before it.
func (d *deviceState) extend(e *journal.Item) bool {
	for n := range d.Counted {
		if s := &d.Counted[n]; s.Last+1 == e.Position {
			if !e.Follows(s.Hash) {
				return false
			}
			s.Last, s.Hash = e.Position, e.Hash
			return true
		}
	}
	d.Counted = append(d.Counted, span{e.Position, e.Position, e.Hash})
	return true
}
