package sale

import (
	"fmt"
	"time"

	"leima/cardlayout"
	"leima/fare"
)

// Reverse takes back a load where it was done, if the card was not used since. s is the
// place and time of the request, by the person asking. A load paid with a benefit goes back only
// with the payment, which only the provider voids. After an error, a *Refusal if it is
// refused, the card is as it was.
func Reverse(card cardlayout.Card, loaded Loaded, s Sale, by Voider, t *fare.Tariff) (
	cardlayout.Card, error,
) {
	l := &loading{request: request{t, fare.Say("taking back a load")}, card: card, sale: s}
	if err := l.checkReverse(&loaded, by); err != nil {
		return card, err
	}
	after := card
	after.Purse, after.Funded = loaded.Before.Purse, loaded.Before.Funded
	after.Seasons = loaded.Before.Seasons
	after.ValueLoad, after.SeasonLoad = loaded.Before.ValueLoad, loaded.Before.SeasonLoad
	return l.countTransaction(after)
}

func (l *loading) checkReverse(loaded *Loaded, by Voider) error {
	here, there := &l.sale, &loaded.Sale
	switch {
	case l.card.Number != loaded.After.Number:
		return l.refuse(fare.RuleWrongLoad, "present the card that was loaded",
			"this is another card")
	case here.Organisation != there.Organisation || here.Device != there.Device ||
		here.Channel != there.Channel:
		return l.refuse(fare.RuleWrongLoad,
			"send the customer to where it was loaded, or to the service point",
			"it was loaded elsewhere")
	case l.card.Counter != loaded.After.Counter || l.card.Last != loaded.After.Last:
		return l.refuse(fare.RuleWrongLoad,
			"send the customer to the service point with the receipt",
			"the card has been used since")
	case there.Funding.By == Benefit:
		return CheckVoid(BenefitVoid{
			By: by, Paid: there.Funding.Payment.At, At: here.At, Location: l.tariff.Location,
			Unsure: here.Certainty.Unknown,
		})
	}
	return nil
}

// A BenefitVoid voids a payment made with an employer's benefit.
type BenefitVoid struct {
	By       Voider
	Paid, At time.Time
	Location *time.Location // whose days count
	Unsure   bool           // At is not certain: the day of Paid may last
	Used     bool           // the card has been used since
}

// A Voider is a person asking for a void.
type Voider uint8

// The voiders. A payer answers for errors of their own.
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

// CheckVoid refuses to void a payment; nil if it may be voided. Only the provider can
// void, and only on the day of the payment: afterwards it is settled.
func CheckVoid(v BenefitVoid) error {
	a := request{what: fare.Say("voiding a benefit's payment")}
	paid, day := cardlayout.DayOf(v.Paid.In(v.Location)), cardlayout.DayOf(v.At.In(v.Location))
	switch {
	case v.By != Provider:
		return a.refuse(fare.RuleBenefitVoid, "have the service point do it before midnight",
			"%v cannot void it, only the provider can", v.By)
	case !v.Unsure && (day != paid || v.At.Before(v.Paid)):
		return a.refuse(fare.RuleBenefitVoid,
			"settle it with the provider: the money is the provider's now",
			"it was paid on %v and could be voided on that day", paid)
	case v.Used:
		return a.refuse(fare.RuleBenefitVoid, "correct the card at the service point first (R-125)",
			"the card has been used since")
	}
	return nil
}
