package main

import (
	"context"
	"errors"

	"leima/cardlayout"
	"leima/fare/sale"
)

// groupCommand changes the customer group of a card.
type groupCommand struct {
	Card  cardLocation `arg:"" help:"The card: an image, or reader: and a part of a reader's name."`
	Group string       `arg:"" help:"adult, child, youth, student, senior or special."`

	Seen         string `placeholder:"GROUP" help:"The customer's group, as the clerk sees it."`
	Certificate  string `placeholder:"DAY" help:"Of a student: the day of the certificate."`
	From         string `placeholder:"DAY" help:"Of a student: when the studies began."`
	Until        string `placeholder:"DAY" help:"Of a student: when they end, if it is said."`
	PartTime     bool   `help:"Of a student: the studies are not full-time."`
	Excluded     string `placeholder:"WORDS" help:"Of a student: a kind of study without a right."`
	servicePoint `embed:""`
}

func (*groupCommand) examples() string {
	return `bench group matti.img senior --tariff mikkeli.toml`
}

func (*groupCommand) Help() string {
	return `Puts right the customer group of a personal card, as the service point does when its
holder has grown out of it; the group of a bearer card never changes. A student shows a
certificate: the card is given the last day of the right, as the area's terms count it. Exit
code 1 means that nothing is changed, says why, and leaves the card as it was.

The JSON has the fields before, after and receipt, which is empty.`
}

func (c *groupCommand) Run(ctx context.Context, b *bench) error {
	t, at, err := c.prices(ctx, b)
	if err != nil {
		return err
	}
	to, bad := cardlayout.ParseGroup(c.Group)
	here, badSeen := sale.Sale{At: at}, error(nil)
	if c.Seen != "" {
		here.Customer.Group, badSeen = cardlayout.ParseGroup(c.Seen)
	}
	studies, badDay := c.studies(t.ServiceDay(at))
	if err := errors.Join(bad, badSeen, badDay); err != nil {
		return mistake(err)
	}
	var done serviceResult
	grown := func(card cardlayout.Card) (cardlayout.Card, error) {
		after, err := sale.ChangeGroup(card, to, here, t)
		if err != nil || to != cardlayout.Student {
			return after, err
		}
		studies.Birth = card.Birth
		if after.StudentUntil, err = sale.StudentUntil(studies, t); err != nil {
			return card, err
		}
		return after, after.Check()
	}
	if done.Loaded, err = c.change(ctx, b, c.Card, grown); err != nil {
		return err
	}
	return c.show(b, c.Card, done)
}

// studies are the studies on the certificate, which is shown today.
func (c *groupCommand) studies(today cardlayout.Day) (s sale.Studies, err error) {
	s = sale.Studies{Shown: today, Dated: today, FullTime: !c.PartTime, Excluded: c.Excluded}
	for _, day := range []struct {
		text string
		into *cardlayout.Day
	}{{c.Certificate, &s.Dated}, {c.From, &s.From}, {c.Until, &s.To}} {
		if day.text == "" {
			continue
		}
		read, bad := cardlayout.ParseDay(day.text)
		*day.into, err = read, errors.Join(err, bad)
	}
	return s, err
}
