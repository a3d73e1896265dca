package main

import (
	"encoding/hex"
	"time"

	"leima/cardlayout"
	"leima/fare/sale"
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
		Position  uint64        `json:"position"`
		Kind      string        `json:"kind"`
		Event     *tapAnswer    `json:"event,omitempty"`     // of an intent and a record
		Sealed    *sealedAnswer `json:"sealed,omitempty"`    // the identity of the card
		Of        uint32        `json:"of,omitempty"`        // of any other entry
		Signature *tmacAnswer   `json:"signature,omitempty"` // of a settle
		Hash      string        `json:"hash"`
	}

	// sealedAnswer is a card's sealed identity, which only the back office can read.
	sealedAnswer struct {
		Key  string `json:"key"`
		Text string `json:"text"`
		Card string `json:"card,omitempty"` // the last digits of its number
	}

	// tapAnswer is an event.
	tapAnswer struct {
		Device         uint16               `json:"device"`
		Sequence       uint32               `json:"sequence"`
		At             string               `json:"at"`
		Estimated      bool                 `json:"estimated,omitempty"` // the time was unknown
		Synchronized   bool                 `json:"kept,omitempty"`
		LastSync       string               `json:"last_kept,omitempty"`
		Shift          *shiftAnswer         `json:"shift,omitempty"`
		Place          placeAnswer          `json:"place"`
		UID            string               `json:"uid"`
		Card           string               `json:"card,omitempty"`
		Area           cardlayout.Area      `json:"area,omitempty"`    // of the card
		UsedIn         cardlayout.Area      `json:"used_in,omitempty"` // of the tap
		PrintedNumber  string               `json:"printed,omitempty"` // number of a faulty card
		Counter        uint32               `json:"counter"`
		Reason         string               `json:"reason,omitempty"`
		ReasonNumber   uint8                `json:"reason_number,omitempty"`
		Rules          []string             `json:"rules,omitempty"`
		ChargeCents    cardlayout.Cents     `json:"charge_cents"`
		AddedCents     cardlayout.Cents     `json:"added_cents,omitempty"` // by a driver's load
		BalanceCents   *cardlayout.Cents    `json:"balance_cents,omitempty"`
		BalanceUnknown bool                 `json:"unread,omitempty"` // the balance is unknown
		Receipt        []lineAnswer         `json:"receipt,omitempty"`
		Reference      string               `json:"reference,omitempty"` // of a payment by others
		Employer       uint32               `json:"employer,omitempty"`  // that ordered it
		Ambiguous      bool                 `json:"again,omitempty"`     // like an earlier load
		Persons        uint8                `json:"persons,omitempty"`
		Zones          string               `json:"zones"`
		Product        uint16               `json:"product,omitempty"`
		Source         string               `json:"source"`
		Tariff         string               `json:"tariff,omitempty"`
		List           uint32               `json:"list,omitempty"`
		ListMade       string               `json:"list_made,omitempty"`
		ListError      bool                 `json:"list_error,omitempty"`
		ActionList     uint32               `json:"action_list,omitempty"`
		Actions        []actionResultAnswer `json:"actions,omitempty"`
		Command        string               `json:"driver,omitempty"` // in words
		Order          string               `json:"order,omitempty"`  // key of the driver's order
		Fault          string               `json:"fault,omitempty"`
		Version        string               `json:"version,omitempty"` // of the program
		TMI            string               `json:"signed,omitempty"`  // the Transaction MAC input
	}

	// shiftAnswer is a driver's shift, identified by the event that began it.
	shiftAnswer struct {
		Driver uint32 `json:"driver"`
		Device uint16 `json:"device"`
		Number uint32 `json:"number"`
	}

	actionResultAnswer struct {
		Expects     uint32           `json:"expects"` // the card's action counter before
		Leaves      uint32           `json:"leaves"`  // and after; the two identify the action
		Kind        string           `json:"kind"`
		AmountCents cardlayout.Cents `json:"amount_cents,omitempty"`
		Product     uint16           `json:"product,omitempty"`
		Status      string           `json:"left,omitempty"` // why it was not done
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
		Also      string `json:"also,omitempty"` // other zones where the bus was, or may have been
		Unsure    bool   `json:"unsure,omitempty"`
		Source    string `json:"source,omitempty"`
		Age       uint32 `json:"age_seconds,omitempty"` // since the source was heard
	}
)

