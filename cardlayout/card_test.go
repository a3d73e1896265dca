package cardlayout

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// randomCard draws a card of a layout that fits, as a decoded one does: without the parts a tap
// only writes.
func randomCard(r *rand.Rand, layout uint8) Card {
	stampOf := func() Stamp { return Stamp{Day(r.IntN(1 << 14)), uint16(r.IntN(1440))} }
	season := func() Season {
		first := Day(r.IntN(1 << 14))
		return Season{
			Area: Area(r.IntN(256)), Product: uint16(r.IntN(1 << 14)),
			Zones: Zones(r.IntN(int(MaxZones) + 1)), First: first,
			Last: min(first+Day(r.IntN(1<<lengthBits)), MaxDay), Days: uint16(r.IntN(512)), Price: Cents(r.IntN(1 << 16)),
			Conditions: SeasonConditions(r.IntN(8)), Start: uint16(r.IntN(1440)),
		}
	}
	c := Card{
		Layout: layout,
		Number: WithCheckDigit(r.Uint64N(1e17)), Kind: Kind(1 + r.IntN(3)),
		Area: Area(r.IntN(256)), Group: Group(1 + r.IntN(Groups-1)),
		Birth: Day(r.IntN(1<<15) - 1<<14), StudentUntil: Day(r.IntN(1 << 14)),
		Benefits: uint8(r.IntN(256)), Issued: Day(r.IntN(1 << 14)),
		ValidUntil: Day(r.IntN(1 << 14)), Generation: uint8(r.IntN(4)),
		TransactionMAC: r.IntN(2) == 0, Funded: Cents(r.IntN(1 << 16)),
		Seasons:    [2]Season{season(), season()},
		SeasonLoad: SeasonLoad{uint16(r.IntN(1 << 14)), stampOf(), uint16(r.IntN(512)), Cents(r.IntN(1 << 20)), uint16(r.IntN(1 << 14)), uint16(r.IntN(1 << 13)), r.IntN(2) == 0},
		SeasonBoarding: Boarding{
			stampOf(), uint16(r.IntN(1 << 14)), Area(r.IntN(256)),
			uint8(r.IntN(2)), uint8(r.IntN(11)),
		},
		Purse:     Cents(r.IntN(1 << 20)),
		ValueLoad: ValueLoad{stampOf(), Cents(r.IntN(1 << 20)), uint16(r.IntN(1 << 14)), uint16(r.IntN(1 << 14))},
		Counter:   uint32(r.IntN(1 << 16)), Blocked: r.IntN(4) == 0, Unblocking: uint8(r.IntN(12)),
		ActionCounter: uint32(r.IntN(20)),
		Last:          EventID{uint16(r.IntN(1 << 16)), r.Uint32()},
	}
	if r.IntN(3) > 0 {
		start := Instant(r.Uint32N(1 << 31))
		c.Journey = Journey{
			Start: start, Area: Area(r.IntN(256)), Zones: Zones(r.IntN(int(MaxZones) + 1)),
			Source: Source(r.IntN(5)), Minutes: uint16(r.IntN(256)),
			Boarded: start + Instant(r.IntN(7200)), Trip: uint16(r.IntN(1 << 16)),
		}
		c.Journey.Persons[1+r.IntN(Groups-1)] += uint8(r.IntN(12))
		c.Journey.Persons[c.Group] += uint8(r.IntN(12))
	}
	if layout > 1 && r.IntN(2) == 0 {
		c.Former = Right{
			Area: Area(r.IntN(256)), Zones: Zones(r.IntN(int(MaxZones) + 1)),
			Until: Instant(r.Uint32N(1 << instantBits)),
		}
		c.Former.Persons[1+r.IntN(Groups-1)] = uint8(r.IntN(MaxPersons + 1))
	}
	if r.IntN(4) == 0 {
		c.School = School{Trips: 2, Calendar: uint8(r.IntN(256)), From: 360, To: 1050, Until: Day(r.IntN(1 << 14))}
	}
	if r.IntN(4) == 0 && c.stateSize() < StateSize-8 {
		c.Today = Today{Day: Day(r.IntN(1 << 14)), SchoolTrips: uint8(r.IntN(8)), Spent: Cents(r.IntN(1 << 12))}
	}
	return c
}

