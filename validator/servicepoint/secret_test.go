package servicepoint_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator/servicepoint"
)

// secrets are all keys, masters and the card's own, in the ways a key could slip into
// a text, and what the card says of a person.
func secrets() (list []string) {
	k := allKeys()
	masters := []cardlayout.Key{
		k.PICC, k.Master, k.Transport, k.HolderRead, k.HolderWrite, k.TMAC,
		k.Rights[0], k.Rights[1], *k.Holder,
	}
	keys := append([]cardlayout.Key{cardlayout.Key(blank)}, masters...)
	for _, m := range masters {
		keys = append(keys, k.Scheme.Diversify(m, uid))
	}
	keys = append(keys, k.Scheme.Diversify(k.Scheme.Diversify(k.Master, uid), uid))
	for _, key := range keys {
		some := key[2:10] // a part is as bad as the whole
		list = append(list, fmt.Sprintf("%x", some), fmt.Sprintf("%X", some), string(some),
			fmt.Sprintf("% x", some), fmt.Sprintf("% X", some),
			strings.Trim(fmt.Sprint(some), "[]"),
			strings.Trim(fmt.Sprintf("%#v", some), "[]byte{}"))
	}
	h := order().Holder
	return append(list, h.Name, h.IdentityCode)
}

// keepsSecrets says that an error, however it is printed, tells no secret.
func keepsSecrets(t *testing.T, list []string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	text := fmt.Sprintf("%v\n%+v\n%#v\n%s\n%q", err, err, err, err, err)
	for _, secret := range list {
		require.NotContains(t, text, secret)
	}
}

// A liar changes a bit of one answer.
type liar struct {
	hw.Card
	left int
}

func (l *liar) Transmit(command []byte) ([]byte, error) {
	answer, err := l.Card.Transmit(command)
	if l.left--; l.left == 0 && len(answer) > 0 {
		answer[len(answer)/3] ^= 0x40
	}
	return answer, err
}

// troubles make all that can go wrong go wrong at the n-th command.
var troubles = []func(card *emu.Card, n int) hw.Card{
	func(card *emu.Card, n int) hw.Card {
		return emu.Air{Tear: emu.Tear{Exchange: n, Side: emu.After}}.Present(card)
	},
	func(card *emu.Card, n int) hw.Card {
		return &faulty{Card: emu.Air{}.Present(card), left: n, status: desfire.IntegrityError}
	},
	func(card *emu.Card, n int) hw.Card {
		return &liar{Card: emu.Air{}.Present(card), left: n}
	},
}

// Ensure that no error text tells a key or a name, whatever goes wrong and whenever.
func TestNoSecretInErrors(t *testing.T) {
	list, failed := secrets(), 0
	note := func(err error) {
		keepsSecrets(t, list, err)
		if err != nil {
			failed++
		}
	}
	finished, full := issued(t, order()), ordered(servicepoint.Readable)
	for _, trouble := range troubles {
		for n := 1; n <= 80; n++ {
			note(servicepoint.Issue(trouble(blankCard(), n), blanks, full, allKeys(), random(2)))
			note(servicepoint.Issue(trouble(finished, n), blanks, travelled(), allKeys(), random(2)))
			_, err := servicepoint.Inspect(trouble(finished, n), allKeys(), random(2))
			note(err)
			_, err = servicepoint.Load(trouble(issued(t, order()), n), allKeys(), random(2), everything)
			note(err)
			_, err = servicepoint.Rekey(trouble(issued(t, order()), n), rolled(allKeys()), random(2))
			note(err)
		}
	}
	require.Greater(t, failed, 400)

	k, visit := allKeys(), emu.Air{}.Present(blankCard())
	note(servicepoint.Issue(visit, only(desfire.Key(k.PICC)), order(), k, random(2)))
	k.HolderRead = k.HolderWrite
	note(servicepoint.Issue(visit, blanks, order(), k, random(2)))
	k.HolderRead = cardlayout.Key{}
	note(servicepoint.Issue(visit, blanks, order(), k, random(2)))
	o := order()
	o.Holder.Company = strings.Repeat("1", 300)
	note(servicepoint.Issue(visit, blanks, o, allKeys(), random(2)))
	for _, format := range []string{"%v", "%+v", "%#v", "%x"} {
		note(fmt.Errorf(format, allKeys()))
	}
}

// Ensure that a card which lies in any one answer is found out, and that nothing is
// taken for issued or loaded that is not.
func TestLyingCard(t *testing.T) {
	for n := 1; n <= 80; n++ {
		card := blankCard()
		if err := servicepoint.Issue(&liar{emu.Air{}.Present(card), n}, blanks, order(), allKeys(),
			random(2)); err == nil {
			holds(t, card, order())
		}
		card = issued(t, order())
		before := inspect(t, card, allKeys())
		l, err := servicepoint.Load(&liar{emu.Air{}.Present(card), n}, busKeys(), random(4), addTen)
		if err == nil {
			require.Equal(t, l.After, inspect(t, card, busKeys()).Card)
		}
		card = issued(t, order())
		c, err := servicepoint.Inspect(&liar{emu.Air{}.Present(card), n}, allKeys(), random(4))
		if err == nil {
			require.Equal(t, before, c)
		}
	}
}
