package tariff

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"go.etcd.io/bbolt"

	"leima/cardlayout/canonical"
	"leima/fare"
	"leima/hw/disk"
)

// errDamaged means that a tariff file is not as it was saved. The caller deletes it and fetches
// the tariffs again.
var errDamaged = errors.New("the tariff file is damaged")

// A Source is a tariff as a person wrote it.
type Source struct {
	_    struct{} `cbor:",toarray"`
	File string   // for the errors
	TOML []byte
}

const pageSize = 4096

var sourcesBucket = []byte("sources")

// Save writes sources to a new file at path, which replaces an older one completely or not at all.
// All must compile, and together be a Set.
//
// The file holds the sources, not their compiled form: what runs is provably what was written, and
// a better compiler needs no new file.
func Save(path string, sources []Source, locations Locations) error {
	tariffs, err := compileAll(sources, locations)
	if err == nil {
		_, err = SetOf(sources, tariffs)
	}
	if err != nil {
		return fmt.Errorf("saving tariffs to %s: %w", path, err)
	}
	err = disk.Sync.Rebuild(path, func(draft string) error {
		if err := write(draft, sources, tariffs); err != nil {
			return err
		}
		return seal(draft)
	})
	if err != nil {
		return fmt.Errorf("saving tariffs to %s: %w", path, err)
	}
	return nil
}

// compileAll compiles the sources in their order.
func compileAll(sources []Source, locations Locations) ([]*fare.Tariff, error) {
	var tariffs []*fare.Tariff
	var faults []error
	for _, source := range sources {
		tariff, err := Compile(source.File, source.TOML, locations)
		tariffs, faults = append(tariffs, tariff), append(faults, err)
	}
	return tariffs, errors.Join(faults...)
}

func write(draft string, sources []Source, tariffs []*fare.Tariff) (err error) {
	db, err := bbolt.Open(draft, 0o600, &bbolt.Options{
		Timeout: time.Second, PageSize: pageSize, NoSync: true, NoFreelistSync: true,
	})
	if err != nil {
		return err
	}
	defer func() {
		if closed := db.Close(); err == nil {
			err = closed
		}
	}()
	return db.Update(func(tx *bbolt.Tx) error {
		bucket, err := tx.CreateBucket(sourcesBucket)
		if err != nil {
			return err
		}
		for n, source := range sources {
			value, err := canonical.Encode.Marshal(source)
			if err != nil {
				return err
			}
			if err := bucket.Put(key(tariffs[n]), value); err != nil {
				return err
			}
		}
		return nil
	})
}

// key orders a file like a Set: by area, then seconds since 1970 with the sign inverted, so that
// 1969 comes first.
func key(t *fare.Tariff) []byte {
	return binary.BigEndian.AppendUint64([]byte{byte(t.Area)}, uint64(t.From.Unix())^1<<63)
}

// Load reads and compiles a file that Save wrote. A file that is not as it was saved is errDamaged.
func Load(path string, locations Locations) (*Set, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("loading tariffs: %w: fetch the area's tariffs", err)
	}
	var sources []Source
	if err = unseal(raw); err == nil {
		err = disk.Mapped(errDamaged, func() error { return read(path, &sources) })
	}
	if err != nil {
		return nil, fmt.Errorf("loading tariffs from %s: %w: if it is another kind of file, "+
			"name the right one; else put it aside and fetch the tariffs again", path, err)
	}
	set, err := compileSet(sources, locations)
	if err != nil {
		return nil, fmt.Errorf("loading tariffs from %s: %w", path, err)
	}
	return set, nil
}

func read(path string, sources *[]Source) error {
	db, err := bbolt.Open(path, 0, &bbolt.Options{
		ReadOnly: true, Timeout: time.Second, PageSize: pageSize,
	})
	if err != nil {
		return fmt.Errorf("%w: opening the database: %w", errDamaged, err)
	}
	err = db.View(func(tx *bbolt.Tx) error {
		bucket := tx.Bucket(sourcesBucket)
		if bucket == nil {
			return fmt.Errorf("%w: it holds no tariffs", errDamaged)
		}
		return bucket.ForEach(func(_, value []byte) error {
			var source Source
			if err := canonical.Decode.Unmarshal(value, &source); err != nil {
				return fmt.Errorf("%w: reading a source: %w", errDamaged, err)
			}
			*sources = append(*sources, source)
			return nil
		})
	})
	return errors.Join(err, db.Close())
}
