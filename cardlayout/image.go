package cardlayout

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// The numbers of a card's files.
const (
	FileControl     = 0
	FileSeasons     = 1
	FileValue       = 2
	FileTicket      = 3
	FileHistory     = 4
	FileState       = 5
	FileRights      = 6
	FileValidation  = 7
	FileApplication = 8
	FileHolder      = 9
	FileTMAC        = 15
)

// The sizes of the files in bytes; of the history, of one record.
const (
	ControlSize     = 10
	SeasonsSize     = 42
	ValueSize       = 12
	TicketSize      = 27
	RecordSize      = 12
	StateSize       = 47
	RightsSize      = 79
	ValidationSize  = 111
	ApplicationSize = 11
	HolderSize      = 256
)

// HistoryRecords is the number of records that file 4 is created with; the card keeps one for the
// running transaction and seven for us.
const HistoryRecords = 8

// BoardingAt is the offset of a ticket's boarding in file 3, in bytes; a transfer writes nothing
// before it.
const BoardingAt = 21

// SeasonBoardingAt is the offset of the last boarding in file 1, in bytes.
const SeasonBoardingAt = 35

// NewestLayout is the layout of new cards.
const NewestLayout = 2

// An Image is a card's files as stored on the card. Of layout 2 a boarding reads Validation alone;
// of layout 1 every tap reads Seasons, Value, State and Rights. The others are written from
// scratch.
type Image struct {
	UID UID

	// Readable is the access profile: anybody may read the public files. Only layout 2 holds it.
	Readable bool

	// Whole: Seasons, Value and Rights were read as well. Otherwise they are what Validation says.
	Whole bool

	Control    [ControlSize]byte
	Seasons    [SeasonsSize]byte
	Value      [ValueSize]byte
	Ticket     [TicketSize]byte
	Record     [RecordSize]byte
	State      [StateSize]byte
	Rights     [RightsSize]byte
	Validation [ValidationSize]byte
}

// A Write is a range of bytes to write to a file. Writes to FileHistory are whole records.
type Write struct {
	File   byte
	Offset int
	Data   []byte
}

// Decode reads the files of a tap, and notes in i what they say of it. ErrForged: the rights were
// not sealed under our key for this card. ErrVersion: a newer layout. ErrMalformed: any other
// content that our issuer never writes. It never panics, and the card that it returns encodes back
// to the same bytes; of layout 2, unless i is whole, only to the same file 7.
func Decode(i *Image, keys Seals) (Card, error) {
	var c Card
	var err error
	switch version := i.Validation[0]; version {
	case 0: // the file is not there, or was only created
		err = i.decodeState(&c, keys)
	case NewestLayout:
		err = i.decodeValidation(&c, keys)
	default:
		err = inFile(FileValidation, fmt.Errorf("%w: version %d", ErrVersion, version))
	}
	if err == nil {
		if fault := c.Check(); fault != nil {
			err = fmt.Errorf("%w: %w", ErrMalformed, fault)
		}
	}
	if err == nil && !i.Whole {
		err = i.encodeProducts(&c)
	}
	if err != nil {
		return Card{}, err
	}
	return c, nil
}

// decodeState reads layout 1.
func (i *Image) decodeState(c *Card, keys Seals) error {
	c.Layout, i.Whole = 1, true
	return firstOf(
		func() error { return i.decodeOthers(c, keys) },
		func() error { return c.unpackState(i.State[:]) },
	)
}

// decodeValidation reads layout 2. What other files say as well, file 7 says.
func (i *Image) decodeValidation(c *Card, keys Seals) error {
	if i.Whole {
		if err := i.decodeOthers(c, keys); err != nil {
			return err
		}
	}
	return i.unpackValidation(c, keys)
}

