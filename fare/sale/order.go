package sale

import (
	"cmp"
	"errors"

	"leima/cardlayout"
	"leima/fare"
)

// An Order is a driver's order for a card: to sell a load onto it, or to take one back. It is done
// in the card's one transaction, like a fare.
type Order struct {
	// Sale is the seller, the customer and the payer; the tap sets its time.
	Sale Sale

	Amount cardlayout.Cents // of value to load; 0: none
	Season SeasonOrder      // to load; zero: none

	Back *Loaded // the load to take back; nil: none
	By   Voider  // of its payment

	// Late: no card came for so long that this one may be another passenger's. It is left alone,
	// and its holder is sent to the driver.
	Late bool
}

// UnconfirmedLoad is the card's last load, if its commit was not answered and the driver does not
// know of it. It is zero if there is none.
type UnconfirmedLoad struct {
	Event cardlayout.EventID

	// Asked: it was made for the standing order. Doubt: it is not known whether it was made.
	Asked, Doubt bool
}

// Decide decides an order: nobody travels by it, and no fare is charged. loaded is the load that
// was done, nil if none; refused is the reason if none, a *Refusal if it is a refusal.
func (o Order) Decide(card cardlayout.Card, tap fare.Tap, u UnconfirmedLoad, t *fare.Tariff) (
	d fare.Decision, loaded *Loaded, refused error,
) {
	d, barred := fare.Barred(card, tap, t)
	if barred {
		return d, nil, nil
	}
	o.Sale.At, o.Sale.Certainty = tap.At, tap.Certainty
	d.Reason, d.Zones = o.reason(), o.zones()
	if u.Event != (cardlayout.EventID{}) && u.Asked && !u.Doubt {
		d.Reason = fare.LoadRecovered
		return d, nil, nil
	}
	done, err := o.do(card, t)
	err = cmp.Or(o.checkAsked(&u), err)
	if err != nil {
		d.Reason = fare.NotLoaded
		if r := (*Refusal)(nil); errors.As(err, &r) && r.Rule != 0 {
			d.Because(r.Rule)
		}
		return d, nil, err
	}
	done.After.Last = tap.Event
	d.After, d.Product = done.After, o.product(t)
	d.Because(o.rule())
	return d, &done, nil
}

// checkAsked refuses until the driver has answered: what happened to the last load, or whose card
// this is.
func (o *Order) checkAsked(u *UnconfirmedLoad) error {
	asking := request{what: fare.Say("loading the card")}
	switch {
	case o.Late:
		asking.what = o.Asked()
		return asking.refuse(0, "order it again for the passenger who paid; another passenger "+
			"presents the card again and travels", "it was ordered too long ago")
	case u.Event == (cardlayout.EventID{}) || o.takesBack(u.Event):
		return nil
	case u.Doubt:
		return asking.refuse(fare.RuleWrongLoad,
			"compare its value and seasons with what it had, and ask again "+
				"only if the load is missing",
			"it is not known whether the card already has the load")
	}
	return asking.refuse(fare.RuleWrongLoad, "look at it, and ask again",
		"the card's last load, a moment ago, was not confirmed")
}

// zones are the zones of the season to load or take back; value has none.
func (o *Order) zones() cardlayout.Zones {
	if o.Back == nil {
		return o.Season.Zones
	}
	before, after := &o.Back.Before.Seasons, &o.Back.After.Seasons
	for n := range after {
		if after[n] != before[n] && after[n] != (cardlayout.Season{}) {
			return after[n].Zones
		}
	}
	return 0
}

// takesBack reports whether the order takes back the load of an event.
func (o *Order) takesBack(event cardlayout.EventID) bool {
	return o.Back != nil && o.Back.After.Last == event
}

// product is the product to load or take back.
func (o *Order) product(t *fare.Tariff) uint16 {
	if o.Back != nil && o.Back.Before.Seasons != o.Back.After.Seasons {
		return o.Back.After.SeasonLoad.Product
	}
	return cmp.Or(o.Season.Product, t.ValueProduct)
}

func (o *Order) reason() fare.Reason {
	switch {
	case o.Back != nil:
		return fare.LoadTakenBack
	case o.Amount != 0:
		return fare.ValueLoaded
	}
	return fare.SeasonLoaded
}

func (o *Order) rule() fare.RuleID {
	if o.Back != nil {
		return fare.RuleWrongLoad
	}
	return fare.RuleLoading
}

// do carries out the order. The receipt of a load taken back has its lines in negative.
func (o *Order) do(card cardlayout.Card, t *fare.Tariff) (Loaded, error) {
	switch {
	case o.Back == nil && o.Amount != 0:
		return SellValue(card, o.Sale, t, o.Amount)
	case o.Back == nil:
		return SellSeason(card, o.Sale, t, o.Season)
	}
	after, err := Reverse(card, *o.Back, o.Sale, o.By, t)
	back := Loaded{Sale: o.Back.Sale, Before: card, After: after}
	for _, line := range o.Back.Receipt {
		line.Amount, line.Rule = -line.Amount, fare.RuleWrongLoad
		back.Receipt = append(back.Receipt, line)
	}
	return back, err
}

func (o *Order) String() string { return o.Asked().Error() }

// Asked is the order in words.
func (o *Order) Asked() fare.Phrase {
	switch {
	case o.Back != nil:
		return fare.Say("take back the load")
	case o.Amount != 0:
		return fare.Say("load %v", o.Amount)
	}
	return fare.Say("load season %d zones %v", o.Season.Product, o.Season.Zones)
}
