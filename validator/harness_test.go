package validator_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/emu"
	"leima/validator/servicepoint"
	"leima/validator/sim"
)

// a between stands between the validator and a card and may change what is said.
type between struct {
	card   hw.Card
	n      int // exchanges so far
	change func(n int, command, answer []byte) ([]byte, error)
}

func (b *between) Transmit(command []byte) ([]byte, error) {
	answer, err := b.card.Transmit(command)
	if err != nil {
		return nil, err
	}
	b.n++
	return b.change(b.n, command, answer)
}

// isCommit tells a CommitTransaction.
func isCommit(command []byte) bool { return len(command) > 1 && command[1] == 0xC7 }

// rewrite changes a card as another device would: one transaction more.
func rewrite(t testing.TB, bus *sim.Bus, name string, change func(cardlayout.Card) cardlayout.Card) {
	t.Helper()
	_, err := servicepoint.Load(emu.Air{}.Present(bus.Cards[name]), bus.Keys, bus.Rand,
		func(c cardlayout.Card) (cardlayout.Card, error) {
			c = change(c)
			c.Counter++
			return c, nil
		})
	require.NoError(t, err)
}
