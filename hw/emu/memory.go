package emu

import "slices"

// The memory that an application or a file takes beside its data is not published; these figures
// are assumptions: pages of 32 bytes, one page and the keys for an application, and whole pages for
// a file.
const (
	pageLen  = 32
	keyLen   = 16
	capacity = 8192 // of the largest card
)

// Limits of the data sheet: file numbers are 0 to 31, keys 0 to 13.
const (
	maxFiles = 32
	maxKeys  = 14
	aidLen   = 3
)

type aid [aidLen]byte

// An application is a directory of files with its own keys; the PICC level is one without files.
type application struct {
	id       aid
	settings settings
	keySet   // the one in use
	keySets  keySets
	files    [maxFiles]*file

	slot     *slot  // of a delegated application
	iso      uint16 // its file identifier of ISO 7816-4, or 0
	name     []byte // the DF name of one to sixteen bytes, or none
	isoFiles bool   // its files may have identifiers of ISO 7816-4
}

// A fileType is the first byte of GetFileSettings (EV2 data sheet, file types).
type fileType byte

const (
	standardFile fileType = 0x00
	backupFile   fileType = 0x01
	valueFile    fileType = 0x02
	linearFile   fileType = 0x03
	cyclicFile   fileType = 0x04
	tmacFile     fileType = 0x05
)

// A file is the committed state of a file. Uncommitted writes are in the transaction.
type file struct {
	number byte
	kind   fileType
	mode   mode
	access access
	listed bool     // more sets of access rights may follow
	more   []access // their right to change is unused
	iso    uint16   // its identifier of ISO 7816-4, or 0
	size   int      // of the data, or of one record
	most   int      // records, including the shadow of a cyclic file
	data   []byte   // records follow one another, the oldest first
	purse  purse    // of a value file
	key    key      // of a Transaction MAC file
	reader block    // of a Transaction MAC file: who committed last
	limit  uint32   // of its counter; 0: the largest number
}

// tmacLen is the content of a Transaction MAC file: TMC and TMV (AN12343,
// Transaction MAC).
const tmacLen = 4 + macLen

// hasRecords reports whether the file is a record file.
func (f *file) hasRecords() bool { return f.kind == linearFile || f.kind == cyclicFile }

// sized gives a new file its memory.
func (f *file) sized() *file {
	if !f.hasRecords() && f.kind != valueFile {
		f.data = make([]byte, f.size)
	}
	return f
}

// usable is the number of records that a file can hold. A cyclic file keeps one for the transaction
// (libfreefare, tests of cyclic files).
func (f *file) usable() int {
	if f.kind == cyclicFile {
		return f.most - 1
	}
	return f.most
}

// records is the number of records.
func (f *file) records() int { return len(f.data) / f.size }

// cost is the memory that the file takes. A backup file takes it twice.
func (f *file) cost() int {
	switch f.kind {
	case backupFile:
		return 2 * pages(f.size)
	case linearFile, cyclicFile:
		return pages(f.size * f.most)
	case valueFile:
		return pageLen
	}
	return pages(f.size)
}

// fits reports whether a card could hold the sizes at all, so that sums of them cannot overflow.
func (f *file) fits() bool { return f.size <= capacity && f.most <= capacity }

// cost is the memory that the application takes: what it uses, or its quota.
func (a *application) cost() int {
	if a.slot != nil {
		return int(a.slot.quota) * pageLen
	}
	return a.used()
}

func (a *application) used() int {
	n := max(a.kind.length(), a.keySets.longest) * len(a.keys) * (1 + len(a.keySets.sets))
	sum := pageLen + pages(n)
	for _, f := range a.files {
		if f != nil {
			sum += f.cost()
		}
	}
	return sum
}

func pages(n int) int { return (n + pageLen - 1) / pageLen * pageLen }

// free is the answer to FreeMem. Deleted memory is free at once; real cards keep some of it until
// they are formatted.
func (c *Card) free() int {
	left := c.memory
	for _, a := range c.apps {
		left -= a.cost()
	}
	return left
}

// space is the memory left for files of the application.
func (c *Card) space(a *application) int {
	if a.slot != nil {
		return a.cost() - a.used()
	}
	return c.free()
}

// find returns the application with that identifier, or nil.
func (c *Card) find(id aid) *application {
	if id == c.root.id {
		return &c.root
	}
	return c.seekApp(func(a *application) bool { return a.id == id })
}

func (c *Card) seekApp(is func(*application) bool) *application {
	i := slices.IndexFunc(c.apps, is)
	if i < 0 {
		return nil
	}
	return c.apps[i]
}

// seekFile returns the first file for which is holds, or nil.
func (a *application) seekFile(is func(*file) bool) *file {
	i := slices.IndexFunc(a.files[:], func(f *file) bool { return f != nil && is(f) })
	if i < 0 {
		return nil
	}
	return a.files[i]
}

// tmac returns the application's Transaction MAC file, or nil.
func (a *application) tmac() *file {
	return a.seekFile(func(f *file) bool { return f.kind == tmacFile })
}

// number decodes three bytes, the least significant first.
func number(p []byte) int { return int(p[0]) | int(p[1])<<8 | int(p[2])<<16 }

func threeBytes(n int) [3]byte { return [3]byte{byte(n), byte(n >> 8), byte(n >> 16)} }
