package cardlayout

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var testUID = UID{0x04, 1, 2, 3, 4, 5, 6}

func testKeys() Keys {
	return Keys{
		Scheme: Scheme{AID: [3]byte{0x00, 0x10, 0xAB}, System: "leima test"},
		Rights: [2]Key{{1}, {2}},
		Holder: &Key{3},
	}
}

func unhex(t *testing.T, text string) []byte {
	raw, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	require.NoError(t, err)
	return raw
}

// Ensure that AES-SIV is the one of RFC 5297, appendix A.1.
func TestSIV(t *testing.T) {
	s := newSIV(Key(unhex(t, "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0")),
		Key(unhex(t, "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff")))
	name := unhex(t, "101112131415161718191a1b1c1d1e1f2021222324252627")
	plain := unhex(t, "112233445566778899aabbccddee")
	sealed := make([]byte, len(plain)+sealSize)
	s.seal(sealed, name, plain)
	require.Equal(t, unhex(t, "85632d07c6e8f37f950acd320a2ecc93 40c02b9690c4dc04daef7f6afe5c"), sealed)
	opened := make([]byte, len(plain))
	require.True(t, s.open(opened, name, sealed))
	require.Equal(t, plain, opened)
}

// Ensure that a card's keys are derived as AN10922 prints, also from a short
// input, and not as the libraries that pad to one block derive them.
func TestDiversify(t *testing.T) {
	raw, err := os.ReadFile("../testdata/vectors/desfire-ev2.json")
	require.NoError(t, err)
	var file struct {
		Vectors []struct {
			ID     string
			Master string `json:"master_key"`
			Input  string `json:"diversification_input"`
			Right  string `json:"diversified_key"`
			Wrong  string `json:"non_conformant_key"`
		}
	}
	require.NoError(t, json.Unmarshal(raw, &file))
	checked := 0
	for _, v := range file.Vectors {
		if v.Master == "" {
			continue
		}
		key := diversify(Key(unhex(t, v.Master)), append([]byte{1}, unhex(t, v.Input)...))
		if v.Right != "" {
			require.Equal(t, unhex(t, v.Right), key[:], v.ID)
		} else {
			require.NotEqual(t, unhex(t, v.Wrong), key[:], v.ID)
		}
		checked++
	}
	require.Equal(t, 4, checked)
	uid := UID(unhex(t, "04782E21801D80"))
	scheme := Scheme{AID: [3]byte(unhex(t, "3042F5")), System: "NXP Abu"}
	key := scheme.Diversify(Key(unhex(t, "00112233445566778899AABBCCDDEEFF")), uid)
	require.Equal(t, unhex(t, "A8DD63A3B89D54B37CA802473FDA9175"), key[:])
}

