package fare

import (
	"cmp"
	"errors"
	"fmt"

	"leima/cardlayout"
)

// An Errand is what a card is presented for instead of a trip: a driver sells a load, or
// takes one back. It is done in the card's one transaction, like a fare.
type Errand struct {
	// Sale is who sells, to whom and for whose money; the tap sets its time.
	Sale Sale

	Amount cardlayout.Cents // of value to load; 0: none
	Season SeasonOrder      // to load; zero: none

	Back *Loaded // the load to take back; nil: none
	By   Voider  // who asks for that

	// Late says that nobody came for so long that the card may be somebody else's: nothing is
	// done to it, and its holder is sent to the driver.
	Late bool
}

// errand does what the card is presented for. Nobody travels by it, and nothing is charged.
func (d *Decision) errand(tap Tap, t *Tariff) {
	e := *tap.Errand
	e.Sale.At, e.Sale.Unsure = tap.At, tap.Certainty.Unknown
	d.Reason, d.Zones = e.reason(), e.zones()
	if u := &tap.Unheard; u.Loaded && u.Asked && !u.Doubt {
		d.Reason = LoadUnheard
		return
	}
	loaded, err := e.do(d.After, t)
	if refused := e.askedRefused(&tap.Unheard); refused != nil {
		err = refused
	}
	if err != nil {
		d.Reason, d.Refused = NotLoaded, err
		if r := (*Refusal)(nil); errors.As(err, &r) && r.Rule != 0 {
			d.because(r.Rule)
		}
		return
	}
	loaded.After.Last = tap.Event
	d.After, d.Loaded = loaded.After, &loaded
	d.Product = e.product(t)
	d.because(e.rule())
}

// askedRefused tells whether the driver has to be asked first: what became of the last load,
// or whose card this is.
func (e *Errand) askedRefused(u *Earlier) error {
	asking := asking{asked: "loading the card"}
	switch {
	case e.Late:
		asking.asked = e.String()
		return asking.refuse(0, "ask once more for whoever has paid; anybody else presents the "+
			"card again and travels", "it was asked for too long ago")
	case !u.Loaded || e.takesBack(u.Event):
		return nil
	case u.Doubt:
		return asking.refuse(125, "compare its value and seasons with what it had, and ask again "+
			"only if the load is missing", "nobody can tell whether it has had the load before")
	}
	return asking.refuse(125, "look at it, and ask again",
		"it has had a load a moment ago that was not heard of")
}

// zones are those of the season that is loaded or taken back; value has none.
func (e *Errand) zones() cardlayout.Zones {
	if e.Back == nil {
		return e.Season.Zones
	}
	before, after := &e.Back.Before.Seasons, &e.Back.After.Seasons
	for n := range after {
		if after[n] != before[n] && after[n] != (cardlayout.Season{}) {
			return after[n].Zones
		}
	}
	return 0
}

// takesBack tells whether the errand is to take back the load of an event.
func (e *Errand) takesBack(event cardlayout.EventID) bool {
	return e.Back != nil && e.Back.After.Last == event
}

// product is what is loaded or taken back.
func (e *Errand) product(t *Tariff) uint16 {
	if e.Back != nil && e.Back.Before.Seasons != e.Back.After.Seasons {
		return e.Back.After.SeasonLoad.Product
	}
	return cmp.Or(e.Season.Product, t.ValueProduct)
}

func (e *Errand) reason() Reason {
	switch {
	case e.Back != nil:
		return LoadTakenBack
	case e.Amount != 0:
		return ValueLoaded
	}
	return SeasonLoaded
}

func (e *Errand) rule() RuleID {
	if e.Back != nil {
		return 125
	}
	return 61
}

// do is the load done. What a load that is taken back gives back stands on its receipt.
func (e *Errand) do(card cardlayout.Card, t *Tariff) (Loaded, error) {
	switch {
	case e.Back == nil && e.Amount != 0:
		return SellValue(card, e.Sale, t, e.Amount)
	case e.Back == nil:
		return SellSeason(card, e.Sale, t, e.Season)
	}
	after, err := Reverse(card, *e.Back, e.Sale, e.By, t)
	back := Loaded{Sale: e.Back.Sale, Before: card, After: after}
	for _, line := range e.Back.Receipt {
		line.Amount, line.Rule = -line.Amount, 125
		back.Receipt = append(back.Receipt, line)
	}
	return back, err
}

// String says what the card is asked for.
func (e *Errand) String() string {
	switch {
	case e.Back != nil:
		return "take back the load"
	case e.Amount != 0:
		return fmt.Sprintf("load %v", e.Amount)
	}
	return fmt.Sprintf("load season %d zones %v", e.Season.Product, e.Season.Zones)
}