// cards are n cards of each layout.
func cards(n int) (all []Card) {
	r := rand.New(rand.NewPCG(1, 2))
	for layout := uint8(1); layout <= NewestLayout; layout++ {
		for full := len(all) + n; len(all) < full; {
			if c := randomCard(r, layout); c.Check() == nil {
				all = append(all, c)
			}
		}
	}
	return all
}

// Ensure that every card comes back from its bytes as it was, and from its text.
func TestRoundTrip(t *testing.T) {
	for _, c := range cards(2000) {
		i, err := Encode(c, testUID, false, testKeys())
		require.NoError(t, err)
		back, err := Decode(&i, testKeys())
		require.NoError(t, err)
		require.Equal(t, c, back)
		var read Card
		require.NoError(t, read.ParseCard(c.Text()), c.Text())
		require.Equal(t, c, read)
	}
}

// Ensure that a former right has room in layout 2 alone, and a line of text of its own.
func TestFormerRight(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		c := randomCard(r, 2)
		var read Card
		require.NoError(t, read.ParseCard(c.Text()), c.Text())
		require.Equal(t, c, read)
		if (c.Former != Right{}) {
			c.Layout = 1
			require.ErrorIs(t, c.Check(), ErrRange)
		}
	}
}

// Ensure that the writes turn the one card into the other, that they are only
// what differs, and that no difference needs no write.
func TestRewrite(t *testing.T) {
	all := cards(400)
	for n := range all[1:] {
		held, next := all[n], all[n+1]
		i, err := Encode(held, testUID, false, testKeys())
		require.NoError(t, err)
		writes, err := i.Rewrite(held, next, testKeys())
		require.NoError(t, err)
		i.Apply(writes)
		got, err := Decode(&i, testKeys())
		require.NoError(t, err)
		require.Equal(t, next, got)
		writes, err = i.Rewrite(next, next, testKeys())
		require.NoError(t, err)
		require.Empty(t, writes)
	}
}

// Ensure that a value ticket, a transfer and a season tap write just the
// stretches the layout page promises.
func TestRewriteTouchesLittle(t *testing.T) {
	for _, held := range cards(1) {
		held.Journey = Journey{}
		i, err := Encode(held, testUID, false, testKeys())
		require.NoError(t, err)
		at := Stamp{10000, 500}
		files := func(change func(*Card)) map[byte][2]int {
			next := held
			change(&next)
			writes, err := i.Rewrite(held, next, testKeys())
			require.NoError(t, err)
			touched := map[byte][2]int{}
			for _, w := range writes {
				touched[w.File] = [2]int{w.Offset, w.Offset + len(w.Data)}
			}
			return touched
		}
		value := files(func(c *Card) {
			c.Purse ^= 0xFFFFF
			c.Ticket = Ticket{SaleDay: 10000, Boarding: Boarding{At: at, Zone: 1}}
			c.Record = Record{Debit: true, Boarded: at}
			c.Counter++
		})
		require.Equal(t, [2]int{0, 3}, value[FileValue], "the balance alone")
		require.Equal(t, [2]int{0, TicketSize}, value[FileTicket], "a new ticket whole")
		require.Contains(t, value, byte(FileHistory))
		require.NotContains(t, value, byte(FileSeasons))
		require.NotContains(t, value, byte(FileRights))
		require.NotContains(t, value, byte(FileControl))
		transfer := files(func(c *Card) {
			c.Ticket = Ticket{Boarding: Boarding{At: at, Zone: 1}}
			c.Counter++
		})
		require.Equal(t, [2]int{21, TicketSize}, transfer[FileTicket], "the boarding alone")
		season := files(func(c *Card) {
			c.SeasonBoarding.At = Stamp{^held.SeasonBoarding.At.Day & MaxDay, 1}
			c.Counter++
		})
		require.GreaterOrEqual(t, season[FileSeasons][0], 35)
		block := files(func(c *Card) { c.Blocked = !c.Blocked; c.Counter++ })
		require.Contains(t, block, byte(FileControl))
		require.Len(t, block, 2)
	}
}

