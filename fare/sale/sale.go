package sale

import (
	"time"

	"leima/cardlayout"
	"leima/fare"
)

// A Sale is the place, time, customer and payer of a load or sale.
type Sale struct {
	At           time.Time
	Certainty    fare.Certainty
	Organisation uint16 // the seller, 14 bits
	Device       uint16 // 14 bits; 13 for a season
	Channel      fare.Channel
	Customer     Customer
	Funding      Funding

	// Again: the seller knows of the same load on the card a moment ago and means another one.
	Again bool
}

// A Customer is what the seller knows of the card's user besides the card. The zero Customer is
// unknown.
type Customer struct {
	// Group is the true customer group on the day; 0 if the seller has not checked. Then
	// the age on a personal card decides in an area that charges by age (Tariff.ByAge), elsewhere
	// the group on the card.
	Group cardlayout.Group

	// Account is the group of the web shop's account (matkatili, R-151); 0 if none.
	Account cardlayout.Group

	// Certificate: the seller saw the product's purchase certificate.
	Certificate bool
}

// Funding is the money that buys. The zero Funding is the customer's own.
type Funding struct {
	By Funder

	// Share is the funder's part of the price, in cents; 0: all of it.
	Share cardlayout.Cents

	Payment Payment // of a benefit; of an employer only its reference

	// Employer is the number of the employer's agreement with the area; 0 if none was given.
	Employer uint32
}

// A Funder pays besides the customer.
type Funder uint8

// The funders. Products paid by an employer or a benefit are never paid back in money.
const (
	Unfunded Funder = 0
	Employer Funder = 1 // työsuhdematkalippu
	Benefit  Funder = 2 // an employer's benefit, paid by the holder's telephone
)

// A Payment is a payment shown on the holder's telephone. It buys on its day. A device
// knows the references that it has used itself; the back office finds the others when it settles
// with the benefit's provider.
type Payment struct {
	Site      uint16 // the selling organisation
	Type      string // of benefit, as the tariff calls it
	Amount    cardlayout.Cents
	Reference string // the provider's receipt
	At        time.Time

	// Used: the device knows of another load for the same reference.
	Used bool
}
