package download

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"time"

	"leima/cardlayout"
	"leima/validator/backoff"
	"leima/validator/lists/bundle"
	"leima/validator/lists/manifest"
)

// The pauses, and how long a request may take.
const (
	shortest = 20 * time.Second // between two manifests
	jitter   = 20 * time.Second // more, by chance
	longest  = time.Minute      // after a failure
	deadline = 30 * time.Second // of a statement
	overdue  = time.Hour        // without any of an object that a manifest names
	turn     = time.Minute      // of an object: then the manifest is looked at
)

// A Client downloads the lists of one device.
type Client struct {
	URL    string // of the depot, without a path
	HTTP   *http.Client
	Area   cardlayout.Area
	Root   []byte // the first root, as it came with the device's commission
	Folder string // is made

	// Lacks reports whether a store would take an object. Largest is the largest bundle of a
	// purpose, in bytes; 0: none is taken.
	Lacks   func(manifest.Object) bool
	Largest func(bundle.Purpose) int64

	// Has is the version in use of a purpose; 0: none.
	Has func(bundle.Purpose) uint32

	Time    func() (at time.Time, known bool)
	Arrived func()       // bundles wait in the folder
	Tell    func(Status) // after each round

	Wake  <-chan struct{}                      // the depot is reached again
	After func(time.Duration) <-chan time.Time // nil: time.After
	Log   *slog.Logger

	root      manifest.Root
	rootRaw   []byte
	last      manifest.Manifest // that counted; zero if none did
	lastRaw   []byte
	delivered map[string]bool // objects, since the start: a refused one is not fetched again
	lacking   time.Time       // since when objects do not come; zero: they do
	pause     backoff.Pause
	said      string // the last failure in the log
}

// A Status is how the downloading goes.
type Status struct {
	Version uint64    // of the last manifest that counted; 0: none has
	Made    time.Time // of it
	Alarm   bool      // something was refused, or the last manifest has expired, or is doubtful
	Trouble string    // why nothing newer comes now; none: it does
}

// ErrFrozen says that the last manifest has expired.
var ErrFrozen = errors.New("the manifest has expired, and somebody may keep a newer one back: " +
	"let the depot renew it")

// ErrEarly says that the last manifest was made on a day to come. What it names is taken.
var ErrEarly = errors.New("the manifest was made on a day to come, and nobody would notice that " +
	"newer ones are kept back: let somebody set the depot's clock, or this device's")

// ErrLate says that the manifest comes and what it names does not.
var ErrLate = errors.New("the depot, or somebody on the way to it, may keep it back: see whether " +
	"other devices are given it")

// ErrBehind says that a list is older than the one in use: as of a shelf that was made anew.
var ErrBehind = errors.New("the depot's list is older than the one in use, which stays")

// Open takes up what was kept. It fails if the first root or the folder cannot be used.
func (c *Client) Open() error {
	c.pause.Longest, c.delivered = longest, map[string]bool{}
	if c.After == nil {
		c.After = time.After
	}
	if err := os.MkdirAll(c.Folder, 0o700); err != nil {
		return err
	}
	return c.recall()
}

// Run downloads until the context ends.
func (c *Client) Run(ctx context.Context) {
	for {
		more, err := c.round(ctx)
		if ctx.Err() != nil {
			return
		}
		wait := c.conclude(more, err)
		select {
		case <-c.After(wait):
		case <-c.Wake:
		case <-ctx.Done():
			return
		}
	}
}

// round looks at the manifest, and downloads what is lacking. It reports whether more waits.
func (c *Client) round(ctx context.Context) (more bool, err error) {
	if err := c.look(ctx); err != nil {
		return false, err
	}
	if c.frozen() {
		return false, ErrFrozen
	}
	more, err = c.collect(ctx)
	err = c.late(more, err)
	if err == nil && !more {
		err = c.doubtful()
	}
	return more, err
}

// late adds to the error of objects that have not come for long, although the manifest has: they
// may be kept back. This device's own disk is another matter.
func (c *Client) late(more bool, err error) error {
	at, known := c.Time()
	var own *fs.PathError
	switch {
	case err == nil, more, errors.As(err, &own):
		c.lacking = time.Time{}
	case known && c.lacking.IsZero():
		c.lacking = at
	case known && at.Sub(c.lacking).Abs() >= overdue:
		return fmt.Errorf("%w: none of it has come since %s: %w", ErrLate,
			c.lacking.UTC().Format(time.RFC3339), err)
	}
	return err
}

// doubtful is why nobody would notice that newer lists are kept back, although all that the last
// manifest names is taken.
func (c *Client) doubtful() error {
	if c.early() {
		return ErrEarly
	}
	newest := map[bundle.Purpose]uint32{}
	for _, o := range c.last.Objects {
		newest[o.Purpose] = max(newest[o.Purpose], o.Version)
	}
	for _, o := range c.last.Objects {
		if has := c.Has(o.Purpose); newest[o.Purpose] < has {
			return fmt.Errorf("%w: %s version %d, and this device has %d: give the next a higher "+
				"version", ErrBehind, o.Purpose, newest[o.Purpose], has)
		}
	}
	return nil
}

// frozen reports whether the last manifest has surely expired.
func (c *Client) frozen() bool {
	at, known := c.Time()
	return known && c.last.Version > 0 && c.last.Expired(at)
}

// early reports whether the last manifest was surely made on a day to come.
func (c *Client) early() bool {
	at, known := c.Time()
	return known && c.last.Version > 0 && c.last.Made.After(at.AddDate(0, 0, 1))
}

// conclude says how a round went, and returns how long to wait.
func (c *Client) conclude(more bool, err error) time.Duration {
	status := Status{
		Version: c.last.Version, Made: c.last.Made,
		Alarm: alarming(err) || c.frozen() || c.doubtful() != nil,
	}
	said, wait := "", shortest+rand.N(jitter)
	switch {
	case err != nil:
		status.Trouble, said, wait = err.Error(), err.Error(), c.pause.Next()
		var later *laterError
		if errors.As(err, &later) {
			wait = max(wait, min(later.after, longest))
		}
	case more:
		wait = 0
	}
	c.Tell(status)
	if said != c.said && said != "" {
		level := slog.LevelWarn
		if status.Alarm {
			level = slog.LevelError
		}
		c.Log.Log(context.Background(), level, "download: the lists in use stay", "error", err,
			"alarm", status.Alarm)
	} else if said != c.said {
		c.Log.Info("download: the depot answers again", "manifest", c.last.Version)
	}
	c.said = said
	if err == nil {
		c.pause.Reset()
	}
	return wait
}

// alarming reports whether an error is more than a link that fails.
func alarming(err error) bool {
	for _, reason := range []error{
		ErrFrozen, ErrEarly, ErrBehind, ErrLate, ErrObject, manifest.ErrDamaged,
		manifest.ErrUnsigned, manifest.ErrOlder, manifest.ErrConflict, manifest.ErrRoot,
		manifest.ErrNotNext,
	} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return false
}
