package validator

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"leima/fare"
	"leima/hw"
)

// ErrPaused means that the validator is out of service by command.
var ErrPaused error = fare.Say("the validator is paused")

// Run serves one card after the other until ctx ends, which is no error, or the reader is gone,
// which is an error that wraps hw.ErrReader. It waits for a reader that may come back; until then
// the panel shows the fault, and the log the cause.
func (v *Validator) Run(ctx context.Context) error {
	if reader, ok := v.Reader.(hw.TroubleReporter); ok {
		reader.OnTrouble(v.showTrouble)
		defer reader.OnTrouble(nil)
	}
	for {
		v.showIdle()
		if v.Waiting != nil {
			v.Waiting()
		}
		card, err := v.Reader.Wait(ctx)
		if err == nil {
			v.Serve(card)
			err = v.Reader.WaitRemoved(ctx)
		}
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			v.showFault(err)
			return err
		}
	}
}

// Serve serves one card, from the field to the lamp.
func (v *Validator) Serve(card hw.Card) Outcome {
	v.turn.Take()
	defer v.turn.Leave()
	o := v.serve(card)
	v.show(v.signal(o))
	v.log(&o)
	if v.Tapped != nil {
		v.Tapped(o)
	}
	return o
}

func (v *Validator) serve(card hw.Card) Outcome {
	if v.paused {
		return Outcome{Ending: Fault, Err: ErrPaused}
	}
	start := v.Now()
	o := v.Tap(card)
	o.Took = v.Now().Sub(start)
	v.terminal().Ended(&o)
	v.noteFailure(&o)
	return o
}

func (v *Validator) showIdle() {
	v.turn.Take()
	defer v.turn.Leave()
	v.show(v.idle())
}

// showTrouble shows a reader's trouble while it lasts. A card that cannot be used is none.
func (v *Validator) showTrouble(trouble error) {
	v.turn.Take()
	defer v.turn.Leave()
	if !errors.Is(trouble, hw.ErrReader) {
		trouble = nil
	}
	was := v.trouble
	v.trouble = trouble
	switch {
	case trouble != nil:
		v.Log.Error("no card can be found", "error", trouble)
	case was != nil:
		v.Log.Info("cards can be found again")
	default:
		return
	}
	v.show(v.idle())
}

func (v *Validator) showFault(err error) {
	v.turn.Take()
	defer v.turn.Leave()
	v.show(v.signal(Outcome{Ending: Fault, Err: err}))
}

// show lights the panel. A broken panel does not stop a tap.
func (v *Validator) show(s hw.Signal) {
	if err := v.Panel.Show(s); err != nil {
		v.Log.Error("the panel does not show", "error", err)
	}
}

// log logs a tap for the operator: no key, no content of a card, and only the end of its number.
func (v *Validator) log(o *Outcome) {
	level, attrs := slog.LevelInfo, []slog.Attr{
		slog.String("ending", o.Ending.String()),
		slog.Uint64("event", uint64(o.Event.ID.Sequence)),
		slog.Duration("took", o.Took.Round(time.Millisecond)),
	}
	if o.Event.Card != 0 {
		attrs = append(attrs, slog.String("card", o.Event.Card.Short()))
	}
	if o.Decision.Reason != 0 {
		attrs = append(attrs, slog.String("reason", o.Decision.Reason.String()),
			slog.String("charge", o.Decision.Charge.String()))
	}
	if o.Err != nil {
		level = slog.LevelWarn
		attrs = append(attrs, slog.String("error", o.Err.Error()))
	}
	v.Log.LogAttrs(context.Background(), level, "tap", attrs...)
}
