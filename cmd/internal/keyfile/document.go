package keyfile

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"leima/cardlayout"
	"leima/validator/oncard"
)

// document is a key file as written. Keys are text until their line is known.
type document struct {
	System  string  `toml:"system"`
	AID     string  `toml:"aid"`
	Version *int64  `toml:"version"`
	Test    bool    `toml:"test"`
	Bus     *bus    `toml:"bus"`
	Issuer  *issuer `toml:"issuer"`
}

type bus struct {
	Transport secret   `toml:"transport"`
	Former    []secret `toml:"former"`
	Rights    []secret `toml:"rights"`
	Pepper    secret   `toml:"pepper"`

	FormerRights [][]secret `toml:"former_rights"`
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

// wants are the contents of each field, for errors.
var wants = map[string]string{
	"system":              "a name of 1 to 21 bytes in quotes",
	"aid":                 `6 hexadecimal digits in quotes, not all zero, for example "0010AB"`,
	"test":                "true for the public test keys; else leave it out",
	"version":             "the generation of the keys, 0 to 15",
	"bus":                 "the table [bus] with transport and rights",
	"bus.transport":       oneKey,
	"bus.former":          "a list of keys in brackets, each 32 hexadecimal digits in quotes",
	"bus.rights":          "two keys in brackets, each 32 hexadecimal digits in quotes",
	"bus.former_rights":   "a list in brackets of pairs of keys, each as rights is",
	"bus.pepper":          oneKey + "; bench keys roll draws the one that is missing",
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

func (r *reader) keys(doc *document) (k oncard.Keys) {
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

func (r *reader) scheme(doc *document, k *oncard.Keys) {
	k.Scheme.System, k.Test = doc.System, doc.Test
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

func (r *reader) bus(b *bus, k *oncard.Keys) {
	k.Transport = r.key("bus.transport", b.Transport)
	for _, text := range b.Former {
		k.Former = append(k.Former, r.key("bus.former", text))
	}
	k.Rights = r.pair("bus.rights", b.Rights)
	for _, texts := range b.FormerRights {
		k.FormerRights = append(k.FormerRights, r.pair("bus.former_rights", texts))
	}
	if b.Pepper != "" { // older files have none
		r.key("bus.pepper", b.Pepper)
	}
}

// pair reads the two keys of file 6.
func (r *reader) pair(field string, texts []secret) (pair [2]cardlayout.Key) {
	if len(texts) != len(pair) {
		r.want(field)
		return pair
	}
	for n, text := range texts {
		pair[n] = r.key(field, text)
	}
	return pair
}

func (r *reader) issuer(i *issuer, k *oncard.Keys) {
	k.PICC = r.key("issuer.picc", i.PICC)
	k.Master = r.key("issuer.master", i.Master)
	k.HolderRead = r.key("issuer.holder_read", i.HolderRead)
	k.HolderWrite = r.key("issuer.holder_write", i.HolderWrite)
	k.TMAC = r.key("issuer.tmac", i.TMAC)
	holder := r.key("issuer.holder", i.Holder)
	k.Holder = &holder
}

// key reads one key. A key of zeros is that of a blank card, which is public.
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
		r.fault(field, "a key of zeros is public: want another")
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
