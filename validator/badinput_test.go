package validator_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/emu"
	"leima/validator"
	"leima/validator/oncard"
	"leima/validator/servicepoint"
	"leima/validator/sim"
	"leima/validator/sim/simtest"
)

// stranger answers every command alike.
type stranger struct {
	answer []byte
	err    error
}

func (s stranger) Transmit([]byte) ([]byte, error) { return s.answer, s.err }

// issued is a card issued with other keys than the bus's.
func issued(t *testing.T, change func(*oncard.Keys)) hw.Card {
	t.Helper()
	keys := sim.TestKeys()
	change(&keys)
	card := emu.New(emu.Config{UID: [7]byte{4, 9, 9, 9, 9, 9, 9}})
	order := servicepoint.Order{Card: cardlayout.Card{
		Number: cardlayout.WithCheckDigit(92469900000009999),
		Kind:   cardlayout.Bearer, Group: cardlayout.Adult, Area: 227, Purse: 1000,
	}}
	err := servicepoint.Issue(emu.Air{}.Present(card), servicepoint.BlankKeys(), order, keys, rndZero{})
	require.NoError(t, err)
	return emu.Air{}.Present(card)
}

// rndZero is a poor source of randomness, good enough for a card that is only shown.
type rndZero struct{}

func (rndZero) Read(p []byte) (int, error) { return len(p), nil }

// aged is a card that pretends that it does not know EV2.
type aged struct{ hw.Card }

func (a aged) Transmit(command []byte) ([]byte, error) {
	if command[1] == byte(desfire.EV2First) {
		return []byte{0x91, byte(desfire.IllegalCommand)}, nil
	}
	return a.Card.Transmit(command)
}

// stone is a card of the time before AES.
type stone struct{ hw.Card }

func (s stone) Transmit(command []byte) ([]byte, error) {
	switch desfire.Method(command[1]) {
	case desfire.EV2First, desfire.AES:
		return []byte{0x91, byte(desfire.IllegalCommand)}, nil
	}
	return s.Card.Transmit(command)
}

// Ensure that what readers say of the air before a card has answered is neither a refusal nor a
// fault: the card is asked for again, and then travels.
func TestReadersWordsAreHeldAgain(t *testing.T) {
	t.Parallel()
	for _, says := range [][]byte{
		{0x62, 0x82},
		{0x63, 0x00},
		{0x63, 0x01},
		{0x63, 0x27},
		{0x63, 0x7F},
		{0x64, 0x00},
		{0x64, 0x01},
		{0x65, 0x81},
		{0x66, 0x00},
		{0x6F, 0x00},
		{0x6F, 0x01},
	} {
		for n := 1; n <= 3; n++ {
			bus := simtest.NewBus(t)
			o := bus.Validator.Serve(&between{
				card: emu.Air{}.Present(bus.Cards["Aino"]),
				change: func(at int, _, answer []byte) ([]byte, error) {
					if at == n {
						return says, nil
					}
					return answer, nil
				},
			})
			require.Equal(t, validator.TryAgain, o.Ending, "%X at %d: %v", says, n, o.Err)
			require.Equal(t, validator.Accepted, simtest.Present(bus, "Aino").Ending)
		}
	}
}