// decodeOthers reads files 6, 1 and 2.
func (i *Image) decodeOthers(c *Card, keys Seals) error {
	var plain [rightsRoom]byte
	if _, err := i.rights().open(plain[:], keys); err != nil {
		return err
	}
	return firstOf(
		func() error { return c.unpackRights(plain[:]) },
		func() error { return inFile(FileSeasons, public(i.Seasons[:], false, c.seasonFile)) },
		func() error { return inFile(FileValue, public(i.Value[:], false, c.valueFile)) },
	)
}

// Others is the card c of layout 2 as its other files tell it: where they differ from file 7, they
// are not what was written last. i must be whole, and have its control file.
func (i *Image) Others(c Card, keys Seals) (Card, error) {
	counter := c.Counter
	err := firstOf(
		func() error { return i.decodeOthers(&c, keys) },
		func() error { return inFile(FileControl, public(i.Control[:], false, c.controlFile)) },
	)
	c.Counter = counter // file 0 has that of its last writing
	return c, err
}

// Encode makes all files of a card, sealed with the newest keys. readable is its access profile.
// Its error wraps ErrRange or is that of the keys.
func Encode(c Card, uid UID, readable bool, keys Seals) (Image, error) {
	c.Layout = cmp.Or(c.Layout, NewestLayout)
	i := Image{UID: uid, Readable: readable, Whole: true}
	err := i.encode(&c)
	if err == nil {
		err = i.seal(&i, &Card{}, &c, keys, true)
	}
	if err != nil {
		return Image{}, err
	}
	return i, nil
}

// encode makes all files except what is sealed.
func (i *Image) encode(c *Card) error {
	if err := c.Check(); err != nil {
		return err
	}
	err := firstOf(
		func() error { return inFile(FileControl, public(i.Control[:], true, c.controlFile)) },
		func() error { return i.encodeProducts(c) },
		func() error { return inFile(FileTicket, public(i.Ticket[:], true, c.Ticket.file)) },
		func() error { return inFile(FileHistory, public(i.Record[:], true, c.Record.file)) },
	)
	switch {
	case err != nil:
		return err
	case c.Layout == 1:
		return inFile(FileState, c.packState(i.State[:]))
	}
	open := i.Validation[:validationSealAt]
	return inFile(FileValidation, public(open, true, c.validationFile))
}

// encodeProducts makes files 1 and 2.
func (i *Image) encodeProducts(c *Card) error {
	return firstOf(
		func() error { return inFile(FileSeasons, public(i.Seasons[:], true, c.seasonFile)) },
		func() error { return inFile(FileValue, public(i.Value[:], true, c.valueFile)) },
	)
}

// Rewrite returns the writes that turn the card with image i and content held into next: the few
// bytes that differ, none if nothing does. A record is written if next has one; a ticket as a whole
// if it was sold now, otherwise only its boarding; the control file, which repeats other files,
// only if its public content changes.
func (i *Image) Rewrite(held, next Card, keys Seals) ([]Write, error) {
	if held == next {
		return nil, nil
	}
	return i.rewrite(&held, &next, keys, false)
}

// Reseal is Rewrite that seals with the newest keys, unless the card already is. It also moves a
// card to a newer layout.
func (i *Image) Reseal(held, next Card, keys Seals) ([]Write, error) {
	return i.rewrite(&held, &next, keys, true)
}

