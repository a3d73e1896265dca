// Package embedded keeps what devices have sent in one file of bbolt: a depot of one machine, with
// nothing else installed.
//
// Batches of several devices share a flush, if they come at once. The file grows, and what is
// removed leaves room in it. While it is open nobody else opens it; Backup writes a copy of one
// instant meanwhile.
//
//	batches   cursor, 8 bytes: the batch (depot.Batch.Encode)
//	chains    device, 2, and chain, 1: first position, 8, last position, 8, its hash, 32
//	index     device, 2, chain, 1, and the last position of a batch, 8: its cursor, 8
//
// All numbers are big-endian.
package embedded

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"sync"
	"sync/atomic"
	"syscall"

	"go.etcd.io/bbolt"

	"leima/validator/depot"
	"leima/validator/depot/onefile"
)

var (
	batches = []byte("batches")
	chains  = []byte("chains")
	index   = []byte("index")
)

// A Store implements depot.Store.
type Store struct {
	db     *bbolt.DB
	commit func(*Store, func(*bbolt.Tx) error) error
	failed atomic.Uint64 // commits, since one that has not: what the file shows may not be durable

	mu    sync.Mutex
	grown chan struct{} // closed with the next batch
}

// mapped is how much of the address space the file takes, in bytes. It is no memory: up to that
// size a slow reader, as of a copy, keeps no writer waiting. 32 bits have less.
const mapped = 1 << (bits.UintSize/2 + 6)

// Open opens a store, and makes it if it does not exist.
func Open(path string) (*Store, error) {
	db, err := onefile.Open(path, mapped)
	if errors.Is(err, onefile.ErrDamaged) {
		return nil, fmt.Errorf("the store %s: %w, and put the last backup in its place; devices "+
			"send what they still keep", path, err)
	} else if err != nil {
		return nil, fmt.Errorf("the store %s: %w", path, err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{batches, chains, index} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(explain(err), db.Close())
	}
	return &Store{db: db, commit: (*Store).share, grown: make(chan struct{})}, nil
}

// Close closes the store.
func (s *Store) Close() error { return s.db.Close() }

// Backup writes a copy of the store as it is now, which may be opened as any other.
func (s *Store) Backup(to io.Writer) error {
	return s.db.View(func(tx *bbolt.Tx) error {
		_, err := tx.WriteTo(to)
		return err
	})
}

// Beyond has cursors go on after one that was given before: a copy of the store that was put in its
// place has given fewer, and a follower would wait for those that it has seen.
func (s *Store) Beyond(_ context.Context, cursor uint64) error {
	err := s.db.Update(func(tx *bbolt.Tx) error {
		if given := tx.Bucket(batches); given.Sequence() < cursor {
			return given.SetSequence(cursor)
		}
		return nil
	})
	return explain(err)
}

// share has a change written, perhaps in one commit with those of others.
func (s *Store) share(change func(*bbolt.Tx) error) error { return s.db.Batch(change) }

// change has a change written.
func (s *Store) change(change func(*bbolt.Tx) error) error {
	err := s.commit(s, change)
	if err != nil {
		s.failed.Add(1)
	}
	return explain(err)
}

// settle makes durable what the file shows. If the flush of a commit has failed, bbolt shows what
// it held all the same, and the kernel does not try again to write it: the next commit does.
func (s *Store) settle() error {
	failed := s.failed.Load()
	if failed == 0 {
		return nil
	}
	err := s.change(func(*bbolt.Tx) error { return nil })
	if err == nil {
		s.failed.CompareAndSwap(failed, 0)
	}
	return err
}

// Chains implements depot.Store. Who is told where they end forgets what is before.
func (s *Store) Chains(_ context.Context, device uint16) (all []depot.Chain, err error) {
	if err := s.settle(); err != nil {
		return nil, err
	}
	err = s.db.View(func(tx *bbolt.Tx) error {
		at := binary.BigEndian.AppendUint16(nil, device)
		c := tx.Bucket(chains).Cursor()
		for k, v := c.Seek(at); len(k) == 3 && [2]byte(k) == [2]byte(at); k, v = c.Next() {
			all = append(all, chainOf(k, v))
		}
		return nil
	})
	return all, explain(err)
}

// Append implements depot.Store.
func (s *Store) Append(_ context.Context, b *depot.Batch) error {
	raw, err := b.Encode()
	if err != nil {
		return err
	}
	err = s.change(func(tx *bbolt.Tx) error {
		into := tx.Bucket(batches)
		cursor, err := into.NextSequence()
		if err != nil {
			return err
		}
		at := binary.BigEndian.AppendUint64(nil, cursor)
		if err := into.Put(at, raw); err != nil || len(b.Entries) == 0 {
			return err
		}
		return note(tx, b, at)
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.grown)
	s.grown = make(chan struct{})
	return nil
}

// note moves the end of a batch's chain, and says where the batch is.
func note(tx *bbolt.Tx, b *depot.Batch, cursor []byte) error {
	key := append(binary.BigEndian.AppendUint16(nil, b.Device), b.Chain)
	first, last := b.Entries[0].Position, &b.Entries[len(b.Entries)-1]
	if known := tx.Bucket(chains).Get(key); known != nil {
		first = chainOf(key, known).First
	}
	end := binary.BigEndian.AppendUint64(nil, first)
	end = binary.BigEndian.AppendUint64(end, last.Position)
	if err := tx.Bucket(chains).Put(key, append(end, last.Hash[:]...)); err != nil {
		return err
	}
	return tx.Bucket(index).Put(binary.BigEndian.AppendUint64(key, last.Position), cursor)
}

func chainOf(key, value []byte) depot.Chain {
	return depot.Chain{
		Number: key[2], First: binary.BigEndian.Uint64(value),
		Head: depot.Head{
			Position: binary.BigEndian.Uint64(value[8:]), Hash: [32]byte(value[16:]),
		},
	}
}

// Holding implements depot.Store.
func (s *Store) Holding(_ context.Context, device uint16, chain uint8, position uint64) (
	b *depot.Batch, err error,
) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		at := append(binary.BigEndian.AppendUint16(nil, device), chain)
		k, cursor := tx.Bucket(index).Cursor().Seek(binary.BigEndian.AppendUint64(at, position))
		if len(k) != 11 || [3]byte(k) != [3]byte(at) {
			return fmt.Errorf("the store has no entry %d of device %d", position, device)
		}
		b, err = depot.Decode(tx.Bucket(batches).Get(cursor))
		return err
	})
	return b, explain(err)
}

