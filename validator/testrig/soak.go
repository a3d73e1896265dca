package testrig

import (
	"context"
	"errors"
	"runtime"
	"time"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
	"leima/validator"
)

// A Step is a part of a tap, by the commands to the card.
type Step uint8

// The steps. Ours is all time that is not spent waiting for the card or the disk.
const (
	Find         Step = iota // reading the UID, and selecting the application
	Authenticate             // both sides
	Read                     // the files that the decision needs
	Write                    // the changes
	Commit
	Disk // the journal's, where it is not hidden behind the card's writes
	Ours

	Steps
)

var stepNames = [Steps]string{
	"find", "authenticate", "read", "write", "commit", "disk",
	"validator",
}

func (s Step) String() string { return stepNames[s] }

// stepOf maps commands to steps; any other command belongs to the step before it.
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

// A TapTiming is the duration of one tap of a soak.
type TapTiming struct {
	Ending validator.Ending
	Whole  time.Duration
	Steps  [Steps]time.Duration
}

// A SoakResult is the result of a soak so far.
type SoakResult struct {
	Taps     []TapTiming
	Endings  map[validator.Ending]int
	Commands int    // to the card in all taps
	Mallocs  uint64 // allocations of the whole program in all taps
	Bytes    uint64 // allocated
	Trouble  error  // the last error of a tap that was not accepted
}

// Soak taps the card again and again, measured by now; each tap pays, and the card is loaded when
// its purse is low. report, if not nil, receives each tap. It ends after the given number of taps,
// before the card's last day is over, or with ctx, and then audits the card against the journal: an
// error is from the audit, or the reason why it could not continue.
func (s *Rig) Soak(
	ctx context.Context, taps int, now func() time.Time, report func(*SoakResult),
) (*SoakResult, error) {
	soaking := &SoakResult{Endings: map[validator.Ending]int{}}
	held, err := s.Inspect(ctx)
	purse := held.Card.Purse
	for n := 0; n < taps && err == nil && ctx.Err() == nil; n++ {
		if err = s.fill(ctx, purse); err != nil {
			break
		}
		if err = s.nextJourney(); err != nil {
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
		if report != nil {
			report(soaking)
		}
	}
	if ctx.Err() != nil {
		return soaking, ctx.Err()
	}
	return soaking, errors.Join(err, s.auditCard(ctx))
}

// timed is one measured tap. Presenting the card is not part of it.
func (s *Rig) timed(
	ctx context.Context, soaking *SoakResult, now func() time.Time,
) (validator.Outcome, error) {
	card, err := s.Present(ctx)
	if err != nil {
		return validator.Outcome{}, err
	}
	watched := &stopwatch{card: card, now: now}
	kept := s.Validator.Journal
	s.setJournal(&timedJournal{kept, watched})
	defer s.setJournal(kept)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := now()
	o := s.Validator.Serve(watched)
	whole := now().Sub(start)
	runtime.ReadMemStats(&after)
	s.note(o)

	t := TapTiming{Ending: o.Ending, Whole: whole, Steps: watched.took}
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

// Exchanges asks the reader for the card's UID the given number of times, and returns what the
// layer below the validator allocates for one command.
func (s *Rig) Exchanges(ctx context.Context, times int) (mallocs, bytes float64, err error) {
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

// A stopwatch measures the card's time by steps.
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

// setJournal changes the validator's journal between two taps.
func (s *Rig) setJournal(j validator.Journal) {
	_ = s.Validator.Do(func() error { // it returns what this does
		s.Validator.Journal = j
		return nil
	})
}

// A timedJournal measures the waiting for the disk.
type timedJournal struct {
	validator.Journal
	*stopwatch
}

// waiting measures a call that may wait for the disk.
func (j *timedJournal) waiting(call func() error) error {
	start := j.now()
	err := call()
	j.took[Disk] += j.now().Sub(start)
	return err
}

// Begin implements validator.Journal.
func (j *timedJournal) Begin(e validator.Event) error {
	return j.waiting(func() error { return j.Journal.Begin(e) })
}

// Flush implements validator.Journal.
func (j *timedJournal) Flush() error { return j.waiting(j.Journal.Flush) }

// Settle implements validator.Journal.
func (j *timedJournal) Settle(id cardlayout.EventID, r desfire.TMAC) error {
	return j.waiting(func() error { return j.Journal.Settle(id, r) })
}

// Void implements validator.Journal.
func (j *timedJournal) Void(id cardlayout.EventID) error {
	return j.waiting(func() error { return j.Journal.Void(id) })
}

// Record implements validator.Journal.
func (j *timedJournal) Record(e validator.Event) error {
	return j.waiting(func() error { return j.Journal.Record(e) })
}
