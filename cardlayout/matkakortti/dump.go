package matkakortti

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// A Dump is a travel card in a file.
type Dump struct {
	UID    []byte // by the reader, not checked
	System System
	Files  map[byte][]byte
}

// metrodroid is the relevant part of the JSON that Metrodroid exports.
type metrodroid struct {
	TagID   string `json:"tagId"`
	Desfire *struct {
		// By the AID as one decimal number, its first byte the highest.
		Applications map[string]metrodroidApp `json:"applications"`
	} `json:"mifareDesfire"`
}

type metrodroidApp struct {
	Files map[string]struct {
		Data         string `json:"data"`
		Error        string `json:"error"`
		Unauthorized bool   `json:"isUnauthorized"`
	} `json:"files"`
}

// longest bounds a dump: the largest DESFire card has 8 KB, twice that in hexadecimal.
const longest = 1 << 20

// ReadDump reads a card from the JSON that Metrodroid exports. Files that Metrodroid could not read
// are left out. If a card has several applications, the first of Systems counts.
func ReadDump(r io.Reader) (Dump, error) {
	text, err := io.ReadAll(io.LimitReader(r, longest+1))
	if err != nil {
		return Dump{}, fmt.Errorf("reading the dump: %w", err)
	}
	if len(text) > longest {
		return Dump{}, fmt.Errorf("reading the dump: it is longer than %d bytes", longest)
	}
	var m metrodroid
	if err := json.Unmarshal(text, &m); err != nil {
		return Dump{}, fmt.Errorf("reading the dump: not the JSON of Metrodroid: %w", place(err))
	}
	if m.Desfire == nil {
		return Dump{}, errors.New("reading the dump: it is not that of a DESFire card: " +
			"there is no mifareDesfire in it")
	}
	return m.dump()
}

// place says where JSON is wrong without its content, which may be card data.
func place(err error) error {
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		return fmt.Errorf("a value of the wrong type at byte %d", wrong.Offset)
	}
	var broken *json.SyntaxError
	if errors.As(err, &broken) {
		return fmt.Errorf("it is broken off, or changed, at byte %d", broken.Offset)
	}
	return errors.New("it is broken off, or changed")
}

func (m metrodroid) dump() (d Dump, err error) {
	if d.UID, err = unhex(m.TagID); err != nil {
		return Dump{}, fmt.Errorf("reading the dump: tagId: %w", err)
	}
	for _, d.System = range Systems {
		aid := d.System.AID()
		key := fmt.Sprint(uint32(aid[0])<<16 | uint32(aid[1])<<8 | uint32(aid[2]))
		if app, there := m.Desfire.Applications[key]; there {
			if d.Files, err = app.read(); err != nil {
				return Dump{}, fmt.Errorf("reading the dump: %w", err)
			}
			return d, nil
		}
	}
	return Dump{}, m.foreign()
}

// read decodes the files that were read.
func (a metrodroidApp) read() (map[byte][]byte, error) {
	files := map[byte][]byte{}
	for name, file := range a.Files {
		n, err := strconv.ParseUint(name, 10, 8)
		if err != nil {
			return nil, fmt.Errorf("%q is not the number of a file", name)
		}
		if file.Error != "" || file.Unauthorized {
			continue
		}
		if files[byte(n)], err = unhex(file.Data); err != nil {
			return nil, fmt.Errorf("file %d: %w", n, err)
		}
	}
	return files, nil
}

// foreign is the error about a card without a known application.
func (m metrodroid) foreign() error {
	var has []string
	for key := range m.Desfire.Applications {
		if n, err := strconv.ParseUint(key, 10, 24); err == nil {
			has = append(has, fmt.Sprintf("%06X", n))
		}
	}
	slices.Sort(has)
	var want []string
	for _, s := range Systems {
		want = append(want, fmt.Sprintf("%X of %v", s.AID(), s))
	}
	return fmt.Errorf("reading the dump: no travel card: its applications are %q: want %s",
		has, strings.Join(want, ", or "))
}

// unhex is hex.DecodeString without content in its errors.
func unhex(text string) ([]byte, error) {
	p, err := hex.DecodeString(text)
	if err != nil {
		return nil, errors.New("its bytes are not hexadecimal")
	}
	return p, nil
}
