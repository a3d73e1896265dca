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

	// Blank leaves the PICC master key as the maker does: a single DES key of
	// zeros. Key is then not looked at.
	Blank bool

	Chip   Chip    // which generation; EV2 when not set
	Memory int     // 2048, 4096 or 8192 bytes; 0 means the chip's usual
	Batch  [7]byte // ends GetVersion: batch number, week and year; 0 means one of ours

	// Signature is what Read_Sig tells of an EV2 or EV3. Only NXP can sign: what it
	// has not signed, zeros by default, proves nothing to anybody.
	Signature [56]byte
}

// A Card is one DESFire card. Its methods may be called from several goroutines;
// at most one Contact at a time is served.
type Card struct {
	mu     sync.Mutex
	uid    [7]byte
	chip   Chip
	memory int
	batch  [7]byte

	signature [signatureLen]byte

	frame int
	rand  io.Reader

	root   application    // the PICC level, AID 000000: a key and no files
	dam    [damKeys]key   // of the PICC too; without a secret until they are set
	apps   []*application // in the order of their creation
	config configuration

	power power
	keep  func() error // nil: the memory of this program is its only one
}

// power is all that the card forgets when the field goes.
type power struct {
	contact *Contact // the visit that feeds the card
	frame   int      // as told in the ATS
	uid     []byte   // as told at the activation
	app     *application
	ef      *file   // selected for the ISO commands; nil: none
	session session // nil: not authenticated

	// next goes on with a chain of frames when AF comes; nil: there is no chain.
	next func(more []byte) ([]byte, status)

	handshake isoHandshake
	pending   transaction
	work      work
}

// work is what a command cost the card, for the model of time.
type work struct {
	time  time.Duration
	pages int

	committed bool
}

// New returns a card with an empty memory. A frame or memory size that no card has
// is a programmer's error.
func New(c Config) *Card {
	card := &Card{uid: c.UID, chip: c.Chip, memory: c.Memory, batch: c.Batch,
		signature: c.Signature}
	if c.Chip >= chips {
		panic("emu: internal error: no such chip")
	}
	if card.memory == 0 {
		card.memory = makes[c.Chip].memory
	}
	if memoryCode(card.memory) == 0 {
		panic(fmt.Sprintf("emu: internal error: no card has a memory of %d bytes", c.Memory))
	}
	if card.batch == [7]byte{} {
		card.batch = production
	}
	card.root = application{settings: factorySettings,
		keySet: keySet{kind: typeAES, keys: []key{aesKey(c.Key[:])}}}
	if c.Blank {
		card.root.kind, card.root.keys = typeDES, blankKeys(typeDES, 1)
	}
	card.SetFrame(c.Frame)
	card.SetRand(c.Rand)
	card.powerUp(nil)
	return card
}

// UID returns the card's serial number.
func (c *Card) UID() [7]byte { return c.uid }

// SetFrame sets the largest frame: 64, 128 or 256 bytes, 0 for 64; an EV1 knows 64
// only. It counts from the next time the card comes into a field.
func (c *Card) SetFrame(n int) {
	if n == 0 {
		n = frames[0].length
	}
	if !c.chip.frames(n) {
		panic(fmt.Sprintf("emu: internal error: no card has frames of %d bytes", n))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frame = n
}

func (p Chip) frames(n int) bool { return frameCode(n) != 0 && n <= makes[p].frame }

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

// OnCommit has the card kept after each commit, before it answers: what it has told a reader
// outlives this program. A card that cannot be kept answers nothing more on that visit. keep
// may call Save.
func (c *Card) OnCommit(keep func() error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep = keep
}

// powerUp is what happens when the card comes into a field: nothing is left of
// what went before but the memory. It returns the visit that this one ends, and
// what the card tells at its activation.
func (c *Card) powerUp(by *Contact) (ended *Contact, frame int, uid, ats []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ended = c.power.contact
	c.power = power{contact: by, frame: c.frame, app: &c.root, uid: c.activationUID()}
	return ended, c.frame, c.power.uid, c.ats()
}

// hear answers one command of the contact that feeds the card, and says what it
// cost. Another contact is not heard at all.
func (c *Card) hear(by *Contact, command []byte) (answer []byte, cost work, heard bool) {
	answer, cost, keep, heard := c.act(by, command)
	if cost.committed && keep != nil && keep() != nil {
		return nil, cost, false
	}
	return answer, cost, heard
}

func (c *Card) act(by *Contact, command []byte) (
	answer []byte, cost work, keep func() error, heard bool,
) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.power.contact != by {
		return nil, work{}, nil, false
	}
	c.power.work = work{time: simpleTime}
	answer = c.answer(command)
	return answer, c.power.work, c.keep, true
}

// drop is what every error does: the authentication ends, the transaction is
// aborted, a chain of frames is forgotten.
func (c *Card) drop() {
	c.power.session = nil
	c.power.pending = transaction{}
	c.power.next = nil
	c.power.handshake = isoHandshake{}
}

// enter selects an application, which begins everything anew.
func (c *Card) enter(a *application) {
	c.drop()
	c.power.app, c.power.ef = a, nil
}

// spend books the pages that writing n bytes at offset touches.
func (c *Card) spend(offset, n int) {
	c.power.work.pages += (offset+n-1)/pageLen - offset/pageLen + 1
}
