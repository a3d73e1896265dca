package terminal

import (
	"leima/fare/sale"
	"leima/validator"
)

// Recall is the result of a command that was carried out according to its event, perhaps before the
// device was switched off. Nothing is done again.
func (t *Terminal) Recall(c Command, e *validator.Event) (r Result, err error) {
	tariff, err := t.Validator.Tariffs(e.At)
	switch c := c.(type) {
	case SignOn:
		return Result{Shift: e.Shift}, nil
	case Sell:
		if err == nil {
			r.Ticket = new(sale.SingleTicket)
			*r.Ticket, err = sale.SellSingle(e.At, c.Group, e.Zones, tariff)
			r.Ticket.Lines = paidEach(e) // prices may have changed since
		}
	case ReportMisuse:
		if err == nil {
			r = misuseResult(e, tariff)
		}
	default:
		return r, nil
	}
	return r, err
}
