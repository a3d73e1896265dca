package sim_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/fare/faretest"
	"leima/fare/tariff"
	"leima/validator/sim"
)

// new prices hold from their first instant, between two taps, without anybody
// doing anything.
func TestTariffChangesAtItsInstant(t *testing.T) {
	t.Parallel()
	bus, err := sim.NewBus(t.TempDir(), sim.Setup{
		Prices: func(name string) (tariff.Source, error) {
			source, err := faretest.Source("mikkeli-2025")
			if name == "dearer" {
				for old, next := range map[string]string{
					`"mikkeli-2025"`: `"dearer"`, `"2.51", "3.38"`: `"9.99", "9.99"`,
					`valid_from = "2025-01-01T00:00"`: `valid_from = "2026-03-02T12:00"`,
				} {
					require.Contains(t, string(source.TOML), old)
					source.TOML = bytes.Replace(source.TOML, []byte(old), []byte(next), 1)
				}
			}
			return source, err
		},
	})
	require.NoError(t, err)
	defer func() { require.NoError(t, bus.Close()) }()
	play(t, bus, "tariffs mikkeli-2025 dearer\ncard Aino  purse 20.00\ncard Leo  purse 20.00")
	require.Contains(t, play(t, bus, "at 2026-03-02 11:59:59\ntap Aino"), "charge 2.51")
	require.Contains(t, play(t, bus, "at 2026-03-02 12:00:00\ntap Leo"), "charge 9.99")
}

// Ensure that a mistake in a script is told with its line.
func TestMistakesInScripts(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ text, says string }{
		{"fly Aino", "test.tap:1: fly: there is no such statement: want one of action, at, block, bus"},
		{"# a comment\n\ntap Aino", `test.tap:3: tap: no passenger "Aino" has a card`},
		{"tap", "tap: want 1 words after it, not 0"},
		{"card Aino  purse lots", "card: part 1, purse: amount"},
		{"card Aino  profile open", `card: profile "open": want enciphered or readable`},
		{"card Aino  area 300", "card: part 1, area: "},
		{"card", "card: want a name after it"},
		{"at noon", `at: "noon": want a time such as 2026-03-02 08:00`},
		{"at +soon", `at: "+soon": want a time such as +40m`},
		{"bus zone=K", "bus: zones"},
		{"bus wheels=4", `bus: a bus has no "wheels"`},
		{"bus trip=many", "bus: trip=many: want a number up to 65535"},
		{"driver", "driver: want for example 3 persons"},
		{"driver many persons", `driver: "many": want a number of persons`},
		{"driver 3 dogs", "driver: customer group"},
		{"driver 99 persons", "driver: 99 persons on one card"},
		{"card Aino\ntear Aino during 3", `tear: "during": want before or after`},
		{"card Aino\ntear Aino after zero", `tear: "zero": want the number of an exchange, or commit`},
		{"card Aino\nload Aino beer 2", "load: want value AMOUNT or season PRODUCT ZONES"},
		{"card Aino\nload Aino value much", "load: amount"},
		{"card Aino\nblock Aino", "block: building block list"},
		{"action Aino unblock", `action: no passenger "Aino" has a card`},
		{"card Aino\naction Aino", "action: want 2 words after it or more, not 1"},
		{"card Aino\naction Aino beer 2", "action: want value AMOUNT, season PRODUCT ZONES or unblock"},
		{"card Aino\naction Aino value 0.00", "action list version 1"},
		{"card Aino\naction Aino season 30 K", "action: zones"},
		{"card Aino\naction Aino season 999 A", `action: product "999": the tariff knows none`},
		{"card Aino\naction Aino unblock until", `action: "until": want its value after it`},
		{"card Aino\naction Aino unblock until noon", `action: day "noon"`},
		{"card Aino\naction Aino unblock on 2026-03-02", `action: an action has no "on"`},
		{"card Aino\naction Aino unblock expects -1", "action: strconv"},
		{"card Aino\naction Aino unblock expects 3 leaves 3", "want a higher one"},
		{"tariffs none", "tariffs: open "},
	} {
		_, err := newBus(t, sim.Setup{}).Play(context.Background(), sim.Parse("test.tap", row.text), nil)
		require.ErrorContains(t, err, row.says, row.text)
	}
}

// Ensure that a script is written as it was read, but for what comes out.
func TestScriptRoundTrip(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"# only a comment\n",
		"tap Aino\n----\naccepted\n",
		"# one\n\ncard Aino\n\ntap Aino\n----\na\nb\n\n# end\n",
	} {
		require.Equal(t, text, sim.Parse("test", text).String())
	}
}

// Ensure that a bus that has stopped ends its script.
func TestStopped(t *testing.T) {
	t.Parallel()
	bus := openBus(t, sim.Setup{})
	play(t, bus, "card Aino  purse 10.00")
	require.NoError(t, bus.Close())
	ctx, stop := context.WithCancel(context.Background())
	stop()
	_, err := bus.Play(ctx, sim.Parse("test", "tap Aino"), nil)
	require.ErrorIs(t, err, sim.ErrStopped)
}