// Ensure that the rights fit their seal whatever they hold.
func TestRightsAlwaysFit(t *testing.T) {
	s := Season{Days: 511, Price: maxPrice, Conditions: 7}
	c := Card{
		Number: WithCheckDigit(99999999999999999), Kind: Company, Area: 255, Group: Special,
		Birth: -MaxDay * 4, StudentUntil: MaxDay, Benefits: 255, Issued: MaxDay,
		ValidUntil: MaxDay, Generation: 3, TransactionMAC: true, Funded: maxFunded,
		Seasons: [2]Season{s, s},
		School:  School{Trips: 23, Calendar: 255, From: 1439, To: 1439, Until: MaxDay},
	}
	for c.Layout = 1; c.Layout <= NewestLayout; c.Layout++ {
		_, err := Encode(c, testUID, false, testKeys())
		require.NoError(t, err)
	}
}

// Ensure that Check and Encode agree, also on cards that do not fit.
func TestCheckIsWhatEncodes(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	refused := 0
	for range 5000 {
		c := randomCard(r, uint8(1+r.IntN(NewestLayout)))
		switch r.IntN(20) {
		case 0:
			c.Counter = r.Uint32()
		case 1:
			c.Purse = Cents(r.Int32())
		case 2:
			c.Journey.Persons[2] = uint8(r.IntN(256))
		case 3:
			c.Today.Spent = Cents(r.IntN(1 << 18))
		case 4:
			c.Record = Record{Fare: Cents(r.IntN(1 << 15)), Persons: uint8(r.IntN(64))}
		case 5:
			c.Journey.Boarded += Instant(r.Uint32())
		case 6:
			c.Ticket = Ticket{Price: Cents(r.IntN(1 << 15)), Zones: Zones(r.IntN(256))}
		case 7:
			c.Seasons[1].Price = Cents(r.IntN(1 << 18))
		case 8:
			c.Seasons[0].Last = Day(r.IntN(1 << 14))
		case 9:
			c.Seasons[1].Conditions = SeasonConditions(r.IntN(256))
		case 10:
			c.Journey.Minutes = uint16(r.IntN(1 << 16))
		case 11:
			c.School.From, c.School.To = uint16(r.IntN(1<<16)), uint16(r.IntN(1<<12))
		case 12:
			c.Former = Right{Zones: Zones(r.IntN(60)), Until: Instant(r.Uint32())}
		case 13:
			c.Former.Persons[r.IntN(Groups)] = uint8(r.IntN(256))
		case 14:
			c.Layout = uint8(r.IntN(4))
		}
		_, err := Encode(c, testUID, false, testKeys())
		if c.Check() != nil {
			require.ErrorIs(t, err, ErrRange)
			refused++
			continue
		}
		require.NoError(t, err)
	}
	require.Greater(t, refused, 100)
}

// Ensure that any single changed bit of the sealed rights, and a file moved from
// another card, is forged.
func TestSealedRights(t *testing.T) {
	for _, c := range cards(1) {
		i, err := Encode(c, testUID, false, testKeys())
		require.NoError(t, err)
		forged := func(p func(*Image) *byte, bit int) {
			flipped := i
			*p(&flipped) ^= 1 << bit
			_, err := Decode(&flipped, testKeys())
			require.ErrorIs(t, err, ErrForged)
		}
		for n := range RightsSize * 8 {
			forged(func(i *Image) *byte { return &i.Rights[n/8] }, n%8)
		}
		for n := validationSealAt * 8; c.Layout > 1 && n < ValidationSize*8; n++ {
			forged(func(i *Image) *byte { return &i.Validation[n/8] }, n%8)
		}
		i.UID[6]++
		_, err = Decode(&i, testKeys())
		require.ErrorIs(t, err, ErrForged)
		i.Whole = false
		_, err = Decode(&i, testKeys())
		require.ErrorIs(t, err, ErrForged)
	}
}

// Ensure that the birth date stands nowhere on the card in the clear.
func TestBirthDateIsSealed(t *testing.T) {
	for _, a := range cards(1) {
		b := a
		b.Birth++
		one, err := Encode(a, testUID, false, testKeys())
		require.NoError(t, err)
		other, err := Encode(b, testUID, false, testKeys())
		require.NoError(t, err)
		require.NotEqual(t, one.Rights, other.Rights)
		one.Rights, other.Rights = [RightsSize]byte{}, [RightsSize]byte{}
		clear(one.Validation[validationSealAt:])
		clear(other.Validation[validationSealAt:])
		require.Equal(t, one, other)
	}
}

