package validator

import (
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw/clock"
)

// timing is the time, as far as it is known.
func (v *Validator) timing() clock.Time {
	was := v.lastTime
	v.lastTime = v.estimator.Now(v.reading(), v.memory())
	v.terminal().ClockCorrected(v.lastTime.Jump)
	v.logTime(was)
	return v.lastTime
}

// Uptime is the time since the machine started, its sleep included (CLOCK_BOOTTIME).
func (v *Validator) Uptime() time.Duration { return v.reading().Elapsed }

// reading is the clock's reading. Without Elapsed, Now measures itself.
func (v *Validator) reading() clock.Reading {
	r := clock.Reading{Time: v.Now(), Emulated: v.Emulated || v.Synced == nil}
	if v.Elapsed != nil {
		r.Elapsed = v.Elapsed()
	} else {
		r.Elapsed = r.Time.Round(0).Sub(time.Unix(0, 0))
	}
	switch {
	case v.Synced != nil && v.Synced():
		r.Sync = clock.Disciplined
	case v.Relayed != nil && v.Relayed():
		r.Sync = clock.Relayed
	}
	return r
}

// memory is what the device remembers of earlier times.
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

// Timing is the device's time, as far as it is known.
func (v *Validator) Timing() clock.Time {
	v.turn.Take()
	defer v.turn.Leave()
	return v.timing()
}

// Time is the device's time: its clock's, or the estimate.
func (v *Validator) Time() time.Time { return v.Timing().At }

// Clock is Timing between two taps.
func (v *Validator) Clock() clock.Time { return v.timing() }

// logTime logs when the time gets better or worse.
func (v *Validator) logTime(was clock.Time) {
	now := &v.lastTime
	switch {
	case v.Log == nil || now.Quality == was.Quality && now.Fault == was.Fault:
	case !now.Known():
		v.Log.Error("the time is not known: nothing ends by it, loads bought elsewhere wait, and "+
			"it is marked as an estimate: have the clock set right and kept right",
			"error", now.Fault.String(), "estimate", now.At)
	case now.Quality == clock.Synchronized:
		v.Log.Info("the time is kept right", "corrected by", now.Jump)
	case !was.Known():
		v.Log.Warn("the time is plausible again, but not kept right")
	case was.Quality == clock.Synchronized:
		v.Log.Warn("the time is no longer kept right: the device goes on by its own clock")
	}
}

// certainty is the certainty of a time for a decision.
func certainty(at *clock.Time) fare.Certainty {
	c := fare.Certainty{Unknown: !at.Known()}
	if !at.Since.IsZero() {
		c.Since = cardlayout.InstantOf(at.Since)
	}
	if !at.LastSync.IsZero() {
		c.LastKnown = cardlayout.InstantOf(at.LastSync)
	}
	return c
}
