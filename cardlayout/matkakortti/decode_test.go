package matkakortti

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
)

// decoded is the invented card of a system.
func decoded(t testing.TB, s System) Card {
	t.Helper()
	card, err := Decode(s, files(t, s))
	require.NoError(t, err)
	return card
}

func at(text string) Moment {
	stamp, err := cardlayout.ParseStamp(text)
	if err != nil {
		panic(err)
	}
	return Moment(stamp)
}

var (
	cardNumber = Number{0x92, 0x46, 0x99, 0x00, 0x11, 0x23, 0x45, 0x67, 0x87}
	purse      = &Purse{1234, &ValueLoad{at("2019-06-06T23:31"), 500, 3, 2}}

	helsinki = Area{Zone, 1, "Helsinki"}
)

// history is that of all three cards, but for the size of the group.
func history(persons uint8) []Event {
	return []Event{
		{SeasonStamp, at("2019-06-05T08:20"), at("2019-06-05T09:20"), 0, 1, 0},
		{ValueDebit, at("2019-06-07T23:51"), at("2019-06-08T01:21"), 460, persons, 774},
	}
}

// Ensure that a card of HSL v1 reads as it was written.
func TestHSLv1(t *testing.T) {
	require.Equal(t, Card{
		System:      HSLv1,
		Application: &Application{1, 2, cardNumber, Valid, 0, 1},
		Control:     &Control{Issued: 8001, Status: 1},
		Seasons: []Season{
			{
				Slot: 1, Product: Product{Code: 31}, Area: Area{Zone, 5, "Seutu"},
				First: 8194, Last: 8224,
			},
			{Slot: 2, Product: Product{Code: 32}, Area: Area{Vehicle, 7, "train"}, First: 8225},
		},
		SeasonLoad: &SeasonLoad{
			Product{Code: 33},
			at("2019-06-08T12:34"), 30, 20001, 55, 77,
			false,
		},
		SeasonBoarding: &Boarding{
			At: at("2019-06-10T08:01"), Vehicle: 1074,
			Location: Location{1, 2550}, Direction: 1, Area: Area{Zone, 4, "Vantaa"},
		},
		Purse: purse,
		Ticket: &Ticket{
			Product: Product{Code: 250}, Child: true, Language: 1,
			Period: Period{2, 1}, Area: Area{Zone, 14, "Lähiseutu 2"},
			Sold: at("2019-06-07T23:00"), DeviceType: 2, Device: 909, Fare: 460, Persons: 3,
			Start: at("2019-06-07T23:51"), End: at("2019-06-08T01:21"), Fixed: true,
			Started: true, Boarding: &Boarding{
				At: at("2019-06-11T10:00"), Vehicle: 1075,
				Location: Location{2, 3002}, Area: helsinki,
			},
		},
		History: history(3),
	}, decoded(t, HSLv1))
}

// Ensure that a card of HSL v2 reads as it was written.
func TestHSLv2(t *testing.T) {
	require.Equal(t, Card{
		System:      HSLv2,
		Application: &Application{2, 1, cardNumber, Valid, 0, 1},
		Control:     &Control{8002, 0, &Counters{7, 70000, 5}},
		Seasons: []Season{
			{
				Slot: 1, Product: Product{Code: 255, Fares: Fares2014},
				Area: Area{ZoneCircles, 10, "B-C"}, First: 8194, Last: 8224,
			},
			{
				Slot: 2, Product: Product{Code: 256, Fares: Fares2010},
				Area: Area{Zone, 8, "Nurmijärvi"}, First: 8225, Last: 8300,
			},
		},
		SeasonLoad: &SeasonLoad{
			Product{Code: 257, Fares: Fares2014},
			at("2019-06-08T12:34"), 30,
			20001, 55, 77, false,
		},
		SeasonBoarding: &Boarding{
			At: at("2019-06-10T08:01"), Vehicle: 1074,
			Location: Location{1, 2550}, Direction: 1, Area: Area{ZoneCircles, 3, "D"},
		},
		Purse: purse,
		Ticket: &Ticket{
			Product: Product{Code: 250, Fares: Fares2014}, PartyProduct: 251,
			Profile: 1, PartyProfile: 2, Language: 2, Period: Period{90, 0},
			PartyPeriod: Period{2, 1}, Area: Area{ZoneCircles, 2, "A-C"},
			Sold: at("2019-06-07T23:00"), DeviceType: 2, Device: 909, Fare: 460,
			PartyFare: 920, Persons: 33,
			Extension: &Extension{true, 11, 252, [2]Widens{{12, 101}, {13, 102}}},
			Start:     at("2019-06-07T23:51"), End: at("2019-06-08T01:21"),
			PartyEnd: at("2019-06-09T01:22"), Fixed: true, Started: true,
			Boarding: &Boarding{
				At: at("2019-06-11T10:00"), Vehicle: 1075,
				Location: Location{2, 3002}, Direction: 1, Area: Area{ZoneCircles, 2, "C"},
			},
		},
		History: history(33),
	}, decoded(t, HSLv2))
}