// Ensure that every card that is not one of ours ends in a refusal that says so, and
// in an event.
func TestCardsThatAreNotOurs(t *testing.T) {
	t.Parallel()
	blank := emu.New(emu.Config{UID: [7]byte{4, 1, 2, 3, 4, 5, 6}})
	rows := []struct {
		name string
		card hw.Card
		then fare.Reason
	}{
		{"a bank card", stranger{answer: []byte{0x6D, 0x00}}, fare.NotOurs},
		{"a serial number of four bytes", stranger{answer: []byte{1, 2, 3, 4, 0x90, 0x00}}, fare.NotOurs},
		{"a DESFire card without our application", emu.Air{}.Present(blank), fare.NotOurs},
		{"a card of another system", issued(t, func(k *oncard.Keys) { k.Scheme.AID[0] = 0x55 }), fare.NotOurs},
		{"a card with other keys", issued(t, func(k *oncard.Keys) { k.Transport[0] ^= 1 }), fare.Forged},
		{"a card with another system's keys", issued(t, func(k *oncard.Keys) { k.Scheme.System = "other" }), fare.Forged},
		{"a card that knows no AES key", stone{issued(t, func(*oncard.Keys) {})}, fare.NotOurs},
		{"an EV2 that speaks EV1", aged{issued(t, func(*oncard.Keys) {})}, fare.Forged},
		{"rights sealed by others", issued(t, func(k *oncard.Keys) { k.Rights[0][5] ^= 1 }), fare.Forged},
	}
	for _, row := range rows {
		bus := simtest.NewBus(t)
		o := bus.Validator.Serve(row.card)
		require.Equal(t, validator.Refused, o.Ending, "%s: %v", row.name, o.Err)
		require.Equal(t, row.then.String(), o.Decision.Reason.String(), row.name)
		require.Contains(t, simtest.Play(t, bus, "journal"),
			"events 1: settled 0, void 0, open 0, without a write 1")
	}
}

// Ensure that a card whose files are damaged is refused and stays as it is.
func TestDamagedFiles(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		layout string
		file   byte
		bit    int
		then   fare.Reason
	}{
		{"layout 1", cardlayout.FileRights, 0, fare.Forged},
		{"layout 1", cardlayout.FileRights, 631, fare.Forged},
		{"layout 1", cardlayout.FileState, 14, fare.UnknownVersion}, // the version of the layout
		{"layout 1", cardlayout.FileState, 0, fare.Malformed},
		{"layout 1", cardlayout.FileState, 375, fare.Malformed}, // the padding
		{"layout 1", cardlayout.FileSeasons, 8, fare.Malformed}, // reserved bits
		{"layout 1", cardlayout.FileValue, 95, fare.Malformed},
		{"layout 2", cardlayout.FileValidation, 5, fare.UnknownVersion},
		{"former zones=E-J", cardlayout.FileValidation, 17, fare.Malformed}, // zones beyond the last
		{"layout 2", cardlayout.FileValidation, 504, fare.Forged},
		{"layout 2", cardlayout.FileValidation, 887, fare.Forged},
	} {
		bus := simtest.NewBus(t)
		simtest.Play(t, bus, "card Olga  purse 10.00, "+row.layout)
		flip(t, bus, "Olga", row.file, row.bit)
		before := simtest.Memory(t, bus.Cards["Olga"])
		require.Contains(t, simtest.Play(t, bus, "tap Olga"), "refused   "+row.then.String(), "%+v",
			row)
		require.Equal(t, before, simtest.Memory(t, bus.Cards["Olga"]))
	}
}

// unplugged are keys in a token that was taken out.
type unplugged struct{ cardlayout.Keys }

func (unplugged) Seal(cardlayout.UID, int) (pair [2]cardlayout.Key, err error) {
	return pair, cardlayout.ErrKeys
}

// removed is a transport key there.
type removed struct{ desfire.Key }

func (removed) Start(desfire.Method, []byte, []byte) (desfire.Handshake, error) {
	return nil, cardlayout.ErrKeys
}

// Ensure that keys which do not answer are a fault of the device and none of the card: nobody is
// refused for it, or asked to present the card again and again, and nothing is written.
func TestKeysThatDoNotAnswer(t *testing.T) {
	t.Parallel()
	for name, take := range map[string]func(v *validator.Validator){
		"rights": func(v *validator.Validator) { v.Keys = unplugged{} },
		"transport": func(v *validator.Validator) {
			v.App.Keys = func(desfire.UID) []desfire.Authenticator {
				return []desfire.Authenticator{removed{}}
			}
		},
	} {
		bus := simtest.NewBus(t)
		before := simtest.Memory(t, bus.Cards["Aino"])
		take(bus.Validator)
		o := bus.Validator.Serve(emu.Air{}.Present(bus.Cards["Aino"]))
		require.Equal(t, validator.Fault, o.Ending, name)
		require.ErrorIs(t, o.Err, cardlayout.ErrKeys, name)
		require.Equal(t, before, simtest.Memory(t, bus.Cards["Aino"]), name)
	}
}