func (i *Image) rewrite(held, next *Card, keys Seals, newest bool) ([]Write, error) {
	after := Image{UID: i.UID, Readable: i.Readable, State: i.State}
	err := firstOf(
		func() error { return i.checkWhole(held, next) },
		func() error { return after.encode(next) },
		func() error { return i.seal(&after, held, next, keys, newest) },
	)
	if err != nil {
		return nil, fmt.Errorf("writing the card's next content: %w", err)
	}
	writes := make([]Write, 0, 7)
	if controlDiffers(held, next) {
		writes = append(writes, Write{FileControl, 0, after.Control[:]})
	}
	writes = i.rewriteSeasons(writes, &after, held, next)
	writes = appendDiff(writes, FileValue, 0, i.Value[:], after.Value[:])
	switch {
	case next.Ticket.SaleDay != 0:
		writes = append(writes, Write{FileTicket, 0, after.Ticket[:]})
	case next.Ticket != Ticket{}:
		writes = append(writes, Write{FileTicket, BoardingAt, after.Ticket[BoardingAt:]})
	}
	if (next.Record != Record{}) {
		writes = append(writes, Write{FileHistory, 0, after.Record[:]})
	}
	if held.Layout < next.Layout {
		after.State[stateVersionAt] = next.Layout
	}
	writes = appendDiff(writes, FileState, 0, i.State[:], after.State[:])
	writes = appendDiff(writes, FileValidation, 0, i.Validation[:], after.Validation[:])
	return appendDiff(writes, FileRights, 0, i.Rights[:], after.Rights[:]), nil
}

// rewriteSeasons adds the writes of file 1. Of layout 2 a boarding knows neither the last load
// there nor the last boarding: it writes around the one, and the other as a whole.
func (i *Image) rewriteSeasons(writes []Write, after *Image, held, next *Card) []Write {
	if next.Layout == 1 {
		return appendDiff(writes, FileSeasons, 0, i.Seasons[:], after.Seasons[:])
	}
	const at = SeasonBoardingAt
	writes = appendDiff(writes, FileSeasons, 0, i.Seasons[:at], after.Seasons[:at])
	if held.SeasonBoarding != next.SeasonBoarding {
		writes = append(writes, Write{FileSeasons, at, after.Seasons[at:]})
	}
	return writes
}

// checkWhole refuses a change of what a boarding does not read: a load or a block needs a whole
// image.
func (i *Image) checkWhole(held, next *Card) error {
	if i.Whole {
		return nil
	}
	rest := *next // with the state that is held
	err := public(i.Validation[:], false, rest.validationFile)
	rest.SeasonBoarding, rest.Ticket, rest.Record = held.SeasonBoarding, held.Ticket, held.Record
	if err != nil || rest != *held || controlDiffers(held, next) {
		return errors.New("cardlayout: internal error: the card was read for a boarding only")
	}
	return nil
}

// controlDiffers reports whether the control file changes, but for its counter.
func controlDiffers(held, next *Card) bool {
	return held.Blocked != next.Blocked || held.Unblocking != next.Unblocking ||
		held.ActionCounter != next.ActionCounter
}

// Apply changes the image as a card does by the writes.
func (i *Image) Apply(writes []Write) {
	for _, w := range writes {
		copy(i.File(w.File)[w.Offset:], w.Data)
	}
}

// File is a file of the image by its number; of the history, the newest record.
func (i *Image) File(no byte) []byte {
	switch no {
	case FileControl:
		return i.Control[:]
	case FileSeasons:
		return i.Seasons[:]
	case FileValue:
		return i.Value[:]
	case FileTicket:
		return i.Ticket[:]
	case FileHistory:
		return i.Record[:]
	case FileState:
		return i.State[:]
	case FileRights:
		return i.Rights[:]
	case FileValidation:
		return i.Validation[:]
	}
	panic(fmt.Sprintf("cardlayout: internal error: file %d is not in the image", no))
}

// appendDiff adds the shortest write that turns before into after, which stand at an offset.
func appendDiff(writes []Write, file byte, at int, before, after []byte) []Write {
	if slices.Equal(before, after) {
		return writes
	}
	first, end := 0, len(after)
	for before[first] == after[first] {
		first++
	}
	for before[end-1] == after[end-1] {
		end--
	}
	return append(writes, Write{file, at + first, after[first:end]})
}

// firstOf runs steps until one fails.
func firstOf(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// inFile names the file in an error.
func inFile(no int, err error) error {
	if err != nil {
		return fmt.Errorf("file %d: %w", no, err)
	}
	return nil
}
