package settlement

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math/bits"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"leima/cardlayout"
	"leima/cardlayout/canonical"
	"leima/validator/depot"
	"leima/validator/journal"
)

var (
	meta    = []byte("meta")
	devices = []byte("devices")
	intents = []byte("intents")
	ends    = []byte("ends")
	cards   = []byte("cards")
	rows    = []byte("rows")
	current = []byte("current")
	late    = []byte("late")
	folded  = []byte("folded")
	cases   = []byte("cases")
	takings = []byte("takings")
	unsure  = []byte("unsure")
	days    = []byte("days")
	asked   = []byte("asked")
	refuted = []byte("refuted")

	cursorKey = []byte("cursor")
	secretKey = []byte("secret")
	sweptKey  = []byte("swept")
	bookedKey = []byte("booked")
	lastKey   = []byte("last")
	servedKey = []byte("served")

	forgottenKey = []byte("forgotten")
	leaptKey     = []byte("leapt")
)

// A Ledger is a settlement.
type Ledger struct {
	Office *journal.BackOffice
	Zone   *time.Location // of the days
	Log    *slog.Logger

	// Proving has what cards have signed wait for a verifier (Signatures, Prove).
	Proving bool

	// Waited are the devices of the register that were not withdrawn.
	Waited func() []uint16

	opening sync.Mutex // held while Office opens what is sealed
	writing sync.Mutex // held while rows are written

	db      *bbolt.DB
	secret  []byte
	upTo    atomic.Uint64      // 1 behind where the store was when it was followed; 0: it was not
	reports map[uint16]uint64  // cursor of each device's last report; nil: to be read
	said    map[warning]uint32 // the day on which it was said
}

// mapped is how much of the address space the file takes, in bytes. It is no memory: up to that
// size a slow reader of rows keeps no writer waiting. 32 bits have less.
const mapped = 1 << (bits.UintSize/2 + 4)

// Open opens the file of a ledger, and makes it if it does not exist.
func (l *Ledger) Open(path string) error {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: time.Second, FreelistType: bbolt.FreelistMapType, InitialMmapSize: mapped,
	})
	if errors.Is(err, berrors.ErrTimeout) {
		return fmt.Errorf("%s is in use by another depot: stop that one first", path)
	} else if system := syscall.Errno(0); err != nil && !errors.As(err, &system) {
		return fmt.Errorf("the ledger %s is damaged (%w): move it away and keep it; it is made "+
			"anew from the store", path, err)
	} else if err != nil {
		return fmt.Errorf("opening the ledger %s: %w", path, err)
	}
	l.db = db
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{
			meta, devices, intents, ends, cards, folded, rows, current, cases, late, takings,
			unsure, asked, refuted, days,
		} {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		if l.secret = append(l.secret, tx.Bucket(meta).Get(secretKey)...); l.secret == nil {
			l.secret = make([]byte, sha256.Size)
			_, _ = rand.Read(l.secret) // it never fails
			return tx.Bucket(meta).Put(secretKey, l.secret)
		}
		return nil
	})
	if err != nil {
		return errors.Join(err, db.Close())
	}
	return nil
}

// Close closes it.
func (l *Ledger) Close() error { return l.db.Close() }

// Pseudonym is that of a card.
func (l *Ledger) Pseudonym(card cardlayout.Number) (p Pseudonym) {
	mac := hmac.New(sha256.New, l.secret)
	_ = binary.Write(mac, binary.BigEndian, uint64(card))
	copy(p[:], mac.Sum(nil))
	return p
}

// group is how many batches are written at once, at most, of those that wait.
const group = 256

// A followed batch.
type followed struct {
	cursor uint64
	batch  *depot.Batch
}

// ErrOther says that a store is not the one that was followed.
var ErrOther = errors.New("the store is another one than that which the ledger has followed, and " +
	"some of what it holds may not be counted: stop the depot and delete the ledger, which is " +
	"then made anew")

// Run follows a store, from where the ledger is, until the context ends or the ledger cannot be
// written. The last batch that was added is looked at once more.
func (l *Ledger) Run(ctx context.Context, store depot.Store) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	end, err := store.Last(ctx)
	if err != nil {
		return err
	}
	l.upTo.Store(end + 1)
	came := make(chan followed, group)
	ended := make(chan error, 1)
	last := l.Cursor()
	go func() {
		defer close(came)
		ended <- store.Follow(ctx, last-min(last, 1), func(cursor uint64, b *depot.Batch) error {
			if cursor == last {
				return l.known(b)
			}
			select {
			case came <- followed{cursor, b}:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	for first := range came {
		err := l.add(waiting(first, came))
		if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
			return fmt.Errorf("%w: %w", depot.ErrFull, err)
		} else if err != nil {
			return err
		}
	}
	return <-ended
}

// known is ErrOther if a batch is not the last that was added.
func (l *Ledger) known(b *depot.Batch) error {
	sum, err := sumOf(b)
	if err != nil {
		return err
	}
	return l.db.View(func(tx *bbolt.Tx) error {
		if was := tx.Bucket(meta).Get(lastKey); was != nil && !bytes.Equal(was, sum) {
			return ErrOther
		}
		return nil
	})
}

// sumOf tells a batch from any other.
func sumOf(b *depot.Batch) ([]byte, error) {
	raw, err := b.Encode()
	sum := sha256.Sum256(raw)
	return sum[:], err
}

// waiting are the batches that have come.
func waiting(first followed, came <-chan followed) []followed {
	all := []followed{first}
	for len(all) < group {
		select {
		case next, more := <-came:
			if !more {
				return all
			}
			all = append(all, next)
		default:
			return all
		}
	}
	return all
}

// open opens whose card an entry is of.
func (l *Ledger) open(e *journal.Entry) error {
	l.opening.Lock()
	defer l.opening.Unlock()
	return l.Office.Open(e)
}

// Cursor is that of the last batch that was added.
func (l *Ledger) Cursor() (cursor uint64) {
	_ = l.db.View(func(tx *bbolt.Tx) error {
		cursor = numberAt(tx, cursorKey)
		return nil
	})
	return cursor
}

// get decodes a value; what is not there stays as it is.
func get(b *bbolt.Bucket, key []byte, into any) error {
	raw := b.Get(key)
	if raw == nil {
		return nil
	}
	return unmarshal(raw, into)
}

func unmarshal(raw []byte, into any) error { return canonical.Decode.Unmarshal(raw, into) }

func put(b *bbolt.Bucket, key []byte, value any) error {
	raw, err := canonical.Encode.Marshal(value)
	if err != nil {
		return err
	}
	return b.Put(key, raw)
}
