package console

import (
	"context"
	"io"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"leima/fare/words"
	"leima/validator/api"
)

// A Console is a driver's device at work. Its exported fields are set before Open and not
// changed afterwards.
type Console struct {
	Own *api.Local // the driver's own validator; its Tapped is told of its taps
	Bus api.Device // the validator of the bus

	// Drivers is the register, read anew at each signing on.
	Drivers func() ([]Driver, error)

	Folder   string // the state folder
	Clock    *Clock // that the own validator goes by, from Open on
	Mirror   Mirror
	Page     fs.FS
	Hosts    []string // names and addresses by which a browser may call it
	Secure   bool     // it is served with TLS
	Idle     time.Duration
	Language words.Language // of receipts, until a page asks for another
	Title    string         // over receipts; may be ""

	Printer func(text string) error // nil: there is none
	Street  Street                  // nil: the bus is real

	Now  func() time.Time // the machine's clock
	Rand io.Reader
	Log  *slog.Logger

	attempts attempts
	signing  sync.Mutex // held while somebody signs on or off
	tending  sync.Mutex // held while the bus is told what it missed
	work     chan struct{}
	painted  chan struct{} // the street has changed

	mu       sync.Mutex
	book     book
	session  *session
	links    link
	own      api.State
	busTaps  []api.Tap // the last ones that are known, the newest first
	watchers map[*watcher]bool
	slips    []slip // receipts, the oldest first
	spoken   words.Language
}

// A link is what is known of the bus' validator.
type link struct {
	up    bool
	cause string // why it is down
	state api.State
	at    time.Time // of the machine, when the state came
}

// Open reads what was kept, and puts the own device where it was.
func (c *Console) Open() error {
	c.work, c.painted = make(chan struct{}, 1), make(chan struct{}, 1)
	c.watchers = map[*watcher]bool{}
	c.spoken = c.Language
	c.links.cause = "the validator has not been reached yet"
	if err := c.readBook(); err != nil {
		return err
	}
	if err := c.attempts.open(c.file("attempts"), c.Now, c.wrongPIN); err != nil {
		return err
	}
	c.Clock.guide(c.Own.Validator)
	c.mendMirror()
	return c.resume(context.Background())
}

// resume goes on with the shift that was on when the program ended.
func (c *Console) resume(ctx context.Context) error {
	if c.book.Place != nil {
		if err := c.Own.Follow(*c.book.Place); err != nil {
			c.Log.Error("the place of the last time is not used", "error", err)
		}
	}
	if c.book.Shift != nil {
		if _, err := c.begin(ctx, *c.book.Shift); err != nil {
			return err
		}
	}
	var err error
	c.own, err = c.Own.State(ctx)
	return err
}

// Run keeps up the link to the bus, until ctx ends.
func (c *Console) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, task := range []func(context.Context){c.watchBus, c.watchOwn, c.tend, c.lockIdle,
		c.paint} {
		all.Go(func() { task(ctx) })
	}
	all.Wait()
}

// every calls do each time so much time has gone by, and when asked, until ctx ends.
func every(ctx context.Context, period time.Duration, asked <-chan struct{}, do func()) {
	ticker := time.NewTicker(period)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-asked:
		}
		do()
	}
}

// ask has a worker look again, without waiting for it.
func ask(worker chan struct{}) {
	select {
	case worker <- struct{}{}:
	default: // it was asked already
	}
}
