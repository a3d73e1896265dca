package journal

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"syscall"

	"leima/cardlayout/canonical"
	"leima/hw/clock"
	"leima/hw/disk"
	"leima/validator/journal/former"
)

// formerFile is the file of a journal that has the former format; "" if it has another. While the
// journal is taken over, it has another name.
func formerFile(path string) string {
	for _, name := range []string{path, former.Kept(path)} {
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			return ""
		} else if err == nil {
			return name
		}
	}
	return ""
}

// resolved is the path that a symbolic link names, also one that is not there.
func resolved(path string) string {
	to, err := os.Readlink(path)
	if err == nil && !filepath.IsAbs(to) {
		to = filepath.Join(filepath.Dir(path), to)
	}
	return cmp.Or(to, path)
}

// takeOver takes a journal of the former format over. The new one is complete, and verified, before
// the old one gives up its name, and the old one goes when the new one has it: a power cut at any
// moment leaves one of them whole, and the next opening goes on from there. An old one that may
// have lost an entry stays, and is the loss.
func takeOver(path string, limits Limits) (loss, err error) {
	path = resolved(path)
	draft, kept, folder := draftFolder(path), former.Kept(path), filepath.Dir(path)
	if formerFile(path) == path {
		if err := os.MkdirAll(draft, 0o700); err != nil {
			return nil, err
		}
		lock, err := lock(draft, syscall.LOCK_EX)
		if err != nil {
			return nil, err
		}
		defer func() { _ = disk.Unlock(lock) }() // nothing was written
		if err := convert(path, draft, limits, disk.Sync); err != nil {
			return nil, errors.Join(err, os.RemoveAll(draft))
		}
		if err := disk.Sync.Rename(path, kept); err != nil {
			return nil, err
		}
	}
	if _, err := os.Lstat(kept); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if err := os.Rename(draft, path); err != nil {
			return nil, err
		}
	}
	if err := disk.Sync.Folder(folder); err != nil {
		return nil, err
	}
	if loss := formerLoss(kept); loss != nil {
		return loss, nil
	}
	return nil, errors.Join(os.RemoveAll(former.Archives(path)), os.Remove(kept),
		disk.Sync.Folder(folder))
}

// formerLoss is the loss of an entry of a journal of the former format, if it may be.
func formerLoss(file string) error {
	if former.Whole(file) {
		return nil
	}
	return explain(file, "taking over its former format", errMeta)
}

// openCopy opens a copy of a journal of the former format, which goes when it is closed.
func openCopy(path, file string) (*Journal, error) {
	place, err := os.MkdirTemp("", "journal")
	if err == nil {
		err = convert(file, place, defaultLimits, func(*os.File) error { return nil })
	}
	if err != nil {
		return nil, errors.Join(explain(path, "opening", err), os.RemoveAll(place))
	}
	j, err := openJournal(path, place, defaultLimits, false, disk.Sync)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(place))
	}
	j.copied, j.loss = true, errors.Join(j.loss, formerLoss(file))
	return j, nil
}

// convert fills a folder with the content of a journal of the former format, and verifies both.
func convert(path, place string, limits Limits, flush disk.Flush) error {
	from, err := former.Open(path)
	switch {
	case errors.Is(err, former.ErrInUse):
		return ErrInUse
	case err != nil:
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	defer from.Close()
	var end head
	if err := canonical.Decode.Unmarshal(from.Head, &end); err != nil {
		return fmt.Errorf("%w: its head cannot be read", ErrDamaged)
	}
	if end.Format > format {
		return fmt.Errorf("%w, in format %d", errNewer, end.Format)
	}
	begin, err := formerBeginning(from, end)
	if err == nil {
		err = writeFirst(place, begin, flush)
	}
	if err == nil {
		err = copyFormer(from, end, place, limits, flush)
	}
	if errors.Is(err, former.ErrDamaged) {
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return err
}

// A formerTail is the beginning of a log of the former format.
type formerTail struct {
	Pruned       checkpoint `cbor:"1,keyasint"`
	Acknowledged uint64     `cbor:"2,keyasint,omitzero"`
}

// formerBeginning is the state before the first entry of a journal of the former format. Its open
// intents are those whose entries were pruned. Of one that was closed later only the number is
// known.
func formerBeginning(from *former.Journal, end head) (s state, err error) {
	s = newState(end.Device)
	tail := formerTail{Pruned: s.checkpoint}
	if from.Tail != nil && canonical.Decode.Unmarshal(from.Tail, &tail) != nil {
		return s, fmt.Errorf("%w: its tail cannot be read", ErrDamaged)
	}
	s.checkpoint, s.acknowledged = tail.Pruned, tail.Acknowledged
	s.timing = clock.Memory{Last: timeOf(s.Latest)}
	for _, raw := range from.Paid {
		if err := s.paid.read(raw); err != nil {
			return s, err
		}
	}
	values := maps.Clone(from.Open)
	maps.DeleteFunc(values, func(n uint32, _ []byte) bool { return n > s.Sequence })
	err = from.Values(func(value []byte) error {
		_, _, e, err := parse(value)
		if err == nil && e.Kind.closes() && e.Of <= s.Sequence && values[e.Of] == nil {
			values[e.Of], err = nameless(end.Device, e.Of)
		}
		return err
	})
	for n, value := range values {
		_, _, e, parsed := parse(value)
		err = errors.Join(err, parsed)
		if err != nil || e.Event == nil {
			return s, cmp.Or(err, fmt.Errorf("%w: the open event %d is none", ErrDamaged, n))
		}
		card := cardKey{hash: from.Cards[n]}
		s.open.numbered[n] = intent{event: e.Event, value: value, card: card}
		s.head.Open = toggled(s.head.Open, value)
	}
	return s, err
}

// nameless is the value of an intent of which only the number is known.
func nameless(device uint16, sequence uint32) ([]byte, error) {
	raw, err := canonical.Encode.Marshal(
		&entry{Kind: Intent, Event: &event{Device: device, Sequence: sequence}})
	return append(make([]byte, len(head{}.Hash)), raw...), err
}

// copyFormer writes the log of a journal of the former format into a new one, and verifies it.
func copyFormer(
	from *former.Journal, end head, place string, limits Limits, flush disk.Flush,
) error {
	j := &Journal{path: place, place: place, limits: limits, flush: flush}
	if err := j.load(true); err != nil {
		return err
	}
	j.using.Lock()
	err := from.Values(func(value []byte) error {
		e, err := j.entry(value)
		if err != nil {
			return err
		}
		var cards [][16]byte
		if hash, sealed := from.Cards[e.about()]; sealed && e.Kind == Intent {
			cards = append(cards, hash)
		}
		r, err := j.write(value, cards...)
		if err != nil {
			return err
		}
		j.apply(e, value, &r)
		if j.end-j.start >= int64(limits.segment) {
			return j.roll()
		}
		return nil
	})
	if err == nil {
		err = j.sync()
	}
	j.using.Unlock()
	if err == nil {
		err = j.Verify(nil)
	}
	err = errors.Join(err, j.Close())
	if err == nil && !j.head.equal(end) { // it may have gone back to an earlier flush
		err = fmt.Errorf("%w: it does not end where its head says, with entry %d", ErrDamaged,
			end.Position)
	}
	return err
}
