package cardlayout

import (
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
	ApplicationSize = 11
	HolderSize      = 256
)

// HistoryRecords is how many records file 4 is created with; the card keeps one
// for the running transaction and seven for us.
const HistoryRecords = 8

// BoardingAt is where a ticket's boarding begins in file 3; a transfer writes
// nothing before it.
const BoardingAt = 21

// An Image is a card's files as they are on the card. At a tap only Seasons,
// Value, State and Rights have been read; the others are written from scratch.
type Image struct {
	UID     UID
	Control [ControlSize]byte
	Seasons [SeasonsSize]byte
	Value   [ValueSize]byte
	Ticket  [TicketSize]byte
	Record  [RecordSize]byte
	State   [StateSize]byte
	Rights  [RightsSize]byte
}

// A Write is a stretch of bytes to be written to a file. Writes to FileHistory
// are whole records.
type Write struct {
	File   byte
	Offset int
	Data   []byte
}

// Decode reads the files of a tap. ErrForged: the rights were not sealed under
// our key for this card. ErrVersion: a newer layout. ErrMalformed: anything else
// our issuer does not write. It never panics, and what it returns encodes back
// to the same bytes.
func Decode(i *Image, keys Keys) (Card, error) {
	var c Card
	var plain [RightsSize - sealSize]byte
	if !keys.rights(i.UID).open(plain[:], i.UID[:], i.Rights[:]) {
		return Card{}, inFile(FileRights, ErrForged)
	}
	err := firstOf(
		func() error { return c.unpackRights(plain[:]) },
		func() error { return inFile(FileSeasons, public(i.Seasons[:], false, c.seasonFile)) },
		func() error { return inFile(FileValue, public(i.Value[:], false, c.valueFile)) },
		func() error { return c.unpackState(i.State[:]) },
	)
	if err == nil {
		if fault := c.Check(); fault != nil {
			err = fmt.Errorf("%w: %w", ErrMalformed, fault)
		}
	}
	if err != nil {
		return Card{}, err
	}
	return c, nil
}

// Encode writes all files of a card. Its error wraps ErrRange.
func Encode(c Card, uid UID, keys Keys) (Image, error) {
	i := Image{UID: uid}
	if err := c.Check(); err != nil {
		return Image{}, err
	}
	var plain [RightsSize - sealSize]byte
	err := firstOf(
		func() error { return inFile(FileControl, public(i.Control[:], true, c.controlFile)) },
		func() error { return inFile(FileSeasons, public(i.Seasons[:], true, c.seasonFile)) },
		func() error { return inFile(FileValue, public(i.Value[:], true, c.valueFile)) },
		func() error { return inFile(FileTicket, public(i.Ticket[:], true, c.Ticket.file)) },
		func() error { return inFile(FileHistory, public(i.Record[:], true, c.Record.file)) },
		func() error { return inFile(FileState, c.packState(i.State[:])) },
		func() error { return inFile(FileRights, c.packRights(plain[:])) },
	)
	if err != nil {
		return Image{}, err
	}
	keys.rights(uid).seal(i.Rights[:], uid[:], plain[:])
	return i, nil
}

// Rewrite returns what must be written so that the card with image i, which
// holds held, holds next: the few bytes that differ. No difference gives no
// writes. A record is written when next carries one; a ticket whole when it was
// sold now, else its boarding alone; the control file, which repeats other
// files, only when what the public reads in it changes.
func (i *Image) Rewrite(held, next Card, keys Keys) ([]Write, error) {
	if held == next {
		return nil, nil
	}
	after, err := Encode(next, i.UID, keys)
	if err != nil {
		return nil, fmt.Errorf("writing the card's next content: %w", err)
	}
	writes := make([]Write, 0, 6)
	if held.Blocked != next.Blocked || held.Unblocking != next.Unblocking ||
		held.Actions != next.Actions {
		writes = append(writes, Write{FileControl, 0, after.Control[:]})
	}
	writes = appendDiff(writes, FileSeasons, i.Seasons[:], after.Seasons[:])
	writes = appendDiff(writes, FileValue, i.Value[:], after.Value[:])
	switch {
	case next.Ticket.SaleDay != 0:
		writes = append(writes, Write{FileTicket, 0, after.Ticket[:]})
	case next.Ticket != Ticket{}:
		writes = append(writes, Write{FileTicket, BoardingAt, after.Ticket[BoardingAt:]})
	}
	if (next.Record != Record{}) {
		writes = append(writes, Write{FileHistory, 0, after.Record[:]})
	}
	writes = appendDiff(writes, FileState, i.State[:], after.State[:])
	return appendDiff(writes, FileRights, i.Rights[:], after.Rights[:]), nil
}

// Apply does to the image what a card does with the writes.
func (i *Image) Apply(writes []Write) {
	for _, w := range writes {
		copy(i.file(w.File)[w.Offset:], w.Data)
	}
}

func (i *Image) file(no byte) []byte {
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
	}
	panic(fmt.Sprintf("cardlayout: internal error: file %d is not in the image", no))
}

// appendDiff adds the shortest stretch that turns before into after.
func appendDiff(writes []Write, file byte, before, after []byte) []Write {
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
	return append(writes, Write{file, first, after[first:end]})
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
