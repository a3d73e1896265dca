package journal

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"leima/cardlayout/canonical"
	"leima/hw/disk"
)

// A SignedHead is a head of the log, signed with the device's key. With it and the public key one
// can verify that nothing before it was changed.
type SignedHead struct {
	Position  uint64
	Hash      [32]byte
	Head      []byte // in CBOR, as it was signed
	Public    ed25519.PublicKey
	Signature []byte
}

// signedHead is a SignedHead as stored.
type signedHead struct {
	Head      []byte `cbor:"1,keyasint"`
	Public    []byte `cbor:"2,keyasint"`
	Signature []byte `cbor:"3,keyasint"`
}

// mostHeads is the largest number of stored heads; then the older half is dropped.
const mostHeads = 4096

// headsFile is beside the journal, so that it is copied with it.
func headsFile(path string) string { return path + ".heads" }

// signedBytes are the bytes that are signed, with a prefix of their own.
func signedBytes(head []byte) []byte { return append([]byte("leima journal head\x00"), head...) }

// SignWith has the head signed with the device's key: at once, at each end of a shift, with each
// segment and when the journal is closed. If a signed entry is gone, Loss reports
// it from now on. If signing fails, Extent reports it, and it is tried again.
func (j *Journal) SignWith(key ed25519.PrivateKey) error {
	j.using.Lock()
	defer j.using.Unlock()
	heads, size, err := readHeads(j.path)
	if err == nil {
		err = j.catchUp()
	}
	if err != nil {
		return explain(j.path, "reading its signed heads", err)
	}
	j.key, j.headsSize = key, size
	for _, h := range heads {
		j.signed = max(j.signed, h.Position)
	}
	if j.signed > j.head.Position {
		gone := fmt.Errorf("%w: it ends with entry %d, and entry %d was signed", ErrDamaged,
			j.head.Position, j.signed)
		j.loss = errors.Join(j.loss, explain(j.path, "opening", gone))
	}
	if len(heads) > mostHeads {
		j.unsigned = j.rewriteHeads(heads[len(heads)-mostHeads/2:])
	}
	j.sign()
	return explain(j.path, "signing its head", j.unsigned)
}

// sign signs the head, which is flushed, unless it is the last signed one.
func (j *Journal) sign() {
	signed := j.headsSize > 0 && j.signed == j.head.Position && j.unsigned == nil
	if j.key == nil || signed || j.unread != nil {
		return
	}
	h, err := j.signHead()
	if err == nil {
		err = j.appendHead(h)
	}
	if j.unsigned = err; err == nil {
		j.signed = j.head.Position
	}
}

// signHead is the head, signed.
func (j *Journal) signHead() (h signedHead, err error) {
	h.Head, err = canonical.Encode.Marshal(j.head)
	h.Public = j.key.Public().(ed25519.PublicKey)
	h.Signature = ed25519.Sign(j.key, signedBytes(h.Head))
	return h, err
}