// Ensure that a newer layout is refused as such and not as damage.
func TestNewerLayout(t *testing.T) {
	c := cards(1)[0]
	i, err := Encode(c, testUID, false, testKeys())
	require.NoError(t, err)
	newer := i
	newer.State[1]++
	_, err = Decode(&newer, testKeys())
	require.ErrorIs(t, err, ErrVersion)
	newer = i
	newer.Validation[0] = NewestLayout + 1
	_, err = Decode(&newer, testKeys())
	require.ErrorIs(t, err, ErrVersion)
	var plain [RightsSize - sealSize]byte
	require.NoError(t, c.packRights(plain[:]))
	plain[1]++
	require.NoError(t, i.rights().put(plain[:], testKeys(), 0))
	_, err = Decode(&i, testKeys())
	require.ErrorIs(t, err, ErrVersion)
}

// Ensure that rights of a group that there is not are damage, and no panic where the journey's
// persons are counted.
func TestNoSuchGroup(t *testing.T) {
	c := cards(1)[0]
	c.Journey = Journey{Zones: 1, Source: ByValue}
	i, err := Encode(c, testUID, false, testKeys())
	require.NoError(t, err)
	c.Group = 16
	var plain [rightsRoom]byte
	require.NoError(t, c.packRights(plain[:]))
	require.NoError(t, i.rights().put(plain[:], testKeys(), 0))
	_, err = Decode(&i, testKeys())
	require.ErrorIs(t, err, ErrMalformed)
}

// Ensure that the holder opens with the holder key alone, on the right card
// alone, and unchanged alone; and that a bus has no such key.
func TestHolder(t *testing.T) {
	h := Holder{Name: "Maija Meikäläinen", IdentityCode: "131052-308T", Municipality: 491, Sex: 2}
	number := WithCheckDigit(92469900000000001)
	sealed, err := SealHolder(h, testUID, number, testKeys(), bytes.NewReader(make([]byte, 12)))
	require.NoError(t, err)
	require.NotContains(t, string(sealed[:]), "Maija")
	back, err := OpenHolder(sealed, testUID, number, testKeys())
	require.NoError(t, err)
	require.Equal(t, h, back)
	for bit := range HolderSize * 8 {
		flipped := sealed
		flipped[bit/8] ^= 1 << (bit % 8)
		_, err := OpenHolder(flipped, testUID, number, testKeys())
		require.ErrorIs(t, err, ErrForged)
	}
	_, err = OpenHolder(sealed, testUID, WithCheckDigit(1), testKeys())
	require.ErrorIs(t, err, ErrForged)
	bus := testKeys()
	bus.Holder = nil
	_, err = OpenHolder(sealed, testUID, number, bus)
	require.ErrorIs(t, err, ErrNoHolderKey)
	h.Name = strings.Repeat("x", HolderSize)
	_, err = SealHolder(h, testUID, number, testKeys(), bytes.NewReader(make([]byte, 12)))
	require.ErrorIs(t, err, ErrRange)
}

// Ensure that the text form says what it does not understand.
func TestTextMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"colour red":                "no \"colour\"",
		"purse 1.2.3":               "purse",
		"season1 zone=A":            "\"zone\" is not understood",
		"number 924699001123456789": "check digit",
		"born yesterday":            "year-month-day",
		"group pensioner":           "none of",
		"journey adult=300":         "number that fits",
	} {
		var c Card
		err := c.ParseCard(text)
		require.Error(t, err, text)
		require.Contains(t, err.Error(), want)
	}
}

