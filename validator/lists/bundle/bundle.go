package bundle

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/veraison/go-cose"

	"leima/cardlayout"
)

// LongestEnvelope is the most bytes before the file.
const LongestEnvelope = 1024

// Write signs a file and writes the bundle. The file is read twice, first for its sum.
func Write(w io.Writer, m Manifest, file io.ReadSeeker, key ed25519.PrivateKey) (Manifest, error) {
	sum := sha256.New()
	size, err := io.Copy(sum, file)
	if err != nil {
		return m, fmt.Errorf("reading the file: %w", err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return m, fmt.Errorf("reading the file again: %w", err)
	}
	m.Size = size
	sum.Sum(m.Sum[:0])
	if err := m.check(); err != nil {
		return m, fmt.Errorf("signing the bundle: %w", err)
	}
	envelope, err := m.sign(key)
	if err != nil {
		return m, fmt.Errorf("signing the bundle: %w", err)
	}
	if _, err := w.Write(envelope); err != nil {
		return m, fmt.Errorf("writing the bundle: %w", err)
	}
	if _, err := io.CopyN(w, file, size); err != nil {
		return m, fmt.Errorf("writing the bundle: %w", err)
	}
	return m, nil
}

func (m Manifest) sign(key ed25519.PrivateKey) ([]byte, error) {
	payload, err := m.marshal()
	if err != nil {
		return nil, err
	}
	external, err := binding(m.Purpose, m.Area)
	if err != nil {
		return nil, err
	}
	signer, err := cose.NewSigner(cose.AlgorithmEdDSA, key)
	if err != nil {
		return nil, err
	}
	message := messageOf(Public(key).id(), payload, nil)
	if err := message.Sign(nil, external, signer); err != nil { // Ed25519 draws nothing
		return nil, err
	}
	return message.MarshalCBOR()
}

// messageOf is the one way an envelope of these parts is written.
func messageOf(id, payload, signature []byte) *cose.Sign1Message {
	message := cose.NewSign1Message()
	message.Headers.Protected.SetAlgorithm(cose.AlgorithmEdDSA)
	message.Headers.Protected[cose.HeaderLabelKeyID] = id
	message.Payload, message.Signature = payload, signature
	return message
}

// Trust is what a device accepts.
type Trust struct {
	Keys    []PublicKey
	Purpose Purpose
	Area    cardlayout.Area
	At      time.Time // for what expires
	Largest int64     // file in bytes
}

// A Bundle is one whose manifest is true, and whose file is still to be read.
type Bundle struct {
	Manifest
	file io.Reader
}

// Read reads the envelope and verifies it. Of the file it reads no more than lies in a
// buffer.
func Read(r io.Reader, trust Trust) (*Bundle, error) {
	claimed, err := open(r)
	if err != nil {
		return nil, err
	}
	if err := claimed.verify(trust); err != nil {
		return nil, err
	}
	return &Bundle{claimed.Manifest, claimed.file}, nil
}

// Peek reads what a bundle says of itself, true or not.
func Peek(r io.Reader) (Manifest, error) {
	claimed, err := open(r)
	if err != nil {
		return Manifest{}, err
	}
	return claimed.Manifest, nil
}

// claim is an envelope that nobody has verified.
type claim struct {
	Manifest
	message *cose.Sign1Message
	key     []byte // the id of the key that is said to have signed it
	file    io.Reader
}

func open(r io.Reader) (*claim, error) {
	decoder := cbor.NewDecoder(io.LimitReader(r, LongestEnvelope))
	var raw cbor.RawMessage
	var disk *fs.PathError
	if err := decoder.Decode(&raw); errors.As(err, &disk) {
		return nil, fmt.Errorf("reading the bundle: %w", err)
	} else if err != nil {
		return nil, fmt.Errorf("%w: it does not begin with an envelope, as what "+
			"\"bench list sign\" makes", ErrDamaged)
	}
	c := &claim{message: cose.NewSign1Message(), file: io.MultiReader(decoder.Buffered(), r)}
	if err := c.message.UnmarshalCBOR(raw); err != nil {
		return nil, fmt.Errorf("%w: its envelope is no COSE_Sign1, as what \"bench list sign\" "+
			"makes", ErrDamaged)
	}
	c.key, _ = c.message.Headers.Protected[cose.HeaderLabelKeyID].([]byte)
	canonical, err := messageOf(c.key, c.message.Payload, c.message.Signature).MarshalCBOR()
	if err != nil || !bytes.Equal(canonical, raw) {
		return nil, fmt.Errorf("%w: its envelope is not written as it should be", ErrDamaged)
	}
	c.Manifest, err = unmarshal(c.message.Payload)
	return c, err
}

// verify holds an envelope to what is trusted. What is told first is what a person can
// do something about.
func (c *claim) verify(trust Trust) error {
	switch {
	case c.Purpose != trust.Purpose:
		return fmt.Errorf("%w: it is for %s, not %s", ErrPurpose, c.Purpose, trust.Purpose)
	case c.Area != trust.Area:
		return fmt.Errorf("%w: it is for %d, not %d: fetch that of area %d", ErrArea, c.Area,
			trust.Area, trust.Area)
	}
	if err := c.signed(trust); err != nil {
		return err
	}
	switch {
	case !trust.At.Before(c.Expires):
		return fmt.Errorf("%w: it was good until %s: fetch a newer one", ErrExpired,
			c.Expires.Format(time.RFC3339))
	case c.Size > trust.Largest:
		return fmt.Errorf("%w: %d bytes, and the configuration allows %d", ErrLarge, c.Size,
			trust.Largest)
	}
	return nil
}

func (c *claim) signed(trust Trust) error {
	external, err := binding(trust.Purpose, trust.Area)
	if err != nil {
		return err
	}
	for _, key := range trust.Keys {
		if !bytes.Equal(key.id(), c.key) {
			continue
		}
		verifier, err := cose.NewVerifier(cose.AlgorithmEdDSA, ed25519.PublicKey(key[:]))
		if err == nil {
			err = c.message.Verify(external, verifier)
		}
		if err != nil {
			return fmt.Errorf("%w: it is not from where it says, or was changed", ErrForged)
		}
		return nil
	}
	return fmt.Errorf("%w: %x, none of the %d in the configuration: pin it there if it is "+
		"the issuer's", ErrKey, c.key, len(trust.Keys))
}

// WriteTo writes the file and holds it to the manifest on the way, so that it need not
// fit into the memory. What was written counts only when there is no error.
func (b *Bundle) WriteTo(w io.Writer) (int64, error) {
	sum := sha256.New()
	// One byte more than there should be tells a file that is too long.
	file := &courteous{io.LimitReader(b.file, b.Size+1)}
	n, err := io.Copy(io.MultiWriter(w, sum), file)
	switch {
	case err != nil:
		return n, fmt.Errorf("copying the file of the bundle: %w: see to the disk and its room; "+
			"until then what is in use stays", err)
	case n < b.Size:
		return n, fmt.Errorf("%w: %d of its %d bytes are there: send it again", ErrDamaged, n,
			b.Size)
	case n > b.Size:
		return n, fmt.Errorf("%w: something follows after its %d bytes", ErrDamaged, b.Size)
	case !bytes.Equal(sum.Sum(nil), b.Sum[:]):
		return n, fmt.Errorf("%w: its file is not the one that was signed: send it again",
			ErrDamaged)
	}
	return n, nil
}

// courteous lets others have the only processor between two parts of a long file: a tap
// may be waiting.
type courteous struct{ io.Reader }

func (c *courteous) Read(p []byte) (int, error) {
	runtime.Gosched()
	return c.Reader.Read(p)
}

// Refusal reports whether an error is the fault of a bundle, and not of the disk it comes
// from.
func Refusal(err error) bool {
	for _, reason := range []error{
		ErrDamaged, ErrFormat, ErrPurpose, ErrArea, ErrKey, ErrForged,
		ErrExpired, ErrLarge,
	} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return false
}
