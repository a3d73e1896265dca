package cardlayout

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// newest are n cards of the newest layout.
func newest(n int) []Card { return cards(n)[n:] }

// boarded is what a boarding reads of an image.
func boarded(i *Image) Image { return Image{UID: i.UID, Validation: i.Validation} }

// Ensure that the fields of file 7 fill it: its size is that of one frame of 128 bytes, enciphered.
func TestValidationFits(t *testing.T) {
	i, c := Image{}, newest(1)[0]
	open := bits{p: make([]byte, ValidationSize), write: true}
	c.validationFile(&open)
	require.Equal(t, validationSealAt*8, open.at)
	sealed := bits{p: make([]byte, ValidationSize), write: true}
	i.validationRights(&sealed, &c)
	require.Equal(t, validationRoom*8, sealed.at)
}

// Ensure that a boarding reads of file 7 what it asks and nothing else, and that what it writes
// makes of the card what it would have made of one that was read whole.
func TestBoardingReadsOneFile(t *testing.T) {
	all := newest(400)
	for n := range all[1:] {
		full, err := Encode(all[n], testUID, n%2 == 0, testKeys())
		require.NoError(t, err)
		whole, err := Decode(&full, testKeys())
		require.NoError(t, err)
		image := boarded(&full)
		held, err := Decode(&image, testKeys())
		require.NoError(t, err)
		require.Equal(t, full.Readable, image.Readable)

		writes, err := image.Rewrite(held, board(held, all[n+1]), testKeys())
		require.NoError(t, err)
		want := board(whole, all[n+1])
		full.Apply(writes)
		got, err := Decode(&full, testKeys())
		require.NoError(t, err)
		want.Ticket, want.Record = Ticket{}, Record{}
		require.Equal(t, want, got)
		told, err := full.Others(got, testKeys())
		require.NoError(t, err)
		require.Equal(t, got, told, "the public files are the projection of file 7")
	}
}

// board is a card after a boarding, which has what the other card has.
func board(c, other Card) Card {
	c.Purse, c.Today, c.Journey, c.Former = other.Purse, other.Today, other.Journey, other.Former
	c.Seasons[1].First, c.Seasons[1].Last = other.Seasons[1].First, other.Seasons[1].Last
	c.SeasonBoarding = other.SeasonBoarding
	c.Record = Record{Debit: true, Persons: 1}
	c.Stamp(other.Last)
	return c
}

// Ensure that an ordinary tap writes one stretch of at most 47 bytes before the seal, and one that
// leaves the former right and the purse alone no more than two pages of the card hold.
func TestBoardingWritesOneStretch(t *testing.T) {
	stretch := func(held, next Card) (size int) {
		full, err := Encode(held, testUID, false, testKeys())
		require.NoError(t, err)
		image := boarded(&full)
		held, err = Decode(&image, testKeys())
		require.NoError(t, err)
		writes, err := image.Rewrite(held, board(held, next), testKeys())
		require.NoError(t, err)
		for _, w := range writes {
			if w.File == FileValidation {
				require.LessOrEqual(t, w.Offset+len(w.Data), validationSealAt)
				require.Zero(t, size)
				size = len(w.Data)
			}
		}
		return size
	}
	all := newest(200)
	for n := range all[1:] {
		next := all[n+1]
		next.Seasons = all[n].Seasons
		require.LessOrEqual(t, stretch(all[n], next), 47)
		next.Former, next.Today = all[n].Former, all[n].Today
		require.LessOrEqual(t, stretch(all[n], next), 32)
	}
}

