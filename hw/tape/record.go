package tape

import (
	"bytes"
	"errors"
	"time"

	"leima/hw"
)

// A Recorder is a card that passes on what is said to another, and notes it. Like any
// card it is not for two goroutines at once.
type Recorder struct {
	card      hw.Card
	now       func() time.Time
	start     time.Time
	exchanges []Exchange
	comment   []string
	over      bool
}

var _ hw.Card = (*Recorder)(nil)

// Record begins to note what is said to a card. now tells the time before and after each
// exchange.
func Record(card hw.Card, now func() time.Time) *Recorder {
	return &Recorder{card: card, now: now, start: now()}
}

// Comment notes a line before the next exchange, such as what it is about.
func (r *Recorder) Comment(line string) { r.comment = append(r.comment, line) }

// Transmit implements hw.Card. After an error nothing more is noted: every further call
// fails alike.
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
	default: // hw.Card knows no third error
		e.Err = hw.ErrReader
	}
	r.over = err != nil
	e.Took = min(max(e.Took, 0), longest).Truncate(time.Microsecond)
	e.Comment, r.comment = r.comment, nil
	r.exchanges = append(r.exchanges, e)
}

// Tape is what was recorded so far, under a header. Where that has no time it is when
// the recording began.
func (r *Recorder) Tape(h Header) *Tape {
	if h.At.IsZero() {
		h.At = r.start
	}
	h.At = h.At.UTC().Round(0) // without the reading of a running clock
	return &Tape{Header: h, Exchanges: r.exchanges[:len(r.exchanges):len(r.exchanges)],
		End: r.comment}
}
