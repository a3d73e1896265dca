package blocklist

import (
	"encoding/binary"
	"runtime"

	"leima/cardlayout"
)

// A scanner goes through the records of one file in order, a block at a time: a list
// need not fit into the memory, and lookups come in between.
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

// next goes on to the next record. ok says that there is one.
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
	s.record, s.rest, s.err = take(s.rest, before)
	if s.err == nil && s.record.number <= former {
		s.err = errOrder
	}
	s.ok = s.err == nil
}

// blockAfter copies the block that holds the first record after a number; none at the
// end.
func (f *File) blockAfter(number cardlayout.Number, into []byte) ([]byte, error) {
	if number == 1<<64-1 {
		return nil, nil
	}
	var key [8]byte
	binary.BigEndian.PutUint64(key[:], uint64(number)+1)
	f.reading.Lock()
	defer f.reading.Unlock()
	err := guarded(func() error {
		_, packed := f.cursor.Seek(key[:])
		into = append(into, packed...)
		return nil
	})
	return into, err
}

// A merger goes through a list with the delta over it, if there is one.
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

// next goes on to the next card. What the delta says of a card counts.
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

// fail ends it when one of the two cannot go on: half a list is none.
func (m *merger) fail() {
	if m.err = m.full.err; m.err == nil && m.delta != nil {
		m.err = m.delta.err
	}
	m.ok = m.ok && m.err == nil
}
