package emu

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// An image is a card on disk: one line that says what it is, its version and the
// SHA-256 of what follows, and then the memory in JSON. Keys stand in it in plain
// text, so only test cards belong in images.
const (
	imageTitle   = "emulated DESFire card, version "
	imageVersion = "1"

	// imageLimit is far more than a full card needs.
	imageLimit = 1 << 20
)

type cardImage struct {
	UID          []byte
	Frame        int
	Settings     byte
	Key          keyImage
	Applications []applicationImage
}

type applicationImage struct {
	AID      []byte
	Settings byte
	Keys     []keyImage
	Files    []fileImage
}

type keyImage struct {
	Secret  []byte
	Version byte
}

type fileImage struct {
	Number, Type, Mode byte
	Access             uint16
	Size, Most         int
	Data               []byte
	Key                *keyImage `json:",omitempty"`
}

// Save writes the whole memory, but neither a session nor what is not committed.
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

// Load reads a card that Save wrote. Its random numbers come from crypto/rand
// until SetRand says otherwise.
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
	text, err := verified(all)
	if err != nil {
		return nil, err
	}
	var i cardImage
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&i); err != nil {
		return nil, err
	}
	return i.card()
}

// verified takes off the first line after having checked it, byte for byte.
func verified(all []byte) ([]byte, error) {
	line, text, _ := bytes.Cut(all, []byte("\n"))
	rest, ok := bytes.CutPrefix(line, []byte(imageTitle))
	if !ok {
		return nil, errors.New("this is no image of a card")
	}
	version, sum, ok := bytes.Cut(rest, []byte(", "))
	switch {
	case !ok:
		return nil, errors.New("the first line of the image is damaged")
	case string(version) != imageVersion:
		return nil, fmt.Errorf("version %q of the image is not known", version)
	case string(sum) != fmt.Sprintf("%x", sha256.Sum256(text)):
		return nil, errors.New("the image is damaged: its SHA-256 is wrong")
	}
	return text, nil
}

func (c *Card) image() cardImage {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := cardImage{UID: c.uid[:], Frame: c.frame,
		Settings: byte(c.root.settings), Key: c.root.keys[0].image()}
	for _, a := range c.apps {
		i.Applications = append(i.Applications, a.image())
	}
	return i
}

func (a *application) image() applicationImage {
	i := applicationImage{AID: a.id[:], Settings: byte(a.settings)}
	for _, k := range a.keys {
		i.Keys = append(i.Keys, k.image())
	}
	for _, f := range a.files {
		if f != nil {
			i.Files = append(i.Files, f.image())
		}
	}
	return i
}

func (k key) image() keyImage {
	return keyImage{Secret: append([]byte{}, k.secret[:]...), Version: k.version}
}

func (f *file) image() fileImage {
	i := fileImage{Number: f.number, Type: byte(f.kind), Mode: byte(f.mode),
		Access: uint16(f.access), Size: f.size, Most: f.most,
		Data: append([]byte{}, f.data...)}
	if f.kind == tmacFile {
		k := f.key.image()
		i.Key = &k
	}
	return i
}

// card builds the card again and holds it to what the card's own commands allow.
func (i cardImage) card() (*Card, error) {
	if len(i.UID) != len(Config{}.UID) || frameCode(i.Frame) == 0 {
		return nil, errors.New("the UID or the frame length is not a card's")
	}
	k, err := i.Key.key()
	if err != nil {
		return nil, err
	}
	c := New(Config{UID: [7]byte(i.UID), Key: k.secret, Frame: i.Frame})
	c.root.keys[0].version = k.version
	c.root.settings = settings(i.Settings)
	for _, ai := range i.Applications {
		a, err := ai.application()
		if err != nil {
			return nil, err
		}
		if c.find(a.id) != nil || a.cost() > c.free() {
			return nil, fmt.Errorf("application %X is there twice or does not fit", a.id)
		}
		c.apps = append(c.apps, a)
	}
	return c, nil
}

func (i applicationImage) application() (*application, error) {
	if len(i.AID) != aidLen || len(i.Keys) < 1 || len(i.Keys) > maxKeys {
		return nil, fmt.Errorf("an application with AID %X and %d keys", i.AID, len(i.Keys))
	}
	a := &application{id: aid(i.AID), settings: settings(i.Settings)}
	for _, ki := range i.Keys {
		k, err := ki.key()
		if err != nil {
			return nil, err
		}
		a.keys = append(a.keys, k)
	}
	for _, fi := range i.Files {
		f, err := fi.file()
		if err != nil {
			return nil, err
		}
		if a.accept(f) != operationOK {
			return nil, fmt.Errorf("file %d of application %X cannot be", f.number, a.id)
		}
		a.files[f.number] = f
	}
	return a, nil
}

func (i keyImage) key() (key, error) {
	if len(i.Secret) != keyLen {
		return key{}, fmt.Errorf("a key of %d bytes", len(i.Secret))
	}
	return key{secret: block(i.Secret), version: i.Version}, nil
}

func (i fileImage) file() (*file, error) {
	f := &file{number: i.Number, kind: fileType(i.Type), mode: mode(i.Mode),
		access: access(i.Access), size: i.Size, most: i.Most, data: i.Data}
	if !f.whole() {
		return nil, fmt.Errorf("file %d has type %d and %d bytes", i.Number, i.Type, len(i.Data))
	}
	if (f.kind == tmacFile) != (i.Key != nil) {
		return nil, fmt.Errorf("file %d and its key do not belong together", i.Number)
	}
	if i.Key == nil {
		return f, nil
	}
	var err error
	f.key, err = i.Key.key()
	return f, err
}

// whole says whether the type is one of the card's and the content has a length
// that the type can have.
func (f *file) whole() bool {
	n := len(f.data)
	switch f.kind {
	case standardFile, backupFile:
		return n == f.size
	case tmacFile:
		return n == f.size && n == tmacLen
	case cyclicFile:
		return f.size > 0 && n%f.size == 0 && n/f.size < f.most
	}
	return false
}
