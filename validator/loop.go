package validator

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"leima/hw"
)

// ErrPaused says that the validator is out of service by command.
var ErrPaused = errors.New("the validator is paused")

// Run serves one card after the other until ctx ends, which is no error, or the
// reader is gone, which is one that wraps hw.ErrReader. A reader that may come back is
// waited for: meanwhile the panel shows the fault, and the log says what it is.
func (v *Validator) Run(ctx context.Context) error {
	if reader, ok := v.Reader.(hw.Troubled); ok {
		reader.OnTrouble(v.troubled)
		defer reader.OnTrouble(nil)
	}
	for {
		v.showIdle()
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

// Serve serves one card, from its finding to the lamp.
func (v *Validator) Serve(card hw.Card) Outcome {
	v.between.Take()
	defer v.between.Leave()
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
	v.loads.remember(&o, v.order.Errand)
	v.spend(&o)
	v.fail(&o)
	return o
}

func (v *Validator) showIdle() {
	v.between.Take()
	defer v.between.Leave()
	v.show(v.idle())
}

// troubled shows what keeps the reader from finding cards, until nothing does. A card that
// cannot be used keeps it from no other.
func (v *Validator) troubled(trouble error) {
	v.between.Take()
	defer v.between.Leave()
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
	v.between.Take()
	defer v.between.Leave()
	v.show(v.signal(Outcome{Ending: Fault, Err: err}))
}

// show lights the panel. A broken panel stops no tap.
func (v *Validator) show(s hw.Signal) {
	if err := v.Panel.Show(s); err != nil {
		v.Log.Error("the panel does not show", "error", err)
	}
}

// log tells the operator of a tap: no key, no content of a card, and of its number
// only the end.
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