// flip turns over one bit of a file of somebody's card, as someone with our transport key
// could.
func flip(t *testing.T, bus *sim.Bus, name string, file byte, bit int) {
	t.Helper()
	app := oncard.App(bus.Keys.Scheme, bus.Keys.Transport)
	s, err := desfire.Open(emu.Air{}.Present(bus.Cards[name]), app, bus.Rand)
	require.NoError(t, err)
	var p [1]byte
	require.NoError(t, s.Read(file, desfire.Full, bit/8, p[:]))
	p[0] ^= 0x80 >> (bit % 8)
	require.NoError(t, s.Write(file, desfire.Full, bit/8, p[:]))
	_, err = s.Commit(true)
	require.NoError(t, err)
}

// spoiled taps Aino's card with every answer changed, one at a time, and tells how
// each tap ended. Nothing may be charged twice, and nothing accepted that was spoiled.
func spoiled(t *testing.T, change func(answer []byte, k int) ([]byte, bool)) map[validator.Ending]int {
	t.Helper()
	endings, step := map[validator.Ending]int{}, 1
	if testing.Short() {
		step = 5
	}
	for n := 1; ; n++ {
		for k := 0; ; k += step {
			bus := simtest.NewBus(t)
			contact := emu.Air{}.Present(bus.Cards["Aino"])
			hit, more, commit := false, true, false
			o := bus.Validator.Serve(&between{
				card: contact,
				change: func(at int, command, answer []byte) ([]byte, error) {
					if at == n {
						hit, commit = true, isCommit(command)
						answer, more = change(append([]byte{}, answer...), k)
					}
					return answer, nil
				},
			})
			if !hit {
				return endings // there is no nth exchange
			}
			if !more {
				require.NoError(t, bus.Close())
				break
			}
			endings[o.Ending]++
			require.NotEqual(t, validator.Accepted, o.Ending, "answer %d, spoiled at %d", n, k)
			card := simtest.Held(t, bus, "Aino")
			if commit {
				require.Equal(t, validator.Uncertain, o.Ending)
				require.Equal(t, cardlayout.Cents(749), card.Purse)
			} else {
				require.Equal(t, cardlayout.Cents(1000), card.Purse)
			}
			o = bus.Validator.Serve(emu.Air{}.Present(bus.Cards["Aino"]))
			require.Equal(t, validator.Accepted, o.Ending)
			require.Equal(t, cardlayout.Cents(749), simtest.Held(t, bus, "Aino").Purse)
			require.NoError(t, bus.Close())
		}
	}
}

// Ensure that an answer cut short anywhere is nobody's fault: the card is presented
// again, and pays once.
func TestTruncatedAnswers(t *testing.T) {
	t.Parallel()
	endings := spoiled(t, func(answer []byte, k int) ([]byte, bool) {
		if k >= len(answer) {
			return answer, false
		}
		return answer[:k], true
	})
	require.Positive(t, endings[validator.TryAgain])
	require.Positive(t, endings[validator.Uncertain])
	require.Zero(t, endings[validator.Refused], "nobody is turned away for it")
	t.Log(endings)
}

// Ensure that a bit turned over in any byte of any answer never opens the door.
func TestFlippedAnswers(t *testing.T) {
	t.Parallel()
	endings := spoiled(t, func(answer []byte, k int) ([]byte, bool) {
		if k >= len(answer) {
			return answer, false
		}
		answer[k] ^= 1 << (k % 8)
		return answer, true
	})
	require.Positive(t, endings[validator.Refused], "a wrong MAC is a forgery")
	t.Log(endings)
}

