package depotmetrics

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"leima/validator/depot"
)

// Heard is what comes into a store.
type Heard struct {
	now   func() time.Time
	since time.Time // of a device that was not heard, as far as is known

	entries, gone prometheus.Counter

	mu   sync.Mutex
	last map[uint16]time.Time
}

// NewHeard begins to count.
func NewHeard(now func() time.Time) *Heard {
	return &Heard{
		now: now, since: now(), last: map[uint16]time.Time{},
		entries: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leima_depot_entries_total", Help: "Entries that were kept, since the start.",
		}),
		gone: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leima_depot_lost_total", Help: "How often entries that had been acknowledged " +
				"were found gone from the stream, since the start.",
		}),
	}
}

// Into is a store, of which is heard what comes into it.
func (h *Heard) Into(s depot.Store) depot.Store { return &into{s, h} }

type into struct {
	depot.Store
	heard *Heard
}

// Append implements depot.Store.
func (i *into) Append(ctx context.Context, b *depot.Batch) error {
	err := i.Store.Append(ctx, b)
	if err == nil {
		i.heard.entries.Add(float64(len(b.Entries)))
		i.heard.note(b.Device, b.Received, true)
	}
	return err
}

// Lost counts that what had been acknowledged is gone.
func (h *Heard) Lost() { h.gone.Inc() }

// note notes when a device was heard; what was heard since the start stays.
func (h *Heard) note(device uint16, at time.Time, now bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, known := h.last[device]; now || !known {
		h.last[device] = at
	}
}

// LookBack looks for when devices have sent something before the start.
func (h *Heard) LookBack(ctx context.Context, s depot.Store, devices []uint16) error {
	for _, device := range devices {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		chains, err := s.Chains(ctx, device)
		if err != nil {
			return err
		}
		if len(chains) == 0 {
			continue
		}
		end := slices.MaxFunc(chains, func(one, other depot.Chain) int {
			return cmp.Compare(one.Position, other.Position)
		})
		b, err := s.Holding(ctx, device, end.Number, end.Position)
		if err != nil {
			return err
		}
		h.note(device, b.Received, false)
	}
	return nil
}

// silence is how long nothing has come of the device that has sent nothing for longest, and how
// many are silent.
func (h *Heard) silence(devices []uint16) (longest time.Duration, many int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	for _, device := range devices {
		at, known := h.last[device]
		if !known {
			at = h.since
		}
		if at.After(now) { // the clock was wrong
			at, h.last[device] = now, now
		}
		is := now.Sub(at)
		if longest = max(longest, is); is > silent {
			many++
		}
	}
	return longest, many
}
