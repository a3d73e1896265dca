package keyfile

import (
	"fmt"
	"io"
	"strings"
)

// Template writes a key file with keys drawn from random. Who makes a file of it
// gives it mode 0600.
func Template(w io.Writer, random io.Reader) error {
	d := source{random: random}
	version := int64(0)
	doc := document{System: "leima", AID: "0010AB", Version: &version,
		Bus: &bus{Transport: d.draw(), Rights: []secret{d.draw(), d.draw()}},
		Issuer: &issuer{PICC: d.draw(), Master: d.draw(), HolderRead: d.draw(),
			HolderWrite: d.draw(), TMAC: d.draw(), Holder: d.draw()},
	}
	if d.err != nil {
		return d.err
	}
	return doc.write(w)
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
	var former []string
	for _, key := range d.Bus.Former {
		former = append(former, `"`+string(key)+`"`)
	}
	text := fmt.Sprintf(common, d.System, d.AID, *d.Version, string(d.Bus.Transport),
		strings.Join(former, ", "), string(d.Bus.Rights[0]), string(d.Bus.Rights[1]))
	if i := d.Issuer; i != nil {
		text += fmt.Sprintf(issuing, string(i.PICC), string(i.Master), string(i.HolderRead),
			string(i.HolderWrite), string(i.TMAC), string(i.Holder))
	}
	_, err := io.WriteString(w, text)
	return err
}

const common = `# The keys of a travel card system: whoever has this file can make cards.
# Keep its mode at 0600. Choose system and aid before the first card is made: its keys
# are derived from them.

system = %-9q# at most 21 bytes
aid = %-11q # the application, its bytes in the order they are sent
version = %d       # the generation of these keys, 0 to 15

# What every bus needs. With new keys the old transport key goes into former.
[bus]
transport = "%s"
former = [%s]
rights = [
	"%s", # seal
	"%s", # content
]
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
