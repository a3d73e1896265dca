package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.etcd.io/bbolt"
)

// An archive is a file of entries that have left the database, and will not change any
// more. It begins behind the archive before it.
type archive struct {
	First uint64 `cbor:"-"` // position of its first entry
	mark         // of its last
	Size  uint64 `cbor:"8,keyasint"` // bytes of its entries
}

// folder is where the archives of a journal are.
func folder(path string) string { return path + ".archive" }

// file is an archive's. A file that the database does not name is none: a draft, or
// one that was pruned.
func (a archive) file(path string) string {
	return filepath.Join(folder(path), fmt.Sprintf("%020d", a.First))
}

// base is where the log in the database begins.
func (j *Journal) base() mark {
	if last := len(j.archives) - 1; last >= 0 {
		return j.archives[last].mark
	}
	return j.tail.Pruned
}

// before is the mark behind which an archive begins.
func (j *Journal) before(n int) mark {
	if n > 0 {
		return j.archives[n-1].mark
	}
	return j.tail.Pruned
}

// tidy archives and prunes where it is time to. It comes after an entry, which is on
// the disk already: what goes wrong here harms none, and is tried again later. An
// intent is spared the wait: its card is still in the field.
func (j *Journal) tidy(kind Kind) {
	limit := j.limits.segment
	if kind == Intent {
		limit *= 2
	}
	if j.logSize < max(limit, j.retryAt) {
		return
	}
	j.trouble = j.archive()
	j.retryAt = 0
	if j.trouble == nil {
		j.trouble = j.prune(0)
	}
	if j.trouble != nil {
		j.retryAt = j.logSize + j.limits.segment/4
	}
}

// archive moves the oldest segment of the log into a file of its own: first the whole
// file, flushed and in its place; then the database lets go of it. After a crash in
// between the database still has all, and the file is written again.
func (j *Journal) archive() error {
	values, a, err := j.oldest()
	if err != nil {
		return explain(j.path, "archiving", err)
	}
	if err := j.store(a, values); err != nil {
		return explain(j.path, fmt.Sprintf("archiving entries from %d on", a.First), err)
	}
	err = j.db.update(func(tx *bbolt.Tx) error {
		b, err := bucketsOf(tx)
		if err == nil && b.archives == nil {
			b.archives, err = tx.CreateBucket(oldBucket)
		}
		if err != nil {
			return err
		}
		for position := a.First; position <= a.Position; position++ {
			if err := b.log.Delete(logKey(position)); err != nil {
				return err
			}
		}
		return seal(b.archives, logKey(a.First), a)
	})
	if err == nil {
		j.sign()
	}
	return explain(j.path, "archiving", errors.Join(err, j.recall()))
}

// oldest reads the oldest segment of the log, and finds it as it was written.
func (j *Journal) oldest() (values [][]byte, a archive, err error) {
	a = archive{First: j.base().Position + 1, mark: j.base()}
	err = j.db.view(func(tx *bbolt.Tx) error {
		b, err := bucketsOf(tx)
		if err != nil {
			return err
		}
		cursor := b.log.Cursor()
		for key, value := cursor.First(); key != nil && a.Size < j.limits.segment &&
			a.Position < j.head.Position; key, value = cursor.Next() {
			if a.mark, _, err = a.follow(value); err != nil {
				return err
			}
			a.Size += uint64(len(value))
			values = append(values, append([]byte(nil), value...))
		}
		return nil
	})
	return values, a, err
}

// store writes an archive: beside its place, flushed, moved there, and the names
// flushed as well.
func (j *Journal) store(a archive, values [][]byte) error {
	place := folder(j.path)
	if err := os.Mkdir(place, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	draft := filepath.Join(place, "draft")
	if err := j.write(draft, values); err != nil {
		return err
	}
	if err := os.Rename(draft, a.file(j.path)); err != nil {
		return err
	}
	return errors.Join(j.flushFolder(place), j.flushFolder(filepath.Dir(j.path)))
}

// write writes values as a CBOR sequence (RFC 8742) of byte strings.
func (j *Journal) write(path string, values [][]byte) error {
	var raw []byte
	for _, value := range values {
		item, err := encMode.Marshal(value)
		if err != nil {
			return err
		}
		raw = append(raw, item...)
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(raw)
	if err == nil {
		err = j.flush(file)
	}
	return errors.Join(err, file.Close())
}

func (j *Journal) flushFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(j.flush(folder), folder.Close())
}

// contents are the values of an archive, found as they were written.
func (a archive) contents(path string, before mark) (values [][]byte, err error) {
	wrong := func(err error) error {
		return fmt.Errorf("%w: archive %s: %w", ErrDamaged, a.file(path), err)
	}
	info, err := os.Stat(a.file(path))
	if err != nil {
		return nil, wrong(err)
	}
	if most := a.Size + 9*(a.Position-before.Position); uint64(info.Size()) > most {
		return nil, wrong(fmt.Errorf("it has %d bytes: want at most %d", info.Size(), most))
	}
	raw, err := os.ReadFile(a.file(path))
	if err != nil {
		return nil, wrong(err)
	}
	for before.Position < a.Position {
		var value []byte
		if raw, err = decMode.UnmarshalFirst(raw, &value); err != nil {
			return nil, wrong(fmt.Errorf("entry %d cannot be read", before.Position+1))
		}
		if before, _, err = before.follow(value); err != nil {
			return nil, wrong(err)
		}
		values = append(values, value)
	}
	if !before.equal(a.mark) || len(raw) > 0 {
		return nil, wrong(errors.New("it does not end where the journal says"))
	}
	return values, nil
}

// readArchives reads which archives there are, and whether none between them is missing.
func (b buckets) readArchives(after mark) (archives []archive, err error) {
	if b.archives == nil {
		return nil, nil
	}
	err = b.archives.ForEach(func(key, value []byte) error {
		a := archive{First: after.Position + 1}
		if err := unseal(value, &a); err != nil {
			return fmt.Errorf("%w: what it says of an archive %w", ErrDamaged, err)
		}
		if string(key) != string(logKey(a.First)) || a.Position < a.First {
			return fmt.Errorf("%w: entry %d is missing", ErrDamaged, a.First)
		}
		archives, after = append(archives, a), a.mark
		return nil
	})
	return archives, err
}
