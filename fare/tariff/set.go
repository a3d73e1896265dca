package tariff

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"leima/cardlayout"
	"leima/fare"
)

// ErrNone means that no tariff covers a time: the device needs the area's tariff.
var ErrNone error = fare.Say("no tariff covers this area and time: load the area's tariff")

// A Set holds tariffs by area and first instant of validity. Each is valid until the next of its
// area begins. A Set never changes, so it may be shared.
type Set struct {
	tariffs []*fare.Tariff // by area, then first instant
}

// newSet orders tariffs. Two of one area must not begin at the same instant.
func newSet(tariffs ...*fare.Tariff) (*Set, error) {
	order := slices.Clone(tariffs)
	slices.SortStableFunc(order, func(a, b *fare.Tariff) int { return compare(a, b.Area, b.From) })
	for n := 1; n < len(order); n++ {
		a, b := order[n-1], order[n]
		if compare(a, b.Area, b.From) == 0 {
			return nil, fmt.Errorf("tariffs %s and %s of area %d both begin at %s: leave one out, "+
				"or give one a later valid_from", a.ID, b.ID, a.Area, a.From.Format(time.RFC3339))
		}
	}
	return &Set{tariffs: order}, nil
}

// SetOf is newSet of tariffs and their sources. Its error names two that begin at the same
// instant by their files and lines, as they may have the same name.
func SetOf(sources []Source, tariffs []*fare.Tariff) (*Set, error) {
	for n, later := range tariffs {
		for m, earlier := range tariffs[:n] {
			if compare(earlier, later.Area, later.From) == 0 {
				return nil, fmt.Errorf("%s: valid_from: tariff %s of area %d begins at %s, and "+
					"so does %s (%s): leave one out, or give one a later valid_from",
					begins(sources[n]), later.ID, later.Area, later.From.Format(time.RFC3339),
					earlier.ID, begins(sources[m]))
			}
		}
	}
	return newSet(tariffs...)
}

// begins is the file and line at which a source states when it begins.
func begins(s Source) string {
	return fmt.Sprintf("%s:%d", s.File, max(1, linesOf(s.TOML)["valid_from"]))
}

// At is the tariff of an area that is valid at a time: the one that began last.
func (s *Set) At(area cardlayout.Area, at time.Time) (*fare.Tariff, error) {
	low, high := 0, len(s.tariffs)
	for low < high {
		middle := (low + high) / 2
		if compare(s.tariffs[middle], area, at) <= 0 {
			low = middle + 1
		} else {
			high = middle
		}
	}
	if low == 0 || s.tariffs[low-1].Area != area {
		return nil, ErrNone
	}
	return s.tariffs[low-1], nil
}

// First is the first instant for which an area has a tariff; zero if none.
func (s *Set) First(area cardlayout.Area) time.Time {
	for _, t := range s.tariffs {
		if t.Area == area {
			return t.From
		}
	}
	return time.Time{}
}

// All are the tariffs, by area and first instant.
func (s *Set) All() []*fare.Tariff { return slices.Clone(s.tariffs) }

func compare(t *fare.Tariff, area cardlayout.Area, from time.Time) int {
	return cmp.Or(cmp.Compare(t.Area, area), t.From.Compare(from))
}
