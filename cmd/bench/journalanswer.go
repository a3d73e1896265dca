package main

import (
	"encoding/hex"
	"time"

	"leima/cardlayout"
	"leima/fare"
	"leima/validator"
	"leima/validator/journal"
)

// The JSON of a journal.
type (
	journalAnswer struct {
		Device  uint16        `json:"device"`
		Entries []entryAnswer `json:"entries"`
		Open    int           `json:"open"`
		Hash    string        `json:"hash,omitempty"`
	}

	entryAnswer struct {
		Position  uint64           `json:"position"`
		Kind      string           `json:"kind"`
		Event     *tapAnswer       `json:"event,omitempty"`     // of an intent and a record
		Of        uint32           `json:"of,omitempty"`        // of any other
		Signature *signatureAnswer `json:"signature,omitempty"` // of a settle
		Hash      string           `json:"hash"`
	}

	// tapAnswer has whatever an event has.
	tapAnswer struct {
		Device       uint16            `json:"device"`
		Sequence     uint32            `json:"sequence"`
		At           string            `json:"at"`
		Estimated    bool              `json:"estimated,omitempty"` // the time was not known
		Kept         bool              `json:"kept,omitempty"`      // the clock was kept right
		LastKept     string            `json:"last_kept,omitempty"` // when it last was, if not
		Shift        *shiftAnswer      `json:"shift,omitempty"`
		Place        placeAnswer       `json:"place"`
		UID          string            `json:"uid"`
		Card         string            `json:"card,omitempty"`
		Area         cardlayout.Area   `json:"area,omitempty"`    // the card's own
		UsedIn       cardlayout.Area   `json:"used_in,omitempty"` // where it was used
		Printed      string            `json:"printed,omitempty"` // number of a faulty card
		Counter      uint32            `json:"counter"`
		Reason       string            `json:"reason,omitempty"`
		ReasonNumber uint8             `json:"reason_number,omitempty"`
		Rules        []string          `json:"rules,omitempty"`
		ChargeCents  cardlayout.Cents  `json:"charge_cents"`
		AddedCents   cardlayout.Cents  `json:"added_cents,omitempty"` // by a driver's load
		BalanceCents *cardlayout.Cents `json:"balance_cents,omitempty"`
		Unread       bool              `json:"unread,omitempty"` // the purse: no balance is known
		Receipt      []lineAnswer      `json:"receipt,omitempty"`
		Reference    string            `json:"reference,omitempty"` // of whose payment it is
		Employer     uint32            `json:"employer,omitempty"`  // who has ordered it by that
		Again        bool              `json:"again,omitempty"`     // alike to a load before
		Persons      uint8             `json:"persons,omitempty"`
		Zones        string            `json:"zones"`
		Product      uint16            `json:"product,omitempty"`
		Source       string            `json:"source"`
		Tariff       string            `json:"tariff,omitempty"`
		List         uint32            `json:"list,omitempty"`
		ListMade     string            `json:"list_made,omitempty"`
		ListError    bool              `json:"list_error,omitempty"`
		Actions      []pickupAnswer    `json:"actions,omitempty"`
		Driver       string            `json:"driver,omitempty"` // what was said, in words
		Order        string            `json:"order,omitempty"`  // key of what was ordered
		Fault        string            `json:"fault,omitempty"`
		Signed       string            `json:"signed,omitempty"` // what the card signs
	}

	// shiftAnswer is a driver's shift, named by the event that began it.
	shiftAnswer struct {
		Driver uint32 `json:"driver"`
		Device uint16 `json:"device"`
		Number uint32 `json:"number"`
	}

	pickupAnswer struct {
		Expects     uint32           `json:"expects"` // the card's action counter before
		Leaves      uint32           `json:"leaves"`  // and after; the two name the action
		Kind        string           `json:"kind"`
		AmountCents cardlayout.Cents `json:"amount_cents,omitempty"`
		Product     uint16           `json:"product,omitempty"`
		Left        string           `json:"left,omitempty"` // why it was not done
	}

	placeAnswer struct {
		Line      string `json:"line,omitempty"`
		Stop      string `json:"stop,omitempty"`
		Vehicle   uint16 `json:"vehicle"`
		Direction uint8  `json:"direction"`
		Trip      uint16 `json:"trip"`
		Zone      string `json:"zone"`
		Next      string `json:"next_zone,omitempty"`
		Zones     string `json:"zones"`
	}
)

