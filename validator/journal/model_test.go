package journal

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw/desfire"
	"leima/validator"
)

// A model is a journal as simple as can be.
type model struct {
	log    []Entry
	open   []validator.Event
	latest time.Time
	events uint32
	sealed bool // for the back office
}

func (m *model) note(kind Kind, event validator.Event) {
	m.events++
	m.log = append(m.log, Entry{Kind: kind, Event: event})
	if kind == Intent {
		m.open = append(m.open, event)
	}
	if event.At.After(m.latest) {
		m.latest = event.At
	}
}

func (m *model) resolve(kind Kind, n int, receipt desfire.TMAC) {
	m.log = append(m.log, Entry{Kind: kind, Of: m.open[n].ID, TMAC: receipt})
	m.open = slices.Delete(m.open, n, n+1)
}

func (m *model) state(hashes []Entry) answers {
	s := answers{
		Next: id(m.events + 1), Latest: m.latest, Unresolved: len(m.open),
		Pending: make(map[int][]validator.Event), Entries: slices.Clone(m.log),
	}
	for n := range testCards {
		s.Pending[n] = nil
	}
	for _, event := range m.open {
		n := int(event.UID[1])
		if m.sealed {
			event.UID = [7]byte{} // whose it is the device does not know any more
		}
		s.Pending[n] = append(s.Pending[n], event)
	}
	for n := range s.Entries {
		s.Entries[n].Position, s.Entries[n].Hash = uint64(n+1), hashes[n].Hash
	}
	return s
}

// Ensure that a journal does what its model does, over any course of operations and
// reopenings.
func TestModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			walkModel(t, rand.New(rand.NewPCG(seed, 0)), seed%2 == 0)
		})
	}
}

func walkModel(t *testing.T, random *rand.Rand, sealed bool) {
	j, m := open(t, created(t)), &model{sealed: sealed}
	if sealed {
		sealing(t, j)
	}
	for range 120 {
		switch dice := random.IntN(10); {
		case dice < 4:
			event := tap(m.events+1, random.IntN(testCards))
			event.At = testTime.Add(time.Duration(random.IntN(1000)) * time.Second)
			require.NoError(t, j.Begin(event))
			m.note(Intent, event)
		case dice < 5:
			event := tap(m.events+1, random.IntN(testCards))
			require.NoError(t, j.Record(event))
			m.note(Record, event)
		case dice < 7 && len(m.open) > 0:
			n := random.IntN(len(m.open))
			receipt := desfire.TMAC{TMC: random.Uint32N(2)}
			require.NoError(t, j.Settle(m.open[n].ID, receipt))
			m.resolve(Settle, n, receipt)
		case dice < 9 && len(m.open) > 0:
			n := random.IntN(len(m.open))
			require.NoError(t, j.Void(m.open[n].ID))
			m.resolve(Void, n, desfire.TMAC{})
		default:
			j = reopen(t, j)
			require.NoError(t, j.Verify(nil))
		}
		found := answersOf(t, j)
		require.Equal(t, m.state(found.Entries), found)
	}
}

// Ensure that others may read, and ask, while a tap writes.
func TestReadWhileWriting(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	var readers sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				next := uint64(0)
				err := j.Entries(1, func(e Entry) error {
					if next++; e.Position != next {
						return fmt.Errorf("entry %d after %d", e.Position, next-1)
					}
					return nil
				})
				if err == nil {
					err = j.Verify(nil)
				}
				if err != nil {
					t.Error(err)
					return
				}
				j.Pending(card(1))
				j.Unresolved()
			}
		})
	}
	for n := uint32(1); n <= 150; n++ {
		require.NoError(t, j.Begin(tap(n, 1)))
		require.NoError(t, j.Settle(id(n), testReceipt))
	}
	close(done)
	readers.Wait()
}