// appendHead appends a head to the valid ones: a partial head left by a power cut is overwritten.
func (j *Journal) appendHead(h signedHead) error {
	raw, err := canonical.Encode.Marshal(h)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(headsFile(j.path), os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = file.Truncate(j.headsSize)
	if err == nil {
		_, err = file.WriteAt(raw, j.headsSize)
	}
	if err == nil {
		err = j.flush(file)
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if j.headsSize == 0 {
		err = j.flush.Folder(filepath.Dir(j.path))
	}
	j.headsSize += int64(len(raw))
	return err
}

// rewriteHeads keeps only the given heads.
func (j *Journal) rewriteHeads(heads []SignedHead) error {
	var all []byte
	for _, h := range heads {
		raw, err := canonical.Encode.Marshal(signedHead{h.Head, h.Public, h.Signature})
		if err != nil {
			return err
		}
		all = append(all, raw...)
	}
	err := j.flush.Replace(headsFile(j.path), 0o600, disk.Bytes(all))
	if err == nil {
		j.headsSize = int64(len(all))
	}
	return err
}

// readHeads reads the heads beside a journal, in order, and how many bytes of the file they take: a
// partial head left by a power cut may follow.
func readHeads(path string) (heads []SignedHead, size int64, err error) {
	file, err := os.Open(headsFile(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, nil
	}
	if err != nil {
		return nil, 0, err
	}
	defer file.Close()
	const longest = 1 << 10 // of a head in bytes
	raw, err := io.ReadAll(io.LimitReader(file, 2*mostHeads*longest))
	if err != nil {
		return nil, 0, err
	}
	for rest := raw; len(rest) > 0; {
		var stored signedHead
		var head head
		after, err := canonical.Decode.UnmarshalFirst(rest, &stored)
		if err != nil || canonical.Decode.Unmarshal(stored.Head, &head) != nil {
			break
		}
		heads = append(heads, SignedHead{
			head.Position, head.Hash, stored.Head, stored.Public,
			stored.Signature,
		})
		size, rest = int64(len(raw)-len(after)), after
	}
	return heads, size, nil
}

// SignedHead returns the head of what is flushed, signed now for the caller to send; without the
// device's key the last head that was kept. ok is false if there is none.
func (j *Journal) SignedHead() (h SignedHead, ok bool, err error) {
	j.using.Lock()
	defer j.using.Unlock()
	if j.key != nil && j.unread == nil && j.catchUp() == nil {
		signed, err := j.signHead()
		return SignedHead{
			j.head.Position, j.head.Hash, signed.Head, signed.Public, signed.Signature,
		}, true, err
	}
	heads, _, err := readHeads(j.path)
	if err != nil || len(heads) == 0 {
		return h, false, explain(j.path, "reading its signed heads", err)
	}
	return heads[len(heads)-1], true, nil
}

// Export is the head as an export carries it.
func (h *SignedHead) Export(device uint16) ([]byte, error) {
	return canonical.Encode.Marshal(
		exportedHead{device, h.Position, h.Hash, h.Head, h.Public, h.Signature})
}

// exportedHead is a head among exported entries.
type exportedHead struct {
	Device    uint16   `cbor:"1,keyasint"`
	Position  uint64   `cbor:"2,keyasint"`
	Hash      [32]byte `cbor:"3,keyasint"`
	Head      []byte   `cbor:"5,keyasint"`
	Public    []byte   `cbor:"6,keyasint"`
	Signature []byte   `cbor:"7,keyasint"`
}

// VerifySigned is Verify, and compares the journal with the heads that the device's key has signed;
// of several keys one may have followed the other. It returns the position up to which the log is
// signed: later entries may have been changed by anyone who can write the files.
func (j *Journal) VerifySigned(keys ...ed25519.PublicKey) (upTo uint64, err error) {
	heads, _, err := readHeads(j.path)
	if err != nil {
		return 0, explain(j.path, "reading its signed heads", err)
	}
	marks := map[uint64][]checkpoint{}
	for _, h := range heads {
		m, err := h.by(keys)
		if err != nil {
			return 0, explain(j.path, "verifying", err)
		}
		marks[m.Position] = append(marks[m.Position], m)
		upTo = max(upTo, m.Position)
	}
	if len(heads) == 0 {
		err := fmt.Errorf("%w: no head of it is signed", ErrDamaged)
		return 0, explain(j.path, "verifying", err)
	}
	return upTo, j.verify(nil, marks)
}

// by is the checkpoint of a head that was signed with one of the keys.
func (h *SignedHead) by(keys []ed25519.PublicKey) (checkpoint, error) {
	var signed head
	known := slices.ContainsFunc(keys, func(k ed25519.PublicKey) bool {
		return bytes.Equal(k, h.Public)
	})
	switch {
	case !known:
		return checkpoint{}, fmt.Errorf("%w: its head at entry %d is signed with another key",
			ErrDamaged,
			h.Position)
	case !ed25519.Verify(h.Public, signedBytes(h.Head), h.Signature),
		canonical.Decode.Unmarshal(h.Head, &signed) != nil:
		return checkpoint{}, fmt.Errorf("%w: the signature of its head at entry %d is wrong",
			ErrDamaged,
			h.Position)
	}
	return signed.checkpoint, nil
}
