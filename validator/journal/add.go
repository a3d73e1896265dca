package journal

import (
	"fmt"

	"go.etcd.io/bbolt"

	"leima/cardlayout"
)

// add appends an entry about a card: first on the disk, in one transaction, then in
// memory.
func (j *Journal) add(card cardlayout.Number, e *entry) error {
	raw, err := encMode.Marshal(e)
	if err != nil {
		return err
	}
	doing := fmt.Sprintf("keeping %s of event %d, card %s", e.Kind, e.about(), card.Short())
	if e.Kind.event() {
		if err := j.makeRoom(e.Kind, len(j.head.Hash)+len(raw)); err != nil {
			return explain(j.path, doing, err)
		}
	}
	spent, pays := j.spending(e)
	next, value := j.head.with(e, raw, j.open.numbered[e.Of].value)
	err = j.db.update(func(tx *bbolt.Tx) error {
		b, err := j.withdraw(tx)
		if err != nil {
			return err
		}
		if pays {
			if err := b.spend(spent, j.paid); err != nil {
				return err
			}
		}
		return b.put(next, e, value)
	})
	if err != nil {
		return explain(j.path, doing, err)
	}
	j.head = next
	j.logSize += uint64(len(value))
	if pays {
		j.paid.note(spent)
	}
	switch {
	case e.Kind == Intent:
		j.open.add(e.Event, value)
	case e.Kind.closes():
		j.open.remove(e.Of)
	}
	j.tidy(e.Kind)
	j.signAfter(e)
	return nil
}

// put writes an entry, keeps the open intents in step with it, and says that it is
// the last.
func (b buckets) put(next head, e *entry, value []byte) (err error) {
	switch {
	case e.Kind == Intent:
		err = b.open.Put(openKey(e.Event.Sequence), value)
	case e.Kind.closes():
		err = b.open.Delete(openKey(e.Of))
	}
	if err != nil {
		return err
	}
	if err := b.log.Put(logKey(next.Position), value); err != nil {
		return err
	}
	return b.writeHead(next)
}

// withdraw takes back an entry that a failed commit has left behind. When the very
// last flush of a commit fails, its caller is told that nothing was kept, and yet
// bbolt reads the file as if it were: the entry's number would be given twice, and a
// settled intent would stay open in memory for ever. The entry itself is written over by the
// one that is added now.
func (j *Journal) withdraw(tx *bbolt.Tx) (buckets, error) {
	b, err := bucketsOf(tx)
	if err != nil {
		return b, err
	}
	last, err := b.readHead()
	if err != nil || last.equal(j.head) {
		return b, err
	}
	if last.Position != j.head.Position+1 {
		return b, fmt.Errorf("%w: its head has changed", ErrDamaged)
	}
	if b.open, err = emptied(tx, openBucket); err != nil {
		return b, err
	}
	if b.paid, err = j.paid.restore(tx); err != nil {
		return b, err
	}
	for sequence, intent := range j.open.numbered {
		if err := b.open.Put(openKey(sequence), intent.value); err != nil {
			return b, err
		}
	}
	return b, nil
}