// Ensure that a card of Waltti reads as it was written, with the zones of Oulu and Lahti
// by their own names.
func TestWaltti(t *testing.T) {
	require.Equal(t, Card{
		System:      Waltti,
		Application: &Application{1, 0, cardNumber, Valid, 0, 1},
		Seasons: []Season{
			{
				Slot: 1, Product: Product{Code: 30, Type: 3}, Region: Region{229, "Oulu"},
				Area: Area{WalttiZones, 12, "City A-B"}, Invoicable: true,
				First: 8194, Last: 8224,
			},
			{
				Slot: 2, Product: Product{Code: 31}, Region: Region{223, "Lahti"},
				Area: Area{WalttiZones, 6, "F1"}, First: 8225, Last: 8255,
			},
		},
		SeasonLoad: &SeasonLoad{
			Product{Code: 32},
			at("2019-06-08T12:34"), 30, 5701, 55, 77,
			true,
		},
		SeasonBoarding: &Boarding{
			At: at("2019-06-10T08:01"), Vehicle: 1074, Direction: 1,
			Region: Region{229, "Oulu"}, Area: Area{WalttiZones, 1, "City A"},
		},
		Purse: purse,
		Ticket: &Ticket{
			Region: Region{227, "Mikkeli"}, Product: Product{Code: 250}, Profile: 1,
			PartyProfile: 2, Language: 1, Period: Period{1, 3},
			Area: Area{WalttiZones, 11, "A-B"}, Sold: at("2019-06-07T09:00"), DeviceType: 1,
			Device: 909, Fare: 460, Persons: 2, Start: at("2019-06-07T09:00"),
			End: at("2019-06-08T04:30"), Fixed: true, Started: true,
			Boarding: &Boarding{
				At: at("2019-06-11T10:00"), Vehicle: 1075, Direction: 1,
				Area: Area{WalttiZones, 2, "B"},
			},
		},
		History: history(3),
	}, decoded(t, Waltti))
}

// Ensure that every bit with a meaning is shown, to people and to machines, and that no
// other bit changes what is shown.
func TestEveryBitIsShown(t *testing.T) {
	for _, s := range Systems {
		before := decoded(t, s)
		for _, f := range s.Files() {
			at := 0
			for _, field := range f.table {
				for bit := at; bit < at+field.width; bit++ {
					all := files(t, s)
					all[f.Number][bit/8] ^= 0x80 >> (bit % 8)
					after, err := Decode(s, all)
					require.NoError(t, err)
					shown := field.kind != unused && field.kind != unknown
					same := text(t, before) == text(t, after)
					require.Equal(t, shown, !same, "%v, file %d, %s", s, f.Number, field.name)
					if !strings.HasSuffix(field.name, "Area") { // its code may have no name
						same = slices.Equal(before.Lines(), after.Lines())
						require.Equal(t, shown, !same, "%v, file %d, %s", s, f.Number, field.name)
					}
				}
				at += field.width
			}
		}
	}
}

func text(t testing.TB, c Card) string {
	t.Helper()
	p, err := json.Marshal(c)
	require.NoError(t, err)
	return string(p)
}

// Ensure that what was never written is nothing, and that what cannot be read is told
// from it.
func TestEmptyAndUnread(t *testing.T) {
	for _, s := range Systems {
		all, names := map[byte][]byte{}, []int{}
		for _, f := range s.Files() {
			all[f.Number] = make([]byte, f.Size*max(1, f.Records))
			names = append(names, int(f.Number))
		}
		card, err := Decode(s, all)
		require.NoError(t, err)
		require.NotNil(t, card.Application)
		card.Application, card.Control = nil, nil
		require.Equal(t, Card{System: s, Purse: &Purse{}}, card)

		card, err = Decode(s, nil)
		require.NoError(t, err)
		require.Equal(t, Card{System: s, Unread: names}, card)
		require.Contains(t, strings.Join(card.Lines(), "\n"), "not read        files 8 ")
	}
	_, err := Decode(0, nil)
	require.ErrorContains(t, err, "unknown system 0")
}

