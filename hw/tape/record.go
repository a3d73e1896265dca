package tape

import (
	"bytes"
	"errors"
	"time"

	"leima/hw"
)

// A Recorder passes on commands to another card and records the exchanges. Like any card it is not
// for two goroutines at once.
type Recorder struct {
	card      hw.Card
	now       func() time.Time
	start     time.Time
	exchanges []Exchange
	comment   []string
	over      bool
}

var _ hw.Card = (*Recorder)(nil)

// Record begins a recording. now is the clock, read before and after each exchange.
func Record(card hw.Card, now func() time.Time) *Recorder {
	return &Recorder{card: card, now: now, start: now()}
}

// Comment adds a line before the next exchange, such as its purpose.
func (r *Recorder) Comment(line string) { r.comment = append(r.comment, line) }

// Transmit implements hw.Card. After an error nothing more is recorded: every further call fails
// alike.
func (r *Recorder) Transmit(command []byte) ([]byte, error) {
	sent, before := bytes.Clone(command), r.now()
	response, err := r.card.Transmit(command)
	if len(sent) > 0 && !r.over {
		r.note(Exchange{Command: sent, Took: r.now().Sub(before)}, response, err)
	}
	return response, err
}

func (r *Recorder) note(e Exchange, response []byte, err error) {
	switch {
	case err == nil:
		e.Response = append([]byte{}, response...)
	case errors.Is(err, hw.ErrRemoved):
		e.Err = hw.ErrRemoved
	default: // hw.Card has no third error
		e.Err = hw.ErrReader
	}
	r.over = err != nil
	e.Took = min(max(e.Took, 0), longest).Truncate(time.Microsecond)
	e.Comment, r.comment = r.comment, nil
	r.exchanges = append(r.exchanges, e)
}

// Tape is the recording so far, under a header. If the header has no time, it gets that of the
// beginning of the recording.
func (r *Recorder) Tape(h Header) *Tape {
	if h.At.IsZero() {
		h.At = r.start
	}
	h.At = h.At.UTC().Round(0) // without a monotonic reading
	return &Tape{
		Header: h, Exchanges: r.exchanges[:len(r.exchanges):len(r.exchanges)],
		End: r.comment,
	}
}
