package main

import (
	"context"
	"crypto/ecdh"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"leima/cmd/internal/private"
	"leima/cmd/internal/program"
	"leima/cmd/internal/text"
	"leima/validator/depot"
	"leima/validator/depot/onefile"
	"leima/validator/depot/proof"
	"leima/validator/depot/settlement"
	"leima/validator/journal"
)

// settle has a ledger follow a store, and cards' signatures verified if the key for it is here,
// until the context ends, which end waits for. The ledger is nil if the depot has none.
func (f folder) settle(ctx context.Context, c *config, known *register, store depot.Store,
	log *slog.Logger,
) (l *settlement.Ledger, end func() error, err error) {
	var v *proof.Verifier
	if c.Ledger.Keys != "" {
		if v, err = f.verifier(c, log); err != nil {
			return nil, nil, program.Usage(fmt.Errorf("[ledger]: %w", err))
		}
	}
	l, err = f.openLedger(c, known, log)
	if errors.Is(err, onefile.ErrDamaged) { // journals are received all the same
		log.Error("alarm: nothing is settled", "error", err)
		return nil, func() error { return nil }, nil
	} else if err != nil {
		return nil, nil, err
	}
	var all parts
	all.add(keepLedger(ctx, l, store, log))
	if v != nil {
		all.add(quiet(keepVerifying(ctx, v, l)))
	}
	return l, all.end, nil
}

// openLedger opens the ledger; nil if the depot has none.
func (f folder) openLedger(c *config, known *register, log *slog.Logger) (
	*settlement.Ledger, error,
) {
	if len(c.Ledger.Office) == 0 {
		return nil, nil
	}
	zone, err := time.LoadLocation(c.Ledger.Zone)
	if err != nil || c.Ledger.Zone == "" {
		return nil, program.Usage(fmt.Errorf("ledger.zone is %q: want a time zone such as "+
			"Europe/Helsinki", c.Ledger.Zone))
	}
	office, err := f.office(c)
	if err != nil {
		return nil, err
	}
	l := &settlement.Ledger{
		Office: office, Zone: zone, Log: log, Waited: known.waited,
		Proving: c.Ledger.Keys != "" || c.Ledger.Verifier,
	}
	if err := l.Open(f.file(ledgerFile)); err != nil {
		return nil, err
	}
	return l, nil
}

// office has the back office's private keys.
func (f folder) office(c *config) (*journal.BackOffice, error) {
	var keys []*ecdh.PrivateKey
	for _, name := range c.Ledger.Office {
		key, err := officeKey(f.path(name))
		if err != nil {
			return nil, program.Usage(fmt.Errorf("the back office's key: %w", err))
		}
		keys = append(keys, key)
	}
	office, err := journal.NewBackOffice(keys...)
	return office, program.Usage(err)
}

// kept is how long it is known whose card it was, and forgetting how often that is looked at;
// catchingUp, while the ledger has not come to where the store is.
const (
	kept       = 1 // years
	forgetting = 6 * time.Hour
	catchingUp = time.Second
)

// forget has a ledger forget whose cards were used a year ago, until the context ends.
func forget(ctx context.Context, l *settlement.Ledger, log *slog.Logger) {
	for ctx.Err() == nil {
		wait := forgetting
		if now := time.Now().In(l.Zone); !l.Followed() {
			wait = catchingUp
		} else if !l.Believes(now) {
			log.Warn("the ledger forgets nothing now: for a month nothing has come, or the clock " +
				"has leapt")
		} else if err := l.Forget(forgottenBefore(now)); err != nil {
			log.Error("the ledger still says whose cards were used a year ago", "error", err)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
}

// forgottenBefore is the day of booking before which it is forgotten whose card it was.
func forgottenBefore(now time.Time) string {
	return now.AddDate(-kept, 0, 0).Format(time.DateOnly)
}

func officeKey(path string) (*ecdh.PrivateKey, error) {
	if err := private.Secret(path); err != nil {
		return nil, err
	}
	raw, err := text.Read(path)
	if err != nil {
		return nil, err
	}
	return private.Key[*ecdh.PrivateKey](path, raw, "X25519", "bench journal key new")
}

// keepLedger has a ledger follow a store until the context ends, which end waits for. A ledger that
// cannot be written stops no device.
func keepLedger(ctx context.Context, l *settlement.Ledger, store depot.Store, log *slog.Logger) (
	end func() error,
) {
	if l == nil {
		return func() error { return nil }
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			if err := follow(ctx, l, store); ctx.Err() == nil {
				log.Error("alarm: the ledger does not go on, and is tried again; what devices "+
					"send is kept meanwhile", "error", err)
			}
			select {
			case <-time.After(10 * time.Second):
			case <-ctx.Done():
			}
		}
	}()
	forgotten := make(chan struct{})
	go func() {
		defer close(forgotten)
		forget(ctx, l, log)
	}()
	return func() error {
		<-done
		<-forgotten
		return l.Close()
	}
}

// follow has a ledger follow a store, which is perhaps a copy that was put in its place.
func follow(ctx context.Context, l *settlement.Ledger, store depot.Store) error {
	if own, is := store.(follower); is {
		err := l.Knows(ctx, store)
		if err == nil {
			err = own.Beyond(ctx, l.Cursor())
		}
		if err != nil {
			return err
		}
	}
	return l.Run(ctx, store)
}

// settlementCommand writes rows.
type settlementCommand struct {
	Folder folder `arg:"" help:"The depot's folder."`
	Booked string `placeholder:"DAY" help:"Only the rows of this day, as 2026-11-29."`
	Schema bool   `help:"Write what the columns are, as CSV on the Web."`
}

func (c *settlementCommand) run(ctx context.Context, s *stage) error {
	config, err := c.Folder.read()
	if err != nil {
		return err
	}
	if _, err := time.Parse(time.DateOnly, c.Booked); err != nil && c.Booked != "" {
		return program.Usage(fmt.Errorf("--booked %s: want a day as 2026-11-29", c.Booked))
	}
	if c.Schema {
		_, err := s.bytes.Write(settlement.Schema)
		return err
	}
	return c.Folder.ask(ctx, "/settlement?booked="+c.Booked, s.bytes, func() error {
		if len(config.Ledger.Office) == 0 {
			return program.Usage(errNoLedger)
		}
		if _, err := os.Stat(c.Folder.file(ledgerFile)); err != nil {
			return fmt.Errorf("the settlement is not there: %w: \"depot serve\" makes it from the "+
				"store", err)
		}
		l, err := c.Folder.openLedger(&config, &register{}, slog.New(slog.DiscardHandler))
		if err != nil {
			return err
		}
		return errors.Join(l.WriteRows(c.Booked, s.bytes), c.behind(ctx, s, l), l.Close())
	})
}

// behind says that the depot has ended before its ledger had all of the store.
func (c *settlementCommand) behind(ctx context.Context, s *stage, l *settlement.Ledger) error {
	return c.Folder.alone(ctx, func(store store) error {
		last, err := store.Last(ctx)
		if err == nil && last > l.Cursor() {
			fmt.Fprintln(s.stderr, "depot: what came last is not in these rows: start the depot, "+
				"and write them anew")
		}
		return err
	})()
}

var errNoLedger = errors.New("the depot has no ledger: name the back office's private key in " +
	"ledger.office, in " + configFile)
