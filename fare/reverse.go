package fare

import (
	"fmt"
	"time"

	"leima/cardlayout"
)

// Reverse takes back a load where it was done, if nothing has happened to the card since
// s is where and when it is asked for, by who asks. A load that a benefit has paid
// for goes back only with the payment, which the provider alone voids. After an
// error, a *Refusal for every refusal, the card is as it was.
func Reverse(card cardlayout.Card, loaded Loaded, s Sale, by Voider, t *Tariff) (
	cardlayout.Card, error,
) {
	l := &load{asking: asking{t, "taking back a load"}, card: card, sale: s}
	if err := l.reverseRefused(&loaded, by); err != nil {
		return card, err
	}
	after := card
	after.Purse, after.Kept = loaded.Before.Purse, loaded.Before.Kept
	after.Seasons = loaded.Before.Seasons
	after.ValueLoad, after.SeasonLoad = loaded.Before.ValueLoad, loaded.Before.SeasonLoad
	return l.count(after)
}

func (l *load) reverseRefused(loaded *Loaded, by Voider) error {
	here, there := &l.sale, &loaded.Sale
	switch {
	case l.card.Number != loaded.After.Number:
		return l.refuse(125, "present the card that was loaded", "this is another card")
	case here.Organisation != there.Organisation || here.Device != there.Device ||
		here.Channel != there.Channel:
		return l.refuse(125, "send the customer to where it was loaded, or to the service point",
			"it was loaded elsewhere")
	case l.card.Counter != loaded.After.Counter || l.card.Last != loaded.After.Last:
		return l.refuse(125, "send the customer to the service point with the receipt",
			"the card has been used since")
	case there.Funding.By == Benefit:
		return VoidRefused(BenefitVoid{
			By: by, Paid: there.Funding.Payment.At, At: here.At, Location: l.tariff.Location,
		})
	}
	return nil
}

// A BenefitVoid is the voiding of a payment that was made with an employer's benefit.
type BenefitVoid struct {
	By       Voider
	Paid, At time.Time
	Location *time.Location // whose days count
	Used     bool           // the card has been used since
}

// A Voider is who asks for a void.
type Voider uint8

// Who may ask. An error of the one who paid is that one's own.
const (
	Provider  Voider = 1 // the service point, or the driver's supervisor
	Driver    Voider = 2
	Passenger Voider = 3
)

func (v Voider) String() string {
	switch v {
	case Provider:
		return "the provider"
	case Driver:
		return "the driver"
	case Passenger:
		return "the passenger"
	}
	return fmt.Sprintf("voider %d", uint8(v))
}

// VoidRefused tells whether a payment stands; nil means that it may be voided.
// Only the provider can void, and only on the day of the payment: afterwards it is
// settled.
func VoidRefused(v BenefitVoid) error {
	a := asking{asked: "voiding a benefit's payment"}
	paid, day := cardlayout.DayOf(v.Paid.In(v.Location)), cardlayout.DayOf(v.At.In(v.Location))
	switch {
	case v.By != Provider:
		return a.refuse(207, "have the service point do it before midnight",
			"%v cannot void it, the provider alone can", v.By)
	case day != paid || v.At.Before(v.Paid):
		return a.refuse(207, "settle it with the provider: the money is the provider's now",
			"it was paid on %v and could be voided on that day", paid)
	case v.Used:
		return a.refuse(207, "correct the card at the service point first (R-125)",
			"the card has been used since")
	}
	return nil
}
