package main

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"leima/validator/journal"
	"leima/validator/lists/bundle"
)

type journalVerifyCommand struct {
	Journal string `arg:"" help:"The journal. That of a running validator must be copied first."`

	Public []string `placeholder:"KEY" help:"The device's public key: hold it to its heads."`
}

func (*journalVerifyCommand) examples() string { return "bench journal verify journal" }

func (*journalVerifyCommand) Help() string {
	return `Follows the chain of hashes through all stored entries and names the first that is
not as it was written. If the oldest entries were pruned the chain begins at the stored hash
of the last of them. With a known hash, from an export for example, one
can verify that nothing before it was changed.

A chain that was rewritten as a whole is valid. A device therefore signs the head of its
journal at each end of a shift, with each segment and when it is stopped, into the file
.heads beside the journal. With --public the journal is compared with them: each signed entry
must be there and the same; the answer says up to which. Later entries are not signed yet;
and an old journal restored with its old heads is found only by a later head, as in an
export. The key is shown when the device is commissioned, and in its log at each start.

Exit code 1 means that the journal is not as it was written, or not as it was signed.`
}

func (c *journalVerifyCommand) Run(_ context.Context, b *bench) error {
	j, err := openToRead(c.Journal)
	if err != nil {
		return err
	}
	defer j.Close()
	if err := j.Verify(nil); errors.Is(err, journal.ErrDamaged) {
		return refusal(err)
	} else if err != nil {
		return err
	}
	if err := j.Loss(); err != nil {
		return refusal(err)
	}
	x := j.Extent()
	b.say("device %d, entries %d to %d, acknowledged up to %d, %d bytes, %d open",
		j.Next().Device, x.First, x.Last, x.Acknowledged, x.Size, x.Open)
	b.say("verified: every entry is as it was written, up to hash %x", x.Hash)
	return c.signed(b, j, x.Last)
}

// signed compares the journal with its signed heads.
func (c *journalVerifyCommand) signed(b *bench, j *journal.Journal, last uint64) error {
	if len(c.Public) == 0 {
		return nil
	}
	var keys []ed25519.PublicKey
	for _, text := range c.Public {
		var key bundle.PublicKey
		if err := key.UnmarshalText([]byte(text)); err != nil {
			return mistake(errors.New("--public: want the 44 characters that the device has told"))
		}
		keys = append(keys, key[:])
	}
	upTo, err := j.VerifySigned(keys...)
	if errors.Is(err, journal.ErrDamaged) {
		return refusal(err)
	}
	if err == nil {
		b.say("signed: every entry up to %d of %d is the device's", upTo, last)
	}
	return err
}

type journalExportCommand struct {
	Journal string `arg:"" help:"The journal. That of a running validator must be copied first."`

	Office backOfficeKeys `placeholder:"FILE" help:"The back office's key, or the test key."`

	After  uint64 `help:"Only the entries after this position." placeholder:"N"`
	Most   int    `help:"At most so many." placeholder:"N"`
	Format string `enum:"json,cbor" default:"json" help:"Or cbor."`
	Key    string `placeholder:"FILE" help:"On the device: sign the head with its key first."`
}

func (*journalExportCommand) examples() string {
	return "bench journal export journal --after 2 --most 3"
}

func (*journalExportCommand) Help() string {
	return `Writes the entries that a journal keeps, in order, with whole card numbers: what an
uploader sends. Device and position name an entry for ever, so that it does no harm to send
it twice. What has arrived is acknowledged by its position.

Whose card an event is of is sealed to the back office's key, on a bus: JSON says it with
--office, and else as it was sealed; CBOR is sealed always.

json is one object in each line: device, position, hash, kind and, by kind, event (intent,
record) or of (settle, void, in doubt: the sequence of the event it is about) and signature
(settle). An event has the fields that "bench journal show --json" has.

cbor is a CBOR sequence (RFC 8742) of maps: 1 device, 2 position, 3 hash, 4 entry, which is
byte for byte what the hash is taken over: SHA-256 over the hash before it and the entry.
The numbers within an entry are listed in validator/journal/doc.go.

The last head that the device has signed follows behind the entries, if there is one: in JSON
an object of kind "head" with head, public and signature, all in hex; in CBOR a map with
5 head, 6 public key and 7 signature in the place of 4. Signed are the bytes "leima journal
head", a zero byte, and the head. It needs no entry to be new, and may be kept from any export.`
}

