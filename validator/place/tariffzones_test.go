package place_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/validator/place"
)

// Ensure that a source's zones are the area's by the table or by themselves, and that others are left
// out.
func TestTariffZones(t *testing.T) {
	zones := place.TariffZones{"RUT:TariffZone:227": "A", "820": "10", "B": "C", "old": "K"}
	for id, want := range map[string]uint8{
		"RUT:TariffZone:227": 1, "820": 10, "A": 1, "J": 10, "1": 1, "10": 10,
		"B":   3, // the table's word goes before the letter
		"old": 0, "": 0, "0": 0, "11": 0, "256": 0, "-1": 0, "+1": 0, "1.0": 0, " 1": 0,
		"K": 0, "a": 0, "AB": 0, "Ä": 0, "RUT:TariffZone:228": 0,
	} {
		require.Equal(t, want, zones.Zone(id), "%q", id)
	}
	require.Equal(t, []uint8{3, 1, 10}, zones.Zones([]string{"B", "11", "1", "", "820"}))
	require.Empty(t, zones.Zones([]string{"11"}))
	require.EqualError(t, zones.Check(), `zones: "old" is to be zone "K": want A to J, or 1 to 10`)
	delete(zones, "old")
	require.NoError(t, zones.Check())
}