// Ensure that each field stands at its published place: setting all bits of one
// field sets these bits of the file and no other (offset and width in bits).
func TestPublicFieldPlaces(t *testing.T) {
	days := func(d *Day) { *d = MaxDay }
	cases := []struct {
		file      string
		at, width int
		set       func(*Card)
	}{
		{"seasons", 0, 8, func(c *Card) { c.Seasons[0].Area = 255 }},
		{"seasons", 12, 14, func(c *Card) { c.Seasons[0].Product = 1<<14 - 1 }},
		{"seasons", 33, 14, func(c *Card) { days(&c.Seasons[0].First) }},
		{"seasons", 47, 14, func(c *Card) { days(&c.Seasons[0].Last) }},
		{"seasons", 63, 10, func(c *Card) { c.Seasons[0].Start = 1<<10 - 1 }},
		{"seasons", 80, 8, func(c *Card) { c.Seasons[1].Area = 255 }},
		{"seasons", 92, 14, func(c *Card) { c.Seasons[1].Product = 1<<14 - 1 }},
		{"seasons", 113, 14, func(c *Card) { days(&c.Seasons[1].First) }},
		{"seasons", 127, 14, func(c *Card) { days(&c.Seasons[1].Last) }},
		{"seasons", 160, 14, func(c *Card) { c.SeasonLoad.Product = 1<<14 - 1 }},
		{"seasons", 174, 14, func(c *Card) { days(&c.SeasonLoad.At.Day) }},
		{"seasons", 199, 9, func(c *Card) { c.SeasonLoad.Days = 511 }},
		{"seasons", 208, 20, func(c *Card) { c.SeasonLoad.Price = MaxPurse }},
		{"seasons", 228, 14, func(c *Card) { c.SeasonLoad.Organisation = 1<<14 - 1 }},
		{"seasons", 242, 13, func(c *Card) { c.SeasonLoad.Device = 1<<13 - 1 }},
		{"seasons", 255, 1, func(c *Card) { c.SeasonLoad.Loaded = true }},
		{"seasons", 280, 14, func(c *Card) { days(&c.SeasonBoarding.At.Day) }},
		{"seasons", 305, 14, func(c *Card) { c.SeasonBoarding.Vehicle = 1<<14 - 1 }},
		{"seasons", 319, 8, func(c *Card) { c.SeasonBoarding.Area = 255 }},
		{"seasons", 327, 1, func(c *Card) { c.SeasonBoarding.Direction = 1 }},
		{"value", 0, 20, func(c *Card) { c.Purse = MaxPurse }},
		{"value", 20, 14, func(c *Card) { days(&c.ValueLoad.At.Day) }},
		{"value", 45, 20, func(c *Card) { c.ValueLoad.Amount = MaxPurse }},
		{"value", 65, 14, func(c *Card) { c.ValueLoad.Organisation = 1<<14 - 1 }},
		{"value", 79, 14, func(c *Card) { c.ValueLoad.Device = 1<<14 - 1 }},
		{"ticket", 0, 8, func(c *Card) { c.Ticket.Area = 255 }},
		{"ticket", 8, 14, func(c *Card) { c.Ticket.Product = 1<<14 - 1 }},
		{"ticket", 32, 2, func(c *Card) { c.Ticket.Language = 3 }},
		{"ticket", 34, 2, func(c *Card) { c.Ticket.PeriodUnit = 3 }},
		{"ticket", 36, 8, func(c *Card) { c.Ticket.Period = 255 }},
		{"ticket", 50, 14, func(c *Card) { days(&c.Ticket.SaleDay) }},
		{"ticket", 69, 3, func(c *Card) { c.Ticket.DeviceType = 7 }},
		{"ticket", 72, 14, func(c *Card) { c.Ticket.Device = 1<<14 - 1 }},
		{"ticket", 86, 14, func(c *Card) { c.Ticket.Price = MaxFare }},
		{"ticket", 106, 1, func(c *Card) { c.Ticket.SaleStatus = true }},
		{"ticket", 112, 14, func(c *Card) { days(&c.Ticket.Start.Day) }},
		{"ticket", 137, 14, func(c *Card) { days(&c.Ticket.End.Day) }},
		{"ticket", 167, 1, func(c *Card) { c.Ticket.Started = true }},
		{"ticket", 168, 14, func(c *Card) { days(&c.Ticket.Boarding.At.Day) }},
		{"ticket", 193, 14, func(c *Card) { c.Ticket.Boarding.Vehicle = 1<<14 - 1 }},
		{"ticket", 207, 1, func(c *Card) { c.Ticket.Boarding.Direction = 1 }},
		{"record", 0, 1, func(c *Card) { c.Record.Debit = true }},
		{"record", 1, 14, func(c *Card) { days(&c.Record.Boarded.Day) }},
		{"record", 26, 14, func(c *Card) { days(&c.Record.Until.Day) }},
		{"record", 51, 14, func(c *Card) { c.Record.Fare = MaxFare }},
		{"record", 65, 5, func(c *Card) { c.Record.Persons = 31 }},
		{"record", 70, 20, func(c *Card) { c.Record.Remaining = MaxPurse }},
		{"control", 0, 14, func(c *Card) { days(&c.Issued) }},
		{"control", 14, 1, func(c *Card) { c.Blocked = true }},
		{"control", 16, 8, func(c *Card) { c.Unblocking = 255 }},
		{"control", 24, 24, func(c *Card) { c.Counter = 1<<24 - 1 }},
		{"control", 48, 32, func(c *Card) { c.ActionCounter = 1<<32 - 1 }},
	}
	for _, k := range cases {
		c := Card{Layout: 1, Number: WithCheckDigit(0), Kind: Bearer, Group: Adult}
		k.set(&c)
		i, err := Encode(c, testUID, false, testKeys())
		require.NoError(t, err)
		file := map[string][]byte{
			"seasons": i.Seasons[:], "value": i.Value[:],
			"ticket": i.Ticket[:], "record": i.Record[:], "control": i.Control[:],
		}[k.file]
		var want strings.Builder
		for bit := range len(file) * 8 {
			want.WriteByte("01"[b2i(bit >= k.at && bit < k.at+k.width)])
		}
		require.Equal(t, want.String(), bitsOf(file), "%s bit %d", k.file, k.at)
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func bitsOf(p []byte) string {
	var b strings.Builder
	for _, x := range p {
		fmt.Fprintf(&b, "%08b", x)
	}
	return b.String()
}

// Ensure that the zone codes are those of the Waltti structure.
func TestZoneCodes(t *testing.T) {
	published := map[[2]uint8]Zones{
		{1, 1}: 1, {10, 10}: 10, {1, 2}: 11, {1, 3}: 12, {1, 10}: 19, {2, 3}: 20, {2, 10}: 27,
		{3, 4}: 28, {3, 10}: 34, {4, 5}: 35, {4, 10}: 40, {5, 6}: 41, {5, 10}: 45, {6, 7}: 46,
		{6, 10}: 49, {7, 8}: 50, {7, 9}: 51, {7, 10}: 52, {8, 9}: 53, {8, 10}: 54, {9, 10}: 55,
	}
	for run, code := range published {
		require.Equal(t, code, ZoneRun(run[0], run[1]))
		require.Equal(t, run, [2]uint8{code.First(), code.Last()})
	}
}

// Ensure, for every pair of runs, that covering and joining are what they are
// for sets of zones, and that every code prints and parses.
func TestZonesAsSets(t *testing.T) {
	for a := Zones(1); a <= MaxZones; a++ {
		parsed, err := ParseZones(a.String())
		require.NoError(t, err)
		require.Equal(t, a, parsed)
		require.Equal(t, a, ZoneRun(a.First(), a.Last()))
		for b := Zones(1); b <= MaxZones; b++ {
			covers := true
			for zone := b.First(); zone <= b.Last(); zone++ {
				covers = covers && a.First() <= zone && zone <= a.Last()
			}
			require.Equal(t, covers, a.Cover(b), "%v %v", a, b)
			both := a.With(b)
			require.True(t, both.Cover(a) && both.Cover(b), "%v %v", a, b)
		}
		require.False(t, a.Cover(0))
		require.False(t, Zones(0).Cover(a))
	}
	for _, wrong := range []string{"", "K", "B-A", "A-", "AB", "a", "A-B-C"} {
		_, err := ParseZones(wrong)
		if wrong == "A-" {
			continue // an open run is its one zone
		}
		require.Error(t, err, wrong)
	}
}

// Ensure that a mistyped card number is found, digit by digit.
func TestNumber(t *testing.T) {
	n, err := ParseNumber("924699 0011 2345 678" + fmt.Sprint(uint64(WithCheckDigit(92469900112345678))%10))
	require.NoError(t, err)
	text := n.String()
	require.Len(t, text, 21)
	for i := range text {
		if text[i] == ' ' {
			continue
		}
		wrong := []byte(text)
		wrong[i] = '0' + (wrong[i]-'0'+1)%10
		_, err := ParseNumber(string(wrong))
		require.Error(t, err, string(wrong))
	}
	_, err = ParseNumber("9246990011")
	require.Error(t, err)
	require.NotContains(t, n.Short(), "924699")
}

// Ensure that the days and minutes are those of a real card (the HSL v2 dump
// published with Metrodroid: 2002h is 9.6.2019).
func TestDays(t *testing.T) {
	require.Equal(t, "2019-06-09", Day(0x2002).String())
	require.Equal(t, "2041-11-09", MaxDay.String())
	d, err := ParseDay("1990-05-17")
	require.NoError(t, err)
	require.Equal(t, "1990-05-17", d.String())
	require.Negative(t, int(d))
	s, err := ParseStamp("2026-03-29T03:59")
	require.NoError(t, err)
	require.Equal(t, "2026-03-29T03:59", s.String())
	i, err := parseInstant("2026-03-29T03:59:58Z")
	require.NoError(t, err)
	require.Equal(t, "2026-03-29T03:59:58Z", i.String())
}

// Ensure that a comment is no part of the card, whatever stands in it, and that a
// mistake is named with its part.
func TestParseCardText(t *testing.T) {
	var c Card
	require.NoError(t, c.ParseCard("purse 2.50, area 227 # in Mikkeli, kind none\n# group, too\ngroup child"))
	require.Equal(t, Card{Purse: 250, Area: 227, Group: Child}, c)
	for text, says := range map[string]string{
		"purse":                   "part 1, purse: want a value after it",
		"area 227, wheels 4":      `part 2: a card has no "wheels"`,
		"area 227, purse 1 b=2 a": `part 2, purse: `,
		"season1 y=1 x=2":         `part 1, season1: "x" is not understood here`,
		"purse 1.234":             "part 1, purse: amount",
	} {
		require.ErrorContains(t, c.ParseCard(text), says)
	}
}

// Ensure that what two runs of zones have in common, and what one lacks of the other, is
// what their zones say, for all runs.
func TestZonesInCommon(t *testing.T) {
	in := func(z Zones, n uint8) bool { return z.First() != 0 && z.First() <= n && n <= z.Last() }
	for a := range MaxZones + 1 {
		for b := range MaxZones + 1 {
			sides, common := a.Without(b), false
			for n := uint8(1); n <= MaxZone; n++ {
				common = common || in(a, n) && in(b, n)
				left := in(sides[0], n) || in(sides[1], n)
				if left != (in(a, n) && !in(b, n)) {
					t.Fatalf("%s without %s: zone %d", a, b, n)
				}
			}
			if a.Overlap(b) != common {
				t.Fatalf("%s and %s overlap: %v", a, b, common)
			}
		}
	}
}

// Ensure that a card's number is seen in a text, however it is written there, and nothing else is
// taken for one.
func TestHasNumber(t *testing.T) {
	for text, has := range map[string]bool{
		"924699001123456787": true, "924699 0011 2345 6787": true, "card 924699-0011-2345-6787!": true,
		"9246 99001123456787.": true, "1924699001123456787": true, "924699\u00a00011 2345 6787": true,
		"": false, "924699001123456788": false, "charged twice on 2.3.2026": false,
		"2026 03 02 08 00 2 51": false, "92469900112345678": false,
	} {
		require.Equal(t, has, HasNumber(text), text)
	}
}