func entryOf(e journal.Entry) entryAnswer {
	a := entryAnswer{
		Position: e.Position, Kind: e.Kind.String(), Of: e.Of.Sequence,
		Signature: tmacOf(e.TMAC), Hash: hex.EncodeToString(e.Hash[:]),
	}
	if e.Kind == journal.Intent || e.Kind == journal.Record {
		a.Event = tapOf(&e.Event)
	}
	if s := e.Sealed; s != nil {
		a.Sealed = &sealedAnswer{hex.EncodeToString(s.Key), hex.EncodeToString(s.Text), s.Short}
	}
	return a
}

func placeOf(e *validator.Event) placeAnswer {
	p := &e.Place
	a := placeAnswer{
		Line: p.Line, Stop: p.Stop, Vehicle: p.Vehicle, Direction: p.Direction,
		Trip: p.Trip, Zone: cardlayout.ZoneRun(p.Zone, p.Zone).String(), Zones: p.Zones.String(),
	}
	if p.NextZone != 0 {
		a.Next = cardlayout.ZoneRun(p.NextZone, p.NextZone).String()
	}
	a.Unsure, a.Source, a.Age = p.Unsure, p.From, e.PlaceAge
	for zone := range p.Also.All {
		a.Also += cardlayout.ZoneRun(zone, zone).String()
	}
	return a
}

func tapOf(e *validator.Event) *tapAnswer {
	a := &tapAnswer{
		Device: e.ID.Device, Sequence: e.ID.Sequence, At: e.At.Format(time.RFC3339),
		Estimated: e.Estimated, Synchronized: e.Synchronized,
		Place: placeOf(e),
		UID:   hex.EncodeToString(e.UID[:]), Area: e.Area, UsedIn: e.UsedIn, Counter: e.Counter,
		ReasonNumber: uint8(e.Reason), Rules: rulesOf(e), ChargeCents: e.Charge,
		AddedCents: e.Added, BalanceUnknown: e.BalanceUnknown, Reference: e.Benefit,
		Employer:  e.Employer,
		Ambiguous: e.Ambiguous, Shift: shiftOf(&e.Shift), Persons: e.Persons,
		Zones:   e.Zones.String(),
		Product: e.Product, Source: e.Source.String(), Tariff: e.Tariff, List: e.List,
		ListError: e.ListError, ActionList: e.ActionList, Command: e.Command, Fault: e.Fault,
		TMI: hex.EncodeToString(e.TMI), Version: e.Version,
	}
	for _, p := range e.Actions {
		a.Actions = append(a.Actions, actionResultOf(p))
	}
	a.Receipt = receiptOf(e.Receipt).Lines
	if !e.BalanceUnknown {
		a.BalanceCents = &e.Balance
	}
	if e.Order != (validator.OrderKey{}) {
		a.Order = hex.EncodeToString(e.Order[:])
	}
	if e.Card != 0 {
		a.Card = digits(e.Card)
	}
	if e.PrintedNumber != 0 {
		a.PrintedNumber = digits(e.PrintedNumber)
	}
	if e.Reason != 0 {
		a.Reason = e.Reason.String()
	}
	if !e.LastSync.IsZero() {
		a.LastSync = e.LastSync.Format(time.RFC3339)
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

func actionResultOf(p sale.ActionResult) actionResultAnswer {
	a := actionResultAnswer{
		Expects: p.Expects, Leaves: p.Leaves, Kind: p.Kind.String(),
		AmountCents: p.Amount, Product: p.Product,
	}
	if p.Status != 0 {
		a.Status = p.Status.String()
	}
	return a
}
