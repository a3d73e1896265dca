package console

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"leima/cardlayout"
	"leima/validator"
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

// close sums up a shift that has ended on the own device, and keeps the report among the
// receipts. What the bus has not ended, or cannot be asked about, is owed.
func (c *Console) close(ctx context.Context, shift api.Shift) Report {
	report := c.report(ctx, shift)
	if l, up := c.linked(); up && same(l.state.Shift, &shift) {
		report.Missing = join(report.Missing, "the validator has not ended the shift yet")
	}
	if report.Missing != "" {
		c.mu.Lock()
		owed := append(c.book.Owed, shift)
		c.book.Owed = owed[max(0, len(owed)-mostOwed):]
		c.keepBook()
		c.mu.Unlock()
		ask(c.work)
	}
	c.keepReport(shift, report)
	return report
}

// mostOwed is how many reports wait for the bus: a day of a bus whose validator is broken.
const mostOwed = 20

func (c *Console) keepReport(shift api.Shift, report Report) {
	c.keep(slip{id: reportID(shift), at: c.Clock.Now(), kind: reportSlip, report: &report,
		shift: shift})
}

// supplement makes the reports anew that lack the bus' part, once it can be had and the bus
// knows the shift no more.
func (c *Console) supplement(ctx context.Context) {
	c.mu.Lock()
	owed := slices.Clone(c.book.Owed)
	c.mu.Unlock()
	for _, shift := range owed {
		if l, up := c.linked(); !up || same(l.state.Shift, &shift) {
			return
		}
		report := c.report(ctx, shift)
		if report.Missing != "" {
			return
		}
		c.keepReport(shift, report)
		c.mu.Lock()
		c.book.Owed = slices.DeleteFunc(c.book.Owed, func(s api.Shift) bool { return s == shift })
		c.keepBook()
		c.mu.Unlock()
		c.Log.Info("the bus has told its part of a shift's report", "driver", shift.Driver,
			"shift", fmt.Sprintf("%d-%d", shift.Device, shift.Number))
	}
}

// hand notes whose cash was handed over, until that driver has signed for it.
func (c *Console) hand(shift *api.Shift) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.book.Handed = shift
	c.keepBook()
	c.spread(event{sessions: true})
}

// handed is the report of the shift that was handed over.
func (c *Console) handed(ctx context.Context) (api.Shift, Report, error) {
	c.mu.Lock()
	shift := c.book.Handed
	c.mu.Unlock()
	if shift == nil {
		return api.Shift{}, Report{}, &api.Refused{Code: http.StatusConflict,
			Why: "no shift was handed over"}
	}
	return *shift, c.report(ctx, *shift), nil
}

// signHanded lets the driver who has handed over sign for the cash, by the PIN.
func (c *Console) signHanded(ctx context.Context, pin string) (Report, error) {
	shift, report, err := c.handed(ctx)
	if err != nil {
		return report, err
	}
	if _, err := c.check(shift.Driver, pin, true); err != nil {
		return Report{}, err
	}
	err = c.Own.Validator.Do(validator.Sign{Driver: shift.Driver,
		Begun: cardlayout.EventID{Device: shift.Device, Sequence: shift.Number},
		Cash:  cardlayout.Cents(report.Total.Cash)})
	if err != nil {
		return report, &api.Refused{Code: http.StatusServiceUnavailable, Why: err.Error()}
	}
	c.hand(nil)
	return report, nil
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
