package sim

import (
	"context"
	"crypto/ecdh"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"leima/cardlayout"
	"leima/fare/sale"
	"leima/hw/emu"
	"leima/validator/oncard"
	"leima/validator/servicepoint"
)

// TestKeys are the keys of the simulation. They are derived from the names of their roles, and so
// public: no real card may be issued with them.
func TestKeys() oncard.Keys {
	key := func(role string) cardlayout.Key {
		sum := sha256.Sum256([]byte("leima test key: " + role))
		return cardlayout.Key(sum[:16])
	}
	holder := key("holder data")
	return oncard.Keys{
		Keys: cardlayout.Keys{
			Scheme: cardlayout.Scheme{AID: [3]byte{0x00, 0x10, 0xAB}, System: "leima test"},
			Rights: [2]cardlayout.Key{key("rights seal"), key("rights content")},
			Holder: &holder,
		},
		PICC: key("PICC"), Master: key("master"), Transport: key("transport"),
		HolderRead: key("holder read"), HolderWrite: key("holder write"), TMAC: key("TMAC"),
		Test: true,
	}
}

// TestBackOffice is the back office's private key in the simulation, which is public.
func TestBackOffice() *ecdh.PrivateKey {
	sum := sha256.Sum256([]byte("leima test key: back office"))
	key, err := ecdh.X25519().NewPrivateKey(sum[:])
	if err != nil {
		panic(err) // any 32 bytes are a key
	}
	return key
}

// issue gives a passenger a new card. A passenger who has one keeps it.
func (w *Simulation) issue(_ context.Context, st Statement) ([]string, error) {
	name, text, _ := strings.Cut(st.Text, " ")
	if name == "" {
		return nil, errors.New("want a name after it")
	}
	if w.Cards[name] != nil {
		return nil, nil
	}
	order, chip, err := w.orderOf(text)
	if err != nil {
		return nil, err
	}
	card := w.blank(len(w.Cards)+1, chip)
	err = servicepoint.Issue(emu.Air{}.Present(card), servicepoint.BlankKeys(), order, w.Keys,
		w.Rand)
	if err != nil {
		return nil, err
	}
	w.Cards[name] = card
	return nil, nil
}

// blank is the nth card as delivered.
func (w *Simulation) blank(n int, chip emu.Chip) *emu.Card {
	uid := [7]byte{0x04, 0x1E, 0x13, 0x3A, 0x00, byte(n >> 8), byte(n)}
	c := emu.Config{UID: uid, Chip: chip, Rand: w.Rand, Frame: w.Frame}
	if chip == emu.EV1 {
		c.Frame = 0 // it supports only one
	}
	return emu.New(c)
}

// orderOf is a card of this area by its description, and its chip. Parts without a description have
// the usual values.
func (w *Simulation) orderOf(text string) (o servicepoint.Order, chip emu.Chip, err error) {
	chip = w.Chip
	today := cardlayout.DayOf(w.Clock.Now().In(w.Zone))
	o.Card = cardlayout.Card{
		Number: cardlayout.WithCheckDigit(testNumbers + uint64(len(w.Cards)+1)),
		Kind:   cardlayout.Bearer, Area: w.Area, Group: cardlayout.Adult,
		Issued: today - 365, ValidUntil: today + 7*365,
	}
	var parts []string
	for _, part := range strings.Split(text, ",") {
		name, word, _ := strings.Cut(strings.TrimSpace(part), " ")
		switch name {
		case "profile":
			o.Profile, err = parseProfile(word)
		case "chip":
			chip, err = parseChip(word)
		default:
			parts = append(parts, part)
		}
		if err != nil {
			return o, chip, err
		}
	}
	o.Card.TransactionMAC = chip != emu.EV1 // an EV1 signs nothing
	return o, chip, o.Card.ParseCard(strings.Join(parts, ","))
}

// testNumbers are card numbers without check digit, with a prefix that no real card has.
const testNumbers = 924699_0000_0000_000

func parseChip(text string) (emu.Chip, error) {
	for _, c := range []emu.Chip{emu.EV1, emu.EV2, emu.EV3} {
		if c.String() == text {
			return c, nil
		}
	}
	return 0, fmt.Errorf("chip %q: want %v, %v or %v", text, emu.EV1, emu.EV2, emu.EV3)
}

func parseProfile(text string) (servicepoint.Profile, error) {
	for _, p := range []servicepoint.Profile{servicepoint.Enciphered, servicepoint.Readable} {
		if p.String() == text {
			return p, nil
		}
	}
	return 0, fmt.Errorf("profile %q: want %v or %v", text, servicepoint.Enciphered,
		servicepoint.Readable)
}

// load loads a card at a service point.
func (w *Simulation) load(_ context.Context, st Statement) ([]string, error) {
	words, err := st.words(-3)
	if err != nil {
		return nil, err
	}
	card, err := w.card(words[0])
	if err != nil {
		return nil, err
	}
	change, err := w.change(words[1:])
	if err != nil {
		return nil, err
	}
	_, err = servicepoint.Load(emu.Air{}.Present(card), w.Keys, w.Rand, change)
	var refused *sale.Refusal
	if errors.As(err, &refused) {
		return []string{"refused   " + refused.Error()}, nil
	}
	return nil, err
}

// change is the change of the words after load NAME.
func (w *Simulation) change(words []string) (servicepoint.Change, error) {
	t, err := w.Tariff.At(w.Area, w.Clock.Now())
	if err != nil {
		return nil, err
	}
	terms := sale.Sale{At: w.Clock.Now(), Organisation: 1, Device: 1, Again: true}
	switch {
	case words[0] == "value" && len(words) == 2:
		amount, err := cardlayout.ParseCents(words[1])
		return func(c cardlayout.Card) (cardlayout.Card, error) {
			return sale.LoadValue(c, terms, t, amount)
		}, err
	case words[0] == "season" && len(words) == 3:
		product, bad := strconv.ParseUint(words[1], 10, 14)
		zones, err := cardlayout.ParseZones(words[2])
		if bad != nil {
			err = fmt.Errorf("product %q: want its code", words[1])
		}
		return func(c cardlayout.Card) (cardlayout.Card, error) {
			return sale.LoadSeason(c, terms, t, uint16(product), zones)
		}, err
	}
	return nil, errors.New("want value AMOUNT or season PRODUCT ZONES after the name")
}
