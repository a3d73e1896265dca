package servicepoint

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/desfire"
)

// Ensure that an order is for the chip it meets: a card that signs its transactions is
// an EV2 or later, and reader and card speak of the same one.
func TestOrderedGeneration(t *testing.T) {
	uid := desfire.UID{4, 1, 2, 3, 4, 5, 6}
	version := func(kind, major byte) desfire.Version {
		return desfire.Version{Hardware: [7]byte{4, kind, 1, major}, UID: uid}
	}
	for _, c := range []struct {
		name    string
		version desfire.Version
		ordered uint8
		tmac    bool
		want    uint8 // 0: refused
	}{
		{"whatever it is", version(1, 0x01), 0, false, 1},
		{"an EV1 as ordered", version(1, 0x01), 1, false, 1},
		{"an EV1 for an EV2", version(1, 0x01), 2, false, 0},
		{"an EV1 that should sign", version(1, 0x01), 0, true, 0},
		{"an EV2 that signs", version(1, 0x12), 0, true, 2},
		{"an EV3 that signs", version(1, 0x33), 3, true, 3},
		{"an EV3 for an EV2", version(1, 0x33), 2, true, 0},
		{"an older chip", version(1, 0x00), 0, false, 0},
		{"no DESFire", version(2, 0x12), 0, false, 0},
		{"another card's number", desfire.Version{Hardware: [7]byte{4, 1, 1, 0x12}}, 0, false, 0},
	} {
		o := Order{}
		o.Card.Generation, o.Card.TransactionMAC = c.ordered, c.tmac
		got, err := o.generation(c.version, uid)
		require.Equal(t, c.want, got, c.name)
		if c.want == 0 {
			require.ErrorIs(t, err, ErrOrder, c.name)
		} else {
			require.NoError(t, err, c.name)
		}
	}
}
