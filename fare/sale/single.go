package sale

import (
	"time"

	"leima/cardlayout"
	"leima/fare"
)

// A SingleTicket is a paper ticket with all that is printed on it.
type SingleTicket struct {
	Tariff      string
	Group       cardlayout.Group // that sets the price
	Zones       cardlayout.Zones
	PrintsZones bool
	Sold, Until cardlayout.Stamp // local; Until is the end of the transfer right
	Lines       Lines            // price, and the night's supplement
}

// SellSingle sells one ticket for a group and zones on the bus.
// Its error is a *Refusal.
func SellSingle(at time.Time, group cardlayout.Group, zones cardlayout.Zones, t *fare.Tariff) (
	SingleTicket, error,
) {
	a := request{t, fare.Say("a single ticket for zones %v", zones)}
	group, price, supplement, sold := t.SingleFare(group, zones, at)
	if !sold {
		return SingleTicket{}, a.refuse(fare.RuleSingleTicket,
			"choose other zones or another group", "the tariff sells none to the group %v", group)
	}
	ticket := SingleTicket{
		Tariff: t.ID, Group: group, Zones: zones, PrintsZones: t.Terms.Single.PrintsZones,
		Sold:  t.Local(at),
		Until: t.Local(at.Add(time.Duration(t.Transfer[zones]) * time.Minute)),
		Lines: Lines{{
			Item: SingleItem, Amount: price, Payer: fare.PayerCustomer,
			Rule: fare.RuleSingleTicket,
		}},
	}
	if supplement != 0 {
		ticket.Lines = append(ticket.Lines,
			Line{
				Item: NightItem, Amount: supplement, Payer: fare.PayerCustomer,
				Rule: fare.RuleNightSupplement,
			})
	}
	return ticket, nil
}

// A PaperTicket is a single ticket as a driver reads it: the print has minutes, no seconds.
type PaperTicket struct {
	Until cardlayout.Stamp
	Zones cardlayout.Zones // 0 if the area prints none
}

// PaperValid reports whether a paper ticket is a valid transfer at an instant, in one of some zones
//
// The printed minute belongs to the ticket if the tariff includes the last instant of a period.
// In the hour that comes twice in autumn the print is ambiguous: the second one counts, in the
// passenger's favour.
func PaperValid(p PaperTicket, at time.Time, zones cardlayout.ZoneSet,
	t *fare.Tariff,
) bool {
	if p.Zones != 0 && !t.CoversOne(p.Zones, zones) {
		return false
	}
	_, end := t.Instants(p.Until)
	if t.LimitIncluded {
		end = end.Add(time.Minute)
	}
	return at.Before(end)
}
