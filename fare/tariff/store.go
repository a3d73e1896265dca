package tariff

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"time"

	"github.com/fxamacker/cbor/v2"
	"go.etcd.io/bbolt"

	"leima/fare"
)

// ErrDamaged says that a tariff file does not hold what was saved. The caller
// deletes it and fetches the tariffs again.
var ErrDamaged = errors.New("the tariff file is damaged")

// A Source is a tariff as a person wrote it.
type Source struct {
	_    struct{} `cbor:",toarray"`
	File string   // for the errors
	TOML []byte
}

const pageSize = 4096

var sourcesBucket = []byte("sources")

// Save writes sources to a new file at path, which takes the place of an older one
// at once or not at all. All must compile, and together be a Set.
//
// The file keeps the sources and not what they compile to: what runs is provably
// what was written, and a program that compiles better needs no new file.
func Save(path string, sources []Source, locations Locations) error {
	tariffs, err := compileAll(sources, locations)
	if err == nil {
		_, err = SetOf(sources, tariffs)
	}
	if err != nil {
		return fmt.Errorf("saving tariffs to %s: %w", path, err)
	}
	err = replace(path, func(draft string) error { return write(draft, sources, tariffs) })
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
			value, err := encMode.Marshal(source)
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

// key orders a file as a Set is ordered: area, then seconds since 1970, whose sign
// is turned over so that 1969 comes first.
func key(t *fare.Tariff) []byte {
	return binary.BigEndian.AppendUint64([]byte{byte(t.Area)}, uint64(t.From.Unix())^1<<63)
}

// Load reads a file that Save wrote and compiles all that is in it. A file that is
// not as it was saved is ErrDamaged.
func Load(path string, locations Locations) (*Set, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("loading tariffs: %w: fetch the area's tariffs", err)
	}
	var sources []Source
	if err = unseal(raw); err == nil {
		err = guarded(func() error { return read(path, &sources) })
	}
	if err != nil {
		return nil, fmt.Errorf("loading tariffs from %s: %w: delete the file and fetch the "+
			"tariffs again", path, err)
	}
	tariffs, err := compileAll(sources, locations)
	if err != nil {
		return nil, fmt.Errorf("loading tariffs from %s: %w", path, err)
	}
	return SetOf(sources, tariffs)
}

func read(path string, sources *[]Source) error {
	db, err := bbolt.Open(path, 0, &bbolt.Options{
		ReadOnly: true, Timeout: time.Second, PageSize: pageSize,
	})
	if err != nil {
		return fmt.Errorf("%w: opening the database: %w", ErrDamaged, err)
	}
	err = db.View(func(tx *bbolt.Tx) error {
		bucket := tx.Bucket(sourcesBucket)
		if bucket == nil {
			return fmt.Errorf("%w: it holds no tariffs", ErrDamaged)
		}
		return bucket.ForEach(func(_, value []byte) error {
			var source Source
			if err := decMode.Unmarshal(value, &source); err != nil {
				return fmt.Errorf("%w: reading a source: %w", ErrDamaged, err)
			}
			*sources = append(*sources, source)
			return nil
		})
	})
	return errors.Join(err, db.Close())
}

// guarded makes an error of a panic: bbolt trusts the pages it maps, and a page
// that the flash cannot deliver arrives as a memory fault.
func guarded(work func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, cause)
		}
	}()
	return work()
}

var encMode = must(cbor.CoreDetEncOptions().EncMode())

var decMode = must(cbor.DecOptions{
	IndefLength: cbor.IndefLengthForbidden,
	TagsMd:      cbor.TagsForbidden,
}.DecMode())

func must[T any](mode T, err error) T {
	if err != nil {
		panic("tariff: internal error: " + err.Error())
	}
	return mode
}
