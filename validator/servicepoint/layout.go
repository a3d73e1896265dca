package servicepoint

import (
	"fmt"
	"slices"

	"leima/cardlayout"
	"leima/hw/desfire"
	"leima/validator/oncard"
)

// A Profile says who may read a card. It is chosen at issuing.
type Profile uint8

// The two profiles.
const (
	Enciphered Profile = iota // only with the transport key
	Readable                  // anyone: the files of the public structure
)

func (p Profile) String() string {
	switch p {
	case Enciphered:
		return "enciphered"
	case Readable:
		return "readable"
	}
	return fmt.Sprintf("profile %d", uint8(p))
}

// The key settings of an application, KS1 (DESFire EV2 data sheet, key settings). Its upper half,
// 0, lets only the master change keys; without the bit for free creating only the master creates
// files.
const (
	masterChangeable = 0x01
	freeListing      = 0x02
	settingsOpen     = 0x08 // only by the master
)

func (p Profile) settings() byte {
	if p == Readable {
		return masterChangeable | freeListing | settingsOpen
	}
	return masterChangeable | settingsOpen
}

// mode is the communication mode of a file for a key with a right to it.
func (p Profile) mode(file byte) desfire.Mode {
	switch {
	case file == cardlayout.FileTMAC:
		return desfire.MAC
	case p == Readable && public(file):
		return desfire.MAC
	}
	return desfire.Full
}

// freeMode is the communication mode of a file that only the master may write: a free read is never
// protected, not even with a key.
func (p Profile) freeMode(file byte) desfire.Mode {
	if p == Readable && public(file) {
		return desfire.Plain
	}
	return p.mode(file)
}

// public reports whether a file has the public structure.
func public(file byte) bool {
	return file <= cardlayout.FileHistory || file == cardlayout.FileApplication
}

// A file is one file of the application and the command that creates it.
type file struct {
	no     byte
	create func(*desfire.Session, desfire.Layout) error
	rights desfire.Rights
	size   int
	most   int
}

var (
	travelRights = desfire.Rights{
		Read: oncard.TransportKey, Write: oncard.TransportKey,
		ReadWrite: oncard.TransportKey,
	}
	applicationRights = desfire.Rights{
		Read: oncard.TransportKey, Write: oncard.MasterKey,
		ReadWrite: oncard.MasterKey,
	}
	holderRights = desfire.Rights{
		Read: oncard.HolderReadKey, Write: oncard.HolderWriteKey,
		ReadWrite: desfire.Never,
	}

	// tmacRights must have no key in ReadWrite: a commit would then need CommitReaderID.
	tmacRights = desfire.Rights{
		Read: oncard.TransportKey, Write: desfire.Never,
		ReadWrite: desfire.Never,
	}
)

// files are the files of all layouts, without the Transaction MAC file.
var files = func() []file {
	backup := (*desfire.Session).CreateBackupFile
	return []file{
		{cardlayout.FileControl, backup, travelRights, cardlayout.ControlSize, 0},
		{cardlayout.FileSeasons, backup, travelRights, cardlayout.SeasonsSize, 0},
		{cardlayout.FileValue, backup, travelRights, cardlayout.ValueSize, 0},
		{cardlayout.FileTicket, backup, travelRights, cardlayout.TicketSize, 0},
		{
			cardlayout.FileHistory, (*desfire.Session).CreateCyclicFile, travelRights,
			cardlayout.RecordSize, cardlayout.HistoryRecords,
		},
		{cardlayout.FileState, backup, travelRights, cardlayout.StateSize, 0},
		{cardlayout.FileRights, backup, travelRights, cardlayout.RightsSize, 0},
		{cardlayout.FileValidation, backup, travelRights, cardlayout.ValidationSize, 0},
		{
			cardlayout.FileApplication, (*desfire.Session).CreateStandardFile, applicationRights,
			cardlayout.ApplicationSize, 0,
		},
		{cardlayout.FileHolder, backup, holderRights, cardlayout.HolderSize, 0},
	}
}()

// filesOf are the files of a new card of a layout.
func filesOf(layout uint8) []file {
	other := byte(cardlayout.FileState)
	if layout == 1 {
		other = cardlayout.FileValidation
	}
	return slices.DeleteFunc(slices.Clone(files), func(f file) bool { return f.no == other })
}

// layout is the file as created under a profile.
func (f file) layout(p Profile) desfire.Layout {
	l := desfire.Layout{No: f.no, Mode: p.mode(f.no), Rights: f.rights, Size: f.size, Most: f.most}
	if p == Readable && public(f.no) {
		l.Rights.Read = desfire.Free
	}
	return l
}
