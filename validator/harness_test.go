package validator_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare/tariff"
	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/desk"
	"leima/validator/sim"
)

// aBus is a bus in service, with Aino aboard, who has ten euros.
func aBus(t testing.TB) *sim.Bus {
	t.Helper()
	bus, err := sim.NewBus(t.TempDir(), sim.Setup{
		Prices: func(name string) (tariff.Source, error) {
			text, err := os.ReadFile("../testdata/tariffs/" + name + ".toml")
			return tariff.Source{File: name, TOML: text}, err
		},
	})
	require.NoError(t, err)
	t.Cleanup(func() { _ = bus.Close() })
	play(t, bus, "card Aino  purse 10.00")
	return bus
}

func play(t testing.TB, bus *sim.Bus, text string) string {
	t.Helper()
	played, err := bus.Play(context.Background(), sim.Parse("test", text), nil)
	require.NoError(t, err)
	return played.String()
}

// memory is every byte of a card.
func memory(t testing.TB, c *emu.Card) []byte {
	t.Helper()
	var image bytes.Buffer
	require.NoError(t, c.Save(&image))
	return image.Bytes()
}

func held(t testing.TB, bus *sim.Bus, name string) cardlayout.Card {
	t.Helper()
	contents, err := bus.Inspect(name)
	require.NoError(t, err)
	return contents.Card
}

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

var errDisk = errors.New("no space left on device")

// failing is a journal that fails at some calls.
type failing struct {
	validator.Journal
	begin, settle, void, record bool
}

func (f *failing) Begin(e validator.Event) error {
	if f.begin {
		return errDisk
	}
	return f.Journal.Begin(e)
}

func (f *failing) Record(e validator.Event) error {
	if f.record {
		return errDisk
	}
	return f.Journal.Record(e)
}

func (f *failing) Settle(id cardlayout.EventID, r desfire.Receipt) error {
	if f.settle {
		return errDisk
	}
	return f.Journal.Settle(id, r)
}

func (f *failing) Void(id cardlayout.EventID) error {
	if f.void {
		return errDisk
	}
	return f.Journal.Void(id)
}

// rewrite changes a card as another device would: one transaction more.
func rewrite(t testing.TB, bus *sim.Bus, name string, change func(cardlayout.Card) cardlayout.Card) {
	t.Helper()
	_, err := desk.Load(emu.Air{}.Present(bus.Cards[name]), bus.Keys, bus.Rand,
		func(c cardlayout.Card) (cardlayout.Card, error) {
			c = change(c)
			c.Counter++
			return c, nil
		})
	require.NoError(t, err)
}
