package depot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"leima/validator/journal"
)

// ErrFull is returned by a store without room: what was sent is not kept, and may be sent again.
var ErrFull = errors.New("the depot has no room: make some on its disk or in its stream")

// ErrBroken is returned for what no honest device sends: entries of another device, or such as do
// not follow each other.
var ErrBroken = errors.New("no journal")

// A GapError is returned for entries that follow nothing that is here. The device goes on from the
// end of a chain that it knows; if it knows none, from its oldest entry.
type GapError struct {
	Heads []Head // of the device's chains
}

func (e *GapError) Error() string { return "these entries follow none that the depot has" }

// mostChains bounds what a device that lies can do. Its entries are then refused.
const mostChains = 16

// A Receiver keeps what devices send.
type Receiver struct {
	Store Store
	Now   func() time.Time
	Alarm func(Alarm) // is called once for each

	mu      sync.Mutex
	devices map[uint16]*sync.Mutex
}

// Receive keeps those of a device's items that are not kept yet, and returns where the last of them
// is: all up to there is durable. oldest says that the device has nothing before the first of them.
func (r *Receiver) Receive(ctx context.Context, device uint16, items []journal.Item, oldest bool) (
	Head, error,
) {
	entries, report, err := split(device, items)
	if err != nil {
		return Head{}, err
	}
	defer r.lock(device)()
	chains, err := r.Store.Chains(ctx, device)
	if err != nil {
		return Head{}, err
	}
	w := writing{r: r, device: device, chains: chains, oldest: oldest, report: report}
	if err := w.all(ctx, entries); err != nil {
		return Head{}, err
	}
	last := &items[len(items)-1]
	return Head{last.Position, last.Hash}, nil
}

// split are the entries among items, which must follow each other, and the head behind them.
func split(device uint16, items []journal.Item) (entries []journal.Item, report *journal.Item,
	err error,
) {
	if n := len(items) - 1; n >= 0 && items[n].IsHead() {
		items, report = items[:n], &items[n]
	}
	if len(items) == 0 && report == nil {
		return nil, nil, fmt.Errorf("%w: it holds nothing", ErrBroken)
	}
	for n := range items {
		switch i := &items[n]; {
		case i.Device != device:
			return nil, nil, fmt.Errorf("%w: an entry is of device %d", ErrBroken, i.Device)
		case i.IsHead(), i.Position == 0:
			return nil, nil, fmt.Errorf("%w: item %d is no entry", ErrBroken, n+1)
		case n > 0 && (i.Position != items[n-1].Position+1 || !i.Follows(items[n-1].Hash)):
			return nil, nil, fmt.Errorf("%w: entry %d does not follow the one before", ErrBroken,
				i.Position)
		}
	}
	if n := len(items) - 1; report != nil && (report.Device != device ||
		n >= 0 && (report.Position != items[n].Position || report.Hash != items[n].Hash)) {
		return nil, nil, fmt.Errorf("%w: the report is not of its last entry", ErrBroken)
	}
	return items, report, nil
}

// lock keeps others from writing for the device until the caller is done.
func (r *Receiver) lock(device uint16) (done func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.devices == nil {
		r.devices = map[uint16]*sync.Mutex{}
	}
	if r.devices[device] == nil {
		r.devices[device] = &sync.Mutex{}
	}
	r.devices[device].Lock()
	return r.devices[device].Unlock
}
