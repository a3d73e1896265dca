package emu

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// An image is a card on disk: one line with its kind, its version and the SHA-256 of the rest, and
// then the memory in JSON. Keys are in plain text, so images are only for test cards.
const (
	imageTitle   = "emulated DESFire card, version "
	imageVersion = "3"

	// Older versions are still read. The first had AES keys, one chip, and neither value files nor
	// names; the second only the Transaction MAC of what EV2 and EV3 add.
	imageFirst  = "1"
	imageSecond = "2"

	// imageLimit is far above the size of a full card.
	imageLimit = 1 << 20
)

type cardImage struct {
	UID           []byte
	Chip          Chip
	Memory        int
	Batch         []byte
	Signature     []byte `json:",omitempty"`
	Frame         int
	Settings      byte
	Key           keyImage
	DAM           []*keyImage `json:",omitempty"` // for delegated applications
	Configuration configurationImage
	Applications  []applicationImage
}

type configurationImage struct {
	NoFormat, RandomUID bool      `json:",omitempty"`
	Default             *keyImage `json:",omitempty"` // its kind is unused
	ATS                 []byte    `json:",omitempty"`
	Messaging           byte      `json:",omitempty"`
	Capabilities        []byte    `json:",omitempty"`
}

type applicationImage struct {
	AID      []byte
	Settings byte
	Slot     *slotImage `json:",omitempty"` // of a delegated application
	ISO      uint16     `json:",omitempty"`
	Name     []byte     `json:",omitempty"`
	ISOFiles bool       `json:",omitempty"`
	Keys     []keyImage
	KeySets  *keySetsImage `json:",omitempty"` // beside the keys
	Files    []fileImage
}

type slotImage struct {
	Number  uint16
	Version byte
	Quota   uint16
}

type keySetsImage struct {
	Version byte // of the set in use
	Longest int
	Roller  byte
	Waiting []keySetImage
}

type keySetImage struct {
	Keys    []keyImage // none: not initialized
	Version byte
	Final   bool
}

type keyImage struct {
	Secret  []byte
	Version byte
	Kind    keyType
}

type fileImage struct {
	Number, Type, Mode byte
	Access             uint16
	Listed             bool     `json:",omitempty"` // more access rights may follow
	More               []access `json:",omitempty"`
	ISO                uint16   `json:",omitempty"`
	Size, Most         int
	Data               []byte
	Value              *valueImage `json:",omitempty"`
	Key                *keyImage   `json:",omitempty"`
	Reader             []byte      `json:",omitempty"` // of a Transaction MAC file
	Limit              uint32      `json:",omitempty"` // of its counter
}

type valueImage struct {
	Lower, Upper, Value, Allowance int32
	Options                        byte
}

// Save writes the memory, without session and uncommitted writes.
func (c *Card) Save(w io.Writer) error {
	text, err := json.MarshalIndent(c.image(), "", "\t")
	if err != nil {
		return fmt.Errorf("emu: saving a card: %w", err)
	}
	if _, err := fmt.Fprintf(w, "%s%s, %x\n%s",
		imageTitle, imageVersion, sha256.Sum256(text), text); err != nil {
		return fmt.Errorf("emu: saving a card: %w", err)
	}
	return nil
}

// Load reads a card that Save wrote. Its random source is crypto/rand until SetRand.
func Load(r io.Reader) (*Card, error) {
	c, err := load(r)
	if err != nil {
		return nil, fmt.Errorf("emu: loading a card: %w", err)
	}
	return c, nil
}

func load(r io.Reader) (*Card, error) {
	all, err := io.ReadAll(io.LimitReader(r, imageLimit))
	if err != nil {
		return nil, err
	}
	text, version, err := verified(all)
	if err != nil {
		return nil, err
	}
	var i cardImage
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&i); err != nil {
		return nil, err
	}
	if version == imageFirst {
		i.update()
	}
	return i.card()
}

// verified checks the first line and returns the rest.
func verified(all []byte) (text []byte, version string, err error) {
	line, text, _ := bytes.Cut(all, []byte("\n"))
	rest, ok := bytes.CutPrefix(line, []byte(imageTitle))
	if !ok {
		return nil, "", errors.New("this is no image of a card")
	}
	told, sum, ok := bytes.Cut(rest, []byte(", "))
	version = string(told)
	switch {
	case !ok:
		return nil, "", errors.New("the first line of the image is damaged")
	case version != imageVersion && version != imageSecond && version != imageFirst:
		return nil, "", fmt.Errorf("version %q of the image is not known", version)
	case string(sum) != fmt.Sprintf("%x", sha256.Sum256(text)):
		return nil, "", errors.New("the image is damaged: its SHA-256 is wrong")
	}
	return text, version, nil
}
