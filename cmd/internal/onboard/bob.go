package onboard

import (
	"strconv"

	"leima/cardlayout"
	"leima/validator"
	"leima/validator/api"
	"leima/validator/place/bob"
)

// asBoB says things as VALS has them.
type asBoB struct {
	*bob.Dialect
	last bob.Status
}

func (c *Config) bob(*api.Local) speaker {
	d := &bob.Dialect{Prefix: c.Sources.Prefix, Zones: c.Sources.Zones, Validator: c.number()}
	if number := c.Service.Vehicle; number != 0 {
		d.Vehicle = strconv.Itoa(int(number))
	}
	return &asBoB{Dialect: d}
}

func (s *asBoB) condition(say publish, c condition, asked bool) {
	now := bob.Status{Ready: c.ready, Message: c.cause, Queue: c.queue}
	if asked || now != s.last {
		say(s.Status(now))
		s.last = now
	}
}

func (s *asBoB) tapped(say publish, o *validator.Outcome) {
	valid := o.Ending == validator.Accepted
	ticket := bob.Ticket{
		Result: int(o.Ending) - int(validator.Accepted), Reason: o.Ending.String(),
		Valid: valid, Graced: valid && o.Event.Unsure,
	}
	if o.Event.Reason != 0 {
		ticket.Reason = o.Event.Reason.String()
	}
	if valid {
		ticket.Travellers = []bob.Travellers{{
			Category: "traveller", Number: int(max(o.Decision.Persons, 1)),
		}}
		for zone := o.Decision.Zones.First(); zone != 0 && zone <= o.Decision.Zones.Last(); zone++ {
			ticket.Zones = append(ticket.Zones,
				bob.Zone{Name: cardlayout.ZoneRun(zone, zone).String()})
		}
	}
	say(s.Ticket(ticket))
}

func (s *asBoB) doubt(say publish, title, why string) {
	say(s.Notification(bob.Notification{
		ID: "place", Title: title, Message: why, Priority: bob.Warning,
	}))
}
