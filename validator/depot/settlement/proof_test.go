package settlement_test

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/rand"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/depot/proof"
	"leima/validator/depot/settlement"
	"leima/validator/journal"
	"leima/validator/ledger"
)

// signs has a device charge a card, which signs it.
func (f *fleet) signs(device int, c *card, r desfire.TMAC) validator.Event {
	d := f.devices[device]
	e := validator.Event{
		ID: d.Journal.Next(), At: f.now, Card: c.number, Counter: c.counter, Charge: 100,
		Balance: c.purse - 100, Reason: fare.Value, TMI: []byte("true"),
	}
	require.NoError(f.t, d.Journal.Begin(e))
	require.NoError(f.t, d.Journal.Settle(e.ID, r))
	c.counter, c.purse = c.counter+1, c.purse-100
	return e
}

// verified are the verdicts that count, after a verifier with some keys has begun.
func (f *fleet) verified(office *journal.BackOffice,
	genuine func(validator.Event, desfire.TMAC) bool,
) map[ledger.Verdict]int {
	v := proof.Verifier{Office: office, Genuine: genuine, Log: slog.New(slog.DiscardHandler)}
	queue := proof.Here{Ledger: f.ledger, Now: func() time.Time { return f.now }}
	for some := 1; some > 0; {
		var err error
		some, err = v.Verify(f.t.Context(), queue)
		require.NoError(f.t, err)
	}
	all := map[ledger.Verdict]int{}
	require.NoError(f.t, f.ledger.Current(func(r settlement.Row) error {
		all[r.Verdict]++
		return nil
	}))
	return all
}

// Ensure that what a verifier with a wrong key file has called forged, and what one could not open,
// is verified again when one with the right keys begins, also if it was put away meanwhile; that
// nothing is left of the mistake; and that a true forgery stays one.
func TestWrongKeysAreMended(t *testing.T) {
	defer settlement.Near(1, 2)()
	sealed, err := ecdh.X25519().GenerateKey(rand.Reader)
	require.NoError(t, err)
	right, err := journal.NewBackOffice(sealed)
	require.NoError(t, err)
	none, err := journal.NewBackOffice()
	require.NoError(t, err)
	never := func(validator.Event, desfire.TMAC) bool { return false }
	f := newFleet(t, 1, 1, 2)
	f.proving(genuine)
	f.ledger.Office = right
	_, device, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	require.NoError(t, f.devices[0].Journal.SealTo(journal.BackOfficePublic(sealed), device))
	for forgeries := range 2 {
		for range 20 {
			f.signs(0, &f.cards[0], desfire.TMAC{TMC: 7})
			f.signs(0, &f.cards[1], desfire.TMAC{TMC: 7 + uint32(forgeries)})
		}
		f.send(0, true)
		f.settle()
		before := f.charged() - 4000
		f.verified(none, genuine)
		require.Equal(t, before+4000, f.charged(), "nothing can be opened")
		require.Equal(t, 40, f.verified(right, never)[ledger.Forged])
		require.Equal(t, before, f.charged())
		require.Equal(t, 20*forgeries, f.verified(right, genuine)[ledger.Forged])
		require.EqualValues(t, 4000+2000*forgeries, f.charged())
		rows := len(f.rows())
		f.verified(right, genuine)
		require.Len(t, f.rows(), rows, "and nothing is booked again")
	}
	done, wait := f.ledger.Verified()
	require.Zero(t, wait)
	require.Positive(t, done)
}

// Ensure that a proof counts for the signature that it was asked about alone: not for one that has
// taken its place, nor in a ledger that was made anew; and that no verdict is taken for forged that
// the depot does not know.
func TestProofsOfOthers(t *testing.T) {
	f := newFleet(t, 1, 1, 1)
	f.proving(genuine)
	f.signs(0, &f.cards[0], desfire.TMAC{TMC: 8})
	f.send(0, true)
	f.settle()
	asked, err := f.ledger.Signatures(10)
	require.NoError(t, err)
	require.Len(t, asked, 1)
	says := func(verdict uint8) error {
		return f.ledger.Prove(f.now, []settlement.Proof{{
			Of: asked[0].Of, Number: asked[0].Number, Verdict: verdict,
		}, {Of: []byte("garbage"), Verdict: settlement.False}, {Verdict: settlement.False}})
	}
	for _, unknown := range []uint8{0, 4, 255} {
		require.ErrorContains(t, says(unknown), "of one version")
	}
	waits := func() {
		t.Helper()
		_, wait := f.ledger.Verified()
		require.EqualValues(t, 1, wait)
		require.EqualValues(t, 100, f.charged())
	}
	waits()
	require.NoError(t, f.ledger.Close())
	require.NoError(t, os.Remove(filepath.Join(f.folder, "ledger")))
	f.open()
	f.settle()
	require.NoError(t, says(settlement.False))
	waits()
	asked, err = f.ledger.Signatures(10)
	require.NoError(t, err)
	require.NoError(t, says(settlement.False))
	require.Zero(t, f.charged())
	require.NoError(t, f.ledger.Again())
	require.NoError(t, says(settlement.Genuine))
	require.Zero(t, f.charged(), "it was asked again since")
}

