package onboard

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"leima/cardlayout"
	"leima/cmd/internal/program"
	"leima/cmd/internal/text"
	"leima/validator"
	"leima/validator/api"
	"leima/validator/download"
	"leima/validator/lists/bundle"
	"leima/validator/lists/manifest"
)

// openDownload prepares what fetches lists from the depot, if it is configured.
func (d *Device) openDownload() error {
	c := d.config
	if c.Download.Root == "" {
		return nil
	}
	root, err := os.ReadFile(c.File(c.Download.Root))
	if err != nil {
		return program.Usage(fmt.Errorf("download.root: %s: %w: want the root that \"depot root\" "+
			"has written", c.File(c.Download.Root), text.Cause(err)))
	}
	d.fetcher = &download.Client{
		URL: d.Link.URL, HTTP: d.Link.HTTP, Wake: d.Link.Again, Area: cardlayout.Area(c.Area),
		Root: root, Folder: c.InState(downloadFolder), Log: d.Log,
		Lacks: d.lacks, Largest: d.largest, Has: d.has, Arrived: d.arrive, Tell: d.tellDownload,
	}
	if err := d.fetcher.Open(); err != nil {
		return program.Usage(fmt.Errorf("download.root: %w", err))
	}
	d.downloads.Store(&api.Download{})
	return nil
}

// fetch fetches lists until stop is called. No tap waits for it.
func (d *Device) fetch(v *validator.Validator) (stop func()) {
	if d.fetcher == nil {
		return func() {}
	}
	d.fetcher.Time = func() (at time.Time, known bool) {
		now := v.Timing()
		return now.At, now.Known()
	}
	ctx, cancel := context.WithCancel(context.Background())
	var fetching sync.WaitGroup
	fetching.Go(func() { d.fetcher.Run(ctx) })
	return func() {
		cancel()
		fetching.Wait()
	}
}

// lacks reports whether a store of this device would take an object.
func (d *Device) lacks(o manifest.Object) bool {
	kept, known := d.kept()[o.Purpose]
	return known && kept.Lacks(o.Version, o.Base)
}

// has is the version in use of a purpose; 0 if there is none.
func (d *Device) has(purpose bundle.Purpose) uint32 {
	if kept, known := d.kept()[purpose]; known {
		return kept.Version()
	}
	return 0
}

// largest is the largest bundle of a purpose, in bytes.
func (d *Device) largest(purpose bundle.Purpose) int64 {
	if kept, known := d.kept()[purpose]; known {
		return kept.Largest()
	}
	return 0
}

// arrive has the bundles that have come taken into use.
func (d *Device) arrive() {
	select {
	case d.arrived <- struct{}{}:
	default:
	}
}

func (d *Device) tellDownload(s download.Status) {
	d.downloads.Store(&api.Download{
		Manifest: s.Version, Made: s.Made, Alarm: s.Alarm, Trouble: s.Trouble,
	})
}
