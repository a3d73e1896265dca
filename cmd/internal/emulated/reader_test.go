package emulated

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare/faretest"
	"leima/hw"
	"leima/hw/emu"
	"leima/hw/hwtest"
	"leima/validator/servicepoint"
	"leima/validator/sim"
)

// aFolder holds Aino's card and Leo's.
func aFolder(t *testing.T) Cards {
	t.Helper()
	cards := Cards(t.TempDir())
	for _, name := range []string{"Leo", "Aino"} {
		require.NoError(t, cards.Save(name, emu.New(emu.Config{
			UID:  [7]byte{4, 1, 2, 3, 4, 5, name[0]},
			Rand: rand.Reader,
		})))
	}
	return cards
}

// Ensure that a card lies on one reader at a time, and is found there by name.
func TestOneReaderAtATime(t *testing.T) {
	cards := aFolder(t)
	bus, own := NewReader(cards, emu.Rate848), NewReader(cards, emu.Rate848)
	require.NoError(t, bus.Put("Aino"))
	card, err := bus.Wait(t.Context())
	require.NoError(t, err)
	_, err = card.Transmit([]byte{0x90, 0x60, 0, 0, 0})
	require.NoError(t, err)
	require.ErrorIs(t, own.Put("Aino"), errCardInUse)
	require.NoError(t, own.Put("Leo"))
	require.NoError(t, bus.Take())
	_, err = card.Transmit([]byte{0x90, 0x60, 0, 0, 0})
	require.ErrorIs(t, err, hw.ErrRemoved)
	require.NoError(t, own.Put("Aino"), "Leo's is taken away")
	require.NoError(t, bus.Put("Leo"))
	require.NoError(t, bus.Close())
	require.NoError(t, own.Close())
	require.Error(t, bus.Put("nobody"))
	require.Error(t, bus.Put("../../"+filepath.Base(string(cards))+"/Nobody"))
}

// Ensure that a broken reader says so, finds no card, and works again when mended.
func TestBreak(t *testing.T) {
	r := NewReader(aFolder(t), emu.Rate848)
	told := make(chan error, 10)
	r.OnTrouble(func(err error) { told <- err })
	found := make(chan hw.Card, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		card, _ := r.Wait(ctx)
		found <- card
	}()
	require.NoError(t, <-told)
	require.NoError(t, r.Break())
	require.ErrorIs(t, <-told, hw.ErrReader)
	require.ErrorIs(t, r.Put("Aino"), hw.ErrReader)
	require.NoError(t, r.Mend())
	require.NoError(t, <-told)
	require.NoError(t, r.Put("Aino"))
	require.NotNil(t, <-found)
	require.NoError(t, r.Break())
	go func() { _, err := r.Wait(ctx); told <- err }()
	require.ErrorIs(t, <-told, hw.ErrReader)
	cancel()
	require.ErrorIs(t, <-told, context.Canceled)
}

// Ensure that emulated readers in another program are like those in this.
func TestStages(t *testing.T) {
	local := LocalControl{Reader: NewReader(aFolder(t), emu.Rate848)}
	server := httptest.NewServer(Handler(local))
	defer server.Close()
	remote := RemoteControl{func(ctx context.Context, method, path string, body io.Reader) (*http.Response, error) {
		r, err := http.NewRequestWithContext(ctx, method, server.URL+path, body)
		if err != nil {
			return nil, err
		}
		return http.DefaultClient.Do(r)
	}}
	for _, stage := range []Control{local, remote} {
		scene, err := stage.State(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{"Aino", "Leo"}, []string{scene.Cards[0].Name, scene.Cards[1].Name})
		scene, err = stage.Do(t.Context(), Operation{"put", "Leo"})
		require.NoError(t, err)
		require.Equal(t, "Leo", scene.CardOnReader)
		scene, err = stage.Do(t.Context(), Operation{Kind: "break"})
		require.NoError(t, err)
		require.True(t, scene.Broken)
		require.Empty(t, scene.CardOnReader)
		_, err = stage.Do(t.Context(), Operation{"put", "Leo"})
		require.ErrorContains(t, err, "broken")
		for _, wrong := range []Operation{{}, {"fly", ""}, {"put", ""}} {
			_, err = stage.Do(t.Context(), wrong)
			require.Error(t, err)
		}
		_, err = stage.Do(t.Context(), Operation{Kind: "mend"})
		require.NoError(t, err)
	}
}

// Ensure that it does what every reader must.
func TestReader(t *testing.T) {
	hwtest.TestReader(t, func(t *testing.T) (hw.Reader, hwtest.Hand) {
		r := NewReader(aFolder(t), emu.Rate848)
		return r, hand{t, r}
	})
}

type hand struct {
	t *testing.T
	r *Reader
}

func (h hand) Put()  { require.NoError(h.t, h.r.Put("Aino")) }
func (h hand) Take() { require.NoError(h.t, h.r.Take()) }

// Ensure that a card is kept when it commits, before anybody hears of it: a program that is
// killed at once afterwards takes nothing back. One that cannot be kept does not answer.
func TestKeptAtItsCommit(t *testing.T) {
	cards := Cards(t.TempDir())
	keys := sim.TestKeys()
	bus, err := sim.NewBus(t.TempDir(), sim.Setup{Prices: faretest.Source})
	require.NoError(t, err)
	defer bus.Close()
	_, err = bus.Play(t.Context(), sim.Parse("test", "card Aino  purse 10.00"), nil)
	require.NoError(t, err)
	require.NoError(t, cards.Save("Aino", bus.Cards["Aino"]))
	pay := func(c cardlayout.Card) (cardlayout.Card, error) {
		c.Purse -= 251
		c.Counter++
		return c, nil
	}
	purse := func() cardlayout.Cents {
		kept, err := cards.Read("Aino")
		require.NoError(t, err)
		held, err := servicepoint.Inspect(emu.Air{}.Present(kept), keys, rand.Reader)
		require.NoError(t, err)
		return held.Card.Purse
	}
	for _, row := range []struct {
		lay   func(*Reader) error
		heard bool
	}{
		{func(r *Reader) error { return r.Put("Aino") }, true},
		{func(r *Reader) error { return r.Tear("Aino") }, false},
	} {
		was := purse()
		r := NewReader(cards, emu.Rate848)
		require.NoError(t, row.lay(r))
		card, err := r.Wait(t.Context())
		require.NoError(t, err)
		_, err = servicepoint.Load(card, keys, rand.Reader, pay)
		require.Equal(t, row.heard, err == nil)
		require.Equal(t, was-251, purse(), "while it lies there")
		require.NoError(t, r.Close())
	}

	r := NewReader(cards, emu.Rate848)
	require.NoError(t, r.Put("Aino"))
	card, err := r.Wait(t.Context())
	require.NoError(t, err)
	require.NoError(t, os.RemoveAll(string(cards)))
	_, err = servicepoint.Load(card, keys, rand.Reader, pay)
	require.ErrorIs(t, err, hw.ErrRemoved)
}
