package matkakortti

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Ensure that every table is as long as its file (HSL Matkakortin kuvaus v1.11, tables
// 3a and 4b; for Waltti the least that holds the fields).
func TestTablesFillTheirFiles(t *testing.T) {
	sizes := map[System]map[byte]int{
		HSLv1:  {8: 11, 0: 6, 1: 32, 2: 12, 3: 26, 4: 12},
		HSLv2:  {8: 11, 0: 10, 1: 35, 2: 13, 3: 45, 4: 12},
		Waltti: {8: 11, 1: 42, 2: 12, 3: 27, 4: 12},
	}
	for _, s := range Systems {
		require.Len(t, s.Files(), len(sizes[s]))
		for _, f := range s.Files() {
			require.Equal(t, sizes[s][f.Number], f.Size, "%v, %s", s, f.Name)
			require.Equal(t, 8*f.Size, bits(f.table), "%v, %s", s, f.Name)
			require.Equal(t, f.Number == 4, f.Records == 7)
		}
	}
}

// Ensure that fields begin where the document says; what lies between them is then right
// too. Byte and bit are as printed there, for Waltti as Metrodroid reads them.
func TestOffsets(t *testing.T) {
	for _, c := range []struct {
		table     table
		name      string
		byte, bit int
	}{
		{application, "PlatformType", 10, 0},
		{control2, "ActionListCounter", 6, 0},
		{season1, "ProductCode2", 6, 0},
		{season1, "LoadedProductCode", 12, 0},
		{season1, "LoadedPrice", 18, 0},
		{season1, "BoardingDate", 24, 0},
		{season1, "BoardingArea", 31, 0},
		{season2, "ProductCodeType2", 7, 0},
		{season2, "LoadedProductCodeType", 14, 0},
		{season2, "LoadedPrice", 20, 1},
		{season2, "BoardingDate", 26, 0},
		{season2, "BoardingArea", 33, 2},
		{value1, "LoadingDeviceNumber", 9, 7},
		{value2, "LoadedValue", 5, 5},
		{ticket1, "SaleDate", 4, 0},
		{ticket1, "TicketFare", 8, 4},
		{ticket1, "ValidityStartDate", 11, 0},
		{ticket1, "ValidityStatus", 17, 7},
		{ticket1, "BoardingArea", 25, 0},
		{ticket2, "SaleDate", 8, 5},
		{ticket2, "TicketFare", 13, 1},
		{ticket2, "ExtensionProductCode", 18, 2},
		{ticket2, "SaleStatus", 25, 0},
		{ticket2, "ValidityEndGroupDate", 31, 7},
		{ticket2, "ValidityStatus", 35, 5},
		{ticket2, "BoardingArea", 43, 0},
		{event1, "RemainingValue", 8, 6},
		{event2, "RemainingValue", 8, 7},
		{seasonW, "PeriodStartDate1", 4, 1},
		{seasonW, "Region2", 10, 0},
		{seasonW, "LoadedProductCode", 20, 0},
		{seasonW, "LoadedPass", 31, 7},
		{seasonW, "BoardingDate", 35, 0},
		{seasonW, "BoardingArea", 41, 0},
		{ticketW, "SaleDate", 6, 2},
		{ticketW, "TicketFare", 10, 6},
		{ticketW, "ValidityStartDate", 14, 0},
		{ticketW, "ValidityStatus", 20, 7},
		{ticketW, "BoardingArea", 26, 0},
	} {
		at, f := row{table: c.table}.find(c.name)
		require.Positive(t, f.width, c.name)
		require.Equal(t, 8*c.byte+c.bit, at, c.name)
	}
}

// Ensure that fields read as the document's worked example has it: bytes 50 C2 53 are 2,
// 86 in BCD, 0 and 595. (Its text prints 4 and 09:00, its drawing 2 and 09:55.)
func TestWorkedExample(t *testing.T) {
	r := row{
		table{{"a", 3, number}, {"b", 8, digits}, {"c", 2, number}, {"d", 11, minute}},
		[]byte{0x50, 0xC2, 0x53},
	}
	require.EqualValues(t, 2, r.get("a", number))
	require.EqualValues(t, 0x86, r.get("b", digits))
	require.EqualValues(t, 0, r.get("c", number))
	require.EqualValues(t, 595, r.get("d", minute))
	require.Panics(t, func() { r.get("d", number) })
	require.Zero(t, r.get("e", number), "what a system does not have is zero")
}

// Ensure that every code of Waltti's zones has its letters, in every region.
func TestWalttiZones(t *testing.T) {
	for _, c := range []struct {
		region, code uint8
		want         string
	}{
		{227, 1, "A"},
		{227, 10, "J"},
		{227, 11, "A-B"},
		{227, 19, "A-J"},
		{227, 20, "B-C"},
		{227, 55, "I-J"},
		{227, 56, "unknown 56"},
		{227, 63, "unknown 63"},
		{223, 7, "F2"},
		{223, 45, "E-I"},
		{229, 7, "F"},
		{229, 11, "City A-A"},
	} {
		require.Equal(t, c.want, walttiArea(region(c.region), c.code).Name, c)
	}
	require.Zero(t, walttiArea(region(227), 0))
	require.Equal(t, Region{100, "unknown 100"}, region(100))
	require.Len(t, regions, 40)
}

// Ensure that the areas of HSL have their names, of both times.
func TestHSLAreas(t *testing.T) {
	for _, c := range []struct {
		t    AreaType
		code uint8
		want string
	}{
		{Zone, 0, ""},
		{Zone, 3, "unknown 3"},
		{Zone, 10, "Sipoo"},
		{Zone, 15, "Lähiseutu 3"},
		{Zone, 63, "unknown 63"},
		{Vehicle, 0, "undefined"},
		{Vehicle, 6, "metro"},
		{Vehicle, 10, "unknown 10"},
		{ZoneCircles, 0, "A"},
		{ZoneCircles, 2, "A-C"},
		{ZoneCircles, 0x0A, "B-C"},
		{ZoneCircles, 63, "H"},
		{3, 1, "unknown 1"},
	} {
		require.Equal(t, c.want, hslArea(c.t, c.code).Name, c)
	}
	require.Equal(t, "C", hslPlace(ZoneCircles, 0x0A).Name)
}

// bits is the length of what a table describes.
func bits(t table) (n int) {
	for _, f := range t {
		n += f.width
	}
	return n
}
