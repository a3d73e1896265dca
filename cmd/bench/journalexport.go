package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"leima/validator/journal"
)

type journalVerifyCommand struct {
	Journal string `arg:"" help:"The journal. That of a running validator must be copied first."`
}

func (*journalVerifyCommand) examples() string { return "bench journal verify journal" }

// Help implements kong.HelpProvider.
func (*journalVerifyCommand) Help() string {
	return `Follows the chain of hashes through everything that is kept, archives included, and
names the first entry that is not as it was written. Where the oldest entries were pruned
the chain begins at the hash that the journal keeps of the last of them. Whoever has once
seen a hash, in an export for example, can tell that nothing before it was changed since.

Exit code 1 says that the journal is not as it was written.`
}

// Run verifies the journal.
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
	x := j.Extent()
	b.say("device %d, entries %d to %d, acknowledged up to %d, %d bytes, %d open",
		j.Next().Device, x.First, x.Last, x.Acknowledged, x.Size, x.Open)
	b.say("verified: every entry is as it was written, up to hash %x", x.Hash)
	return nil
}

type journalExportCommand struct {
	Journal string `arg:"" help:"The journal. That of a running validator must be copied first."`

	After  uint64 `help:"Only the entries after this position." placeholder:"N"`
	Most   int    `help:"At most so many." placeholder:"N"`
	Format string `enum:"json,cbor" default:"json" help:"Or cbor."`
}

func (*journalExportCommand) examples() string {
	return "bench journal export journal --after 2 --most 3"
}

// Help implements kong.HelpProvider.
func (*journalExportCommand) Help() string {
	return `Writes the entries that a journal keeps, in order, with whole card numbers: what an
uploader sends. Device and position name an entry for ever, so that it does no harm to send
it twice. What has arrived is acknowledged by its position.

json is one object in each line: device, position, hash, kind and, by kind, event (intent,
record) or of (settle, void, in doubt: the sequence of the event it is about) and signature
(settle). An event has the fields that "bench journal show --json" has.

cbor is a CBOR sequence (RFC 8742) of maps: 1 device, 2 position, 3 hash, 4 entry, which is
byte for byte what the hash is taken over: SHA-256 over the hash before it and the entry.
The numbers within an entry are listed in validator/journal/doc.go.`
}

// exportedAnswer is one line of the export.
type exportedAnswer struct {
	Device uint16 `json:"device"`
	entryAnswer
}

// errEnough ends an export that has written what was asked for.
var errEnough = errors.New("enough")

// Run exports entries.
func (c *journalExportCommand) Run(ctx context.Context, b *bench) error {
	j, err := openToRead(c.Journal)
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
			_, _ = b.out.Write(item) // the output remembers what is lost
			return next()
		})
	} else {
		lines := json.NewEncoder(b.out)
		lines.SetEscapeHTML(false)
		err = j.Entries(c.After+1, func(e journal.Entry) error {
			return errors.Join(lines.Encode(exportedAnswer{j.Next().Device, entryOf(e)}), next())
		})
	}
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

type journalAckCommand struct {
	Journal  string `arg:"" help:"The journal of a validator that does not run."`
	Position uint64 `arg:"" help:"Up to here every entry has arrived."`
}

func (*journalAckCommand) examples() string { return "bench journal ack journal 4" }

// Help implements kong.HelpProvider.
func (*journalAckCommand) Help() string {
	return `Notes that the entries up to a position are kept elsewhere for good. The journal may
then drop them, the oldest first, once half of its limit is used, and never others. To say
it again does no harm.

A validator that runs keeps its journal to itself, and acknowledges by its uploader.`
}

// Run acknowledges entries.
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
