package journal

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"slices"
)

// format is what is written. Format 1 is read as well: it knew no archives and no
// entries in doubt.
const format = 2

// A head says where the log stands. It makes opening quick, and it shows when the
// end of the log is missing, which a chain of hashes alone cannot, or when an open
// intent is not the one that was begun.
type head struct {
	Format uint8  `cbor:"1,keyasint"`
	Device uint16 `cbor:"2,keyasint"`
	mark
	Open [32]byte `cbor:"7,keyasint,omitzero"` // digest of the open intents
}

// newHead is the head of a log without entries.
func newHead(device uint16) head {
	seed := binary.BigEndian.AppendUint16([]byte("leima journal 1"), device)
	return head{Format: format, Device: device, mark: mark{Hash: sha256.Sum256(seed)}}
}

// with is the head after one more entry, and the value that the log keeps of it.
// begun is the value of the intent that the entry closes.
func (h head) with(e *entry, raw, begun []byte) (next head, value []byte) {
	h.mark = h.after(e, raw)
	value = slices.Concat(h.Hash[:], raw)
	switch {
	case e.Kind == Intent:
		h.Open = toggled(h.Open, value)
	case e.Kind.closes():
		h.Open = toggled(h.Open, begun)
	}
	return h, value
}

// toggled is the digest of a set after a value came into it or left it. It depends on
// no order, and costs the same however many there are.
func toggled(digest [32]byte, value []byte) [32]byte {
	sum := sha256.Sum256(value)
	subtle.XORBytes(digest[:], digest[:], sum[:])
	return digest
}

// equal tells whether two heads are of the same log.
func (h head) equal(other head) bool {
	return h.Device == other.Device && h.mark.equal(other.mark) && h.Open == other.Open
}
