package tariff

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// mark says what a tariff file is and in which format. It stands behind the
// database, and the SHA-256 of all before it is the end of the file.
const mark = "LEIMATF1"

// replace makes a sealed file of the draft that write leaves, and puts it in the
// place of path. The draft has one fixed name, so that one a power cut left behind
// is found and removed.
func replace(path string, write func(draft string) error) (err error) {
	draft := path + ".new"
	if err := os.Remove(draft); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(draft)
		}
	}()
	if err := write(draft); err != nil {
		return err
	}
	if err := seal(draft); err != nil {
		return fmt.Errorf("sealing: %w", err)
	}
	if err := os.Rename(draft, path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync() // or a power cut could undo the rename
}

// seal appends mark and check sum to a file and flushes it.
func seal(path string) (err error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	defer func() {
		if closed := file.Close(); err == nil {
			err = closed
		}
	}()
	sum := sha256.Sum256(append(raw, mark...))
	if _, err := file.Write(append([]byte(mark), sum[:]...)); err != nil {
		return err
	}
	return file.Sync()
}

// unseal tells whether the bytes of a file are those that were sealed.
func unseal(raw []byte) error {
	size := len(raw) - sha256.Size
	if size < len(mark) {
		return fmt.Errorf("%w: it has only %d bytes", ErrDamaged, len(raw))
	}
	sum := sha256.Sum256(raw[:size])
	switch {
	case !bytes.Equal(sum[:], raw[size:]):
		return fmt.Errorf("%w: its bytes are not those that were saved", ErrDamaged)
	case !bytes.HasSuffix(raw[:size], []byte(mark)):
		return fmt.Errorf("%w: it is no tariff file of this format", ErrDamaged)
	}
	return nil
}