// Ensure that a slow card is let go before its commit, and never in the middle of it.
func TestSlowCard(t *testing.T) {
	t.Parallel()
	bus := simtest.NewBus(t)
	bus.Validator.Budget = 500 * time.Millisecond
	slow := func(at int) *between {
		return &between{
			card: emu.Air{}.Present(bus.Cards["Aino"]),
			change: func(n int, command, answer []byte) ([]byte, error) {
				if n == at || at == 0 && isCommit(command) {
					bus.Clock.Sleep(time.Second)
				}
				return answer, nil
			},
		}
	}
	before := simtest.Memory(t, bus.Cards["Aino"])
	for at := 1; at < 10; at++ {
		o := bus.Validator.Serve(slow(at))
		require.Equal(t, validator.TryAgain, o.Ending)
		require.Equal(t, before, simtest.Memory(t, bus.Cards["Aino"]))
	}
	require.Equal(t, validator.Accepted, bus.Validator.Serve(slow(0)).Ending)
}

// Ensure that a reader that fails is a fault of ours, not of the card's.
func TestReaderFails(t *testing.T) {
	t.Parallel()
	bus := simtest.NewBus(t)
	o := bus.Validator.Serve(stranger{err: hw.ErrReader})
	require.Equal(t, validator.Fault, o.Ending)
	require.ErrorIs(t, o.Err, hw.ErrReader)
	o = bus.Validator.Serve(stranger{err: hw.ErrRemoved})
	require.Equal(t, validator.TryAgain, o.Ending)
}

// Ensure that no error tells a key, a birth date or a whole card number.
func TestErrorsTellNoSecrets(t *testing.T) {
	t.Parallel()
	bus := simtest.NewBus(t)
	simtest.Play(t, bus, "card Ella  kind personal, born 1980-05-17, purse 10.00")
	number := simtest.Held(t, bus, "Ella").Number.String()
	for n := 1; n < 11; n++ {
		o := bus.Validator.Serve(&between{
			card: emu.Air{}.Present(bus.Cards["Ella"]),
			change: func(at int, _, answer []byte) ([]byte, error) {
				if at == n {
					return nil, errors.Join(hw.ErrRemoved)
				}
				return answer, nil
			},
		})
		require.Error(t, o.Err, "exchange %d: %v", n, o.Ending)
		for _, secret := range []string{number, strings.ReplaceAll(number, " ", ""), "1980-05-17"} {
			require.NotContains(t, o.Err.Error(), secret)
		}
	}
}

// Ensure that what a card says of itself while it is read is told from what happened on
// the air.
func TestStatusWhileReading(t *testing.T) {
	t.Parallel()
	for status, ending := range map[desfire.Status]validator.Ending{
		desfire.FileNotFound: validator.Refused, desfire.PermissionDenied: validator.TryAgain,
		desfire.BoundaryError: validator.Refused, desfire.ParameterError: validator.Refused,
		desfire.FileDamaged: validator.Refused, desfire.ApplicationDamaged: validator.Refused,
		desfire.CardDamaged: validator.Refused, desfire.CardDisabled: validator.Refused,
		desfire.CommandAborted: validator.TryAgain, desfire.IntegrityError: validator.TryAgain,
		desfire.EEPROMError: validator.TryAgain,
	} {
		for name, at := range map[string]int{"Aino": 5, "Olga": 9} { // file 7, or of layout 1 file 2
			bus := simtest.NewBus(t)
			simtest.Play(t, bus, "card Olga  layout 1, purse 10.00")
			o := bus.Validator.Serve(&between{
				card: emu.Air{}.Present(bus.Cards[name]),
				change: func(n int, _, answer []byte) ([]byte, error) {
					if n == at {
						return []byte{0x91, byte(status)}, nil
					}
					return answer, nil
				},
			})
			require.Equal(t, ending, o.Ending, "%v", status)
			if ending == validator.Refused {
				require.Equal(t, fare.Malformed, o.Decision.Reason)
			}
		}
	}
	bus := simtest.NewBus(t)
	o := bus.Validator.Serve(&between{
		card: emu.Air{}.Present(bus.Cards["Aino"]),
		change: func(_ int, command, answer []byte) ([]byte, error) {
			if desfire.Method(command[1]) == desfire.EV2First {
				return []byte{0x91, byte(desfire.NoSuchKey)}, nil
			}
			return answer, nil
		},
	})
	require.Equal(t, fare.Forged, o.Decision.Reason, "it has not our key")
}
