package depot

import (
	"context"
	"fmt"
	"slices"
)

// An Alarm is what a person has to look at.
type Alarm struct {
	Device uint16
	Kind   AlarmKind
	First  uint64 // of a fork, where the chains part; of a gap, the first entry that is missing
	Last   uint64 // of a gap, the last entry that is missing
}

// An AlarmKind is what an alarm is about.
type AlarmKind uint8

// The kinds.
const (
	Fork AlarmKind = 1 // two entries have the same position
	Gap  AlarmKind = 2 // entries are missing, and the device does not have them any more
)

func (a Alarm) String() string {
	if a.Kind == Fork {
		return fmt.Sprintf("device %d has two journals, which part at entry %d: its disk was "+
			"copied, its number was given to another device, or somebody lies; both are kept, and "+
			"the one that came first is settled", a.Device, a.First)
	}
	return fmt.Sprintf("device %d does not have entries %d to %d any more, and they are not here",
		a.Device, a.First, a.Last)
}

// Alarms are those of a device. A gap that was filled is none.
func (r *Receiver) Alarms(ctx context.Context, device uint16) (all []Alarm, err error) {
	chains, err := r.Store.Chains(ctx, device)
	if err != nil {
		return nil, err
	}
	for n := range chains {
		alarm, raised := alarmOf(device, chains, n)
		if raised && alarm.Kind == Fork {
			filled, err := r.filled(ctx, device, chains, n)
			if err != nil {
				return nil, err
			}
			raised = !filled
		}
		if raised {
			all = append(all, alarm)
		}
	}
	return all, nil
}

// filled reports whether the n-th chain follows the end of another one.
func (r *Receiver) filled(ctx context.Context, device uint16, chains []Chain, n int) (bool, error) {
	b, err := r.Store.Holding(ctx, device, chains[n].Number, chains[n].First)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(chains, func(c Chain) bool {
		return c.Position+1 == chains[n].First && b.Entries[0].Follows(c.Hash)
	}), nil
}

// alarmOf is the alarm of the n-th chain, unless it is the one from the beginning.
func alarmOf(device uint16, chains []Chain, n int) (Alarm, bool) {
	first, before := chains[n].First, uint64(0) // the last entry before it
	for _, c := range chains[:n] {
		if c.First <= first {
			before = max(before, min(c.Position, first))
		}
	}
	switch {
	case first > before+1:
		return Alarm{device, Gap, before + 1, first - 1}, true
	case n > 0:
		return Alarm{device, Fork, first, 0}, true
	}
	return Alarm{}, false
}