func entryOf(e journal.Entry) entryAnswer {
	a := entryAnswer{Position: e.Position, Kind: e.Kind.String(), Of: e.Of.Sequence,
		Signature: signatureOf(e.Receipt), Hash: hex.EncodeToString(e.Hash[:])}
	if e.Kind == journal.Intent || e.Kind == journal.Record {
		a.Event = tapOf(&e.Event)
	}
	return a
}

func placeOf(p *validator.Place) placeAnswer {
	a := placeAnswer{Line: p.Line, Stop: p.Stop, Vehicle: p.Vehicle, Direction: p.Direction,
		Trip: p.Trip, Zone: cardlayout.ZoneRun(p.Zone, p.Zone).String(), Zones: p.Zones.String()}
	if p.NextZone != 0 {
		a.Next = cardlayout.ZoneRun(p.NextZone, p.NextZone).String()
	}
	return a
}

func tapOf(e *validator.Event) *tapAnswer {
	a := &tapAnswer{
		Device: e.ID.Device, Sequence: e.ID.Sequence, At: e.At.Format(time.RFC3339),
		Estimated: e.Estimated, Kept: e.Kept,
		Place: placeOf(&e.Place),
		UID:   hex.EncodeToString(e.UID[:]), Area: e.Area, UsedIn: e.UsedIn, Counter: e.Counter,
		ReasonNumber: uint8(e.Reason), Rules: rulesOf(e), ChargeCents: e.Charge,
		AddedCents: e.Added, Unread: e.Unread, Reference: e.Benefit, Employer: e.Employer,
		Again: e.Again, Shift: shiftOf(&e.Shift), Persons: e.Persons, Zones: e.Zones.String(),
		Product: e.Product, Source: e.Source.String(), Tariff: e.Tariff, List: e.List,
		ListError: e.ListError, Driver: e.Driver, Fault: e.Fault,
		Signed: hex.EncodeToString(e.Signed),
	}
	for _, p := range e.Actions {
		a.Actions = append(a.Actions, pickupOf(p))
	}
	a.Receipt = receiptOf(e.Receipt).Lines
	if !e.Unread {
		a.BalanceCents = &e.Balance
	}
	if e.Order != (validator.OrderKey{}) {
		a.Order = hex.EncodeToString(e.Order[:])
	}
	if e.Card != 0 {
		a.Card = digits(e.Card)
	}
	if e.Printed != 0 {
		a.Printed = digits(e.Printed)
	}
	if e.Reason != 0 {
		a.Reason = e.Reason.String()
	}
	if !e.LastKept.IsZero() {
		a.LastKept = e.LastKept.Format(time.RFC3339)
	}
	if !e.ListMade.IsZero() {
		a.ListMade = e.ListMade.Format(time.RFC3339)
	}
	return a
}

func shiftOf(s *validator.Shift) *shiftAnswer {
	if *s == (validator.Shift{}) {
		return nil
	}
	return &shiftAnswer{s.Driver, s.Begun.Device, s.Begun.Sequence}
}

func pickupOf(p fare.Pickup) pickupAnswer {
	a := pickupAnswer{Expects: p.Expects, Leaves: p.Leaves, Kind: p.Kind.String(),
		AmountCents: p.Amount, Product: p.Product}
	if p.Left != 0 {
		a.Left = p.Left.String()
	}
	return a
}
