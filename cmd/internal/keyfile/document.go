package keyfile

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"leima/cardlayout"
	"leima/validator/desk"
)

// document is a key file as it is written. Keys are text until their line is known.
type document struct {
	System  string  `toml:"system"`
	AID     string  `toml:"aid"`
	Version *int64  `toml:"version"`
	Bus     *bus    `toml:"bus"`
	Issuer  *issuer `toml:"issuer"`
}

type bus struct {
	Transport secret   `toml:"transport"`
	Former    []secret `toml:"former"`
	Rights    []secret `toml:"rights"`
}

type issuer struct {
	PICC        secret `toml:"picc"`
	Master      secret `toml:"master"`
	HolderRead  secret `toml:"holder_read"`
	HolderWrite secret `toml:"holder_write"`
	TMAC        secret `toml:"tmac"`
	Holder      secret `toml:"holder"`
}

// A secret is the text of a key. It prints as REDACTED in every format.
type secret string

// Format implements fmt.Formatter.
func (secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "REDACTED") }

const maxVersion = 15

const oneKey = "a key, 32 hexadecimal digits in quotes"

// wants says what belongs into each field.
var wants = map[string]string{
	"system":              "a name of 1 to 21 bytes in quotes",
	"aid":                 `6 hexadecimal digits in quotes, not all zero, for example "0010AB"`,
	"version":             "the generation of the keys, 0 to 15",
	"bus":                 "the table [bus] with transport and rights",
	"bus.transport":       oneKey,
	"bus.former":          "a list of keys in brackets, each 32 hexadecimal digits in quotes",
	"bus.rights":          "two keys in brackets, each 32 hexadecimal digits in quotes",
	"issuer":              "the table [issuer] with all of its fields, or none",
	"issuer.picc":         oneKey,
	"issuer.master":       oneKey,
	"issuer.holder_read":  oneKey,
	"issuer.holder_write": oneKey,
	"issuer.tmac":         oneKey,
	"issuer.holder":       oneKey,
}

// reader turns a document into keys and keeps the first error.
type reader struct {
	path   string
	source []byte
	seen   map[cardlayout.Key]string // the field of every key so far
	err    error
}

func (r *reader) keys(doc *document) (k desk.Keys) {
	r.seen = map[cardlayout.Key]string{}
	r.scheme(doc, &k)
	if doc.Bus == nil {
		r.want("bus")
		return k
	}
	r.bus(doc.Bus, &k)
	if doc.Issuer != nil {
		r.issuer(doc.Issuer, &k)
	}
	return k
}

func (r *reader) scheme(doc *document, k *desk.Keys) {
	k.Scheme.System = doc.System
	if doc.System == "" || len(doc.System) > cardlayout.MaxSystem {
		r.want("system")
	}
	aid, err := hex.DecodeString(doc.AID)
	if err != nil || len(aid) != len(k.Scheme.AID) || bytes.Count(aid, []byte{0}) == len(aid) {
		r.want("aid")
	} else {
		k.Scheme.AID = [3]byte(aid)
	}
	if doc.Version == nil || *doc.Version < 0 || *doc.Version > maxVersion {
		r.want("version")
	} else {
		k.Version = uint8(*doc.Version)
	}
}

func (r *reader) bus(b *bus, k *desk.Keys) {
	k.Transport = r.key("bus.transport", b.Transport)
	for _, text := range b.Former {
		k.Former = append(k.Former, r.key("bus.former", text))
	}
	if len(b.Rights) != len(k.Rights) {
		r.want("bus.rights")
		return
	}
	for n, text := range b.Rights {
		k.Rights[n] = r.key("bus.rights", text)
	}
}

func (r *reader) issuer(i *issuer, k *desk.Keys) {
	k.PICC = r.key("issuer.picc", i.PICC)
	k.Master = r.key("issuer.master", i.Master)
	k.HolderRead = r.key("issuer.holder_read", i.HolderRead)
	k.HolderWrite = r.key("issuer.holder_write", i.HolderWrite)
	k.TMAC = r.key("issuer.tmac", i.TMAC)
	holder := r.key("issuer.holder", i.Holder)
	k.Holder = &holder
}

// key reads one key. One of zeros is a blank card's, and known to everybody.
func (r *reader) key(field string, text secret) (k cardlayout.Key) {
	raw, err := hex.DecodeString(string(text))
	if err != nil || len(raw) != len(k) {
		r.want(field)
		return k
	}
	k = cardlayout.Key(raw)
	other, twice := r.seen[k]
	switch {
	case k == cardlayout.Key{}:
		r.fault(field, "a key of zeros is everybody's: want another")
	case twice:
		r.fault(field, "this key is that of "+other+" too: want another, each key has one role")
	}
	r.seen[k] = field
	return k
}

func (r *reader) want(field string) { r.fault(field, "want "+wants[field]) }

func (r *reader) fault(field, reason string) {
	if r.err != nil {
		return
	}
	place := r.path
	if line := lineOf(r.source, field); line > 0 {
		place = fmt.Sprintf("%s:%d", r.path, line)
	}
	r.err = fmt.Errorf("%s: %s: %s", place, field, reason)
}

// lineOf finds the line of a field, or else that of its table; 0 if there is neither.
func lineOf(source []byte, field string) (line int) {
	table, name, inTable := strings.Cut(field, ".")
	if !inTable {
		table, name = "", field
	}
	current := ""
	for n, text := range strings.Split(string(source), "\n") {
		text, _, _ = strings.Cut(text, "#")
		word, _, assigned := strings.Cut(text, "=")
		word = strings.TrimSpace(word)
		switch {
		case !assigned && strings.HasPrefix(word, "["):
			if current = strings.Trim(word, "[] \t"); current == table {
				line = n + 1
			}
		case assigned && current == table && word == name:
			return n + 1
		}
	}
	return line
}
