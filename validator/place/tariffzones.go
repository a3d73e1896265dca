package place

import (
	"fmt"
	"slices"
	"strconv"

	"leima/cardlayout"
)

// TariffZones says which of the area's zones a zone of a source is: "RUT:TariffZone:227" is "A".
// One that is not listed is a letter A to J or a number 1 to 10 itself.
type TariffZones map[string]string

// Zone is a zone by its id: 1 to 10, or 0 for none of the area's.
func (t TariffZones) Zone(id string) uint8 {
	if zone, listed := t[id]; listed {
		id = zone
	}
	if len(id) == 1 && id[0] >= 'A' && id[0] < 'A'+cardlayout.MaxZone {
		return id[0] - 'A' + 1
	}
	if n, err := strconv.ParseUint(id, 10, 8); err == nil && n <= cardlayout.MaxZone {
		return uint8(n)
	}
	return 0
}

// Zones are zones by their ids, each once, in their order. What is none of the area's is left out.
func (t TariffZones) Zones(ids []string) (zones []uint8) {
	for _, id := range ids {
		if zone := t.Zone(id); zone != 0 && !slices.Contains(zones, zone) {
			zones = append(zones, zone)
		}
	}
	return zones
}

// Check reports an entry that names no zone of an area.
func (t TariffZones) Check() error {
	for id, zone := range t {
		if TariffZones(nil).Zone(zone) == 0 {
			return fmt.Errorf("zones: %q is to be zone %q: want A to J, or 1 to 10", id, zone)
		}
	}
	return nil
}
