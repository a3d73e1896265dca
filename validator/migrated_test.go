package validator_test

import (
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/journal"
	"leima/validator/servicepoint"
	"leima/validator/sim/simtest"
)

// Ensure that a tap whose commit was not heard is settled unsigned when its card was moved to
// another layout, or sealed anew, before it came back: the card's last signature is of that.
func TestSignatureOfAMoveIsNoTaps(t *testing.T) {
	random := rand.New(rand.NewSource(1))
	bus := simtest.NewBus(t)
	simtest.Play(t, bus, "card Leo  chip EV2, layout 1, purse 10.00\ntear Leo after commit\ntap Leo")
	_, moved, err := servicepoint.Migrate(emu.Air{}.Present(bus.Cards["Leo"]), bus.Keys, random)
	require.NoError(t, err)
	require.True(t, moved)
	require.Equal(t, validator.Accepted, simtest.Present(bus, "Leo").Ending)
	all := closed(t, bus)
	require.Equal(t, journal.Settle, all[0].Kind)
	require.Equal(t, desfire.TMAC{}, all[0].TMAC)
}