// Ensure that nothing says any more of a card that was forgotten that its signature waits, or was
// false, and that a proof that comes then changes nothing.
func TestForgottenIsNotAsked(t *testing.T) {
	f := newFleet(t, 1, 1, 2)
	f.proving(genuine)
	gone, stays := &f.cards[0], &f.cards[1]
	f.signs(0, gone, desfire.TMAC{TMC: 8})
	f.signs(0, stays, desfire.TMAC{TMC: 8})
	f.send(0, true)
	f.follow()
	f.signs(0, gone, desfire.TMAC{TMC: 8})
	f.send(0, true)
	f.settle()
	f.now = f.now.AddDate(1, 1, 0)
	f.signs(0, stays, desfire.TMAC{TMC: 7})
	f.send(0, true)
	f.settle()
	asked, err := f.ledger.Signatures(10)
	require.NoError(t, err)
	require.Len(t, asked, 2)
	require.Equal(t, 2, f.ledger.Asked(f.ledger.Pseudonym(gone.number)))
	require.NoError(t, f.ledger.Forget(f.now.AddDate(-1, 0, 0).Format(time.DateOnly)))
	require.Zero(t, f.ledger.Asked(f.ledger.Pseudonym(gone.number)))
	require.Equal(t, 1, f.ledger.Asked(f.ledger.Pseudonym(stays.number)))
	var proofs []settlement.Proof
	for _, s := range asked {
		proofs = append(proofs, settlement.Proof{
			Of: s.Of, Number: s.Number, Verdict: settlement.False,
		})
	}
	charged := f.charged()
	require.NoError(t, f.ledger.Prove(f.now, proofs))
	require.Equal(t, charged-100, f.charged(), "of what is known alone")
	require.Zero(t, f.ledger.Asked(f.ledger.Pseudonym(gone.number)))
	_, wait := f.ledger.Verified()
	require.Zero(t, wait)
}

// Ensure that a device that gives two transactions the number of one event does not have both of
// them by the signature of one, whatever comes between them.
func TestOneSignatureOfTwo(t *testing.T) {
	defer settlement.Near(1, 2)()
	for _, between := range []int{0, 20} {
		f := newFleet(t, 1, 2, 1)
		f.proving(genuine)
		c := &f.cards[0]
		c.counter = 5
		first := f.signs(0, c, desfire.TMAC{TMC: 8})
		liar := newFleet(t, 1, 1, 1)
		for range between {
			f.taps(1, c)
		}
		second := first
		second.Counter, second.Charge = c.counter, 1000
		require.NoError(t, liar.devices[0].Journal.Begin(second))
		require.NoError(t, liar.devices[0].Journal.Settle(second.ID, desfire.TMAC{TMC: 7}))
		items := append(f.devices[0].Items(0), liar.devices[0].Items(0)...)
		for n := range items {
			items[n].Position = uint64(n + 1)
		}
		items = claimed(t, 1, items)
		for n := 0; n < len(items); n += 2 {
			_, err := f.receiver.Receive(t.Context(), 1, items[n:n+2], false)
			require.NoError(t, err)
			f.appended++
			f.send(1, true)
			f.settle()
		}
		f.prove()
		require.EqualValues(t, 100*between, f.charged(), "what the other device has charged")
	}
}

// Ensure that a ledger that is made anew, or has been away, books what has come on the days on which
// it came, while signatures wait to be verified today; and that the clock is believed afterwards.
func TestProofsWaitForTheStore(t *testing.T) {
	f := newFleet(t, 1, 1, 1)
	f.proving(genuine)
	for day := range 40 {
		f.signs(0, &f.cards[0], desfire.TMAC{TMC: 7 + uint32(day%2)})
		f.send(0, true)
		f.follow()
		f.now = f.now.Add(24 * time.Hour)
	}
	charged := f.charged()
	require.NoError(t, f.ledger.Close())
	require.NoError(t, os.Remove(filepath.Join(f.folder, "ledger")))
	for _, upTo := range []int{2, 35, 40} {
		f.open()
		f.prove()
		require.ErrorIs(t, f.ledger.Run(t.Context(), some{f.store, uint64(upTo)}), errEnough)
		f.prove()
		require.NoError(t, f.ledger.Close())
	}
	f.open()
	for _, r := range f.rows() {
		came := f.now.AddDate(0, 0, int(r.Counter)-int(f.cards[0].counter)-1)
		if r.Verdict == ledger.Settled && r.Reverses == 0 {
			require.Equal(t, came.Format(time.DateOnly), r.Booked)
		}
	}
	require.Equal(t, charged, f.charged())
	f.follow()
	require.True(t, f.ledger.Believes(f.now))
}

// Ensure that what an honest device has charged counts when it is verified, whatever another one
// claims to have done instead.
func TestMadeUpTakesNothing(t *testing.T) {
	f := newFleet(t, 1, 2, 1)
	f.proving(genuine)
	honest, claimed := f.cards[0], f.cards[0]
	f.signs(0, &honest, desfire.TMAC{TMC: 7})
	f.signs(1, &claimed, desfire.TMAC{TMC: 8})
	f.send(0, true)
	f.send(1, true)
	f.settle()
	require.Zero(t, f.charged(), "doubled")
	f.prove()
	f.agrees()
	require.EqualValues(t, 100, f.charged())
}

// Ensure that several verifiers at once, while the ledger follows and is read, come to what the books
// say.
func TestSeveralVerifiers(t *testing.T) {
	f := newFleet(t, 1, 3, 4)
	f.proving(genuine)
	for range 300 {
		f.tap()
	}
	for n := range f.devices {
		f.send(n, false)
		f.send(n, true)
	}
	f.settle()
	office, err := journal.NewBackOffice()
	require.NoError(t, err)
	at := f.now
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			v := proof.Verifier{Office: office, Genuine: genuine, Log: slog.New(slog.DiscardHandler)}
			queue := proof.Here{Ledger: f.ledger, Now: func() time.Time { return at }}
			for {
				some, err := v.Verify(t.Context(), queue)
				assert.NoError(t, err)
				assert.NoError(t, f.ledger.WriteRows("", io.Discard))
				if _, wait := f.ledger.Verified(); some == 0 && wait == 0 {
					return
				}
			}
		})
	}
	f.settle()
	all.Wait()
	f.agrees()
}