// Ensure that a load and a block are refused on a card that was read for a boarding only: they
// would write over what was not read.
func TestBoardingWritesNoMore(t *testing.T) {
	full, err := Encode(newest(1)[0], testUID, false, testKeys())
	require.NoError(t, err)
	for name, change := range map[string]func(*Card){
		"value load":  func(c *Card) { c.ValueLoad.Amount++ },
		"season load": func(c *Card) { c.SeasonLoad.Device++ },
		"block":       func(c *Card) { c.Blocked = !c.Blocked },
		"action":      func(c *Card) { c.ActionCounter++ },
		"price":       func(c *Card) { c.Seasons[0].Price++ },
		"group":       func(c *Card) { c.StudentUntil ^= 1 },
	} {
		image := boarded(&full)
		held, err := Decode(&image, testKeys())
		require.NoError(t, err)
		next := held
		change(&next)
		_, err = image.Rewrite(held, next, testKeys())
		require.ErrorContains(t, err, "read for a boarding only", name)
	}
}

// Ensure that what other files say otherwise than file 7 is not believed, but told, and goes with
// the next load.
func TestOthersDiffer(t *testing.T) {
	c := newest(1)[0]
	i, err := Encode(c, testUID, false, testKeys())
	require.NoError(t, err)
	i.Value[0] ^= 0x10
	i.Control[1] ^= 0x02
	held, err := Decode(&i, testKeys())
	require.NoError(t, err)
	require.Equal(t, c, held)
	told, err := i.Others(held, testKeys())
	require.NoError(t, err)
	require.NotEqual(t, c.Purse, told.Purse)
	require.NotEqual(t, c.Blocked, told.Blocked)
	told.Purse, told.Blocked = c.Purse, c.Blocked
	require.Equal(t, c, told)

	next := held
	next.ActionCounter++
	writes, err := i.Rewrite(held, next, testKeys())
	require.NoError(t, err)
	i.Apply(writes)
	told, err = i.Others(next, testKeys())
	require.NoError(t, err)
	require.Equal(t, next, told)
}

// Ensure that what is sealed for another layout, in which its bits may mean something else, is
// forged in this one.
func TestSealOfAnotherLayout(t *testing.T) {
	for _, other := range []uint8{1, NewestLayout + 1} {
		i, err := Encode(newest(1)[0], testUID, false, testKeys())
		require.NoError(t, err)
		var plain [validationRoom]byte
		generation, err := i.validation().open(plain[:], testKeys())
		require.NoError(t, err)
		i.Validation[0] = other
		require.NoError(t, i.validation().put(plain[:], testKeys(), generation))
		_, err = Decode(&i, testKeys())
		require.ErrorIs(t, err, ErrVersion)
		i.Validation[0] = NewestLayout
		_, err = Decode(&i, testKeys())
		require.ErrorIs(t, err, ErrForged)
	}
}

// Ensure that a season whose length leads beyond the last day is damage.
func TestSeasonBeyondTheLastDay(t *testing.T) {
	c := newest(1)[0]
	c.Seasons[0].First, c.Seasons[0].Last = MaxDay-1000, MaxDay
	i, err := Encode(c, testUID, false, testKeys())
	require.NoError(t, err)
	c.Seasons[0].First, c.Seasons[0].Last = MaxDay, MaxDay+1000
	require.NoError(t, public(i.Validation[:validationSealAt], true, c.validationFile))
	for _, whole := range []bool{false, true} {
		i.Whole = whole
		_, err = Decode(&i, testKeys())
		require.ErrorIs(t, err, ErrMalformed)
	}
}

// Ensure that a card moves from layout 1 with all that it holds, and that a program which knows
// layout 1 alone, or a file 7 that was only created, finds no purse any more.
func TestMoveToNewestLayout(t *testing.T) {
	for n, c := range cards(100)[:100] {
		i, err := Encode(c, testUID, n%2 == 0, testKeys())
		require.NoError(t, err)
		next := c
		next.Layout = NewestLayout
		writes, err := i.Reseal(c, next, testKeys())
		require.NoError(t, err)
		i.Apply(writes)
		require.Len(t, writes, 2)
		got, err := Decode(&i, testKeys())
		require.NoError(t, err)
		require.Equal(t, next, got)
		require.Equal(t, n%2 == 0, i.Readable)
		i.Validation = [ValidationSize]byte{}
		_, err = Decode(&i, testKeys())
		require.ErrorIs(t, err, ErrVersion)
	}
}
