package blocklist

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// The end of a file: a mark that says what it is and in which format, then the
// SHA-256 of all that stands before it.
const (
	markName = "LEIMABL"
	mark     = markName + "2"
	endSize  = len(mark) + sha256.Size
)

// replace makes a sealed file of what write leaves in a draft, and puts it in the
// place of path. write returns how many bytes of the draft count.
//
// The draft has one fixed name beside path. Drafts with names of their own would
// pile up on a bus that is switched off in the middle, night after night.
func replace(path string, write func(draft string) (int64, error)) (err error) {
	draft := path + ".new"
	if err := os.Remove(draft); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("removing an unfinished draft: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(draft)
		}
	}()
	size, err := write(draft)
	if err != nil {
		return err
	}
	if err := seal(draft, size); err != nil {
		return fmt.Errorf("sealing: %w", err)
	}
	if err := os.Rename(draft, path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// seal cuts a file to its first size bytes, appends mark and seal, and flushes it.
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
	if _, err := file.WriteAt(sum, size); err != nil {
		return err
	}
	return file.Sync()
}

// verify compares a file with its seal, and only then looks at the mark: one that
// is sealed and unknown was made by another program, not by a fault.
func verify(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
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

// syncFolder flushes the folder: without it a power cut could undo the rename.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}
