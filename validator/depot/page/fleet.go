package page

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"leima/validator"
	"leima/validator/depot"
)

// heard is when a device has last sent something, and whether it said that this was all, or how
// many entries wait there.
type heard struct {
	at      time.Time
	all     bool
	waiting uint64
}

// Heard notes that something was kept of a device. all says that it has no more; otherwise so many
// entries wait there, 0: it has not said.
func (p *Page) Heard(device uint16, all bool, waiting uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard[device] = heard{p.Now(), all, waiting}
}

// A device is one of the fleet, as the page shows it.
type device struct {
	Number  uint16
	Heard   time.Time // zero: never
	All     bool      // it has said that it has no more than Last
	Waiting uint64    // entries that it still had then, if it has said
	Last    uint64    // position of the last entry that is here
	Event   *validator.Event
	Alarms  []depot.Alarm
	State   string
}

// Clock is the state of the device's clock, at its last event.
func (d *device) Clock() string {
	switch {
	case d.Event == nil:
		return ""
	case d.Event.Estimated:
		return "not known"
	case !d.Event.Synchronized:
		return "plausible"
	}
	return "kept"
}

func (p *Page) fleet(v *visit) error {
	all := slices.Collect(maps.Keys(p.withHeard(p.Devices())))
	slices.Sort(all)
	var shown []device
	for _, number := range all {
		d, err := p.device(v.q.Context(), number)
		if err != nil {
			return err
		}
		d.State = d.state(p.Now())
		shown = append(shown, d)
	}
	slices.SortStableFunc(shown, func(a, b device) int { // what a person has to look at first
		return cmp.Compare(len(b.Alarms), len(a.Alarms))
	})
	return v.show("fleet", fleet{shown})
}

// A fleet is what is shown of all devices.
type fleet struct{ Devices []device }

// The states of devices, the worst first.
const (
	alarmed = "alarmed" // somebody has to look at it
	silent  = "silent"  // nothing was heard of it for a while
	behind  = "behind"  // it may have more than is here
	well    = "well"
)

// quiet is how long a device may say nothing: one that is reached reports every hour.
const quiet = 2 * time.Hour

// A count is how many devices are in a state.
type count struct {
	State   string
	Devices int
}

// Counts are the devices in each state.
func (f fleet) Counts() (all []count) {
	for _, state := range []string{alarmed, silent, behind, well} {
		c := count{State: state}
		for n := range f.Devices {
			if f.Devices[n].State == state {
				c.Devices++
			}
		}
		all = append(all, c)
	}
	return all
}

// state is the state of a device at a time.
func (d *device) state(now time.Time) string {
	switch {
	case len(d.Alarms) > 0:
		return alarmed
	case now.Sub(d.Heard).Abs() > quiet: // or the clock was ahead
		return silent
	case !d.All:
		return behind
	}
	return well
}

// withHeard are the devices of the register, and those that were heard before they were withdrawn.
func (p *Page) withHeard(register []uint16) map[uint16]bool {
	all := map[uint16]bool{}
	for _, number := range register {
		all[number] = true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for number := range p.heard {
		all[number] = true
	}
	return all
}

// device looks at what the store holds of a device.
func (p *Page) device(ctx context.Context, number uint16) (d device, err error) {
	p.mu.Lock()
	h := p.heard[number]
	p.mu.Unlock()
	d = device{Number: number, Heard: h.at, All: h.all, Waiting: h.waiting}
	if d.Alarms, err = p.Receiver.Alarms(ctx, number); err != nil {
		return d, err
	}
	chains, err := p.Receiver.Store.Chains(ctx, number)
	if err != nil || len(chains) == 0 {
		return d, err
	}
	end := slices.MaxFunc(chains, func(a, b depot.Chain) int {
		return cmp.Compare(a.Position, b.Position)
	})
	d.Last = end.Position
	return d, p.lookBack(ctx, &d, end)
}

// far is how many batches are looked through for a device's last event. Most hold one.
const far = 3

// lookBack finds when the end of a chain came, and the last event before it.
func (p *Page) lookBack(ctx context.Context, d *device, end depot.Chain) error {
	at := end.Position
	for range far {
		b, err := p.Receiver.Store.Holding(ctx, d.Number, end.Number, at)
		if err != nil {
			return err
		}
		if at == end.Position && d.Heard.IsZero() {
			d.Heard = b.Received // whether that was all it had is not known: this may be a copy
		}
		for n := len(b.Entries) - 1; n >= 0; n-- {
			e, err := b.Entries[n].Entry()
			if err == nil && e.Event.ID.Sequence != 0 {
				d.Event = &e.Event
				return nil
			}
		}
		if at = b.Entries[0].Position - 1; at < end.First {
			return nil
		}
	}
	return nil
}
