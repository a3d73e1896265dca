package journal

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
)

// format is the format of a head, which is signed.
const format = 2

// A head is the end of the log. Signed, it shows that the end of the log is missing, which a chain
// of hashes cannot, or that an open intent was changed.
type head struct {
	Format uint8  `cbor:"1,keyasint"`
	Device uint16 `cbor:"2,keyasint"`
	checkpoint
	Open [32]byte `cbor:"7,keyasint,omitzero"` // digest of the open intents
}

// newHead is the head of an empty log.
func newHead(device uint16) head {
	seed := binary.BigEndian.AppendUint16([]byte("leima journal 1"), device)
	return head{Format: format, Device: device, checkpoint: checkpoint{Hash: sha256.Sum256(seed)}}
}

// with is the head after one more entry. begun is the value of the intent that the entry closes.
func (h head) with(e *entry, value, begun []byte) head {
	h.Position++
	copy(h.Hash[:], value)
	switch {
	case e.Event != nil:
		h.Sequence, h.Latest = e.Event.Sequence, later(h.Latest, e.Event.At)
		if e.Kind == Intent {
			h.Open = toggled(h.Open, value)
		}
	default:
		h.Open = toggled(h.Open, begun)
	}
	return h
}

// toggled is the digest of a set after a value was added or removed. It does not depend on their
// order, and its cost not on their number.
func toggled(digest [32]byte, value []byte) [32]byte {
	sum := sha256.Sum256(value)
	subtle.XORBytes(digest[:], digest[:], sum[:])
	return digest
}

// equal reports whether two heads are of the same log.
func (h head) equal(other head) bool {
	return h.Device == other.Device && h.checkpoint.equal(other.checkpoint) && h.Open == other.Open
}