// Ensure that a slot of Waltti which was sold and never filled is no season, and that
// its load is none.
func TestWalttiUnusedSlots(t *testing.T) {
	slot := "8:229 4:0 14:0 1:0 6:0 14:999 14:0 1:0 18:0 "
	load := "14:0 14:0 11:0 9:511 20:0 14:0 13:0 1:0 24:0 "
	rest := "52:0 4:0"
	card, err := Decode(Waltti, map[byte][]byte{1: pack(t, slot+slot+load+rest)})
	require.NoError(t, err)
	require.Empty(t, card.Seasons)
	require.Nil(t, card.SeasonLoad)

	sold := strings.Replace(slot, "14:999 14:0", "14:999 14:1029", 1)
	card, err = Decode(Waltti, map[byte][]byte{1: pack(t, slot+sold+load+rest)})
	require.NoError(t, err)
	require.Len(t, card.Seasons, 1)
	require.Equal(t, 2, card.Seasons[0].Slot)
	require.NotNil(t, card.SeasonLoad, "511 days were sold")
}

// Ensure that what cannot be is shown as damaged and the rest of the card as it is.
func TestDamage(t *testing.T) {
	all := files(t, HSLv2)
	all[8][3] = 0x9B
	all[2] = pack(t, "20:1234 14:8191 11:1440 20:500 14:3 14:2 11:0")
	all[4] = pack(t, "1:1 14:0 11:2047 14:8193 11:1439 14:460 6:33 20:774 5:0")
	card, err := Decode(HSLv2, all)
	require.NoError(t, err)
	require.Equal(t, Damaged, card.Application.Check)
	require.True(t, card.Purse.Load.At.damaged())
	lines := strings.Join(card.Lines(), "\n")
	require.Contains(t, lines, "92469? 0011 2345 6787, damaged\n")
	require.Contains(t, lines, "5.00, damaged (2019-06-06, minute 1440), organisation 3")
	require.Contains(t, lines, "damaged (1997-01-01, minute 2047), value debit")
	require.Contains(t, lines, "until 2019-06-08T23:59, remaining 7.74")
	require.Contains(t, text(t, card), `"number":"92469?001123456787","number_check":"damaged"`)
	require.Contains(t, text(t, card), `"at":"damaged (2019-06-06, minute 1440)"`)

	ticket := strings.Replace(packed[Waltti][3], "14:8192 5:9", "14:8192 5:24", 1)
	ticket = strings.Replace(ticket, "6:11", "6:56", 1)
	ticket = strings.Replace(ticket, "4:2 4:0", "4:11 4:0", 1)
	card, err = Decode(Waltti, map[byte][]byte{3: pack(t, ticket)})
	require.NoError(t, err)
	require.True(t, card.Ticket.Sold.damaged(), "an hour 24")
	require.Equal(t, "unknown 56", card.Ticket.Area.Name)
	require.Equal(t, "unknown 11", card.Ticket.Boarding.Area.Name)
}

// Ensure that the check digit is told and not enforced.
func TestNumberCheck(t *testing.T) {
	for last, want := range map[byte]Check{0x87: Valid, 0x86: Mistyped, 0x8A: Damaged} {
		n := cardNumber
		n[8] = last
		require.Equal(t, want, n.Check())
	}
	require.Equal(t, "924699 0011 2345 6787", cardNumber.String())
}

// Ensure that a file cut short is refused by name, one that is longer is read, and a
// history is as long as it is.
func TestLengths(t *testing.T) {
	for _, s := range Systems {
		want := decoded(t, s)
		for _, f := range s.Files() {
			all := files(t, s)
			if f.Records == 0 {
				all[f.Number] = append(all[f.Number], 0xFF)
				card, err := Decode(s, all)
				require.NoError(t, err)
				require.Equal(t, want, card)
			}
			for _, n := range []int{0, 1, f.Size - 1} {
				if f.Records > 0 && n == 0 {
					continue
				}
				all[f.Number] = bytes.Repeat([]byte{0x55}, n)
				_, err := Decode(s, all)
				require.ErrorContains(t, err, s.String())
				require.ErrorContains(t, err, f.Name)
				require.ErrorContains(t, err, "want ")
				require.NotContains(t, err.Error(), "55")
			}
		}
		all := files(t, s)
		all[4] = append(make([]byte, 5*12), all[4]...)
		card, err := Decode(s, all)
		require.NoError(t, err)
		require.Equal(t, want, card, "empty records are left out")
		card, err = Decode(s, map[byte][]byte{4: {}})
		require.NoError(t, err)
		require.Empty(t, card.History)
	}
}

// Ensure that whatever the bytes, nothing panics and everything can be shown.
func FuzzDecode(f *testing.F) {
	for _, s := range Systems {
		for n, p := range files(f, s) {
			f.Add(uint8(s), n, p)
		}
	}
	f.Fuzz(func(t *testing.T, s, number uint8, p []byte) {
		card, err := Decode(System(s), map[byte][]byte{number: p})
		if err != nil {
			require.Zero(t, card)
			return
		}
		text(t, card)
		for _, line := range card.Lines() {
			require.NotContains(t, line, "%!")
			require.NotContains(t, line, "\n")
		}
	})
}
