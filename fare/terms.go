package fare

import (
	"fmt"
	"time"

	"leima/cardlayout"
)

// Terms are an area's terms of sales, refunds and service, besides prices and travel. Each
// setting is a point where the areas' terms disagree.
type Terms struct {
	Stated bool // false: the tariff has none of these terms

	// Value and Season are the rules of loads, Products those of seasons with their own.
	Value, Season SaleRule
	Products      []ProductRule

	// CardFee is the price of a new card by channel; NoPrice if none is sold.
	CardFee [Channels]cardlayout.Cents

	// UpdateFirst: a card of a wrong customer group takes no season before it is updated
	//
	UpdateFirst bool

	// AccountCounts: the web shop sells seasons by the account's group, whatever the card's
	//
	AccountCounts bool

	// PersonalGroups exist only on personal cards.
	PersonalGroups [cardlayout.Groups]bool

	// VeteransShow: veterans travel free by showing a ticket to the driver.
	VeteransShow bool

	// BenefitTypes are the employers' benefits that are accepted.
	BenefitTypes []string

	// EmployerOnBoard: a driver's device accepts an employer's order instead of money.
	EmployerOnBoard bool

	Student      StudentRule
	Single       SingleRule
	Refund       RefundRule
	Claim        ClaimRule
	UnusedPeriod UnusedPeriodRule
	Lifetime     LifetimeRule
	Misuse       MisuseRule
	Faulty       FaultyRule
	Retention    RetentionRule
}

// A Channel is a way a product comes to its buyer.
type Channel uint8

// The channels.
const (
	ServicePoint Channel = 0 // palvelupiste
	SalesPoint   Channel = 1 // myyntipiste
	OnBoard      Channel = 2 // kuljettajan laite
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

// SaleRule are the conditions of a sale besides the price. The zero rule sells everywhere, to
// everybody, without commission.
type SaleRule struct {
	// Commission is the cost of loading by channel; NoPrice if the product is not
	// loaded there.
	Commission [Channels]cardlayout.Cents

	Entitlement Entitlement

	// OwnShare is the customer's part of any price, RestFrom pays the rest; 0: the
	// customer pays the whole price.
	OwnShare cardlayout.Cents
	RestFrom Payer

	// MostDays, if not 0, has the product sold by the day, from LeastDays to MostDays, at its
	// price for each; 0: it has its own length.
	LeastDays, MostDays uint16
}

// An Entitlement is a customer's condition for buying a product.
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
func (o *Terms) SaleRule(product uint16) *SaleRule {
	for n := range o.Products {
		if o.Products[n].Code == product {
			return &o.Products[n].SaleRule
		}
	}
	return &o.Season
}

// A Payer pays a line of a receipt.
type Payer string

// The payers. The tariff names an authority that pays a part.
const (
	PayerCustomer Payer = "customer"
	PayerEmployer Payer = "employer"
	PayerBenefit  Payer = "benefit" // an employer's benefit, paid by the holder's telephone
)

// ClaimRule says when and how an error is put right.
type ClaimRule struct {
	Within Span // from when the customer noticed, or should have

	// BySingles credits a wrong debit that does not go back to the card as trips of single
	// tickets; otherwise it is paid in cash.
	BySingles bool

	// MostTravel is the most single tickets that are paid for the journeys caused by the
	// provider's error.
	MostTravel uint8
}

// UnusedPeriodRule says when a season that could not be used is paid back in part.
type UnusedPeriodRule struct {
	MoreThan uint16 // days: the obstacle must be longer

	// ByTrips subtracts the trips made; otherwise the unused days count, and the
	// obstacle must be unforeseen.
	ByTrips bool
}

// LifetimeRule says how long a card may be used and what follows.
type LifetimeRule struct {
	Card      Span // technical life from the day of issue; zero: not stated
	Guarantee Span // use guarantee from the day of purchase
	Residual  Span // how long the value may be moved after the end

	// BlockedForGood: a blocked card is out of use at once; otherwise once it is replaced, and
	// until then it may be unblocked.
	BlockedForGood bool
}

// FaultyRule says what a passenger with a faulty card pays.
type FaultyRule struct {
	// SingleFare charges a single fare, which the service point pays back for the receipt;
	// otherwise the trip is free.
	SingleFare bool

	// Repeated is the number of rides Within a number of days from which a driver may charge
	// although the trip is free; 0: never.
	Repeated uint8
	Within   uint16
}

// MisuseRule says what follows when a card is in the wrong hands.
type MisuseRule struct {
	// TakesCompany: a company's card of a lower age group may be taken, like a personal one
	//
	TakesCompany bool

	// Inspectors: the area has inspectors, who charge a fee besides the single fare.
	Inspectors    bool
	InspectionFee cardlayout.Cents
	InspectionAge uint8 // from which the fee is charged, in years

	Retrieval RetrievalRule
}

// RetrievalRule says how the owner of a confiscated card gets it back.
type RetrievalRule struct {
	Within Span

	// Delivered: the card comes to the service point within that time; otherwise the customer
	// asks there within it.
	Delivered bool
}

// String writes the rule as "asked for within 3 days".
func (h RetrievalRule) String() string {
	if h.Delivered {
		return fmt.Sprintf("delivered within %v", h.Within)
	}
	return fmt.Sprintf("asked for within %v", h.Within)
}

// RefundRule is the cost of a refund.
type RefundRule struct {
	Fee cardlayout.Cents // käsittelymaksu, for each refund

	// ByPeriod takes a fee for the started and each full further 30 days of a season of more
	// than 30 days, at most MostFees for one refund. Otherwise there is one fee.
	ByPeriod bool
	MostFees uint8

	Paid Payout
}

// A Payout is the form of a refund.
type Payout uint8

// The payouts. Terms that only say that it is paid leave the form open.
const (
	ToCustomer Payout = 1
	InCash     Payout = 2
)

func (p Payout) String() string {
	switch p {
	case ToCustomer:
		return "to the customer"
	case InCash:
		return "in cash"
	}
	return fmt.Sprintf("payout %d", uint8(p))
}

// RetentionRule says how long data of customers are kept.
type RetentionRule struct {
	Customer Span // after the end of the relation
	History  Span // how far back the use of a card is told
}

// SingleRule says how a driver sells and prints single tickets.
type SingleRule struct {
	TwoGroups   bool // only children and adults: all others are adults
	PrintsZones bool // beside the end of the validity
}

// StudentRule says who has the right to a student's price, and how long.
type StudentRule struct {
	LeastAge uint8 // in years; 0: any age

	// The right ends on this date of the year after the certificate was shown; with
	// month 0 it ends with the studies.
	UntilMonth time.Month
	UntilDay   uint8

	// ShortMonths: studies of fewer months give the right only while they last; 0: none do.
	ShortMonths uint8

	// CertificateAge is how old a certificate may be; zero: any age.
	CertificateAge Span
}
