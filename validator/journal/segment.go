package journal

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A segment is a sequence of records. A record is its head, slots for the hashes of cards, and its
// payload:
//
//	head  length of the payload, number of slots, CRC-32C of these two, CRC-32C of the payload
//	slot  hash of a card, 16 bytes, and its CRC-32C; zeros when its intent is closed
//
// Numbers are of 4 bytes, big-endian.
const (
	recordHead = 16
	headSummed = 12 // of it, with the sum
	slotSize   = 16 + 4
	sector     = 512 // what a disk writes whole
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func sum(raw []byte) uint32 { return crc32.Checksum(raw, castagnoli) }

// A record is a part of a segment.
type record struct {
	at      int64 // of its slots in the segment
	slots   []byte
	payload []byte
}

// recorded is a record as a segment holds it.
func recorded(payload []byte, cards ...[16]byte) []byte {
	raw := binary.BigEndian.AppendUint32(nil, uint32(len(payload)))
	raw = binary.BigEndian.AppendUint32(raw, uint32(len(cards)))
	raw = binary.BigEndian.AppendUint32(raw, sum(raw))
	raw = binary.BigEndian.AppendUint32(raw, sum(payload))
	for _, card := range cards {
		raw = binary.BigEndian.AppendUint32(append(raw, card[:]...), sum(card[:]))
	}
	return append(raw, payload...)
}

// recordSize is the size of the record that raw begins with, if its head is whole.
func recordSize(raw []byte) (size, slots int64, whole bool) {
	if len(raw) < recordHead || sum(raw[:8]) != binary.BigEndian.Uint32(raw[8:]) {
		return 0, 0, false
	}
	slots = slotSize * int64(binary.BigEndian.Uint32(raw[4:]))
	return recordHead + slots + int64(binary.BigEndian.Uint32(raw)), slots, true
}

// recordAt is the record at a place of a segment, if it is whole, and the place after it.
func recordAt(raw []byte, at int64) (r record, next int64, whole bool) {
	size, slots, whole := recordSize(raw[at:])
	if !whole || size > int64(len(raw))-at {
		return r, at, false
	}
	next = at + size
	r.at = at + recordHead
	r.slots, r.payload = raw[r.at:r.at+slots], raw[r.at+slots:next]
	if sum(r.payload) != binary.BigEndian.Uint32(raw[at+12:]) {
		return r, at, false
	}
	return r, next, true
}

// card is the hash in one of the record's slots: whether there is one, and whether it is whole.
func (r *record) card(n int) (hash [16]byte, filled, whole bool) {
	slot := r.slots[n*slotSize:][:slotSize]
	copy(hash[:], slot)
	filled = !bytes.Equal(slot, make([]byte, slotSize))
	return hash, filled, filled && sum(hash[:]) == binary.BigEndian.Uint32(slot[16:])
}

// torn reports whether a power cut has left what is at a place of a segment: the file ends within
// a record, or it holds zeros in one of its sectors, which a disk writes in any order. Any other
// record was written whole; so was one that is followed by two events, for each waits for its
// flush.
func torn(raw []byte, at int64) bool {
	size, _, whole := recordSize(raw[at:])
	left := int64(len(raw)) - at
	if left < recordHead || whole && size > left {
		return true
	}
	from, to := at, at+recordHead
	if whole {
		from, to = at+headSummed, at+size
	}
	for from < to {
		end := min((from/sector+1)*sector, int64(len(raw)))
		if len(bytes.Trim(raw[from:end], "\x00")) == 0 {
			return eventsIn(raw[end:]) < 2
		}
		from = end
	}
	return false
}

// eventsIn is the number of events in the whole records of a part of a segment.
func eventsIn(raw []byte) (events int) {
	for at := range int64(len(raw)) {
		if r, _, whole := recordAt(raw, at); whole {
			if _, _, e, err := parse(r.payload); err == nil && e.Kind.event() {
				events++
			}
		}
	}
	return events
}

// segmentFile is the path of the segment that begins with an entry.
func segmentFile(path string, first uint64) string {
	return filepath.Join(path, fmt.Sprintf("%020d", first))
}

// draftOf is the name under which a segment is made: see disk.Flush.
const draftOf = ".new"

// segmentsIn are the segments of a journal by their first entries, and its drafts of segments. Any
// other file is ignored.
func segmentsIn(path string) (firsts []uint64, drafts []string, err error) {
	files, err := os.ReadDir(path)
	if err != nil {
		return nil, nil, err
	}
	for _, file := range files {
		name, draft := strings.CutSuffix(file.Name(), draftOf)
		first, err := strconv.ParseUint(name, 10, 64)
		switch {
		case err != nil || len(name) != 20:
		case draft:
			drafts = append(drafts, filepath.Join(path, file.Name()))
		default:
			firsts = append(firsts, first)
		}
	}
	if len(firsts) == 0 {
		return nil, nil, fmt.Errorf("%w: it has no segment", ErrDamaged)
	}
	return firsts, drafts, nil
}
