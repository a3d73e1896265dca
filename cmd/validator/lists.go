package main

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"sync"
	"time"

	"leima/blocklist/bundle"
	"leima/blocklist/inbox"
	"leima/blocklist/shelf"
	"leima/cardlayout"
	"leima/fare/actionlist/tray"
	"leima/validator"
)

// openLists takes the lists of the last time into use. One that is damaged keeps no bus
// in the depot: it is put aside, and the log tells.
func (d *device) openLists() (err error) {
	c := d.config
	if err := os.MkdirAll(c.inbox(), 0o700); err != nil {
		return fmt.Errorf("making the inbox of the block lists: %w: name another folder", err)
	}
	rules := shelf.Rules{Area: cardlayout.Area(c.Area), Keys: c.BlockList.Keys,
		Largest: c.BlockList.Largest << 20, Cap: c.BlockList.Cap}
	if c.Reader == emulated { // where the street is its own back office
		if _, d.street, err = ed25519.GenerateKey(nil); err != nil {
			return err
		}
		rules.Keys = append(rules.Keys, bundle.Public(d.street))
	}
	if d.shelf, err = shelf.Open(c.state(listFolder), rules, d.lists); err != nil {
		return err
	}
	if alarm := d.shelf.Status().Alarm; alarm != "" {
		d.log.Error("block lists: alarm", "error", alarm)
	}
	d.tellList()
	return d.openActions()
}

// openActions takes the action list of the last time into use.
func (d *device) openActions() (err error) {
	c := d.config
	d.actions, err = tray.Open(c.state(actionFolder), tray.Rules{Area: cardlayout.Area(c.Area),
		Keys: c.ActionList.Keys, Largest: c.ActionList.Largest << 20})
	if err != nil {
		return err
	}
	if d.actions.List().Version() > 0 {
		d.tellActions()
	} else if alarm := d.actions.Alarm(); alarm != "" {
		d.log.Error("action lists: alarm", "error", alarm)
	}
	return nil
}

func (d *device) tellActions() {
	list := d.actions.List()
	d.log.Info("action list in use", "version", list.Version(), "actions", list.Len())
	if alarm := d.actions.Alarm(); alarm != "" {
		d.log.Error("action lists: alarm", "error", alarm)
	}
}

func (d *device) tellList() {
	if !d.lists.Loaded() {
		d.log.Warn("there is no block list: every card passes as not listed")
		return
	}
	now := d.shelf.Status()
	d.log.Info("block list in use", "version", now.Version, "cards", now.Count)
	if now.Held > 0 {
		d.log.Error("block lists: alarm: the list adds more cards than the cap: they are "+
			"refused, and no block is written to them", "cards", now.Held,
			"cap", d.config.BlockList.Cap)
	}
	if now.Former > 0 {
		d.log.Error("block lists: alarm: the list has lost more than half of its cards, and does "+
			"not say that this is meant: they are refused as well", "cards", now.Former,
			"until", now.Until, "error", now.Alarm)
	}
}

func (c *config) inbox() string {
	if c.BlockList.Inbox != "" {
		return c.file(c.BlockList.Inbox)
	}
	return c.state(inboxFolder)
}

// scan takes the bundles of the inbox into use between two taps.
func (d *device) scan(v *validator.Validator) {
	now := v.Timing().Earliest // no list is refused that a right clock would take
	before := []string{d.shelf.Status().Alarm, d.actions.Alarm()}
	for _, arrival := range inbox.Scan(d.config.inbox(), d.config.state(refusedFolder), now,
		betweenTaps(v), bundle.BlockList,
		map[bundle.Purpose]inbox.Taker{
			bundle.BlockList: d.shelf.Taker(), bundle.Actions: d.actions.Taker(),
		}) {
		d.tell(arrival, before)
	}
	switch released, err := d.shelf.Release(now, betweenTaps(v)); {
	case err != nil:
		d.log.Error("block lists: the cards of the list before stay refused", "error", err)
	case released:
		d.log.Warn("block lists: a day has passed, and the cards of the list before are refused " +
			"no more")
	}
}

// tell says what became of a bundle, but not again what was said before.
func (d *device) tell(arrival inbox.Arrival, before []string) {
	actions := arrival.Purpose == bundle.Actions
	err, kind, used := arrival.Err, "block lists", d.lists.Version()
	refused := shelf.Refusal(err)
	if actions {
		kind, used, refused = "action lists", d.actions.List().Version(), tray.Refusal(err)
	}
	switch {
	case err == nil && actions:
		d.tellActions()
	case err == nil:
		d.tellList()
	case errors.Is(err, inbox.ErrReplay):
		d.log.Info("the bundle changes nothing", "bundle", arrival.Name)
	case refused, !slices.Contains(before, err.Error()): // else it was told the last time
		d.log.Error(kind+": alarm: a bundle is not taken", "error", err, "in use", used)
	}
}

func betweenTaps(v *validator.Validator) inbox.Exchange {
	return func(change func() error) error { return v.Do(validator.Renew(change)) }
}

// reload takes new lists and tariffs into use. What does not load changes nothing.
func (d *device) reload(v *validator.Validator) {
	if err := d.loadTariffs(betweenTaps(v)); err != nil {
		d.log.Error("the tariffs stay as they are", "error", err)
	}
	d.scan(v)
}

// keepFresh reloads at every hangup and looks into the inbox from time to time, until
// stop is called.
func (d *device) keepFresh(hangup chan os.Signal, v *validator.Validator) (stop func()) {
	var watching sync.WaitGroup
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
				d.reload(v)
			case <-tick:
				d.scan(v)
			}
		}
	})
	return func() {
		signal.Stop(hangup)
		close(hangup)
		watching.Wait()
	}
}
