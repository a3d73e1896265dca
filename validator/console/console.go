package console

import (
	"context"
	"io"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"leima/fare"
	"leima/validator/api"
	"leima/validator/messages"
	"leima/validator/signon"
)

// A Console is the driver's console. Its exported fields are set before Open and not changed
// afterwards.
type Console struct {
	Own *api.Local // the console's own validator
	Bus api.Device // the validator of the bus

	// Drivers reads the register of drivers, at each sign-on.
	Drivers func() ([]signon.Person, error)
	Pepper  signon.Pepper // of their PINs

	// Ended is why the validator of the bus has ended, as it has left it; "" if it has not. nil: it
	// cannot be known.
	Ended func() string

	Folder   string // the state folder
	Clock    *Clock // of the own validator, from Open on
	Mirror   Mirror
	Page     fs.FS
	Hosts    []string // names and addresses under which a browser may use it
	Secure   bool     // it is served with TLS
	Idle     time.Duration
	Language messages.Language // of receipts, until a page chooses another
	Title    string            // of receipts; may be ""

	Printer   func(text string) error // nil: there is none
	Emulation Emulation               // nil: the bus is real

	Now  func() time.Time // the machine's clock
	Rand io.Reader
	Log  *slog.Logger

	attempts         signon.Attempts
	signing          sync.Mutex // held while a driver signs on or off
	synchronizing    sync.Mutex // held while the bus is told what it has missed
	syncNeeded       chan struct{}
	emulationChanged chan struct{} // the emulated cards or readers have changed

	mu             sync.Mutex
	saved          savedState
	session        *session
	link           busLink
	forgottenOrder *api.PendingOrder // by the bus, which was switched off; nil: none
	own            api.State
	busTaps        []api.Tap     // the last known ones, the newest first
	subscribers    []*subscriber // the oldest first
	receiptLog     []receiptData // receipts, the oldest first
	language       messages.Language
}

// A busLink is the link to the bus's validator.
type busLink struct {
	up    bool
	cause error // why it is down
	state api.State
	at    time.Time // of the machine, when the state came
}

// Open reads the saved state, and gives the own device its place.
func (c *Console) Open() error {
	c.syncNeeded, c.emulationChanged = make(chan struct{}, 1), make(chan struct{}, 1)
	c.language = c.Language
	c.link.cause = fare.Say("the validator has not been reached yet")
	if err := c.loadState(); err != nil {
		return err
	}
	if err := c.attempts.Open(c.file("attempts"), c.Now, c.Pepper, c.wrongPIN); err != nil {
		return err
	}
	c.Clock.configure(c.Own.Terminal.Validator)
	c.repairMirror()
	return c.resume(context.Background())
}

// resume continues the shift that was open when the program ended.
func (c *Console) resume(ctx context.Context) error {
	if c.saved.Place != nil {
		if err := c.Own.Follow(*c.saved.Place); err != nil {
			c.Log.Error("the place of the last time is not used", "error", err)
		}
	}
	if c.saved.Shift != nil {
		if _, err := c.begin(ctx, *c.saved.Shift); err != nil {
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
	for _, task := range []func(context.Context){
		c.watchBus, c.watchOwn, c.synchronize, c.lockIdle,
		c.streamEmulation,
	} {
		all.Go(func() { task(ctx) })
	}
	all.Wait()
}

// every calls do at each period, and on request, until ctx ends.
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

// wake has a worker run again, without waiting for it.
func wake(worker chan struct{}) {
	select {
	case worker <- struct{}{}:
	default: // it was woken already
	}
}
