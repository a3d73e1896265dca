package onboard

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"sync"
	"time"

	"leima/cardlayout"
	"leima/cmd/internal/metrics"
	"leima/cmd/internal/service"
	"leima/cmd/internal/text"
	"leima/validator"
	"leima/validator/lists"
	"leima/validator/lists/bundle"
	"leima/validator/lists/inbox"
)

// openLists takes the last lists into use. A damaged one keeps no bus in the depot: it is put aside
// and logged.
func (d *Device) openLists() (err error) {
	c := d.config
	if err := os.MkdirAll(c.inbox(), 0o700); err != nil {
		return fmt.Errorf("making the inbox of the block lists, %s: %w: name another folder",
			c.inbox(), text.Cause(err))
	}
	trust := c.trust(c.BlockList.Keys, c.BlockList.Largest)
	d.Blocks, err = lists.OpenBlocks(c.InState(ListFolder), trust, c.BlockList.Cap, d.Lists)
	if err != nil {
		return err
	}
	d.tellAlarm(bundle.BlockList)
	d.logList()
	return d.openActions()
}

// trust is the trust in bundles: their keys, and their largest size in MiB.
func (c *Config) trust(keys []bundle.PublicKey, largest int64) bundle.Trust {
	return bundle.Trust{Area: cardlayout.Area(c.Area), Keys: keys, Largest: largest << 20}
}

// openActions takes the last action list into use.
func (d *Device) openActions() (err error) {
	c := d.config
	trust := c.trust(c.ActionList.Keys, c.ActionList.Largest)
	if d.actions, err = lists.OpenActions(c.InState(ActionFolder), trust); err != nil {
		return err
	}
	if d.actions.Version() > 0 {
		d.logActions()
	} else {
		d.tellAlarm(bundle.Actions)
	}
	return nil
}

func (d *Device) logActions() {
	used := d.actions.Used()
	d.Log.Info("action list in use", "version", used.Version, "actions", used.Count)
	d.tellAlarm(bundle.Actions)
}

// tellAlarm logs the trouble with the stored data of a purpose.
func (d *Device) tellAlarm(purpose bundle.Purpose) {
	kept := d.kept()[purpose]
	if alarm := kept.Alarm(); alarm != "" {
		d.Log.Error(kept.name+": alarm", "error", alarm)
	}
}

// A store holds the data of one purpose.
type store interface {
	Taker() inbox.Taker
	Alarm() string
	Version() uint32
	Lacks(version, base uint32) bool
	Largest() int64
}

// A keeping is a store, with its name in the log and its state.
type keeping struct {
	store
	name string
	tell func()
}

// kept are the stores of this device.
func (d *Device) kept() map[bundle.Purpose]keeping {
	all := map[bundle.Purpose]keeping{
		bundle.BlockList: {d.Blocks, "block lists", d.logList},
		bundle.Actions:   {d.actions, "action lists", d.logActions},
	}
	if d.tariffs != nil {
		all[bundle.Tariffs] = keeping{d.tariffs, "tariffs", d.logTariffs}
	}
	return all
}

// figures are the versions of the lists, for the metrics.
func (d *Device) figures() (all []metrics.List) {
	for purpose, kept := range d.kept() {
		l := metrics.List{
			Name: string(purpose), Version: kept.Version(), Alarm: kept.Alarm() != "",
		}
		if purpose == bundle.BlockList {
			l.Made = d.Lists.Made()
		}
		all = append(all, l)
	}
	return all
}

func (d *Device) logList() {
	if !d.Lists.Loaded() {
		d.Log.Warn("there is no block list: every card passes as not listed")
		return
	}
	now := d.Blocks.Status()
	d.Log.Info("block list in use", "version", now.Version, "cards", now.Count)
	if now.Held > 0 {
		d.Log.Error("block lists: alarm: the list adds more cards than the cap: they are "+
			"refused, and no block is written to them", "cards", now.Held,
			"cap", d.config.BlockList.Cap)
	}
	if now.Former > 0 {
		d.Log.Error("block lists: alarm: the list has lost more than half of its cards, and does "+
			"not say that this is meant: they are refused as well", "cards", now.Former,
			"until", now.Until, "error", now.Alarm)
	}
}

func (c *Config) inbox() string {
	if c.BlockList.Inbox != "" {
		return c.File(c.BlockList.Inbox)
	}
	return c.InState(InboxFolder)
}

// scan takes the bundles of the inbox into use between two taps.
func (d *Device) scan(v *validator.Validator) {
	now := v.Timing().Earliest // no list is refused that a right clock would accept
	d.scanAt(now, BetweenTaps(v))
	switch released, err := d.Blocks.Release(now, BetweenTaps(v)); {
	case err != nil:
		d.Log.Error("block lists: the cards of the list before stay refused", "error", err)
	case released:
		d.Log.Warn("block lists: a day has passed, and the cards of the list before are refused " +
			"no more")
	}
}

// scanAt takes the bundles of the inbox into use; now decides what has expired.
func (d *Device) scanAt(now time.Time, when exchange) {
	takers, before := map[bundle.Purpose]inbox.Taker{}, []string{}
	for purpose, kept := range d.kept() {
		takers[purpose] = kept.Taker()
		before = append(before, kept.Alarm())
	}
	for _, folder := range []string{d.config.inbox(), d.config.InState(downloadFolder)} {
		for _, arrival := range inbox.Scan(folder, d.config.InState(refusedFolder), now, when,
			bundle.BlockList, takers) {
			d.logArrival(arrival, before)
		}
	}
}

// logArrival logs the result of a bundle, unless it was logged before.
func (d *Device) logArrival(arrival inbox.Arrival, before []string) {
	err, kept := arrival.Err, d.kept()[arrival.Purpose]
	switch {
	case err == nil:
		kept.tell()
	case errors.Is(err, inbox.ErrReplay):
		d.Log.Info("the bundle changes nothing", "bundle", arrival.Name)
	case lists.Refusal(err), !slices.Contains(before, err.Error()): // else logged before
		d.Log.Error(kept.name+": alarm: a bundle is not taken", "error", err,
			"in use", kept.Version())
	}
}

// BetweenTaps takes checked data into use between two taps.
func BetweenTaps(v *validator.Validator) inbox.Exchange { return v.Do }

// Reload takes new lists and tariffs into use. Data that does not load changes nothing.
func (d *Device) Reload(v *validator.Validator) {
	if d.tariffs == nil {
		if err := d.loadTariffs(BetweenTaps(v)); err != nil {
			d.Log.Error("the tariffs stay as they are", "error", err)
		}
	}
	d.scan(v)
}

// keepFresh reloads at every SIGHUP, fetches from the depot, and looks into the inbox at intervals,
// until stop is called.
func (d *Device) keepFresh(hangup chan os.Signal, v *validator.Validator) (stop func()) {
	var watching sync.WaitGroup
	stopFetching := d.fetch(v)
	var tick <-chan time.Time // never, unless there is a ticker
	end := func() {}
	if every := time.Duration(d.config.BlockList.Poll); every > 0 {
		ticker := time.NewTicker(every)
		tick, end = ticker.C, ticker.Stop
	}
	watching.Go(func() {
		defer end()
		d.scan(v)
		for {
			select {
			case _, asked := <-hangup:
				if !asked {
					return
				}
				service.Reload(func() { d.Reload(v) })
			case <-tick:
				d.scan(v)
			case <-d.arrived:
				d.scan(v)
			}
		}
	})
	return func() {
		stopFetching()
		signal.Stop(hangup)
		close(hangup)
		watching.Wait()
	}
}
