package validator

import (
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw/clock"
)

// timing is what time it is, as far as that is known. Where it was put right meanwhile, what
// waits for a card goes on waiting for as long as it had left.
func (v *Validator) timing() clock.Time {
	was := v.timed
	v.timed = v.judge.Now(v.reading(), v.memory())
	v.order.until = v.order.until.Add(v.timed.Jump)
	v.looked.until = v.looked.until.Add(v.timed.Jump)
	v.tellTime(was)
	return v.timed
}

// reading is what the clock says of itself. Without a measure the clock is its own.
func (v *Validator) reading() clock.Reading {
	r := clock.Reading{Time: v.Now(), Emulated: v.Emulated || v.Synced == nil}
	if v.Elapsed != nil {
		r.Elapsed = v.Elapsed()
	} else {
		r.Elapsed = r.Time.Round(0).Sub(time.Unix(0, 0))
	}
	switch {
	case v.Synced != nil && v.Synced():
		r.Report = clock.Synced
	case v.Told != nil && v.Told():
		r.Report = clock.Told
	}
	return r
}

// memory is what the device remembers, and what must have been before now.
func (v *Validator) memory() (m clock.Memory) {
	if v.Journal != nil {
		m = v.Journal.Timing()
	}
	m.Built = v.Built
	if v.Earliest != nil && v.Earliest().After(m.Built) {
		m.Built = v.Earliest()
	}
	if v.Blocklist != nil {
		m.Made = v.Blocklist.Made()
	}
	return m
}

// time is the device's time, which others go by who ask it for something.
func (v *Validator) time() time.Time { return v.timing().At }

// Timing is what time it is on the device, as far as that is known.
func (v *Validator) Timing() clock.Time {
	v.between.Take()
	defer v.between.Leave()
	return v.timing()
}

// Time is the device's time: what its clock shows, or what it goes by instead.
func (v *Validator) Time() time.Time { return v.Timing().At }

// tellTime tells the log when the time gets better or worse.
func (v *Validator) tellTime(was clock.Time) {
	now := &v.timed
	switch {
	case v.Log == nil || now.Quality == was.Quality && now.Fault == was.Fault:
	case !now.Known():
		v.Log.Error("the time is not known: nothing ends by it, and the estimate is told as one: "+
			"have the clock set right and kept right", "error", now.Fault.String(),
			"estimate", now.At)
	case now.Quality == clock.Kept:
		v.Log.Info("the time is kept right", "put right by", now.Jump)
	case !was.Known():
		v.Log.Warn("the time is plausible again, and nobody keeps it right")
	case was.Quality == clock.Kept:
		v.Log.Warn("nobody keeps the time right any more: it goes on by the device's own measure")
	}
}

// certainty is what a decision may take for known of a time.
func certainty(at *clock.Time) fare.Certainty {
	c := fare.Certainty{Unknown: !at.Known()}
	if !at.Since.IsZero() {
		c.Since = cardlayout.InstantOf(at.Since)
	}
	if !at.Kept.IsZero() {
		c.Passed = cardlayout.InstantOf(at.Kept)
	}
	return c
}
