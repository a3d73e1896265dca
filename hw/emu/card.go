package emu

import (
	"crypto/rand"
	"fmt"
	"io"
	"sync"
	"time"
)

// Config describes a card as it comes from the factory: empty, with one key.
type Config struct {
	UID   [7]byte   // the first byte is 04, the number of the maker, NXP
	Key   [16]byte  // the PICC master key, AES-128, version 0
	Rand  io.Reader // where RndB and TI come from; nil means crypto/rand
	Frame int       // largest frame either way: 64, 128 or 256 bytes; 0 means 64
}

// A Card is one DESFire EV2 card with 8 KB of memory. Its methods may be called
// from several goroutines; at most one Contact at a time is served.
type Card struct {
	mu    sync.Mutex
	uid   [7]byte
	frame int
	rand  io.Reader

	root application    // the PICC level, AID 000000: a key and no files
	apps []*application // in the order of their creation

	power power
}

// power is all that the card forgets when the field goes.
type power struct {
	contact *Contact // the visit that feeds the card
	frame   int      // as told in the ATS
	app     *application
	session *session // nil: not authenticated

	// next goes on with a chain of frames when AF comes; nil: there is no chain.
	next func(more []byte) ([]byte, status)

	pending transaction
	work    work
}

// work is what a command cost the card, for the model of time.
type work struct {
	time  time.Duration
	pages int
}

// New returns a card with an empty memory. A frame length that no card has is a
// programmer's error.
func New(c Config) *Card {
	card := &Card{
		uid:  c.UID,
		root: application{settings: factorySettings, keys: []key{{secret: c.Key}}},
	}
	card.SetFrame(c.Frame)
	card.SetRand(c.Rand)
	card.powerUp(nil)
	return card
}

// UID returns the card's serial number.
func (c *Card) UID() [7]byte { return c.uid }

// SetFrame sets the largest frame: 64, 128 or 256 bytes, 0 for 64. It counts from
// the next time the card comes into a field.
func (c *Card) SetFrame(n int) {
	if n == 0 {
		n = frames[0].length
	}
	if frameCode(n) == 0 {
		panic(fmt.Sprintf("emu: internal error: no card has frames of %d bytes", n))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frame = n
}

// SetRand sets where the card's random numbers come from; nil means crypto/rand.
// A source that fails is answered with status EE.
func (c *Card) SetRand(r io.Reader) {
	if r == nil {
		r = rand.Reader
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rand = r
}

// powerUp is what happens when the card comes into a field: nothing is left of
// what went before but the memory. It returns the visit that this one ends, and
// the frame length that holds for the new one.
func (c *Card) powerUp(by *Contact) (ended *Contact, frame int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ended = c.power.contact
	c.power = power{contact: by, frame: c.frame, app: &c.root}
	return ended, c.frame
}

// hear answers one command of the contact that feeds the card, and says what it
// cost. Another contact is not heard at all.
func (c *Card) hear(by *Contact, command []byte) (answer []byte, cost work, heard bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.power.contact != by {
		return nil, work{}, false
	}
	c.power.work = work{time: simpleTime}
	answer = c.answer(command)
	return answer, c.power.work, true
}

// drop is what every error does: the authentication ends, the transaction is
// aborted, a chain of frames is forgotten.
func (c *Card) drop() {
	c.power.session = nil
	c.power.pending = transaction{}
	c.power.next = nil
}

// enter selects an application, which begins everything anew.
func (c *Card) enter(a *application) {
	c.drop()
	c.power.app = a
}

// spend books the pages that writing n bytes at offset touches.
func (c *Card) spend(offset, n int) {
	c.power.work.pages += (offset+n-1)/pageLen - offset/pageLen + 1
}
