package keyfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"leima/cardlayout"
	"leima/cmd/internal/private"
	clean "leima/cmd/internal/text"
	"leima/validator/oncard"
)

// limit is far above the size of a file with many former keys, in bytes.
const limit = 1 << 16

// Read reads a key file, sealed or not; for the file of the passphrase see Passphrase. An error has
// the form file:line: field: the wanted content, and never repeats a key.
func Read(path, passphraseFile string) (oncard.Keys, error) {
	text, _, err := Text(path, passphraseFile)
	if err != nil {
		return oncard.Keys{}, err
	}
	_, keys, err := parse(path, text)
	return keys, err
}

// Pepper is the pepper in a key file, with which the PINs of the fleet are hashed.
func Pepper(path, passphraseFile string) ([]byte, error) {
	text, _, err := Text(path, passphraseFile)
	if err != nil {
		return nil, err
	}
	doc, _, err := parse(path, text)
	if err != nil {
		return nil, err
	}
	r := reader{path: path, source: text, seen: map[cardlayout.Key]string{}}
	pepper := r.key("bus.pepper", doc.Bus.Pepper)
	return pepper[:], r.err
}

// parse parses the text of a key file of this name.
func parse(name string, text []byte) (doc *document, keys oncard.Keys, err error) {
	r := reader{path: name, source: text}
	doc = new(document)
	decoder := toml.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(doc); err != nil {
		return nil, oncard.Keys{}, r.explain(err)
	}
	keys = r.keys(doc)
	if r.err != nil {
		return nil, oncard.Keys{}, r.err
	}
	return doc, keys, nil
}

// load reads a file that only its owner may read, without a byte order mark.
func load(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be opened: %w: %s", path, clean.Cause(err),
			clean.Remedy(err))
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, clean.Cause(err))
	}
	if err := private.OwnersAlone(path, info.Mode()); err != nil {
		return nil, err
	}
	source, err := io.ReadAll(io.LimitReader(file, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s cannot be read: %w: check its path", path, clean.Cause(err))
	case len(source) > limit:
		return nil, fmt.Errorf("%s has more than %d bytes: that is no key file", path, limit)
	}
	return bytes.TrimPrefix(source, []byte("\xEF\xBB\xBF")), nil
}

// explain says where the decoder stopped. The decoder's own text may repeat the content of the
// file.
func (r *reader) explain(err error) error {
	var unknown *toml.StrictMissingError
	var broken *toml.DecodeError
	switch {
	case errors.As(err, &unknown) && len(unknown.Errors) > 0:
		line, _ := unknown.Errors[0].Position()
		return fmt.Errorf("%s:%d: a key file has no such field here: check its name and "+
			"under which of [bus] and [issuer] it stands", r.path, line)
	case errors.As(err, &broken):
		line, _ := broken.Position()
		field := strings.Join(broken.Key(), ".")
		if want, known := wants[field]; known {
			return fmt.Errorf("%s:%d: %s: want %s", r.path, line, field, want)
		}
		return fmt.Errorf(`%s:%d: this cannot be understood: want each field once, and each line `+
			`like name = "value", or a table's name in brackets`, r.path, line)
	}
	return fmt.Errorf("%s: this is no key file", r.path)
}
