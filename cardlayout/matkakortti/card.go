package matkakortti

import "leima/cardlayout"

// A Card is the public content of a travel card. A part that is empty or was not read is nil. In
// JSON amounts are cents, days 2006-01-02 and times 2006-01-02T15:04, local.
type Card struct {
	System         System       `json:"system"`
	Application    *Application `json:"application,omitempty"`
	Control        *Control     `json:"control,omitempty"`
	Seasons        []Season     `json:"seasons,omitempty"`
	SeasonLoad     *SeasonLoad  `json:"season_load,omitempty"`
	SeasonBoarding *Boarding    `json:"season_boarding,omitempty"`
	Purse          *Purse       `json:"purse,omitempty"`
	Ticket         *Ticket      `json:"value_ticket,omitempty"`
	History        []Event      `json:"history,omitempty"` // the newest last

	// Unread are the numbers of the files that were missing.
	Unread []int `json:"unread_files,omitempty"`
}

// An Application is file 8, which comes first.
type Application struct {
	Version    uint8    `json:"version"`
	KeyVersion uint8    `json:"key_version"`
	Number     Number   `json:"number"`
	Check      Check    `json:"number_check"`
	Platform   Platform `json:"platform"`
	Security   Security `json:"security"`
}

// Control is file 0.
type Control struct {
	Issued   cardlayout.Day `json:"issued,omitzero"`
	Status   uint8          `json:"status"`
	Counters *Counters      `json:"counters,omitempty"` // HSL v2
}

// Counters count the changes of a card.
type Counters struct {
	Unblocking   uint8  `json:"unblocking"`
	Transactions uint32 `json:"transactions"`
	ActionLists  uint32 `json:"action_lists"` // toimintolista
}

// A Product is a product by its number; the numbers are not published.
type Product struct {
	Code  uint16 `json:"code"`
	Fares Fares  `json:"fares,omitzero"` // HSL v2
	Type  uint8  `json:"type,omitzero"`  // Waltti; its meaning is not known
}

// A Season (kausi, kausilippu) is one of the two on a card. Either may be the current one.
type Season struct {
	Slot       int     `json:"slot"` // 1 or 2
	Product    Product `json:"product"`
	Region     Region  `json:"region,omitzero"` // Waltti
	Area       Area    `json:"area,omitzero"`
	Invoicable bool    `json:"invoicable,omitempty"` // Waltti; its meaning is not known

	// First and Last are the days of its validity, which ends with the traffic day
	// (liikennöintivuorokausi) at 04:30 after Last. Without Last it has no end.
	First cardlayout.Day `json:"first,omitzero"`
	Last  cardlayout.Day `json:"last,omitzero"`
}

// A SeasonLoad is the load of the last season (kauden lataus).
type SeasonLoad struct {
	Product      Product          `json:"product"`
	At           Moment           `json:"at,omitzero"`
	Days         uint16           `json:"days"`
	Price        cardlayout.Cents `json:"price_cents"`
	Organisation uint16           `json:"organisation"`
	Device       uint16           `json:"device"`
	Loaded       bool             `json:"loaded,omitempty"` // Waltti; its meaning is not known
}

// A Boarding (nousu) is the last one with a season or a ticket, transfers included.
type Boarding struct {
	At        Moment   `json:"at,omitzero"`
	Vehicle   uint16   `json:"vehicle"`
	Location  Location `json:"location,omitzero"` // HSL
	Direction uint8    `json:"direction"`
	Region    Region   `json:"region,omitzero"` // Waltti
	Area      Area     `json:"area,omitzero"`
}

// A Location is the place or vehicle of a boarding.
type Location struct {
	Type   LocationType `json:"type"`
	Number uint16       `json:"number"`
}

// A Purse (arvo, saldo) is the card's stored value.
type Purse struct {
	Value cardlayout.Cents `json:"value_cents"`
	Load  *ValueLoad       `json:"load,omitempty"`
}

// A ValueLoad is the last load of value (arvon lataus).
type ValueLoad struct {
	At           Moment           `json:"at,omitzero"`
	Amount       cardlayout.Cents `json:"amount_cents"`
	Organisation uint16           `json:"organisation"`
	Device       uint16           `json:"device"`
}

// A Ticket is the last one bought with value (arvolippu): its sale, its validity and its
// last boarding.
type Ticket struct {
	Region       Region     `json:"region,omitzero"` // Waltti
	Product      Product    `json:"product"`
	PartyProduct uint16     `json:"party_product,omitempty"` // HSL v2, ryhmälippu
	Child        bool       `json:"child,omitempty"`         // HSL v1
	Profile      Profile    `json:"profile,omitzero"`
	PartyProfile Profile    `json:"party_profile,omitzero"`
	Language     Language   `json:"language"`
	Period       Period     `json:"period"`
	PartyPeriod  Period     `json:"party_period,omitzero"` // HSL v2
	Area         Area       `json:"area,omitzero"`
	Sold         Moment     `json:"sold,omitzero"` // in whole hours
	DeviceType   DeviceType `json:"device_type"`
	Device       uint16     `json:"device"`

	Fare      cardlayout.Cents `json:"fare_cents"`
	PartyFare cardlayout.Cents `json:"party_fare_cents,omitzero"` // HSL v2
	Persons   uint8            `json:"persons"`
	Extension *Extension       `json:"extension,omitempty"` // HSL v2

	// Start and End are its validity. Fixed: they were set at the sale, not at the first boarding.
	// Started: they are set.
	Start    Moment    `json:"start,omitzero"`
	End      Moment    `json:"end,omitzero"`
	PartyEnd Moment    `json:"party_end,omitzero"` // HSL v2
	Fixed    bool      `json:"fixed"`
	Started  bool      `json:"started"`
	Boarding *Boarding `json:"boarding,omitempty"`
}

// A Period is a ticket's length of validity.
type Period struct {
	Length uint8      `json:"length"`
	Unit   PeriodUnit `json:"unit"`
}

// An Extension (lisävyöhyke) widens a season by a ticket. The type of its area codes is
// unknown.
type Extension struct {
	ExtraZone  bool      `json:"extra_zone"`
	SeasonArea uint8     `json:"season_area_code"`
	Product    uint16    `json:"product"`
	Parts      [2]Widens `json:"parts"`
}

// Widens is one of the two areas that an Extension adds.
type Widens struct {
	Area uint8            `json:"area_code"`
	Fare cardlayout.Cents `json:"fare_cents"`
}

// An Event is a use of the card in its history: a season stamped or value debited. Transfers, later
// uses of a value ticket, and loads are not written there.
type Event struct {
	Transaction Transaction      `json:"transaction"`
	At          Moment           `json:"at,omitzero"`    // boarding, or a sale without one
	Until       Moment           `json:"until,omitzero"` // end of the right to transfer (vaihto)
	Fare        cardlayout.Cents `json:"fare_cents"`
	Persons     uint8            `json:"persons"`
	Remaining   cardlayout.Cents `json:"remaining_cents"` // 0 for a season
}
