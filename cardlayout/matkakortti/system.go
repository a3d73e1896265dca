package matkakortti

import "fmt"

// A System is one kind of travel card.
type System uint8

// The systems.
const (
	HSLv1  System = iota + 1 // "TLJ2010", the old green card of Helsinki's region
	HSLv2                    // "TLJ2014", the blue one
	Waltti                   // most other towns
)

// Systems are all systems, in the order in which to look for them on a card.
var Systems = [...]System{HSLv2, Waltti, HSLv1}

// A File is a file that a system's cards give away without a key.
type File struct {
	Number byte
	Name   string // in the HSL document

	// Size is the number of bytes to read; of a cyclic file that of one record.
	Size int

	// Records is the most records that can be read; 0 for a data file.
	Records int

	table table
}

// A system is the description of a System.
type system struct {
	name  string
	aid   [3]byte
	files []File
}

// records can be read of a history of eight: the card keeps one to write into.
const records = 7

var systems = map[System]system{
	HSLv1: {"HSL v1", [3]byte{0x11, 0x20, 0xEF}, []File{
		{8, "ApplicationInformation", 11, 0, application},
		{0, "ControlInformation", 6, 0, control1},
		{1, "PeriodPass", 32, 0, season1},
		{2, "StoredValue", 12, 0, value1},
		{3, "eTicket", 26, 0, ticket1},
		{4, "History", 12, records, event1},
	}},
	HSLv2: {"HSL v2", [3]byte{0x14, 0x20, 0xEF}, []File{
		{8, "ApplicationInformation", 11, 0, application},
		{0, "ControlInformation", 10, 0, control2},
		{1, "PeriodPass", 35, 0, season2},
		{2, "StoredValue", 13, 0, value2},
		{3, "eTicket", 45, 0, ticket2},
		{4, "History", 12, records, event2},
	}},
	Waltti: {"Waltti", [3]byte{0x00, 0x10, 0xAB}, []File{
		{8, "ApplicationInformation", 11, 0, application},
		{1, "PeriodPass", 42, 0, seasonW},
		{2, "StoredValue", 12, 0, value1},
		{3, "eTicket", 27, 0, ticketW},
		{4, "History", 12, records, event1},
	}},
}

// AID is the application's identifier as SelectApplication sends it.
func (s System) AID() [3]byte { return systems[s].aid }

// Files are the files to read, the card's number first.
func (s System) Files() []File { return append([]File(nil), systems[s].files...) }

func (s System) String() string {
	if known, ok := systems[s]; ok {
		return known.name
	}
	return fmt.Sprintf("unknown system %d", uint8(s))
}

// MarshalText writes the output of String.
func (s System) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// rows splits the bytes of a file.
func (f File) rows(p []byte) ([]row, error) {
	switch {
	case f.Records == 0 && len(p) < f.Size:
		return nil, fmt.Errorf("file %d, %s: %d bytes are too short: want %d",
			f.Number, f.Name, len(p), f.Size)
	case f.Records == 0:
		return []row{{f.table, p}}, nil
	case len(p)%f.Size != 0:
		return nil, fmt.Errorf("file %d, %s: %d bytes are no whole records: want %d for each",
			f.Number, f.Name, len(p), f.Size)
	}
	var rows []row
	for ; len(p) > 0; p = p[f.Size:] {
		rows = append(rows, row{f.table, p[:f.Size]})
	}
	return rows, nil
}
