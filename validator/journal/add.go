package journal

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"time"

	"leima/cardlayout/canonical"
)

// lag is how long what is written may wait for its flush.
const lag = time.Second

// add writes an entry at the end of the newest segment, and changes the state by it. It is durable
// after the next flush.
func (j *Journal) add(e *entry) error {
	if err := j.keep(e); err != nil {
		return explain(j.path,
			fmt.Sprintf("keeping %s of event %d, card %s", e.Kind, e.about(), j.shortOf(e)), err)
	}
	return nil
}

func (j *Journal) keep(e *entry) error {
	raw, cards, err := j.sealed(e)
	if err != nil {
		return err
	}
	hash := chain(j.Hash, raw)
	value := slices.Concat(hash[:], raw)
	if e.Kind.event() {
		if err := j.makeRoom(e.Kind, len(value)); err != nil {
			return err
		}
	}
	r, err := j.write(value, cards...)
	if err != nil {
		return err
	}
	if slot := j.open.numbered[e.Of].slot; slot > 0 {
		j.closing = append(j.closing, slot)
	}
	j.apply(e, value, &r)
	return nil
}

// sealed is the entry in CBOR, with its card's identity sealed if the journal seals, and then the
// hash of the card of an intent.
func (j *Journal) sealed(e *entry) (raw []byte, cards [][16]byte, err error) {
	if e.Event != nil {
		card := e.Event.Card
		if err := j.sealer.seal(e.Event, j.Position+1); err != nil {
			return nil, nil, err
		}
		if e.Kind == Intent && e.Event.Sealed != nil {
			cards = append(cards, hashedKey(j.secret, card).hash)
		}
	}
	raw, err = canonical.Encode.Marshal(e)
	return raw, cards, err
}

// shortOf is the part of the card's number that an error may show.
func (j *Journal) shortOf(e *entry) string {
	if e.Event != nil {
		return e.Event.short()
	}
	return j.open.numbered[e.Of].event.short()
}

// write writes a record at the end of the newest segment.
func (j *Journal) write(payload []byte, cards ...[16]byte) (r record, err error) {
	if err := cmp.Or(j.refuses, j.clear()); err != nil {
		return r, err
	}
	raw := recorded(payload, cards...)
	if _, err := j.newest.WriteAt(raw, j.end); err != nil {
		j.retreat()
		return r, err
	}
	r, _, _ = recordAt(raw, 0)
	r.at += j.end
	j.end += int64(len(raw))
	j.wake()
	return r, nil
}

// wake has late called soon.
func (j *Journal) wake() {
	if j.timer == nil {
		j.timer = time.AfterFunc(lag, j.late)
	}
}

// sync makes durable what is written. After an error the journal is as at the flush before. The
// hash of a card goes after the flush that has made its intent's end durable.
func (j *Journal) sync() error {
	if j.end == j.flushed {
		return nil
	}
	wiped := j.wipe(j.newest, j.wiping) == nil
	if err := j.flush(j.newest); err != nil {
		j.retreat()
		return err
	}
	j.flushed = j.end
	if wiped {
		j.wiping = nil
	}
	j.wiping, j.closing = append(j.wiping, j.closing...), nil
	return nil
}

// catchUp is sync for a caller who is no tap: the next tap has its error.
func (j *Journal) catchUp() error {
	err := explain(j.path, "flushing", j.sync())
	if err != nil && j.refuses == nil {
		j.missed = err
	}
	return err
}

// late flushes what nobody waits for. Once nothing was written since its last call it does what no
// tap should wait for: passengers board one after another.
func (j *Journal) late() {
	j.using.Lock()
	defer j.using.Unlock()
	j.timer = nil
	if j.refuses != nil || j.catchUp() != nil {
		return
	}
	if j.Position > j.lately {
		j.lately = j.Position
		j.wake()
		return
	}
	j.tidy(Settle)
	j.prune()
}

// retreat goes back to the last flush, after a write or a flush that has failed: what came after it
// may be on the disk or not. Its records are cut off before the next one is written, and no
// position is sealed with the same key again.
func (j *Journal) retreat() {
	j.sealer.forget()
	j.unsure, j.end, j.closing, j.lastExpiry = true, j.flushed, nil, noExpiry
	first := j.segments[len(j.segments)-1]
	raw, err := os.ReadFile(segmentFile(j.place, first))
	var s state
	var whole int64
	if err == nil {
		s, whole, err = load(raw[:min(j.flushed, int64(len(raw)))], first, noLast, nil)
	}
	if err == nil && whole < j.flushed {
		err = fmt.Errorf("%w: its newest segment is cut off", ErrDamaged)
	}
	if err != nil {
		j.unread = explain(j.path, "reading what was kept", err)
		j.refuses = j.unread
		return
	}
	j.state = s
}

// clear cuts off what a failed write has left, and removes a segment that could not be begun.
func (j *Journal) clear() error {
	if !j.unsure {
		return nil
	}
	if err := j.newest.Truncate(j.end); err != nil {
		return err
	}
	if err := j.flush(j.newest); err != nil {
		return err
	}
	if j.stray != "" {
		if err := os.Remove(j.stray); err != nil && !os.IsNotExist(err) {
			return err
		}
		if err := j.flush.Folder(j.place); err != nil {
			return err
		}
	}
	j.unsure, j.stray = false, ""
	return nil
}
