package stand

import (
	"context"
	"errors"
	"runtime"
	"time"

	"leima/hw"
	"leima/hw/desfire"
	"leima/validator"
)

// A Step is a part of a tap by what is said to the card.
type Step uint8

// The steps. Ours is everything that is no waiting for the card.
const (
	Find         Step = iota // the serial number, and selecting the application
	Authenticate             // proving both sides
	Read                     // the files a decision needs
	Write                    // what has changed
	Commit
	Ours

	Steps
)

var stepNames = [Steps]string{"find", "authenticate", "read", "write", "commit", "validator"}

func (s Step) String() string { return stepNames[s] }

// stepOf are the steps by the command; one that is not here goes on with the step before
// it.
var stepOf = map[desfire.Code]Step{
	desfire.CodeSelectApplication:    Find,
	desfire.CodeAuthenticateEV2First: Authenticate,
	desfire.CodeAuthenticateEV2Next:  Authenticate,
	desfire.CodeAuthenticateAES:      Authenticate,
	desfire.CodeReadData:             Read,
	desfire.CodeReadDataAF:           Read,
	desfire.CodeReadRecords:          Read,
	desfire.CodeReadRecordsAF:        Read,
	desfire.CodeWriteData:            Write,
	desfire.CodeWriteDataAF:          Write,
	desfire.CodeWriteRecord:          Write,
	desfire.CodeWriteRecordAF:        Write,
	desfire.CodeCommitTransaction:    Commit,
}

// A Tapped is what one tap of a soak took.
type Tapped struct {
	Ending validator.Ending
	Whole  time.Duration
	Steps  [Steps]time.Duration
}

// A Soaking is a soak as far as it has come.
type Soaking struct {
	Taps     []Tapped
	Endings  map[validator.Ending]int
	Commands int    // sent to the card in all taps
	Mallocs  uint64 // allocations of the whole program in all taps
	Bytes    uint64 // that they took
	Trouble  error  // the latest of a tap that was not accepted
}

// Soak taps the card again and again, which pays each time and is loaded when its purse is
// low, and measures each tap by now. told, if not nil, hears of every tap. It ends after
// so many taps, before the card's last day is over, or with ctx, and then audits the card
// against the journal: an error is what the audit found, or why it could not go on.
func (s *Stand) Soak(
	ctx context.Context, taps int, now func() time.Time, told func(*Soaking),
) (*Soaking, error) {
	soaking := &Soaking{Endings: map[validator.Ending]int{}}
	held, err := s.Inspect(ctx)
	purse := held.Card.Purse
	for n := 0; n < taps && err == nil && ctx.Err() == nil; n++ {
		if err = s.fill(ctx, purse); err != nil {
			break
		}
		if err = s.travelOn(); err != nil {
			break
		}
		var o validator.Outcome
		if o, err = s.timed(ctx, soaking, now); err != nil {
			break
		}
		if o.Ending == validator.Accepted {
			purse = o.Decision.After.Purse
		} else {
			soaking.Trouble = accepted(o, "it")
		}
		if told != nil {
			told(soaking)
		}
	}
	if ctx.Err() != nil {
		return soaking, ctx.Err()
	}
	return soaking, errors.Join(err, s.closeBooks(ctx))
}

// timed is one tap, measured. Laying the card down anew is not part of it.
func (s *Stand) timed(
	ctx context.Context, soaking *Soaking, now func() time.Time,
) (validator.Outcome, error) {
	card, err := s.Present(ctx)
	if err != nil {
		return validator.Outcome{}, err
	}
	watched := &stopwatch{card: card, now: now}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := now()
	o := s.Validator.Serve(watched)
	whole := now().Sub(start)
	runtime.ReadMemStats(&after)
	s.note(o)

	t := Tapped{Ending: o.Ending, Whole: whole, Steps: watched.took}
	t.Steps[Ours] = whole
	for _, took := range watched.took[:Ours] {
		t.Steps[Ours] -= took
	}
	soaking.Taps = append(soaking.Taps, t)
	soaking.Endings[o.Ending]++
	soaking.Commands += watched.commands
	soaking.Mallocs += after.Mallocs - before.Mallocs
	soaking.Bytes += after.TotalAlloc - before.TotalAlloc
	return o, nil
}

// Exchanges asks the reader for the card's serial number so many times and tells what the
// layer below the validator allocates for one command.
func (s *Stand) Exchanges(ctx context.Context, times int) (mallocs, bytes float64, err error) {
	card, err := s.Present(ctx)
	if err != nil {
		return 0, 0, err
	}
	ask := []byte{0xFF, 0xCA, 0x00, 0x00, 0x00} // PC/SC part 3, Get Data
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range times {
		if _, err := card.Transmit(ask); err != nil {
			return 0, 0, err
		}
	}
	runtime.ReadMemStats(&after)
	n := float64(max(1, times))
	return float64(after.Mallocs-before.Mallocs) / n,
		float64(after.TotalAlloc-before.TotalAlloc) / n, nil
}

// A stopwatch measures by steps what its card takes.
type stopwatch struct {
	card     hw.Card
	now      func() time.Time
	step     Step
	commands int
	took     [Steps]time.Duration
}

// Transmit implements hw.Card.
func (w *stopwatch) Transmit(command []byte) ([]byte, error) {
	if len(command) > 1 && command[0] == 0x90 {
		if step, known := stepOf[desfire.Code(command[1])]; known {
			w.step = step
		}
	}
	start := w.now()
	answer, err := w.card.Transmit(command)
	w.took[w.step] += w.now().Sub(start)
	w.commands++
	return answer, err
}