// Last implements depot.Store.
func (s *Store) Last(context.Context) (cursor uint64, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		cursor = tx.Bucket(batches).Sequence()
		return nil
	})
	return cursor, explain(err)
}

// Follow implements depot.Store.
func (s *Store) Follow(ctx context.Context, after uint64,
	each func(cursor uint64, b *depot.Batch) error,
) error {
	for {
		s.mu.Lock()
		grown := s.grown
		s.mu.Unlock()
		read, err := s.read(after)
		for _, one := range read {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := each(one.cursor, one.batch); err != nil {
				return err
			}
			after = one.cursor
		}
		switch {
		case err != nil:
			return err
		case len(read) > 0:
			continue
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// step is how many bytes of batches are read at once: no transaction is open while they are
// followed, for it would keep what others free.
const step = 1 << 20

type appended struct {
	cursor uint64
	batch  *depot.Batch
}

// read are some batches after a cursor.
func (s *Store) read(after uint64) (some []appended, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		c := tx.Bucket(batches).Cursor()
		size := 0
		k, v := c.Seek(binary.BigEndian.AppendUint64(nil, after+1))
		for ; k != nil && size < step; k, v = c.Next() {
			b, err := depot.Decode(v)
			if err != nil {
				return err
			}
			some, size = append(some, appended{binary.BigEndian.Uint64(k), b}), size+len(v)
		}
		return nil
	})
	return some, explain(err)
}

// explain makes an error of a disk without room one of the port's.
func explain(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", depot.ErrFull, err)
	}
	return err
}
