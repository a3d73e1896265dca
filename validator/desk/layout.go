package desk

import (
	"fmt"

	"leima/cardlayout"
	"leima/hw/desfire"
)

// A Profile is who may read a card, chosen when it is issued.
type Profile uint8

// The two profiles.
const (
	Enciphered Profile = iota // nobody without the transport key
	Readable                  // anybody, what has the public structure
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

// The key settings of an application, KS1 (DESFire EV2 data sheet, key settings).
// Its upper half, 0, lets only the master change keys; without the bit for free
// creating only the master creates files.
const (
	masterChangeable = 0x01
	freeListing      = 0x02
	settingsOpen     = 0x08 // to the master
)

func (p Profile) settings() byte {
	if p == Readable {
		return masterChangeable | freeListing | settingsOpen
	}
	return masterChangeable | settingsOpen
}

// mode is how a file travels for a key that has a right of its own to it.
func (p Profile) mode(file byte) desfire.Mode {
	switch {
	case file == cardlayout.FileTMAC:
		return desfire.MAC
	case p == Readable && public(file):
		return desfire.MAC
	}
	return desfire.Full
}

// freely is how a file travels that only the master may write: a free read is never
// protected, not even for someone with a key.
func (p Profile) freely(file byte) desfire.Mode {
	if p == Readable && public(file) {
		return desfire.Plain
	}
	return p.mode(file)
}

// public tells whether a file has the public structure.
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
	travel = desfire.Rights{Read: keyTransport, Write: keyTransport, ReadWrite: keyTransport}
	told   = desfire.Rights{Read: keyTransport, Write: keyMaster, ReadWrite: keyMaster}
	holder = desfire.Rights{Read: keyHolderRead, Write: keyHolderWrite, ReadWrite: desfire.Never}

	// signed is as a Transaction MAC file must be: with a key in ReadWrite no commit
	// would do without CommitReaderID.
	signed = desfire.Rights{Read: keyTransport, Write: desfire.Never, ReadWrite: desfire.Never}
)

// files are the files of every card; the Transaction MAC file comes apart.
var files = func() []file {
	backup := (*desfire.Session).CreateBackupFile
	return []file{
		{cardlayout.FileControl, backup, travel, cardlayout.ControlSize, 0},
		{cardlayout.FileSeasons, backup, travel, cardlayout.SeasonsSize, 0},
		{cardlayout.FileValue, backup, travel, cardlayout.ValueSize, 0},
		{cardlayout.FileTicket, backup, travel, cardlayout.TicketSize, 0},
		{cardlayout.FileHistory, (*desfire.Session).CreateCyclicFile, travel,
			cardlayout.RecordSize, cardlayout.HistoryRecords},
		{cardlayout.FileState, backup, travel, cardlayout.StateSize, 0},
		{cardlayout.FileRights, backup, travel, cardlayout.RightsSize, 0},
		{cardlayout.FileApplication, (*desfire.Session).CreateStandardFile, told,
			cardlayout.ApplicationSize, 0},
		{cardlayout.FileHolder, backup, holder, cardlayout.HolderSize, 0},
	}
}()

// layout is the file as it is created under a profile.
func (f file) layout(p Profile) desfire.Layout {
	l := desfire.Layout{No: f.no, Mode: p.mode(f.no), Rights: f.rights, Size: f.size, Most: f.most}
	if p == Readable && public(f.no) {
		l.Rights.Read = desfire.Free
	}
	return l
}
