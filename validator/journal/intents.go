package journal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"slices"

	"leima/cardlayout"
	"leima/validator"
)

// An intent is an open intent.
type intent struct {
	event *event
	value []byte // as in the log
	card  cardKey
	slot  int64 // the place of the hash of a sealed card in the newest segment; 0: none

	// spoiled is set if the slot holds something else. Zeros mean that the card is not known: its
	// end was durable, and is lost.
	spoiled bool
}

// intents are all open intents, in memory: a tap looks for those of its card, and must not wait for
// a disk that it need not write to.
type intents struct {
	numbered map[uint32]intent
	ofCard   map[cardKey][]uint32 // oldest first
}

func newIntents() intents {
	return intents{numbered: make(map[uint32]intent), ofCard: make(map[cardKey][]uint32)}
}

// add adds an intent that is newer than all others, and returns how many slots of its record it
// uses: one, the given, if its card is sealed.
func (i *intents) add(e *event, value []byte, r *record, slot int) (used int) {
	added := intent{event: e, value: bytes.Clone(value), card: cardKey{card: e.Card}}
	if e.Sealed != nil && slot*slotSize < len(r.slots) {
		added.slot, used = r.at+int64(slot*slotSize), 1
		if hash, filled, whole := r.card(slot); whole {
			added.card.hash = hash
		} else {
			added.spoiled = filled
		}
	}
	i.numbered[e.Sequence] = added
	i.ofCard[added.card] = append(i.ofCard[added.card], e.Sequence)
	return used
}

func (i *intents) remove(sequence uint32) {
	of := i.numbered[sequence].card
	delete(i.numbered, sequence)
	at := slices.Index(i.ofCard[of], sequence)
	i.ofCard[of] = slices.Delete(i.ofCard[of], at, at+1)
	if len(i.ofCard[of]) == 0 {
		delete(i.ofCard, of)
	}
}

// newSecret is the secret for finding a card's open intents, derived from the device's key if there
// is one.
func newSecret(device ed25519.PrivateKey) []byte {
	if device == nil {
		return randomSecret()
	}
	mac := hmac.New(sha256.New, device.Seed())
	mac.Write([]byte("leima journal open intents"))
	return mac.Sum(nil)
}

// A cardKey identifies the card of an open intent: by the card's number, or if that is sealed by a
// hash of it under the device's secret.
type cardKey struct {
	card cardlayout.Number
	hash [16]byte
}

// hashedKey is the key of a sealed card, under the device's secret.
func hashedKey(secret []byte, card cardlayout.Number) (w cardKey) {
	mac := hmac.New(sha256.New, secret)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(card)))
	copy(w.hash[:], mac.Sum(nil))
	return w
}

// of are the intents of a card under its keys, oldest first.
func (i *intents) of(card cardlayout.Number, keys ...cardKey) (events []validator.Event) {
	for _, w := range keys {
		for _, sequence := range i.ofCard[w] {
			event := i.numbered[sequence].event.exported()
			event.Card = card
			events = append(events, event)
		}
	}
	return events
}

// legible is the error of an intent whose card cannot be told, if any.
func (i *intents) legible() error {
	for sequence, open := range i.numbered {
		if open.spoiled {
			return fmt.Errorf("%w: whose the open event %d is cannot be read", ErrDamaged, sequence)
		}
	}
	return nil
}
