package tariff

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
)

// mark identifies a tariff file and its format. It follows the database, and the SHA-256 of all
// before it ends the file.
const mark = "LEIMATF1"

// seal appends mark and checksum to a file.
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
	_, err = file.Write(append([]byte(mark), sum[:]...))
	return err
}

// unseal checks that the bytes of a file are as sealed.
func unseal(raw []byte) error {
	size := len(raw) - sha256.Size
	if size < len(mark) {
		return fmt.Errorf("%w: it has only %d bytes", errDamaged, len(raw))
	}
	sum := sha256.Sum256(raw[:size])
	switch {
	case !bytes.Equal(sum[:], raw[size:]):
		return fmt.Errorf("%w: its bytes are not those that were saved", errDamaged)
	case !bytes.HasSuffix(raw[:size], []byte(mark)):
		return fmt.Errorf("%w: it is no tariff file of this format", errDamaged)
	}
	return nil
}
