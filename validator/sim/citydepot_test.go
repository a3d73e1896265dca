package sim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"time"

	"leima/validator/depot"
	"leima/validator/depot/embedded"
	"leima/validator/depot/proof"
	"leima/validator/depot/settlement"
	"leima/validator/journal"
	"leima/validator/ledger"
	"leima/validator/servicepoint"
)

// A verdict on an event, or on a run of transactions without one.
type verdict struct {
	card          settlement.Pseudonym
	counter, last uint32
	is            ledger.Verdict
	device        uint16
	event         uint32
	charged       int64
}

// Settle sends all journals to a depot, in batches of any size and any order between them, with a
// restart of the ledger at any time, and compares each verdict of its settlement with the books.
func (a *CityAudit) Settle(folder string) error {
	store, err := embedded.Open(filepath.Join(folder, "store"))
	if err != nil {
		return err
	}
	defer store.Close()
	if err := a.send(store); err != nil {
		return err
	}
	office, err := journal.NewBackOffice(TestBackOffice())
	if err != nil {
		return err
	}
	open := func() (*settlement.Ledger, error) {
		l := &settlement.Ledger{
			Office: office, Zone: time.UTC, Log: slog.New(slog.DiscardHandler),
			Proving: true,
			Waited:  func() []uint16 { return slices.Collect(maps.Keys(a.devices())) },
		}
		return l, l.Open(filepath.Join(folder, "ledger"))
	}
	l, err := open()
	for random := rand.New(rand.NewPCG(2, 16)); err == nil && l.Cursor() < a.batches; {
		if err := l.Close(); err != nil {
			return err
		}
		if l, err = open(); err != nil {
			return err
		}
		if err := l.Run(context.Background(), some{store, 1 + random.IntN(int(a.batches-l.Cursor()))}); err != errEnough {
			return err
		}
		if random.IntN(2) == 0 {
			if err := a.prove(l); err != nil {
				return err
			}
		}
	}
	if err != nil {
		return err
	}
	defer l.Close()
	return errors.Join(a.prove(l), a.compare(l))
}

// prove verifies what the cards have signed.
func (a *CityAudit) prove(l *settlement.Ledger) error {
	office, err := journal.NewBackOffice(TestBackOffice())
	if err != nil {
		return err
	}
	v := proof.Verifier{
		Office: office, Genuine: servicepoint.VerifyTMAC(a.validators[0].Keys),
		Log: slog.New(slog.DiscardHandler),
	}
	queue := proof.Here{Ledger: l, Now: func() time.Time { return a.now }}
	for some := 1; some > 0 && err == nil; {
		some, err = v.Verify(context.Background(), queue)
	}
	return err
}

var errEnough = errors.New("that is enough")

// some is a store that is followed for some batches at once, after the one that is looked at again.
type some struct {
	depot.Store
	most int
}

// Last is 0, so that signatures are verified amid what the store holds.
func (s some) Last(context.Context) (cursor uint64, err error) { return 0, nil }

func (s some) Follow(ctx context.Context, after uint64,
	each func(uint64, *depot.Batch) error,
) error {
	n := -1
	return s.Store.Follow(ctx, after, func(cursor uint64, b *depot.Batch) error {
		if err := each(cursor, b); err != nil {
			return err
		}
		if n++; n == s.most {
			return errEnough
		}
		return nil
	})
}

func (a *CityAudit) devices() map[uint16]bool {
	all := map[uint16]bool{}
	for n := range a.validators {
		all[uint16(n+1)] = true
	}
	return all
}

// send sends the journals to a depot, which ends with a report of each.
func (a *CityAudit) send(store depot.Store) error {
	random := rand.New(rand.NewPCG(1, 16))
	r := depot.Receiver{
		Store: store, Now: func() time.Time { return a.now.Add(time.Duration(a.batches)) },
		Alarm: func(depot.Alarm) {},
	}
	waiting := map[uint16][]journal.Item{}
	for n, bus := range a.validators {
		err := bus.Journal.Export(0, func(_ uint64, raw []byte) error {
			items, err := depot.Items(raw)
			waiting[uint16(n+1)] = append(waiting[uint16(n+1)], items...)
			return err
		})
		if err != nil {
			return err
		}
	}
	for len(waiting) > 0 {
		device := uint16(random.IntN(len(a.validators)) + 1)
		items := waiting[device]
		if len(items) == 0 {
			delete(waiting, device)
			continue
		}
		n := min(len(items), 1+random.IntN(100))
		if _, err := r.Receive(context.Background(), device, items[:n], false); err != nil {
			return err
		}
		a.batches++
		waiting[device] = items[n:]
	}
	for n, bus := range a.validators {
		if err := bus.Journal.SignWith(deviceKey); err != nil {
			return err
		}
		head, _, err := bus.Journal.SignedHead()
		if err != nil {
			return err
		}
		raw, err := head.Export(uint16(n + 1))
		if err != nil {
			return err
		}
		items, err := depot.Items(raw)
		if err != nil {
			return err
		}
		if _, err = r.Receive(context.Background(), uint16(n+1), items, false); err != nil {
			return err
		}
		a.batches++
	}
	return nil
}

// compare compares the rows that count with the books, and the sum of all rows with theirs.
func (a *CityAudit) compare(l *settlement.Ledger) error {
	want, charged := map[verdict]int{}, int64(0)
	for _, line := range a.books.Lines() {
		v := verdict{
			card: l.Pseudonym(line.Card), counter: line.Counter, last: line.Last, is: line.Verdict,
		}
		if v.is == ledger.Open {
			continue
		}
		for _, e := range line.Events {
			v.device, v.event, v.charged = e.ID.Device, e.ID.Sequence, 0
			if v.is == ledger.Settled || v.is == ledger.Presumed || v.is == ledger.Unproved {
				v.charged = int64(e.Charge)
			}
			want[v]++
			charged += v.charged
		}
		if len(line.Events) == 0 {
			want[v]++
		}
	}
	late := 0
	err := l.Current(func(r settlement.Row) error {
		want[verdict{r.Card, r.Counter, r.Last, r.Verdict, r.Device, r.Event, r.Charged}]--
		if r.Late {
			late++
		}
		return nil
	})
	if err != nil {
		return err
	}
	for v, n := range want {
		if n != 0 {
			return &Finding{Invariant: "settlement", What: fmt.Sprintf(
				"transaction %d to %d, %v of event %d of device %d: %+d rows", v.counter, v.last,
				v.is, v.event, v.device, -n)}
		}
	}
	sum := int64(0)
	err = l.Rows(0, func(r settlement.Row) error { sum += r.Charged; return nil })
	if sum != charged || late > 0 {
		return &Finding{Invariant: "settlement", What: fmt.Sprintf(
			"all rows come to %d, and the books to %d; %d are late", sum, charged, late)}
	}
	return err
}
