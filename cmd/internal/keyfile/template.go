package keyfile

import (
	"fmt"
	"io"
)

// Template writes a key file with keys drawn from random. Who makes a file of it
// gives it mode 0600.
func Template(w io.Writer, random io.Reader) error {
	var keys []any
	for range keyCount {
		var key [16]byte
		if _, err := io.ReadFull(random, key[:]); err != nil {
			return fmt.Errorf("drawing a key: %w", err)
		}
		keys = append(keys, fmt.Sprintf("%x", key))
	}
	_, err := fmt.Fprintf(w, template, keys...)
	return err
}

const keyCount = 9

const template = `# The keys of a travel card system: whoever has this file can make cards.
# Keep its mode at 0600. Choose system and aid before the first card is made: its keys
# are derived from them.

system = "leima"  # at most 21 bytes
aid = "0010AB"    # the application, its bytes in the order they are sent
version = 0       # the generation of these keys, 0 to 15

# What every bus needs. With new keys the old transport key goes into former.
[bus]
transport = "%s"
former = []
rights = [
	"%s", # seal
	"%s", # content
]

# What only the issuer has. Leave this part out of a bus's file.
[issuer]
picc = "%s"
master = "%s"
holder_read = "%s"
holder_write = "%s"
tmac = "%s"
holder = "%s"
`
