package desfire_test

import (
	"bytes"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/emu"
)

// A speech is a way in which client and card speak with each other: a generation of
// secure messaging, with a card that knows it and an honest conversation.
type speech struct {
	name   string
	card   func(testing.TB) *emu.Card
	app    func() desfire.App
	honest func() recording
}

// The speeches. Only of the first two does every answer carry a MAC.
var (
	speechEV2 = speech{"EV2", talkative, app, honest}
	speechEV1 = speech{"EV1", talkativeEV1, app, recorder(talkativeEV1, app)}
	speechD40 = speech{"D40", talkativeD40, appD40, recorder(talkativeD40, appD40)}
)

// everySpeech runs a test in those that vouch for every answer.
func everySpeech(t *testing.T, test func(t *testing.T, p speech)) {
	for _, p := range []speech{speechEV2, speechEV1} {
		t.Run(p.name, func(t *testing.T) { test(t, p) })
	}
}

// recorder records an honest conversation once.
func recorder(card func(testing.TB) *emu.Card, app func() desfire.App) func() recording {
	return sync.OnceValue(func() (r recording) {
		var t strict
		w := &wire{card: emu.Air{}.Present(card(&t))}
		a := app()
		keys := a.Keys
		a.Keys = func(of desfire.UID) []desfire.Authenticator {
			return []desfire.Authenticator{spy{keys(of)[0], &r.keys}}
		}
		_, err := r.talk.hadWith(w, a, random(4))
		require.NoError(&t, err)
		r.answers, r.commands = w.got, w.sent
		return r
	})
}

// An old key is proved in one way only.
type old struct {
	desfire.Authenticator
	method desfire.Method
}

func (o old) Methods() []desfire.Method { return []desfire.Method{o.method} }

// appD40 is an application with DES keys of zeros.
func appD40() desfire.App { return appOf(old{desfire.DESKey{}, desfire.D40}) }

// blankEV1 is an older card from the factory.
func blankEV1() *emu.Card {
	card := emu.New(emu.Config{UID: uid, Key: [16]byte(piccKey), Chip: emu.EV1, Memory: 8192})
	card.SetRand(random(100))
	return card
}

var imageEV1 = sync.OnceValue(func() []byte {
	var t strict
	card := blankEV1()
	issue(&t, card)
	return fill(card, app())
})

// imageD40 is a card whose application has DES keys, which the client does not make.
var imageD40 = sync.OnceValue(func() []byte {
	var t strict
	card := emu.New(emu.Config{UID: uid, Chip: emu.EV1, Memory: 8192, Blank: true})
	card.SetRand(random(100))
	contact := emu.Air{}.Present(card)
	create := append([]byte{0x90, 0xCA, 0, 0, 5}, aid[:]...)
	answer, err := contact.Transmit(append(create, 0x0F, appKeys, 0))
	require.NoError(&t, err)
	require.Equal(&t, bare(desfire.OK), answer)
	s := connect(&t, contact)
	require.NoError(&t, s.Select(aid))
	require.NoError(&t, s.Authenticate(0, desfire.DESKey{}, random(1)))
	createFiles(&t, s)
	return fill(card, appD40())
})

// issuedOf returns a card of its own of an image.
func issuedOf(t testing.TB, image []byte) *emu.Card {
	t.Helper()
	card, err := emu.Load(bytes.NewReader(image))
	require.NoError(t, err)
	card.SetRand(random(101))
	return card
}

func issuedEV1(t testing.TB) *emu.Card { return issuedOf(t, imageEV1()) }
func issuedD40(t testing.TB) *emu.Card { return issuedOf(t, imageD40()) }

func talkativeEV1(t testing.TB) *emu.Card { return moreTo(t, issuedEV1(t), app()) }
func talkativeD40(t testing.TB) *emu.Card { return moreTo(t, issuedD40(t), appD40()) }

// had goes through the conversation on a card until the first error.
func (p speech) had(k *talk, card hw.Card) (*desfire.Session, error) {
	return k.hadWith(card, p.app(), random(4))
}