// headAnswer is a signed head as JSON.
type headAnswer struct {
	Device    uint16 `json:"device"`
	Position  uint64 `json:"position"`
	Kind      string `json:"kind"`
	Hash      string `json:"hash"`
	Head      string `json:"head"`
	Public    string `json:"public"`
	Signature string `json:"signature"`
}

// exportedAnswer is one line of the export.
type exportedAnswer struct {
	Device uint16 `json:"device"`
	entryAnswer
}

// errEnough ends an export after the requested entries.
var errEnough = errors.New("enough")

func (c *journalExportCommand) Run(ctx context.Context, b *bench) error {
	office, err := c.Office.read()
	if err != nil {
		return err
	}
	j, err := c.open()
	if err != nil {
		return err
	}
	defer j.Close()
	written := 0
	next := func() error {
		if written++; written == c.Most {
			return errEnough
		}
		return stopped(ctx)
	}
	if c.Format == "cbor" {
		err = j.Export(c.After, func(_ uint64, item []byte) error {
			b.out.binary(item)
			return next()
		})
	} else {
		lines := json.NewEncoder(b.out)
		lines.SetEscapeHTML(false)
		err = j.Entries(c.After+1, func(e journal.Entry) error {
			if err := office.Open(&e); err != nil && len(c.Office) > 0 {
				return sealed(c.Journal, err)
			}
			return errors.Join(lines.Encode(exportedAnswer{j.Next().Device, entryOf(e)}), next())
		})
	}
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	return c.head(b, j)
}

// open opens the journal, and signs its head if requested.
func (c *journalExportCommand) open() (*journal.Journal, error) {
	if c.Key == "" {
		return openToRead(c.Journal)
	}
	key, err := signingKey(c.Key)
	if err != nil {
		return nil, err
	}
	j, err := journal.Open(c.Journal)
	if err != nil {
		return nil, err
	}
	if err := j.SignWith(key); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

// head writes the last signed head.
func (c *journalExportCommand) head(b *bench, j *journal.Journal) error {
	h, signed, err := j.SignedHead()
	switch {
	case err != nil || !signed:
		return err
	case c.Format == "cbor":
		item, err := h.Export(j.Next().Device)
		b.out.binary(item)
		return err
	}
	return json.NewEncoder(b.out).Encode(headAnswer{
		Device: j.Next().Device, Position: h.Position, Kind: "head",
		Hash: hex.EncodeToString(h.Hash[:]), Head: hex.EncodeToString(h.Head),
		Public: hex.EncodeToString(h.Public), Signature: hex.EncodeToString(h.Signature),
	})
}

type journalAckCommand struct {
	Journal  string `arg:"" help:"The journal of a validator that does not run."`
	Position uint64 `arg:"" help:"Up to here every entry has arrived."`
}

func (*journalAckCommand) examples() string { return "bench journal ack journal 4" }

func (*journalAckCommand) Help() string {
	return `Notes that the entries up to a position are kept elsewhere for good. The journal may
then drop them, the oldest first, once half of its limit is used, and never others. To say
it again does no harm.

A validator that runs keeps its journal to itself, and acknowledges by its uploader.`
}

func (c *journalAckCommand) Run(_ context.Context, b *bench) (err error) {
	j, err := journal.Open(c.Journal)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	if x := j.Extent(); c.Position > x.Last {
		return refusal(fmt.Errorf("%s has no entry %d: its last is %d: nothing was acknowledged",
			c.Journal, c.Position, x.Last))
	}
	if err := j.Acknowledge(c.Position); err != nil {
		return err
	}
	x := j.Extent()
	b.say("acknowledged up to entry %d of %d", x.Acknowledged, x.Last)
	return nil
}