// FuzzDecode: whatever bytes decode encode back to the same bytes, and nothing panics. What is
// sealed is given in the clear and sealed here, or no input would ever get past the seal.
func FuzzDecode(f *testing.F) {
	for _, c := range cards(5) {
		i, _ := Encode(c, testUID, false, testKeys())
		var plain [rightsRoom]byte
		_ = c.packRights(plain[:])
		content := make([]byte, validationRoom)
		_ = i.packValidation(content, &c)
		open := i.Validation[:validationSealAt]
		for _, whole := range []bool{true, false} {
			f.Add(plain[:], i.Seasons[:], i.Value[:], i.State[:], open, content, whole)
		}
	}
	f.Fuzz(func(t *testing.T, rights, seasons, value, state, open, content []byte, whole bool) {
		i := Image{UID: testUID, Whole: whole}
		var plain [rightsRoom]byte
		var sealed [validationRoom]byte
		copy(plain[:], rights)
		copy(i.Seasons[:], seasons)
		copy(i.Value[:], value)
		copy(i.State[:], state)
		copy(i.Validation[:validationSealAt], open)
		copy(sealed[:], content)
		require.NoError(t, i.rights().put(plain[:], testKeys(), 0))
		require.NoError(t, i.validation().put(sealed[:], testKeys(), 0))
		c, err := Decode(&i, testKeys())
		if err != nil {
			require.Equal(t, Card{}, c)
			require.True(t, errors.Is(err, ErrMalformed) || errors.Is(err, ErrVersion), err)
			return
		}
		again, err := Encode(c, testUID, i.Readable, testKeys())
		require.NoError(t, err)
		if c.Layout == 1 {
			require.Equal(t, i.State, again.State)
			require.Equal(t, i.Rights, again.Rights)
			require.Equal(t, i.Seasons, again.Seasons)
			require.Equal(t, i.Value, again.Value)
		} else {
			require.Equal(t, i.Validation, again.Validation)
		}
		var read Card
		require.NoError(t, read.ParseCard(c.Text()))
		require.Equal(t, c, read)
	})
}

// FuzzRewrite: whatever a boarding reads of a card of layout 2, what it writes is read as it was to
// be, and leaves the seal as it is. A flipped bit of what is sealed is forged.
func FuzzRewrite(f *testing.F) {
	all := newest(6)
	for n := range all {
		i, _ := Encode(all[n], testUID, false, testKeys())
		content := make([]byte, validationRoom)
		_ = i.packValidation(content, &all[n])
		f.Add(i.Validation[:validationSealAt], content, n, uint16(n))
	}
	f.Fuzz(func(t *testing.T, open, content []byte, n int, bit uint16) {
		i := Image{UID: testUID}
		var sealed [validationRoom]byte
		copy(i.Validation[:validationSealAt], open)
		copy(sealed[:], content)
		require.NoError(t, i.validation().put(sealed[:], testKeys(), 0))
		held, err := Decode(&i, testKeys())
		if err != nil || held.Layout == 1 {
			return
		}
		next := board(held, all[uint(n)%uint(len(all))])
		if writes, err := i.Rewrite(held, next, testKeys()); err == nil {
			after := i
			after.Apply(writes)
			got, err := Decode(&after, testKeys())
			require.NoError(t, err)
			require.Equal(t, i.Validation[validationSealAt:], after.Validation[validationSealAt:])
			next.Ticket, next.Record, next.SeasonBoarding = Ticket{}, Record{}, got.SeasonBoarding
			require.Equal(t, next, got)
		}
		at := validationSealAt*8 + int(bit)%((ValidationSize-validationSealAt)*8)
		i.Validation[at/8] ^= 1 << (at % 8)
		_, err = Decode(&i, testKeys())
		require.ErrorIs(t, err, ErrForged)
	})
}

// FuzzPublic: the files a tap does not read are as strict.
func FuzzPublic(f *testing.F) {
	f.Add(make([]byte, TicketSize), make([]byte, RecordSize), make([]byte, ApplicationSize))
	f.Fuzz(func(t *testing.T, a, b, c []byte) {
		var ticket [TicketSize]byte
		var record [RecordSize]byte
		var application [ApplicationSize]byte
		copy(ticket[:], a)
		copy(record[:], b)
		copy(application[:], c)
		if v, err := UnpackTicket(ticket); err == nil {
			again := [TicketSize]byte{}
			require.NoError(t, public(again[:], true, v.file))
			require.Equal(t, ticket, again)
		}
		if v, err := UnpackRecord(record); err == nil {
			again := [RecordSize]byte{}
			require.NoError(t, public(again[:], true, v.file))
			require.Equal(t, record, again)
		}
		if v, err := UnpackApplication(application); err == nil {
			again, err := PackApplication(v)
			require.NoError(t, err)
			require.Equal(t, application, again)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	i, _ := Encode(cards(1)[0], testUID, false, testKeys())
	keys := testKeys()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(&i, keys); err != nil {
			b.Fatal(err)
		}
	}
}
