package sim_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/journal"
	"leima/validator/servicepoint"
	"leima/validator/sim"
)

// lies are what a device may say of a transaction that a card has signed.
var lies = map[string]func(*validator.Event){
	"another event":    func(e *validator.Event) { e.ID.Sequence++ },
	"another device's": func(e *validator.Event) { e.ID.Device++ },
	"another card":     func(e *validator.Event) { e.Card = cardlayout.WithCheckDigit(92469900999999999) },
	"another UID":      func(e *validator.Event) { e.UID[6]++ },
	"another counter":  func(e *validator.Event) { e.Counter++ },
	"a higher price":   func(e *validator.Event) { e.Charge++ },
	"a larger load":    func(e *validator.Event) { e.Added++ },
}

// Ensure that of whatever devices do with cards the signature is true, and true of nothing else: a
// signature that was seen once proves no other transaction, of the same card or of another.
func TestSignedOnce(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../testdata/taps/*.tap")
	require.NoError(t, err)
	reasons := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		bus := newBus(t, sim.Setup{})
		_, err = bus.Play(context.Background(), sim.Parse(filepath.Base(file), string(text)), nil)
		require.NoError(t, err)
		genuine, intents := servicepoint.VerifyTMAC(bus.Keys), map[cardlayout.EventID]validator.Event{}
		require.NoError(t, bus.Entries(0, func(e journal.Entry) error {
			intents[e.Event.ID] = e.Event
			of := intents[e.Of]
			if e.Kind != journal.Settle || e.TMAC == (desfire.TMAC{}) {
				return nil
			}
			reasons[of.Reason.String()] = true
			require.True(t, genuine(of, e.TMAC), "%s: %+v", file, of)
			for what, lie := range lies {
				told := of
				lie(&told)
				require.False(t, genuine(told, e.TMAC), "%s: %s: %+v", file, what, of)
			}
			return nil
		}))
	}
	require.Greater(t, len(reasons), 5, "charges, loads, blocks and what was taken back")
}
