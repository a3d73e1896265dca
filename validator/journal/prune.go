package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"go.etcd.io/bbolt"
)

// A tail says where what is kept of the log begins, as its head says where it ends:
// the chain of hashes goes on from there.
type tail struct {
	Pruned       mark   `cbor:"1,keyasint"`
	Acknowledged uint64 `cbor:"2,keyasint,omitzero"`
}

// Acknowledge notes that whoever keeps the entries for good has those up to this
// position, so that they may be pruned here. To say it again, or of an earlier
// position, changes nothing. What is not there yet cannot be acknowledged.
func (j *Journal) Acknowledge(upTo uint64) error {
	j.using.Lock()
	defer j.using.Unlock()
	if upTo > j.head.Position {
		return fmt.Errorf("journal %s: acknowledging entry %d: the last is %d: this is said of "+
			"another journal", j.path, upTo, j.head.Position)
	}
	if upTo <= j.tail.Acknowledged {
		return nil
	}
	next := tail{Pruned: j.tail.Pruned, Acknowledged: upTo}
	err := j.db.update(func(tx *bbolt.Tx) error {
		b, err := bucketsOf(tx)
		if err != nil {
			return err
		}
		return b.writeTail(next)
	})
	if err != nil {
		_ = j.recall() // the error is told already
		return explain(j.path, fmt.Sprintf("acknowledging entry %d", upTo), err)
	}
	j.tail = next
	j.trouble = j.prune(0)
	return nil
}

// prune drops acknowledged archives, the oldest first, until half of the limit is free,
// and so many bytes more. The database lets go of them before their files go: after a
// crash in between these belong to nobody.
func (j *Journal) prune(need uint64) error {
	size, n := j.size(), 0
	for n < len(j.archives) && size+need > j.limits.Size/2 &&
		j.archives[n].Position <= j.tail.Acknowledged {
		size -= j.archives[n].Size
		n++
	}
	if n == 0 {
		return nil
	}
	dropped := j.archives[:n]
	next := tail{Pruned: dropped[n-1].mark, Acknowledged: j.tail.Acknowledged}
	err := j.db.update(func(tx *bbolt.Tx) error {
		b, err := bucketsOf(tx)
		if err != nil {
			return err
		}
		for _, a := range dropped {
			if err := b.archives.Delete(logKey(a.First)); err != nil {
				return err
			}
		}
		return b.writeTail(next)
	})
	if err == nil {
		for _, a := range dropped {
			_ = os.Remove(a.file(j.path)) // what stays is swept at the next opening
		}
	}
	return explain(j.path, "pruning", errors.Join(err, j.recall()))
}

// sweep removes the files of archives that were pruned, and nothing else: what the
// database has never heard of may be worth keeping.
func (j *Journal) sweep() {
	files, err := os.ReadDir(folder(j.path))
	if err != nil {
		return // there are none
	}
	for _, file := range files {
		first, err := strconv.ParseUint(file.Name(), 10, 64)
		if err == nil && first <= j.tail.Pruned.Position {
			_ = os.Remove(filepath.Join(folder(j.path), file.Name())) // only room is lost
		}
	}
}

// recall reads anew what is kept where. When the very last flush of a commit fails the
// file has it all the same, and must not be taken for what it was before.
func (j *Journal) recall() error {
	return j.db.view(func(tx *bbolt.Tx) error {
		b, err := bucketsOf(tx)
		if err != nil {
			return err
		}
		return j.survey(b)
	})
}

// survey finds what is kept where.
func (j *Journal) survey(b buckets) (err error) {
	if j.tail, err = b.readTail(j.head.Device); err != nil {
		return err
	}
	if j.archives, err = b.readArchives(j.tail.Pruned); err != nil {
		return err
	}
	j.logSize = 0
	return b.log.ForEach(func(_, value []byte) error {
		j.logSize += uint64(len(value))
		return nil
	})
}
