package fare

import (
	"fmt"
	"time"

	"leima/cardlayout"
)

// A Sale is where, when, to whom and for whose money something is loaded or sold.
type Sale struct {
	At           time.Time
	Unsure       bool   // it is not known to be then: no card has ended its life by it
	Organisation uint16 // the seller, 14 bits
	Device       uint16 // 14 bits; 13 where a season is loaded
	Channel      Channel
	Customer     Customer
	Funding      Funding

	// Again says that the seller knows of the like load that the card has had a moment ago,
	// and means another one.
	Again bool
}

// A Channel is a way a product comes to its buyer.
type Channel uint8

// The channels.
const (
	ServicePoint Channel = 0 // palvelupiste
	SalesPoint   Channel = 1 // myyntipiste
	DriverDesk   Channel = 2 // kuljettajan laite
	WebShop      Channel = 3 // verkkokauppa

	Channels = 4 // an array indexed by Channel
)

var channelNames = [...]string{"service point", "sales point", "bus", "web shop"}

func (c Channel) String() string {
	if int(c) < len(channelNames) {
		return channelNames[c]
	}
	return fmt.Sprintf("channel %d", uint8(c))
}

// A Customer is what the seller knows of whom the card is for, besides the card. The
// zero Customer is somebody of whom nothing more is known.
type Customer struct {
	// Group is the true customer group on the day; 0 where nobody looked. Then
	// the age on a personal card tells in an area that charges by age (Tariff.ByAge), and
	// elsewhere the group on the card is believed.
	Group cardlayout.Group

	// Account is the group of the web shop's account (matkatili, R-151); 0 for none.
	Account cardlayout.Group

	// Certificate says that the purchase certificate of the product was seen.
	Certificate bool
}

// Funding is whose money buys. The zero Funding is the customer's own.
type Funding struct {
	By Funder

	// Share is what the funder pays of the price; 0 means all of it.
	Share cardlayout.Cents

	Payment Payment // of a benefit; of an employer its reference alone

	// Employer is the number under which the area has an agreement with the employer; 0:
	// none was given.
	Employer uint32
}

// A Funder is who pays besides the customer.
type Funder uint8

// The funders. What either of the last two has paid for is never given back in money
//
const (
	Nobody   Funder = 0
	Employer Funder = 1 // työsuhdematkalippu
	Benefit  Funder = 2 // an employer's benefit, paid by the holder's telephone
)

// A Payment is what the holder's telephone says it has paid. It buys on the day it
// was made. A device knows the references that it has used itself; those of others the back
// office finds when it settles with the benefit's provider.
type Payment struct {
	Site      uint16 // where: the organisation that sells
	Type      string // of benefit, in the words of the tariff
	Amount    cardlayout.Cents
	Reference string // the provider's receipt
	At        time.Time

	// Used says that the device knows of another load for the same reference.
	Used bool
}

// SaleRule is what a sale is bound to besides the price. The zero rule sells everywhere,
// to everybody, without commission.
type SaleRule struct {
	// Commission is what loading costs by channel; NoPrice where the product
	// is not loaded.
	Commission [Channels]cardlayout.Cents

	Entitlement Entitlement

	// OwnShare is what the customer pays whatever the price, and RestFrom pays
	// the rest; 0 means the whole price.
	OwnShare cardlayout.Cents
	RestFrom Payer

	// MostDays makes it a product sold by the day, of LeastDays to MostDays, at its
	// price a day each; 0 means the product's own length.
	LeastDays, MostDays uint16
}

// An Entitlement is what a customer must have to buy a product.
type Entitlement uint8

// The entitlements.
const (
	Anyone        Entitlement = 0
	StudentRight  Entitlement = 1 // set on the card at the service point
	ByCertificate Entitlement = 2 // seen at the service point the first time
)

// A ProductRule is the rule of one product.
type ProductRule struct {
	Code uint16
	SaleRule
}

// SaleRule finds the rule of a season product.
func (o *Office) SaleRule(product uint16) *SaleRule {
	for n := range o.Products {
		if o.Products[n].Code == product {
			return &o.Products[n].SaleRule
		}
	}
	return &o.Season
}
