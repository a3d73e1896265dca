package console

import (
	"context"

	"leima/validator/api"
)

// Report is what a shift adds up to, on both devices.
type Report struct {
	Bus     *api.Tally `json:"bus"`
	Own     api.Tally  `json:"own"`
	Total   api.Tally  `json:"total"`
	Missing string     `json:"missing,omitempty"` // why the bus' part is
}

// report adds up a shift. What cannot be had is said to be missing, and holds up nobody.
func (c *Console) report(ctx context.Context, shift api.Shift) (r Report) {
	var err error
	if r.Own, err = c.Own.Tally(ctx, shift); err != nil {
		r.Missing = "the own device's part: " + err.Error()
	}
	if l, up := c.linked(); !up {
		r.Missing = join(r.Missing, l.cause)
	} else if tally, err := c.Bus.Tally(ctx, shift); err != nil {
		r.Missing = join(r.Missing, err.Error())
	} else {
		r.Bus = &tally
	}
	r.Total = sum(r.Own, r.Bus)
	return r
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}

// sum adds up two devices' parts.
func sum(a api.Tally, b *api.Tally) api.Tally {
	total := a
	total.Taps = map[string]int{}
	for _, part := range []*api.Tally{&a, b} {
		if part == nil {
			continue
		}
		for reason, n := range part.Taps {
			total.Taps[reason] += n
		}
	}
	if b == nil {
		return total
	}
	total.Persons += b.Persons
	total.Charged += b.Charged
	total.Tickets += b.Tickets
	total.Loads += b.Loads
	total.Loaded += b.Loaded
	total.Cash += b.Cash
	total.Others += b.Others
	total.Alarms += b.Alarms
	total.Faults += b.Faults
	total.Open += b.Open
	total.OpenCash += b.OpenCash
	return total
}
