package matkakortti

import "strings"

// A field is a row of a file's table. Fields follow one another, most significant bit first.
type field struct {
	name  string
	width int // bits
	kind  kind
}

// A kind is the content of a field.
type kind uint8

const (
	number  kind = iota // unsigned
	flag                // one bit
	day                 // days since 1.1.1997 (EN 1545-1 DateStamp)
	minute              // since local midnight
	hour                // since local midnight
	cents               // of euro
	digits              // four bits each
	unused              // reserved by the source
	unknown             // perhaps in use; its meaning is not known
)

// A table is a file, or a record of one.
type table []field

// numbered is the table with a number after every name, for a part that comes twice.
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
	p     []byte // at least as long as the table describes
}

// find returns a field and its position in bits; zero if the system does not have it.
func (r row) find(name string) (at int, f field) {
	for _, f := range r.table {
		if f.name == name {
			return at, f
		}
		at += f.width
	}
	return 0, field{}
}

// has reports whether this system's table has such a field.
func (r row) has(name string) bool {
	_, f := r.find(name)
	return f.width > 0
}

// get is the value of a field of up to 32 bits; 0 if the system does not have it.
func (r row) get(name string, as kind) uint32 {
	at, f := r.find(name)
	if f.width > 0 && f.kind != as {
		panic("matkakortti: internal error: " + name + " is read as another kind")
	}
	return r.take(at, f.width)
}

func (r row) take(at, width int) (v uint32) {
	for ; width > 0; at, width = at+1, width-1 {
		v = v<<1 | uint32(r.p[at>>3]>>(7-at&7)&1)
	}
	return v
}

// blank reports whether all fields with this prefix are zero.
func (r row) blank(prefix string) bool {
	return r.zero(func(name string) bool { return strings.HasPrefix(name, prefix) })
}

// blankNumbered reports whether all fields with this suffix are zero.
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
