package settlement

import (
	"encoding/binary"

	"go.etcd.io/bbolt"
)

// Late stands for missing among the counts, as long as it is not sure.
const Late = "late"

// count keeps count of the rows that count.
func (a *adding) count(row Row) error {
	key := []byte(row.Verdict.String())
	if row.Late {
		key = []byte(Late)
	}
	into, n := a.tx.Bucket(tally), uint64(0)
	if known := into.Get(key); known != nil {
		n = binary.BigEndian.Uint64(known)
	}
	if row.Reverses == 0 {
		n++
	} else {
		n--
	}
	return into.Put(key, binary.BigEndian.AppendUint64(nil, n))
}

// Counts are how many rows of each verdict count now, by its name; Late for what is not missing
// yet.
func (l *Ledger) Counts() (map[string]uint64, error) {
	all := map[string]uint64{}
	return all, l.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(tally).ForEach(func(verdict, n []byte) error {
			all[string(verdict)] = binary.BigEndian.Uint64(n)
			return nil
		})
	})
}
