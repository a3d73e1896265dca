package jetstream

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"leima/validator/depot"
	"leima/validator/depot/onefile"
)

var (
	headsBucket = []byte("heads")
	epochs      = []byte("epochs")
	meta        = []byte("meta")
	lastKey     = []byte("last")
	sumKey      = []byte("sum")
)

// heads is the file of what was acknowledged.
type heads struct{ db *bbolt.DB }

func openHeads(path string) (*heads, error) {
	db, err := onefile.Open(path, 0)
	if errors.Is(err, onefile.ErrDamaged) {
		return nil, fmt.Errorf("the acknowledged heads %s: %w, and they begin anew", path, err)
	} else if err != nil {
		return nil, fmt.Errorf("the acknowledged heads %s: %w", path, err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{headsBucket, epochs, meta} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
	return &heads{db}, err
}

func (h *heads) close() error { return h.db.Close() }

// base is the cursor before the first message of the stream.
func (h *heads) base() (base uint64) {
	_ = h.db.View(func(tx *bbolt.Tx) error {
		if k, _ := tx.Bucket(epochs).Cursor().Last(); k != nil {
			base = binary.BigEndian.Uint64(k)
		}
		return nil
	})
	return base
}

// last is the greatest number of a message that was acknowledged, and the SHA-256 of its data; nil
// if that is not known.
func (h *heads) last() (message uint64, sum []byte) {
	_ = h.db.View(func(tx *bbolt.Tx) error {
		message = number(tx.Bucket(meta).Get(lastKey))
		sum = bytes.Clone(tx.Bucket(meta).Get(sumKey))
		return nil
	})
	return message, sum
}

// observe begins an epoch if the stream is another one or has gone back, or if the cursor of its
// last message is not beyond another one.
func (h *heads) observe(created time.Time, last uint64, back bool, beyond uint64) (
	begun bool, err error,
) {
	err = h.db.Update(func(tx *bbolt.Tx) error {
		base, was := tx.Bucket(epochs).Cursor().Last()
		now := binary.BigEndian.AppendUint64(nil, uint64(created.UnixNano()))
		seen := number(tx.Bucket(meta).Get(lastKey))
		if base != nil && string(was) == string(now) && !back && number(base)+last >= beyond {
			return nil
		}
		begun = base != nil
		next := max(number(base)+seen, beyond)
		return errors.Join(tx.Bucket(meta).Delete(sumKey),
			tx.Bucket(meta).Put(lastKey, binary.BigEndian.AppendUint64(nil, last)),
			tx.Bucket(epochs).Put(binary.BigEndian.AppendUint64(nil, next), now))
	})
	return begun, err
}

// number is a stored number; 0 if there is none.
func number(raw []byte) uint64 {
	if len(raw) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(raw)
}

// acknowledge notes the end of a chain, before its device hears of it, and its message.
func (h *heads) acknowledge(device uint16, c *depot.Chain, message uint64, sum [32]byte) error {
	return h.db.Batch(func(tx *bbolt.Tx) error {
		if into := tx.Bucket(meta); message > number(into.Get(lastKey)) {
			err := errors.Join(into.Put(sumKey, sum[:]),
				into.Put(lastKey, binary.BigEndian.AppendUint64(nil, message)))
			if err != nil {
				return err
			}
		}
		key := append(binary.BigEndian.AppendUint16(nil, device), c.Number)
		return tx.Bucket(headsBucket).Put(key,
			append(binary.BigEndian.AppendUint64(nil, c.Position), c.Hash[:]...))
	})
}

// gone raises an alarm for each chain of a device that ends before what was acknowledged.
func (h *heads) gone(device uint16, chains []depot.Chain,
	alarm func(device uint16, after, upTo uint64),
) error {
	return h.db.View(func(tx *bbolt.Tx) error {
		at := binary.BigEndian.AppendUint16(nil, device)
		c := tx.Bucket(headsBucket).Cursor()
		for k, v := c.Seek(at); len(k) == 3 && [2]byte(k) == [2]byte(at); k, v = c.Next() {
			has := uint64(0)
			if int(k[2]) < len(chains) {
				has = chains[k[2]].Position
			}
			if was := number(v[:8]); has < was && alarm != nil {
				alarm(device, has, was)
			}
		}
		return nil
	})
}
