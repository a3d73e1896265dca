package blocklist

import (
	"crypto/sha256"
	"fmt"
	"time"

	"leima/cardlayout"
)

// A List is a block list to be built. Its entries may be in any order.
type List struct {
	Version uint32 // from 1; a later list has a higher one
	Area    cardlayout.Area
	Made    time.Time // kept in whole seconds
	Entries []Entry
}

// pageSize is set everywhere: bbolt's default is the kernel's, which may differ between the machine
// that builds a list and the bus.
const pageSize = 4096

// Build checks a list and writes it to a new file at path, which replaces an older one completely
// or not at all. A list that is open is not disturbed.
func Build(path string, list List) error {
	sorted, err := list.sorted()
	if err != nil {
		return fmt.Errorf("building block list %s: %w", path, err)
	}
	err = replace(path, func(draft string) (int64, error) {
		return write(draft, sorted, func(digest [sha256.Size]byte) header {
			return headerOf(Edition{list.Version, list.Area, list.Made, len(sorted), digest})
		})
	})
	if err != nil {
		return fmt.Errorf("writing block list %s: %w", path, err)
	}
	return nil
}

// sorted checks the list and returns its records in the order of their numbers.
func (l List) sorted() ([]record, error) {
	switch {
	case l.Version == 0:
		return nil, fmt.Errorf("the list has no version: want 1 or more")
	case l.Area == 0:
		return nil, fmt.Errorf("the list has no area: want its code, for example 227")
	case l.Made.IsZero():
		return nil, fmt.Errorf("the list does not say when it was made")
	}
	positions := make([]int, len(l.Entries))
	for i := range positions {
		positions[i] = i + 1
	}
	found := problems{place: "entry %d"}
	order := check(l.Entries, positions, &found)
	sorted := make([]record, len(order))
	for n, i := range order {
		sorted[n] = record{number: l.Entries[i].Number, unblocking: l.Entries[i].Unblocking}
	}
	return sorted, found.err()
}
