package keyfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"leima/validator/desk"
)

// limit is far more than a file with many former keys needs.
const limit = 1 << 16

// Read reads a key file, sealed or not; for the file of the passphrase see Passphrase. What
// is wrong with a key file is told as file:line: field: what is wanted there, and never
// repeats a key.
func Read(path, passphraseFile string) (desk.Keys, error) {
	text, _, err := Text(path, passphraseFile)
	if err != nil {
		return desk.Keys{}, err
	}
	_, keys, err := parse(path, text)
	return keys, err
}

// parse reads the text of a key file of this name.
func parse(name string, text []byte) (doc *document, keys desk.Keys, err error) {
	r := reader{path: name, source: text}
	doc = new(document)
	decoder := toml.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(doc); err != nil {
		return nil, desk.Keys{}, r.explain(err)
	}
	keys = r.keys(doc)
	if r.err != nil {
		return nil, desk.Keys{}, r.err
	}
	return doc, keys, nil
}

// load reads the bytes of a file that nobody but its owner may read.
func load(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be opened: %w: check its path", path, cause(err))
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, cause(err))
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return nil, fmt.Errorf("%s may be read or changed by others than its owner (mode %04o): "+
			"chmod 600 %s", path, mode, path)
	}
	source, err := io.ReadAll(io.LimitReader(file, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s cannot be read: %w: check its path", path, cause(err))
	case len(source) > limit:
		return nil, fmt.Errorf("%s has more than %d bytes: that is no key file", path, limit)
	}
	return source, nil
}

// cause is the reason alone of an error that names the path once more.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// explain says where the decoder stopped. What the decoder itself says may repeat
// what stands in the file.
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
