package cardlayout

import "fmt"

// bits walks over a file, most significant bit first, in either direction: one list of
// fields reads and writes, so that the two cannot disagree.
type bits struct {
	p     []byte
	at    int // bit position
	write bool
	err   error // the first fault
}

// field moves one field of width bits between the file and *v.
func field[T ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~int32](b *bits, name string, width int, v *T) {
	if b.write {
		b.put(name, width, int64(*v))
		return
	}
	*v = T(b.take(width))
}

// flag is a field of one bit.
func flag(b *bits, v *bool) {
	var n uint8
	if *v {
		n = 1
	}
	field(b, "flag", 1, &n)
	*v = n == 1
}

// zero is an unused field that must be zero: a bit set there means an unknown structure.
func zero(b *bits, width int) {
	if b.write {
		b.at += width
		return
	}
	for ; width > 0; width -= min(width, 32) {
		if b.take(min(width, 32)) != 0 {
			b.fail("a reserved field is not zero")
		}
	}
}

// stamp is a date of 14 bits and a minute of 11.
func stamp(b *bits, v *Stamp) {
	field(b, "date", 14, &v.Day)
	field(b, "minute", 11, &v.Minute)
	if v.Minute >= 24*60 {
		b.fail("a minute of day beyond 23:59")
	}
}

func zones(b *bits, v *Zones) {
	field(b, "zones", 6, v)
	if *v > MaxZones {
		b.fail("a zone code beyond 55")
	}
}

func (b *bits) put(name string, width int, v int64) {
	if v < 0 || v >= 1<<width {
		b.fail(fmt.Sprintf("%s %d does not fit %d bits", name, v, width))
		v = 0
	}
	for i := width - 1; i >= 0; i-- {
		b.p[b.at>>3] |= byte(v>>i&1) << (7 - b.at&7)
		b.at++
	}
}

func (b *bits) take(width int) (v uint64) {
	for range width {
		v = v<<1 | uint64(b.p[b.at>>3]>>(7-b.at&7)&1)
		b.at++
	}
	return v
}

func (b *bits) fail(what string) {
	kind := ErrMalformed
	if b.write {
		kind = ErrRange
	}
	if b.err == nil {
		b.err = fmt.Errorf("%w: %s", kind, what)
	}
}
