package emu

import (
	"crypto/rand"
	"fmt"
	"io"
	"sync"
	"time"
)

// Config describes a card as delivered: empty, with one key.
type Config struct {
	UID   [7]byte   // the first byte is 04, for NXP
	Key   [16]byte  // the PICC master key, AES-128, version 0
	Rand  io.Reader // source of RndB and TI; nil is crypto/rand
	Frame int       // largest frame either way: 64, 128 or 256 bytes; 0 is 64

	// Blank leaves the PICC master key as delivered: a single DES key of zeros. Key is then
	// ignored.
	Blank bool

	Chip   Chip    // generation; EV2 if not set
	Memory int     // 2048, 4096 or 8192 bytes; 0 is the chip's usual
	Batch  [7]byte // the end of GetVersion: batch number, week and year; 0 is one of ours

	// Signature is the answer to Read_Sig of an EV2 or EV3. Only NXP can sign: another value, zeros
	// by default, proves nothing.
	Signature [56]byte
}

// A Card is one DESFire card. Its methods may be called from several goroutines; at most one
// Contact at a time is served.
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
	dam    [damKeys]key   // of the PICC; without a secret until set
	apps   []*application // in the order of their creation
	config configuration

	power power
	keep  func() error // nil: the card is only in memory
}

// power is the state that the card loses with the field.
type power struct {
	contact *Contact // the contact that powers the card
	frame   int      // as reported in the ATS
	uid     []byte   // as reported at the activation
	app     *application
	ef      *file   // selected for the ISO commands; nil: none
	session session // nil: not authenticated

	// next continues a chain of frames at AF; nil if there is no chain.
	next func(more []byte) ([]byte, status)

	handshake isoHandshake
	pending   transaction
	work      work
}

// work is the card's work for a command, for the model of time.
type work struct {
	time  time.Duration
	pages int

	committed bool
}

// New returns a card with an empty memory. An impossible frame or memory size is a programmer's
// error.
func New(c Config) *Card {
	card := &Card{
		uid: c.UID, chip: c.Chip, memory: c.Memory, batch: c.Batch,
		signature: c.Signature,
	}
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
	card.root = application{
		settings: factorySettings,
		keySet:   keySet{kind: typeAES, keys: []key{aesKey(c.Key[:])}},
	}
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

// SetFrame sets the largest frame: 64, 128 or 256 bytes, 0 for 64; an EV1 supports only 64. It
// takes effect at the next power-up.
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

// SetRand sets the source of the card's random numbers; nil is crypto/rand. If it fails, the card
// answers with status EE.
func (c *Card) SetRand(r io.Reader) {
	if r == nil {
		r = rand.Reader
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rand = r
}

// OnCommit sets a function that stores the card after each commit, before the answer: what a reader
// was told outlives this program. A card that cannot be stored does not answer again during that
// contact. keep may call Save.
func (c *Card) OnCommit(keep func() error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep = keep
}

// powerUp resets everything but the memory. It returns the contact that it ends, and what the card
// reports at its activation.
func (c *Card) powerUp(by *Contact) (ended *Contact, frame int, uid, ats []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	ended = c.power.contact
	c.power = power{contact: by, frame: c.frame, app: &c.root, uid: c.activationUID()}
	return ended, c.frame, c.power.uid, c.ats()
}

// hear answers one command of the contact that powers the card, and returns the work. Another
// contact is not answered.
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

// drop is the effect of every error: the authentication ends, the transaction is aborted, a chain
// of frames is dropped.
func (c *Card) drop() {
	c.power.session = nil
	c.power.pending = transaction{}
	c.power.next = nil
	c.power.handshake = isoHandshake{}
}

// enter selects an application, and resets all else.
func (c *Card) enter(a *application) {
	c.drop()
	c.power.app, c.power.ef = a, nil
}

// spend adds the pages that a write of n bytes at offset touches.
func (c *Card) spend(offset, n int) {
	c.power.work.pages += (offset+n-1)/pageLen - offset/pageLen + 1
}
