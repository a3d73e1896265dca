package cardlayout

import (
	"fmt"
	"strings"
)

// Zones is a run of neighbouring tariff zones in the card's own code: 0 none, 1
// to 10 the single zones A to J, 11 to 55 the runs AB, AC … IJ in alphabetical
// order of first and last zone (Waltti structure, zone validity code).
type Zones uint8

// MaxZone is the last zone of an area, J.
const MaxZone = 10

// MaxZones is the largest code.
const MaxZones Zones = 55

// zoneRuns holds first and last zone of every code.
var zoneRuns = func() (runs [MaxZones + 1][2]uint8) {
	code := MaxZone + 1
	for first := uint8(1); first <= MaxZone; first++ {
		runs[first] = [2]uint8{first, first}
		for last := first + 1; last <= MaxZone; last++ {
			runs[code] = [2]uint8{first, last}
			code++
		}
	}
	return runs
}()

// ZoneRun is the run between two zones in any order. Zones outside 1 to 10 give 0.
func ZoneRun(a, b uint8) Zones {
	first, last := min(a, b), max(a, b)
	if first < 1 || last > MaxZone {
		return 0
	}
	if first == last {
		return Zones(first)
	}
	before := (first - 1) * (2*MaxZone - first) / 2 // runs that begin earlier
	return Zones(MaxZone + before + last - first)
}

// First is the first zone of the run, 1 to 10; 0 for no zones.
func (z Zones) First() uint8 { return z.run()[0] }

// Last is the last zone of the run, 1 to 10; 0 for no zones.
func (z Zones) Last() uint8 { return z.run()[1] }

// Count is the number of zones in the run.
func (z Zones) Count() int {
	if z.First() == 0 {
		return 0
	}
	return int(z.Last()-z.First()) + 1
}

// Cover reports whether z includes every zone of other. No zones cover nothing and are covered by
// nothing.
func (z Zones) Cover(other Zones) bool {
	return other.First() != 0 && z.First() != 0 &&
		z.First() <= other.First() && other.Last() <= z.Last()
}

// Overlap reports whether both have a zone in common.
func (z Zones) Overlap(other Zones) bool {
	return z.First() != 0 && other.First() != 0 &&
		z.First() <= other.Last() && other.First() <= z.Last()
}

// Without is the rest of the run on either side of another; 0 if there is none.
func (z Zones) Without(other Zones) (sides [2]Zones) {
	if !z.Overlap(other) {
		return [2]Zones{z, 0}
	}
	if z.First() < other.First() {
		sides[0] = ZoneRun(z.First(), other.First()-1)
	}
	if z.Last() > other.Last() {
		sides[1] = ZoneRun(other.Last()+1, z.Last())
	}
	return sides
}

// With is the shortest run that includes both.
func (z Zones) With(other Zones) Zones {
	switch {
	case z.First() == 0:
		return other
	case other.First() == 0:
		return z
	}
	return ZoneRun(min(z.First(), other.First()), max(z.Last(), other.Last()))
}

func (z Zones) run() [2]uint8 {
	if z > MaxZones {
		return [2]uint8{}
	}
	return zoneRuns[z]
}

// String writes the letters: "A", "B-D", or "-" for none.
func (z Zones) String() string {
	switch z.Count() {
	case 0:
		return "-"
	case 1:
		return zoneLetter(z.First())
	}
	return zoneLetter(z.First()) + "-" + zoneLetter(z.Last())
}

func zoneLetter(n uint8) string { return string(rune('A' + n - 1)) }

// ParseZones reads the output of String.
func ParseZones(text string) (Zones, error) {
	if text == "-" {
		return 0, nil
	}
	first, last, _ := strings.Cut(text, "-")
	if last == "" {
		last = first
	}
	if len(first) == 1 && len(last) == 1 {
		a, b := first[0]-'A'+1, last[0]-'A'+1
		if z := ZoneRun(a, b); z != 0 && a <= b {
			return z, nil
		}
	}
	return 0, fmt.Errorf("zones %q: want a letter A to J or a run such as B-D", text)
}

// A ZoneSet is a set of zones, not of neighbours only: bit 0 for zone 1, which is A.
type ZoneSet uint16

// ZonesOf is the set of some zones. What is no zone is left out.
func ZonesOf(zones ...uint8) (set ZoneSet) {
	for _, zone := range zones {
		if zone >= 1 && zone <= MaxZone {
			set |= 1 << (zone - 1)
		}
	}
	return set
}

// Has reports whether a zone is in the set.
func (s ZoneSet) Has(zone uint8) bool { return s&ZonesOf(zone) != 0 }

// All goes through the zones of the set, in their order.
func (s ZoneSet) All(yield func(zone uint8) bool) {
	for zone := uint8(1); zone <= MaxZone; zone++ {
		if s.Has(zone) && !yield(zone) {
			return
		}
	}
}
