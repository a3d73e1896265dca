package emu

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"leima/hw"
)

// Air is the radio link of a contact. Its zero value is the slowest bit rate without a tear.
type Air struct {
	Rate Rate
	Tear Tear

	// Sleep lets the modelled time pass; if nil it is only counted.
	Sleep func(time.Duration)
}

// A Tear takes the card away in the middle of a conversation.
type Tear struct {
	// Exchange counts block exchanges from the activation: 1 is the first, 0 is no tear. The blocks
	// of a chain count one by one: a command of c blocks and an answer of r blocks are c+r-1
	// exchanges, and the card acts at the c-th.
	Exchange int

	// Code tears at the first command with this code instead, at the exchange at which the card
	// acts on it; 0 is none.
	Code byte

	Side Side
}

// at turns a tear at a command code into one at an exchange, if this command has the code.
func (t Tear) at(command []byte, done, sent int) Tear {
	if t.Code != 0 && code(command) == t.Code {
		t.Exchange = done + sent
	}
	return t
}

// A Side is the side of the card's action on which the tear is. It matters only at the exchange at
// which the card acts.
type Side uint8

// The sides of a tear.
const (
	Before Side = iota // the card does not receive the block
	After              // the card has acted, its answer is lost
)

func (s Side) String() string {
	if s == Before {
		return "before"
	}
	return "after"
}

// spares reports whether the card receives a command of that many blocks despite the tear, the
// first block being the exchange after done.
func (t Tear) spares(done, sent int) bool {
	at := t.Exchange - done
	return t.Exchange > 0 && (at < sent || at == sent && t.Side == Before)
}

// Stats counts a contact's traffic.
type Stats struct {
	Commands  int // sent, whether received or not
	Exchanges int // block exchanges, those of chains one by one
	Sent      int // bytes of commands
	Received  int // bytes of answers that arrived
	Pages     int // of 32 bytes, written by the card

	// Times is the modelled time at each Rate, activation included. The command at which the card
	// was torn away counts fully.
	Times [4]time.Duration
}

// A Contact is one presentation of a card to a reader. It implements hw.Card.
type Contact struct {
	card  *Card
	air   Air
	frame int
	uid   []byte
	ats   []byte
	gone  chan struct{} // closed when the contact ends

	mu    sync.Mutex // never held while sleeping
	end   error      // why the contact has ended; nil before
	owed  time.Duration
	stats Stats
}

var _ hw.Card = (*Contact)(nil)

// Present brings the card into the field and powers it up, without authentication, at PICC level,
// and without uncommitted writes. An earlier contact of the card ends, since a card cannot be in
// two fields.
func (a Air) Present(c *Card) *Contact {
	k := &Contact{card: c, air: a, gone: make(chan struct{})}
	var ended *Contact
	ended, k.frame, k.uid, k.ats = c.powerUp(k)
	k.pass(func(Rate) time.Duration { return activationTime })
	if ended != nil {
		ended.Leave()
	}
	return k
}

// Transmit sends one command to the card, or to the reader if its class is FF.
func (k *Contact) Transmit(command []byte) ([]byte, error) {
	if len(command) == 0 {
		return nil, errors.New("emu: an empty command")
	}
	if err := k.ended(); err != nil {
		return nil, err
	}
	if command[0] == classReader {
		return k.reader(command), nil
	}
	response := k.exchange(command)
	if k.air.Sleep != nil {
		k.air.Sleep(k.due())
	}
	if err := k.ended(); err != nil {
		return nil, err
	}
	return response, nil
}

// exchange carries the command to the card and the answer back, unless torn.
func (k *Contact) exchange(command []byte) []byte {
	done, sent := k.Stats().Exchanges, blocks(len(command), k.frame)
	tear := k.air.Tear.at(command, done, sent)
	if tear.spares(done, sent) {
		k.count(Stats{Commands: 1, Exchanges: tear.Exchange - done, Sent: len(command)})
		k.spend(len(command), 0, work{})
		k.leave(torn(tear))
		return nil
	}
	response, cost, heard := k.card.hear(k, command)
	if !heard {
		k.Leave()
		return nil
	}
	t := Stats{
		Commands: 1, Exchanges: sent + blocks(len(response), k.frame) - 1,
		Sent: len(command), Received: len(response), Pages: cost.pages,
	}
	lost := tear.Exchange > 0 && tear.Exchange <= done+t.Exchanges
	if lost {
		t.Exchanges, t.Received = tear.Exchange-done, 0
	}
	k.count(t)
	k.spend(len(command), len(response), cost)
	if lost {
		k.leave(torn(tear))
	}
	return response
}

func torn(t Tear) error {
	return fmt.Errorf("emu: torn %v exchange %d: %w", t.Side, t.Exchange, hw.ErrRemoved)
}

// reader answers PC/SC's Get Data for the UID and the ATS of the card (PC/SC part 3), without the
// radio link.
func (k *Contact) reader(command []byte) []byte {
	switch {
	case len(command) < 4 || len(command) > 5:
		return word(swWrongLength)
	case command[1] != 0xCA:
		return word(swFunctionUnknown)
	case command[2] == 0x00 && command[3] == 0x00:
		return append(append([]byte{}, k.uid...), word(swOK)...)
	case command[2] == 0x01 && command[3] == 0x00:
		return append(append([]byte{}, k.ats...), word(swOK)...)
	}
	return word(swWrongP1P2)
}

// Leave takes the card away. Every later Transmit returns hw.ErrRemoved, and so does one that is
// under way: whether the card has acted is then unknown.
func (k *Contact) Leave() { k.leave(fmt.Errorf("emu: %w", hw.ErrRemoved)) }

func (k *Contact) leave(why error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.end != nil {
		return
	}
	k.end = why
	close(k.gone)
}

func (k *Contact) ended() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.end
}

// Stats returns the counts so far.
func (k *Contact) Stats() Stats {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.stats
}

func (k *Contact) count(t Stats) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.stats.Commands += t.Commands
	k.stats.Exchanges += t.Exchanges
	k.stats.Sent += t.Sent
	k.stats.Received += t.Received
	k.stats.Pages += t.Pages
}

// spend adds the time of one command at every bit rate.
func (k *Contact) spend(sent, received int, cost work) {
	k.pass(func(r Rate) time.Duration {
		return conversation(r, sent, received, k.frame).duration() + cost.duration()
	})
}

// pass adds time: to the stats at every rate, and to the time still to be slept at the rate in use.
func (k *Contact) pass(at func(Rate) time.Duration) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for r := range Rate(rates) {
		k.stats.Times[r] += at(r)
	}
	k.owed += at(k.air.Rate)
}

// due returns the time that was counted and not yet slept; the activation's with the first command.
func (k *Contact) due() time.Duration {
	k.mu.Lock()
	defer k.mu.Unlock()
	d := k.owed
	k.owed = 0
	return d
}
