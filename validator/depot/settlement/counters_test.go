package settlement_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/depot/settlement"
)

// Ensure that a device that says that a card has done more than any card can, up to the last number
// of 32 bits, changes nothing of what others have done with it, however often it says so.
func TestLastOfAllCounters(t *testing.T) {
	for _, seed := range []uint64{0, 1, 7, 19} {
		f := newFleet(t, 1, 2, 1)
		random := rand.New(rand.NewPCG(seed, 7))
		c := &f.cards[0]
		for range 20 {
			f.taps(0, c)
		}
		f.send(0, true)
		f.follow()
		liar, rows := f.devices[1], f.rows()
		for range 40 {
			counter := math.MaxUint32 - random.Uint32N(1+uint32(seed))
			e := validator.Event{
				ID: liar.Journal.Next(), At: f.now, Card: c.number, Counter: counter,
				Charge: math.MinInt32 + cardlayout.Cents(seed), Reason: fare.Value,
			}
			if random.IntN(4) == 0 {
				require.NoError(t, liar.Journal.Record(e))
			} else {
				require.NoError(t, liar.Journal.Begin(e))
				require.NoError(t, liar.Journal.Settle(e.ID, desfire.TMAC{}))
			}
			f.send(1, true)
			f.follow()
			require.Equal(t, rows, f.rows())
		}
		f.taps(0, c)
		f.send(0, true)
		f.follow()
		require.EqualValues(t, 2100, f.charged())
	}
}

// Ensure that the last transactions that a card can do are settled as the books say.
func TestLastTransactions(t *testing.T) {
	defer settlement.Near(2, 1)()
	f := newFleet(t, 1, 1, 1)
	c := &f.cards[0]
	c.counter = 1<<24 - 20
	for range 20 {
		f.taps(0, c)
		f.send(0, true)
		f.follow()
		f.agrees()
	}
	require.EqualValues(t, 1<<24, c.counter)
	require.EqualValues(t, 2000, f.charged())
}
