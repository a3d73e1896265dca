package console

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"leima/cardlayout"
	"leima/fare"
	"leima/validator/api"
	"leima/validator/terminal"
)

// Report is the sum of a shift on both devices.
type Report struct {
	Bus     *api.Tally  `json:"bus"`
	Own     api.Tally   `json:"own"`
	Total   api.Tally   `json:"total"`
	Missing []api.Words `json:"missing,omitempty"` // why a part is missing
}

// report sums up a shift. A part that cannot be had is listed as missing, and delays nothing.
func (c *Console) report(ctx context.Context, shift api.Shift) (r Report) {
	var err error
	if r.Own, err = c.Own.Tally(ctx, shift); err != nil {
		r.misses(fare.Say("the own device's part: %v", err))
	}
	if l, up := c.busLink(); !up {
		r.misses(l.cause)
	} else if tally, err := c.Bus.Tally(ctx, shift); err != nil {
		r.misses(err)
	} else {
		r.Bus = &tally
	}
	r.Total = sum(r.Own, r.Bus)
	return r
}

// closeShift sums up a shift that has ended on the own device, and stores the report with the
// receipts. If the bus has not ended it, or cannot be asked, its part is pending.
func (c *Console) closeShift(ctx context.Context, shift api.Shift) Report {
	report := c.report(ctx, shift)
	if l, up := c.busLink(); up && same(l.state.Shift, &shift) {
		report.misses(fare.Say("the validator has not ended the shift yet"))
	}
	if report.Missing != nil {
		c.mu.Lock()
		owed := append(c.saved.PendingReports, shift)
		c.saved.PendingReports = owed[max(0, len(owed)-mostOwed):]
		c.saveState()
		c.mu.Unlock()
		wake(c.syncNeeded)
	}
	c.keepReport(shift, report)
	return report
}

// mostOwed is the number of reports that wait for the bus: a day of a bus with a broken validator.
const mostOwed = 20

func (c *Console) keepReport(shift api.Shift, report Report) {
	c.keepReceipt(receiptData{
		id: reportID(shift), at: c.Clock.Now(), kind: receiptReport,
		report: &report,
		shift:  shift,
	})
}

// completeReports repeats the reports that lack the bus's part, once the bus can be asked and has
// ended the shift.
func (c *Console) completeReports(ctx context.Context) {
	c.mu.Lock()
	owed := slices.Clone(c.saved.PendingReports)
	c.mu.Unlock()
	for _, shift := range owed {
		if l, up := c.busLink(); !up || same(l.state.Shift, &shift) {
			return
		}
		report := c.report(ctx, shift)
		if report.Missing != nil {
			return
		}
		c.keepReport(shift, report)
		c.mu.Lock()
		c.saved.PendingReports = slices.DeleteFunc(c.saved.PendingReports,
			func(s api.Shift) bool { return s == shift })
		c.saveState()
		c.mu.Unlock()
		c.Log.Info("the bus has told its part of a shift's report", "driver", shift.Driver,
			"shift", fmt.Sprintf("%d-%d", shift.Device, shift.Number))
	}
}

// setHandedOver records the shift whose cash was handed over, until its driver has signed for it.
func (c *Console) setHandedOver(shift *api.Shift) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.saved.HandedOver = shift
	c.saveState()
	c.broadcast(event{sessions: true})
}

// handedOverReport is the report of the shift that was handed over.
func (c *Console) handedOverReport(ctx context.Context) (api.Shift, Report, error) {
	c.mu.Lock()
	shift := c.saved.HandedOver
	c.mu.Unlock()
	if shift == nil {
		return api.Shift{}, Report{}, api.Refuse(http.StatusConflict,
			"no shift was handed over")
	}
	return *shift, c.report(ctx, *shift), nil
}

// signForCash has the driver who has handed over sign for the cash, with the PIN.
func (c *Console) signForCash(ctx context.Context, pin, browser string) (Report, error) {
	shift, report, err := c.handedOverReport(ctx)
	if err != nil {
		return report, err
	}
	if _, err := c.check(shift.Driver, pin, browser); err != nil {
		return Report{}, err
	}
	_, err = c.Own.Terminal.Do(terminal.SignCash{
		Driver: shift.Driver,
		Begun:  cardlayout.EventID{Device: shift.Device, Sequence: shift.Number},
		Cash:   cardlayout.Cents(report.Total.Cash),
	})
	if err != nil {
		return report, api.Refuse(http.StatusServiceUnavailable, "%v", err)
	}
	c.setHandedOver(nil)
	return report, nil
}

func (r *Report) misses(why error) { r.Missing = append(r.Missing, api.WordsOf(why)) }

// sum adds two devices' parts.
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
