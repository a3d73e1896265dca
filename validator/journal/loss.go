package journal

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
)

// Loss tells what is gone though it was on the disk; nil: nothing that shows. A database whose
// newest page is damaged opens with the page before it, without its last transaction.
func (j *Journal) Loss() error {
	j.using.Lock()
	defer j.using.Unlock()
	return j.loss
}

// lost is what a usage says of the head that was read.
func (u usage) lost(h head) error {
	switch {
	case !u.alone:
		return nil
	case u.newest > h.Position:
		return fmt.Errorf("%w: its newest page is not as it was written, and entry %d is "+
			"gone: its card may know of an event that the journal does not", ErrDamaged, u.newest)
	}
	return fmt.Errorf("%w: one of its first two pages is not as it was written; nothing newer "+
		"than entry %d is found anywhere in the file", ErrDamaged, h.Position)
}

// newestHead looks through the pages that are not in use for the head of a transaction whose
// first page is damaged: the pages of the last one have not been used again. It is the position
// that such a head tells, or 0.
func newestHead(file *os.File, used map[uint64]bool) (newest uint64) {
	raw := make([]byte, pageSize)
	for number := uint64(2); ; number++ {
		if _, err := file.ReadAt(raw, int64(number)*pageSize); err != nil {
			return newest // the end, or what cannot be read tells nothing
		}
		if !used[number] {
			newest = max(newest, headIn(raw))
		}
	}
}

// headIn is the position in the head that a page holds: the value stands behind its key.
func headIn(page []byte) (newest uint64) {
	for {
		at := bytes.Index(page, headKey)
		if at < 0 {
			return newest
		}
		page = page[at+len(headKey):]
		if len(page) < sha256.Size {
			return newest
		}
		var h head
		sealed := page[sha256.Size:]
		rest, err := decMode.UnmarshalFirst(sealed, &h)
		if err == nil && sha256.Sum256(sealed[:len(sealed)-len(rest)]) == [sha256.Size]byte(page) {
			newest = max(newest, h.Position)
		}
	}
}
