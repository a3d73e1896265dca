package blocklist

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"strings"

	"leima/hw/disk"
)

// The end of a file: a mark that identifies it and its format, then the SHA-256 of all before it.
const (
	markName = "LEIMABL"
	mark     = markName + "2"
	endSize  = len(mark) + sha256.Size
)

// replace makes a sealed file of the draft that write makes, and replaces path with it. write
// returns how many bytes of the draft count.
func replace(path string, write func(draft string) (int64, error)) error {
	return disk.Sync.Rebuild(path, func(draft string) error {
		size, err := write(draft)
		if err != nil {
			return err
		}
		if err := seal(draft, size); err != nil {
			return fmt.Errorf("sealing: %w", err)
		}
		return nil
	})
}

// seal cuts a file to a size in bytes, and appends mark and seal.
func seal(path string, size int64) (err error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() {
		if closed := file.Close(); err == nil {
			err = closed
		}
	}()
	if err := file.Truncate(size); err != nil {
		return err
	}
	if _, err := file.WriteAt([]byte(mark), size); err != nil {
		return err
	}
	size += int64(len(mark))
	sum, err := hashOf(file, size)
	if err != nil {
		return err
	}
	_, err = file.WriteAt(sum, size)
	return err
}

// verify compares a file with its seal, and only then reads the mark: a sealed file with an unknown
// mark was made by another program and is not damaged.
func verify(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return fmt.Errorf("%w: it is a folder", ErrDamaged)
	}
	size := info.Size() - sha256.Size
	if info.Size() < int64(endSize) {
		return fmt.Errorf("%w: it has only %d bytes", ErrDamaged, info.Size())
	}
	var end [endSize]byte
	if _, err := file.ReadAt(end[:], info.Size()-int64(endSize)); err != nil {
		return fmt.Errorf("%w: reading its end: %w", ErrDamaged, err)
	}
	sum, err := hashOf(file, size)
	if err != nil {
		return fmt.Errorf("%w: reading it: %w", ErrDamaged, err)
	}
	switch found := string(end[:len(mark)]); {
	case !bytes.Equal(sum, end[len(mark):]):
		return fmt.Errorf("%w: its bytes are not those that were built", ErrDamaged)
	case !strings.HasPrefix(found, markName):
		return fmt.Errorf("%w: it is no block list", ErrDamaged)
	case found != mark:
		return fmt.Errorf("%w: %q, and this program reads %q", ErrFormat, found, mark)
	}
	return nil
}

func hashOf(file io.ReaderAt, size int64) ([]byte, error) {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(file, 0, size)); err != nil {
		return nil, err
	}
	return sum.Sum(nil), nil
}
