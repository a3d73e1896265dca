package matkakortti

import "strings"

// A field is a row of a file's table. Fields stand one after the other, most
// significant bit first.
type field struct {
	name  string
	width int // bits
	kind  kind
}

// A kind is what a field holds.
type kind uint8

const (
	number  kind = iota // unsigned
	flag                // one bit
	day                 // days since 1.1.1997 (EN 1545-1 DateStamp)
	minute              // since local midnight
	hour                // since local midnight
	cents               // of euro
	digits              // four bits each
	unused              // reserved, or said to be
	unknown             // in use, perhaps; nobody has said for what
)

// A table is a file, or a record of one.
type table []field

// bits is the length of what the table describes.
func (t table) bits() (n int) {
	for _, f := range t {
		n += f.width
	}
	return n
}

// numbered is the table with a number behind every name: for what comes twice.
func (t table) numbered(n string) table {
	all := make(table, len(t))
	for i, f := range t {
		all[i] = field{f.name + n, f.width, f.kind}
	}
	return all
}

// A row is the bytes of one file, or record, with its table.
type row struct {
	table table
	p     []byte // at least as many as the table describes
}

// find returns where a field begins, and the field; that of another system is zero.
func (r row) find(name string) (at int, f field) {
	for _, f := range r.table {
		if f.name == name {
			return at, f
		}
		at += f.width
	}
	return 0, field{}
}

// has says whether this system's table has such a field.
func (r row) has(name string) bool {
	_, f := r.find(name)
	return f.width > 0
}

// get is the value of a field of up to 32 bits; what a system does not have is 0.
func (r row) get(name string, as kind) uint32 {
	at, f := r.find(name)
	if f.width > 0 && f.kind != as {
		panic("matkakortti: internal error: " + name + " is read as what it is not")
	}
	return r.take(at, f.width)
}

func (r row) take(at, width int) (v uint32) {
	for ; width > 0; at, width = at+1, width-1 {
		v = v<<1 | uint32(r.p[at>>3]>>(7-at&7)&1)
	}
	return v
}

// blank says whether all fields whose name begins so are zero.
func (r row) blank(prefix string) bool {
	return r.zero(func(name string) bool { return strings.HasPrefix(name, prefix) })
}

// blankNumbered says whether all fields whose name ends so are zero.
func (r row) blankNumbered(n string) bool {
	return r.zero(func(name string) bool { return strings.HasSuffix(name, n) })
}

func (r row) zero(among func(name string) bool) bool {
	at := 0
	for _, f := range r.table {
		for bit := range f.width {
			if among(f.name) && r.take(at+bit, 1) != 0 {
				return false
			}
		}
		at += f.width
	}
	return true
}
