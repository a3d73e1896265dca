// Package proof verifies what cards have signed (Transaction MAC, NXP AN12343). It is for where the
// issuer's key is: the depot's program, or one on another machine, so that what hears the network
// holds no key of cards.
package proof

import (
	"context"
	"log/slog"
	"time"

	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/depot/settlement"
	"leima/validator/journal"
)

// A Queue is a ledger's signatures that wait.
type Queue interface {
	// Again has those wait once more that were false or could not be opened.
	Again(context.Context) error

	// Signatures are some that wait.
	Signatures(context.Context) ([]settlement.Signature, error)

	// Prove says what became of them. They wait no more.
	Prove(context.Context, []settlement.Proof) error
}

// Here is the queue of a ledger in the same program.
type Here struct {
	Ledger *settlement.Ledger
	Now    func() time.Time // by the depot's clock
}

// group is how many signatures are verified at once, at most.
const group = 256

// Again implements Queue.
func (h Here) Again(context.Context) error { return h.Ledger.Again() }

// Signatures implements Queue.
func (h Here) Signatures(context.Context) ([]settlement.Signature, error) {
	return h.Ledger.Signatures(group)
}

// Prove implements Queue.
func (h Here) Prove(_ context.Context, proofs []settlement.Proof) error {
	return h.Ledger.Prove(h.Now(), proofs)
}

// A Verifier verifies signatures. When it begins it also verifies again what was false or could not
// be opened: so a verifier with the right keys mends what one with wrong keys has said.
type Verifier struct {
	Office  *journal.BackOffice
	Genuine func(validator.Event, desfire.TMAC) bool // reports whether a card has signed an event
	Log     *slog.Logger

	said map[uint16]bool // that what a device has sent cannot be opened; nil: it has not begun
}

// idle is how long a verifier waits if no signature does, and failed how long after an error.
const (
	idle   = time.Second
	failed = 10 * time.Second
)

// Run verifies the signatures of a queue until the context ends.
func (v *Verifier) Run(ctx context.Context, q Queue) {
	said := ""
	for ctx.Err() == nil {
		some, err := v.Verify(ctx, q)
		pause := idle
		switch {
		case err != nil && ctx.Err() == nil:
			pause = failed
			if err.Error() != said {
				said = err.Error()
				v.Log.Error("no signature is verified now, and it is tried again", "error", err)
			}
		case said != "":
			said = ""
			v.Log.Info("signatures are verified again")
		}
		if some > 0 {
			continue
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// Verify verifies some that wait, and returns how many there were.
func (v *Verifier) Verify(ctx context.Context, q Queue) (some int, err error) {
	if v.said == nil {
		if err := q.Again(ctx); err != nil {
			return 0, err
		}
		v.said = map[uint16]bool{}
	}
	waiting, err := q.Signatures(ctx)
	if err != nil || len(waiting) == 0 {
		return 0, err
	}
	var proofs []settlement.Proof
	for n := range waiting {
		proofs = append(proofs, settlement.Proof{
			Of: waiting[n].Of, Number: waiting[n].Number, Verdict: v.verdict(&waiting[n]),
		})
	}
	if err := q.Prove(ctx, proofs); err != nil {
		return 0, err
	}
	return len(waiting), nil
}

func (v *Verifier) verdict(s *settlement.Signature) uint8 {
	if len(s.Intent) == 0 {
		return settlement.False
	}
	item, _, err := journal.ReadItem(s.Intent)
	if err != nil {
		return settlement.Unread // the ledger has read it
	}
	e, err := item.Entry()
	if err == nil {
		err = v.Office.Open(&e)
	}
	switch {
	case err != nil:
		if !v.said[item.Device] {
			v.said[item.Device] = true
			v.Log.Error("alarm: what a card has signed cannot be opened, and is taken for "+
				"genuine: give the verifier the back office's key of that time (said once)",
				"device", item.Device, "position", item.Position, "error", err)
		}
		return settlement.Unread
	case v.Genuine(e.Event, s.TMAC):
		return settlement.Genuine
	}
	return settlement.False
}
