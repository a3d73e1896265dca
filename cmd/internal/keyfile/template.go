package keyfile

import (
	"fmt"
	"io"
	"strings"

	"leima/cardlayout"
	"leima/validator/oncard"
)

// TestPepper is the pepper of the test keys, which are public.
var TestPepper = cardlayout.Key([]byte("leima tst pepper"))

// Template writes a key file with keys drawn from random. The caller gives the file mode 0600.
func Template(w io.Writer, random io.Reader) error {
	d := source{random: random}
	version := int64(0)
	doc := document{
		System: "leima travel", AID: "0010AB", Version: &version,
		Bus: &bus{Transport: d.draw(), Rights: []secret{d.draw(), d.draw()}},
		Issuer: &issuer{
			PICC: d.draw(), Master: d.draw(), HolderRead: d.draw(),
			HolderWrite: d.draw(), TMAC: d.draw(), Holder: d.draw(),
		},
	}
	doc.Bus.Pepper = d.draw()
	if d.err != nil {
		return d.err
	}
	return doc.write(w)
}

// Write writes a whole set of keys as a key file, with the issuer's part.
func Write(w io.Writer, k oncard.Keys) error {
	version := int64(k.Version)
	doc := document{
		System: k.Scheme.System, AID: fmt.Sprintf("%X", k.Scheme.AID[:]),
		Version: &version, Test: k.Test,
		Bus: &bus{
			Transport: written(k.Transport), Former: writtenAll(k.Former...),
			Rights: writtenAll(k.Rights[:]...),
		},
		Issuer: &issuer{
			PICC: written(k.PICC), Master: written(k.Master),
			HolderRead: written(k.HolderRead), HolderWrite: written(k.HolderWrite),
			TMAC: written(k.TMAC), Holder: written(*k.Holder),
		},
	}
	for _, pair := range k.FormerRights {
		doc.Bus.FormerRights = append(doc.Bus.FormerRights, writtenAll(pair[:]...))
	}
	if k.Test {
		doc.Bus.Pepper = written(TestPepper)
	}
	return doc.write(w)
}

func written(k cardlayout.Key) secret { return secret(fmt.Sprintf("%x", k[:])) }

func writtenAll(keys ...cardlayout.Key) (all []secret) {
	for _, k := range keys {
		all = append(all, written(k))
	}
	return all
}

// A source draws keys and keeps the first error.
type source struct {
	random io.Reader
	err    error
}

func (s *source) draw() secret {
	var key [16]byte
	if _, err := io.ReadFull(s.random, key[:]); err != nil && s.err == nil {
		s.err = fmt.Errorf("drawing a key: %w", err)
	}
	return secret(fmt.Sprintf("%x", key))
}

// write writes the document as Read reads it.
func (d *document) write(w io.Writer) error {
	var formerRights []string
	for _, pair := range d.Bus.FormerRights {
		formerRights = append(formerRights, "["+quoted(pair)+"]")
	}
	mark := ""
	if d.Test {
		mark = "test = true              # these keys are public: only for bench\n"
	}
	text := fmt.Sprintf(common, d.System, d.AID, *d.Version, mark, string(d.Bus.Transport),
		quoted(d.Bus.Former), string(d.Bus.Rights[0]), string(d.Bus.Rights[1]),
		strings.Join(formerRights, ", "))
	if p := d.Bus.Pepper; p != "" {
		text += fmt.Sprintf(peppering, string(p))
	}
	if i := d.Issuer; i != nil {
		text += fmt.Sprintf(issuing, string(i.PICC), string(i.Master), string(i.HolderRead),
			string(i.HolderWrite), string(i.TMAC), string(i.Holder))
	}
	_, err := io.WriteString(w, text)
	return err
}

// quoted are keys as in a list.
func quoted(keys []secret) string {
	var texts []string
	for _, key := range keys {
		texts = append(texts, `"`+string(key)+`"`)
	}
	return strings.Join(texts, ", ")
}

const common = `# The keys of a travel card system: with this file one can make cards.
# Keep its mode at 0600. Choose system and aid before the first card is made: its keys
# are derived from them.

system = %-15q # at most 21 bytes; 6 and more where a token holds the keys of buses
aid = %-18q # the application, its bytes in the order they are sent
version = %d              # the generation of these keys, 0 to 15
%s
# What every bus needs. With new keys the old ones go into former and former_rights.
[bus]
transport = "%s"
former = [%s]
rights = [
	"%s", # seal
	"%s", # content
]
former_rights = [%s]
`

const peppering = `pepper = "%s" # PINs are hashed with it: keep it when keys change
`

const issuing = `
# What only the issuer has. Leave this part out of a bus's file.
[issuer]
picc = "%s"
master = "%s"
holder_read = "%s"
holder_write = "%s"
tmac = "%s"
holder = "%s"
`
