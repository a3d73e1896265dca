package onboard

import (
	"context"
	"fmt"
	"time"

	"leima/cmd/internal/service"
	"leima/validator"
)

// ready is for the first wait for a card.
func (d *Device) ready() {
	service.Forget(d.config.StateFolder(), service.Validator)
	service.Ready()
}

// answerTime is how long a tap may keep the loop from answering.
const answerTime = 10 * time.Second

// alive reports whether the loop answers and the journal's disk takes a write, and what the
// validator waits for. The loop either waits, which a reader that is gone does not change, or has
// the turn.
func (d *Device) alive(v *validator.Validator) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, answerTime)
		defer cancel()
		waits := "waiting for a card"
		if err := v.DoWithin(ctx, func() error {
			if trouble := v.State().Trouble; trouble != nil {
				waits = "out of service: " + trouble.Error()
			}
			return nil
		}); err != nil {
			return "", fmt.Errorf("a tap does not end: %w", err)
		}
		if err := d.Journal.Probe(); err != nil {
			return "", err
		}
		extent := d.Journal.Extent()
		return fmt.Sprintf("%s, %d entries to send", waits, extent.Unacknowledged()), nil
	}
}
