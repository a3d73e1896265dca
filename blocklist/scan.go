package blocklist

import (
	"encoding/binary"
	"runtime"

	"leima/cardlayout"
	"leima/hw/disk"
)

// A scanner reads the records of one file in order, a block at a time: a list need not fit into
// memory, and lookups come in between.
type scanner struct {
	file   *File
	buffer []byte
	rest   []byte
	record record
	ok     bool
	err    error
}

func scan(f *File) *scanner {
	s := &scanner{file: f, buffer: make([]byte, 0, blockSize)}
	s.next()
	return s
}

// next moves to the next record; ok reports whether there is one.
func (s *scanner) next() {
	if s.ok = false; s.err != nil {
		return
	}
	before := s.record.number
	if len(s.rest) == 0 {
		runtime.Gosched() // a tap may want the only processor
		if s.buffer, s.err = s.file.blockAfter(before, s.buffer[:0]); len(s.buffer) == 0 {
			return
		}
		s.rest, before = s.buffer, 0
	}
	former := s.record.number
	s.record, s.rest, s.err = decodeRecord(s.rest, before)
	if s.err == nil && s.record.number <= former {
		s.err = errOrder
	}
	s.ok = s.err == nil
}

// blockAfter copies the block with the first record after a number; empty at the end.
func (f *File) blockAfter(number cardlayout.Number, into []byte) ([]byte, error) {
	if number == 1<<64-1 {
		return nil, nil
	}
	var key [8]byte
	binary.BigEndian.PutUint64(key[:], uint64(number)+1)
	f.reading.Lock()
	defer f.reading.Unlock()
	err := disk.Mapped(ErrDamaged, func() error {
		_, packed := f.cursor.Seek(key[:])
		into = append(into, packed...)
		return nil
	})
	return into, err
}

// A merger reads a list with the delta over it, if any.
type merger struct {
	full, delta *scanner
	record      record
	ok          bool
	err         error
}

// merge begins with the first card of a list.
func merge(f *File) *merger {
	m := &merger{full: scan(f)}
	if f.delta != nil {
		m.delta = scan(f.delta)
	}
	m.next()
	return m
}

// next moves to the next card. A delta's record goes before the full list's.
func (m *merger) next() {
	for {
		from, full := m.full, m.full
		if d := m.delta; d != nil && d.ok && (!full.ok || d.record.number <= full.record.number) {
			if full.ok && d.record.number == full.record.number {
				full.next()
			}
			from = d
		}
		m.record, m.ok = from.record, from.ok
		from.next()
		if m.fail(); !m.ok || !m.record.removed {
			return
		}
	}
}

// fail ends the merge if either file cannot be read: half a list is none.
func (m *merger) fail() {
	if m.err = m.full.err; m.err == nil && m.delta != nil {
		m.err = m.delta.err
	}
	m.ok = m.ok && m.err == nil
}
