package journal

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"

	"leima/cardlayout"
	"leima/cardlayout/canonical"
	"leima/hw/clock"
)

// segmentFormat is the format of the segments.
const segmentFormat = 3

// A state is what a journal knows of its log up to an entry. A segment begins with it, and each
// record changes it.
type state struct {
	head
	size         uint64 // of all entries from the first on, in bytes
	acknowledged uint64 // position
	timing       clock.Memory
	open         intents
	paid         payments
	since        *int64 // the first known time in the segment

	// unswept are the segments that hold hashes of cards although none is needed there, of those
	// before the last when the segment began, by their first entries.
	unswept []uint64
}

// next is the number of the next event.
func (s *state) next() cardlayout.EventID {
	return cardlayout.EventID{Device: s.Device, Sequence: s.Sequence + 1}
}

func newState(device uint16) state {
	return state{head: newHead(device), open: newIntents(), paid: payments{}}
}

// A header is the state with which a segment begins, as stored. Its format is that of the segment.
type header struct {
	head
	Size         uint64   `cbor:"8,keyasint,omitzero"`
	Acknowledged uint64   `cbor:"9,keyasint,omitzero"`
	Open         [][]byte `cbor:"10,keyasint,omitempty"` // values of the log
	Paid         [][]byte `cbor:"11,keyasint,omitempty"` // key and value of each
	Last         *int64   `cbor:"12,keyasint,omitzero"`
	Estimated    bool     `cbor:"13,keyasint,omitzero"`
	LastSync     *int64   `cbor:"14,keyasint,omitzero"`
	Unswept      []uint64 `cbor:"15,keyasint,omitempty"` // no state of the log
}

// header is the state as a segment begins with it, and the cards of its sealed intents in order.
func (s *state) header(unswept ...uint64) (payload []byte, cards [][16]byte, err error) {
	h := header{
		head: s.head, Size: s.size, Acknowledged: s.acknowledged,
		Last: secondsOf(s.timing.Last), Estimated: s.timing.Estimated,
		LastSync: secondsOf(s.timing.LastSync), Unswept: unswept,
	}
	h.Format = segmentFormat
	for _, sequence := range slices.Sorted(maps.Keys(s.open.numbered)) {
		i := s.open.numbered[sequence]
		h.Open = append(h.Open, i.value)
		if i.event.Sealed != nil {
			cards = append(cards, i.card.hash)
		}
	}
	for key, p := range s.paid {
		h.Paid = append(h.Paid, slices.Concat(key[:], p.value()))
	}
	slices.SortFunc(h.Paid, bytes.Compare)
	payload, err = canonical.Encode.Marshal(h)
	return payload, cards, err
}

// decodeHeader bounds no number of open intents or payments: the device has written them.
var decodeHeader = canonical.Within(math.MaxInt32, 0)

// headerIn is the state with which the segment of a first entry begins, and the place after it.
func headerIn(raw []byte, first uint64) (s state, next int64, err error) {
	r, next, whole := recordAt(raw, 0)
	if !whole {
		return s, 0, fmt.Errorf("%w: its header is not as it was written", ErrDamaged)
	}
	var h header
	if decodeHeader.Unmarshal(r.payload, &h) != nil {
		return s, 0, fmt.Errorf("%w: its header cannot be read", ErrDamaged)
	}
	if h.Format != segmentFormat {
		return s, 0, fmt.Errorf("%w, in format %d", errNewer, h.Format)
	}
	if h.Position != first-1 {
		return s, 0, fmt.Errorf("%w: it begins with entry %d", ErrDamaged, h.Position+1)
	}
	s = newState(h.Device)
	s.head, s.size, s.acknowledged, s.unswept = h.head, h.Size, h.Acknowledged, h.Unswept
	s.Format = format
	s.timing = clock.Memory{
		Last: timeOf(h.Last), Estimated: h.Estimated,
		LastSync: timeOf(h.LastSync),
	}
	var digest [32]byte
	for slot, n := 0, 0; n < len(h.Open); n++ {
		_, _, e, err := parse(h.Open[n])
		if err != nil || e.Kind != Intent {
			return s, 0, fmt.Errorf("%w: an open intent in its header is none", ErrDamaged)
		}
		digest = toggled(digest, h.Open[n])
		slot += s.open.add(e.Event, h.Open[n], &r, slot)
	}
	if digest != s.Open {
		return s, 0, fmt.Errorf("%w: its open intents are not those that were kept", ErrDamaged)
	}
	for _, raw := range h.Paid {
		if err := s.paid.read(raw); err != nil {
			return s, 0, err
		}
	}
	return s, next, nil
}

// noLast is the last entry of a segment that is read to its end.
const noLast = math.MaxUint64

// acknowledgementSize is the size of a record that is no entry: it acknowledges a position.
const acknowledgementSize = 8

// load reads a segment up to an entry: the state there, and the size of its whole records. It calls
// each, if not nil, for the entries in order.
func load(raw []byte, first, last uint64, each eachEntry) (s state, whole int64, err error) {
	if s, whole, err = headerIn(raw, first); err != nil {
		return s, 0, err
	}
	for {
		r, next, ok := recordAt(raw, whole)
		if !ok || s.Position >= last && len(r.payload) != acknowledgementSize {
			return s, whole, nil
		}
		if err := s.follow(r, each); err != nil {
			return s, whole, err
		}
		whole = next
	}
}

// follow changes the state by a record.
func (s *state) follow(r record, each eachEntry) error {
	if len(r.payload) == acknowledgementSize {
		upTo := binary.BigEndian.Uint64(r.payload)
		if upTo < s.acknowledged || upTo > s.Position {
			return fmt.Errorf("%w: entry %d is acknowledged after %d, at entry %d", ErrDamaged,
				upTo, s.acknowledged, s.Position)
		}
		s.acknowledged = upTo
		return nil
	}
	e, err := s.entry(r.payload)
	if err != nil {
		return err
	}
	s.apply(e, r.payload, &r)
	if each == nil {
		return nil
	}
	return each(s, e, r.payload)
}

// entry is the entry of a value, if it may be the next one.
func (s *state) entry(value []byte) (*entry, error) {
	hash, raw, e, err := parse(value)
	if err != nil {
		return nil, fmt.Errorf("entry %d: %w", s.Position+1, err)
	}
	_, open := s.open.numbered[e.Of]
	switch want := s.Sequence + 1; {
	case chain(s.Hash, raw) != hash:
		err = fmt.Errorf("its hash does not follow from the entry before it: one of the two was " +
			"changed")
	case e.Kind.closes() && !open:
		err = fmt.Errorf("event %d is no open intent before it", e.Of)
	case e.Kind.event() && (e.Event.Sequence != want || e.Event.Device != s.Device):
		err = fmt.Errorf("it is event %d of device %d, not %d of %d",
			e.Event.Sequence, e.Event.Device, want, s.Device)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: entry %d, %s: %w", ErrDamaged, s.Position+1, e.Kind, err)
	}
	return e, nil
}

// apply changes the state by its next entry, which the record holds.
func (s *state) apply(e *entry, value []byte, r *record) {
	if change, pays := s.paymentChange(e); pays {
		s.paid.apply(change)
	}
	s.head = s.with(e, value, s.open.numbered[e.Of].value)
	s.size += uint64(len(value))
	switch {
	case e.Kind == Intent:
		s.open.add(e.Event, value, r, 0)
	case e.Kind.closes():
		s.open.remove(e.Of)
	}
	if e.timed() {
		s.timing = e.Event.timing()
		if s.since == nil && !e.Event.Estimated {
			s.since = e.Event.At
		}
	}
}
