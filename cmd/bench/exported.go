package main

import (
	"context"
	"fmt"
	"os"

	"leima/validator/journal"
)

// An export is what "depot export" or "bench journal export --format cbor" has written, of any
// number of devices. It is read as a depot's settlement reads its store: each entry counts once,
// and what has parted from what came before does not.
type export struct {
	*bench
	name string
	each func(journal.Entry) error

	counted map[entryName][32]byte // the hash there
	last    journal.Item
	parted  uint64 // the first entry of what has parted; 0: nothing has, so far
}

// An entryName is where an entry is in which device's journal.
type entryName struct {
	device   uint16
	position uint64
}

// exported is the content of an export, and its name for errors; nil if a path names anything else.
func (b *bench) exported(ctx context.Context, path string) (name string, raw []byte, err error) {
	name, from := "standard input", b.in
	if path != standard {
		if is, err := os.Stat(path); err != nil || is.IsDir() {
			return path, nil, nil // a journal is a folder
		}
		file, err := os.Open(path)
		if err != nil {
			return path, nil, unreadable(path, err)
		}
		defer file.Close()
		name, from = path, file
	}
	if raw, err = await(ctx, from); err != nil {
		return name, nil, unreadable(name, err)
	}
	if len(raw) == 0 {
		return name, nil, mistake(fmt.Errorf("%s is empty: a device has sent nothing, or what "+
			"should have written it has failed", name))
	}
	if _, _, none := journal.ReadItem(raw); none != nil && path != standard {
		return name, nil, nil // perhaps a journal of the former format
	}
	return name, raw, nil
}

// read reads all items.
func (x *export) read(ctx context.Context, raw []byte) error {
	for len(raw) > 0 {
		item, rest, err := journal.ReadItem(raw)
		switch {
		case ctx.Err() != nil:
			return errStopped
		case err != nil:
			return refusal(fmt.Errorf("%s: what stands after entry %d of device %d %w: it was cut "+
				"or changed: export it again", x.name, x.last.Position, x.last.Device, err))
		case item.IsHead():
		default:
			err = x.add(&item)
		}
		if err != nil {
			return err
		}
		raw = rest
	}
	x.told()
	return nil
}

// add adds an entry.
func (x *export) add(i *journal.Item) error {
	before := entryName{i.Device, i.Position - 1}
	goesOn := x.last.Device == i.Device && x.last.Position == before.position
	hash, known := x.counted[before]
	if before.position == 0 {
		hash, known = journal.Beginning(i.Device), true
	}
	if goesOn && !i.Follows(x.last.Hash) || before.position == 0 && !i.Follows(hash) {
		return refusal(fmt.Errorf("%s: entry %d of device %d is not as it was written: export it "+
			"again", x.name, i.Position, i.Device))
	}
	if !goesOn {
		x.told()
	}
	x.last = *i
	at := entryName{i.Device, i.Position}
	switch is, twice := x.counted[at]; {
	case twice && is == i.Hash:
		return nil
	case twice, known && !i.Follows(hash), goesOn && x.parted != 0:
		if x.parted == 0 {
			x.parted = i.Position
		}
		return nil
	}
	x.counted[at] = i.Hash
	entry, err := i.Entry()
	if err == nil {
		err = x.each(entry)
	}
	return err
}

// told says of entries that have parted from what came before that they do not count.
func (x *export) told() {
	if x.parted != 0 {
		x.remark("bench: device %d has two journals: entries %d to %d do not follow what came "+
			"before, and are not counted: its disk was copied, or somebody lies", x.last.Device,
			x.parted, x.last.Position)
	}
	x.parted = 0
}
