package emu

import "slices"

// The memory of an 8 KB card. What an application or a file takes beside its data
// is not published; the figures here are assumptions: pages of 32 bytes, one page
// and 16 bytes a key for an application, and whole pages for a file.
const (
	capacity = 8192
	pageLen  = 32
	keyLen   = 16
)

// Limits of the data sheet: file numbers are 0 to 31, keys 0 to 13.
const (
	maxFiles = 32
	maxKeys  = 14
	aidLen   = 3
)

type aid [aidLen]byte

// An application is a directory of files with keys of its own; the PICC level is
// one without files.
type application struct {
	id       aid
	settings settings
	keys     []key
	files    [maxFiles]*file
}

// A fileType is the first byte of GetFileSettings (EV2 data sheet, file types).
type fileType byte

const (
	standardFile fileType = 0x00
	backupFile   fileType = 0x01
	cyclicFile   fileType = 0x04
	tmacFile     fileType = 0x05
)

// A file is what the card has stored and committed of it. What a transaction has
// written so far is not here but in the transaction.
type file struct {
	number byte
	kind   fileType
	mode   mode
	access access
	size   int    // of the data, or of one record
	most   int    // records of a cyclic file, one of them the shadow
	data   []byte // records lie one behind the other, the oldest first
	key    key    // of a Transaction MAC file
}

// tmacLen is the content of a Transaction MAC file: TMC and TMV (AN12343,
// Transaction MAC).
const tmacLen = 4 + macLen

// sized gives a new file its memory.
func (f *file) sized() *file {
	if f.kind != cyclicFile {
		f.data = make([]byte, f.size)
	}
	return f
}

// usable is how many records a cyclic file can hold: one is kept for the record
// that a transaction is writing (libfreefare, tests of cyclic files).
func (f *file) usable() int { return f.most - 1 }

// records is how many records there are.
func (f *file) records() int { return len(f.data) / f.size }

// cost is the memory that the file takes up. A backup file is there twice.
func (f *file) cost() int {
	switch f.kind {
	case backupFile:
		return 2 * pages(f.size)
	case cyclicFile:
		return pages(f.size * f.most)
	}
	return pages(f.size)
}

// fits says whether the sizes are such as a card could hold at all, so that
// sums of them cannot overflow.
func (f *file) fits() bool { return f.size <= capacity && f.most <= capacity }

func (a *application) cost() int {
	sum := pageLen + pages(keyLen*len(a.keys))
	for _, f := range a.files {
		if f != nil {
			sum += f.cost()
		}
	}
	return sum
}

func pages(n int) int { return (n + pageLen - 1) / pageLen * pageLen }

// free is what FreeMem tells.
func (c *Card) free() int {
	left := capacity
	for _, a := range c.apps {
		left -= a.cost()
	}
	return left
}

// find returns the application with that identifier, or nil.
func (c *Card) find(id aid) *application {
	if id == c.root.id {
		return &c.root
	}
	i := slices.IndexFunc(c.apps, func(a *application) bool { return a.id == id })
	if i < 0 {
		return nil
	}
	return c.apps[i]
}

// tmac returns the application's Transaction MAC file, or nil.
func (a *application) tmac() *file {
	for _, f := range a.files {
		if f != nil && f.kind == tmacFile {
			return f
		}
	}
	return nil
}

// number reads three bytes, the least significant first.
func number(p []byte) int { return int(p[0]) | int(p[1])<<8 | int(p[2])<<16 }

func threeBytes(n int) [3]byte { return [3]byte{byte(n), byte(n >> 8), byte(n >> 16)} }
