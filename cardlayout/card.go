package cardlayout

import "fmt"

// A Card is the content of one travel card, as far as travel needs it. It is a plain value: ==
// means that nothing has changed. The holder's identity is not in it (see Holder).
//
// Ticket and Record are of files that a tap writes and never reads. They are zero in a card that
// was read at a tap; if a decision sets them, they are written. So is of layout 2 all that file 7
// does not hold, unless the card was read as a whole.
type Card struct {
	// Layout is that of the files that hold the card, 1 or 2; 0 stands for the newest, of a card
	// that is still to be made.
	Layout uint8

	// Rights, sealed in files 6 and 7.
	Number         Number
	Kind           Kind
	Area           Area // the issuing area
	Group          Group
	Birth          Day // personal cards only; may be negative
	StudentUntil   Day // last day of the student right
	Benefits       uint8
	Issued         Day
	ValidUntil     Day // last day the card may be used
	Generation     uint8
	TransactionMAC bool // the card signs its transactions
	Funded         Cents
	School         School

	// Products, from files 7, 1 and 2; the terms of the seasons from files 7 and 6.
	Seasons        [2]Season
	SeasonLoad     SeasonLoad
	SeasonBoarding Boarding
	Purse          Cents
	ValueLoad      ValueLoad

	// State, from file 7; of layout 1 from file 5.
	Counter       uint32 // transactions committed, 24 bits
	Blocked       bool
	Unblocking    uint8 // number of times the card was unblocked
	ActionCounter uint32
	Journey       Journey
	Former        Right // not in layout 1, which has no room for it
	Last          EventID
	Today         Today

	// Written at a tap, never read at one.
	Ticket Ticket
	Record Record
}

// Kind is the kind of card.
type Kind uint8

// The kinds of card.
const (
	Personal Kind = 1 // henkilökohtainen: for one known holder
	Bearer   Kind = 2 // haltijakohtainen: for any holder; cannot be blocked
	Company  Kind = 3 // yritys- ja yhteisökohtainen: bearer, but can be blocked
)

var kindNames = names{"", "personal", "bearer", "company"}

func (k Kind) String() string { return kindNames.name(int(k)) }

// Area is the code of an authority's operating area, for example 227 Mikkeli, as in the region
// field of the public structure.
type Area uint8

// Group is a customer group: the CustomerProfile of the value ticket. Only 1 is known from the
// public structure, the others are ours.
type Group uint8

// The customer groups.
const (
	Adult   Group = 1
	Child   Group = 2
	Youth   Group = 3
	Student Group = 4
	Senior  Group = 5
	Special Group = 6 // reduced by a benefit, which the area defines

	Groups = 7 // an array indexed by Group
)

var groupNames = names{"", "adult", "child", "youth", "student", "senior", "special"}

func (g Group) String() string { return groupNames.name(int(g)) }

// ParseGroup reads the output of String.
func ParseGroup(text string) (Group, error) {
	n, err := groupNames.parse("customer group", text)
	return Group(n), err
}

// Persons counts a party by customer group. Index 0 is not on the card: in a tap
// it counts persons "of the holder's group".
type Persons [Groups]uint8

// Total is the size of the party.
func (p Persons) Total() int {
	sum := 0
	for _, n := range p {
		sum += int(n)
	}
	return sum
}

// Source is the product that paid for a journey.
type Source uint8

// The sources of a journey.
const (
	NoSource   Source = 0
	ByValue    Source = 1
	BySeason   Source = 2
	BySchool   Source = 3
	ByDayTrips Source = 4
)

var sourceNames = names{"-", "value", "season", "school", "day"}

func (s Source) String() string { return sourceNames.name(int(s)) }

// A Journey is the running trip chain: what was paid, and where and how long it gives a transfer.
type Journey struct {
	Start   Instant // first validation
	Area    Area    // of the ticket
	Zones   Zones   // paid for
	Persons Persons
	Source  Source
	Minutes uint16 // transfer right, from Start; 0 none
	Boarded Instant
	Trip    uint16 // the vehicle trip of the last boarding
}

// A Right is an earlier value ticket's transfer right that still runs beside the journey's.
type Right struct {
	Area    Area
	Zones   Zones
	Until   Instant // end of the transfer right
	Persons Persons
}

// EventID identifies an event for good: the device and its gap-free number.
type EventID struct {
	Device   uint16
	Sequence uint32
}

// Today is the use of one day. If a daily cap counts from midnight and school trips go by the
// service day, the trips may be those of the day before: then DayBefore is added to their number.
type Today struct {
	_ struct{} `cbor:",toarray"`

	Day         Day
	SchoolTrips uint8
	Spent       Cents // towards a daily cap
}

// DayBefore marks the school trips of a Today as those of the day before.
const DayBefore = 1 << 7

// School is a school ticket's right.
type School struct {
	_ struct{} `cbor:",toarray"`

	Trips    uint8  // per school day
	Calendar uint8  // of school days, by its number
	From, To uint16 // minutes after midnight
	Until    Day
}

// A Season is one of the two season products of a card. Before its first validation it has no First
// day. The zero Season is an empty slot.
type Season struct {
	Area       Area
	Product    uint16 // the area's product code, 14 bits
	Zones      Zones
	First      Day // 0: starts at its first validation
	Last       Day
	Start      uint16 // minute of the First day at which periods of 24 hours began; 0: none did
	Days       uint16 // length bought, up to 511
	Price      Cents  // at load, up to 655.35 €; the basis of a refund
	Conditions SeasonConditions
}

// SeasonConditions are the conditions of a season.
type SeasonConditions uint8

// The conditions. A funded season is never paid back.
const (
	PersonalOnly   SeasonConditions = 1 << 0
	FundedEmployer SeasonConditions = 1 << 1
	FundedBenefit  SeasonConditions = 1 << 2
)

// SeasonLoad is the last load of a season.
type SeasonLoad struct {
	Product      uint16
	At           Stamp
	Days         uint16
	Price        Cents
	Organisation uint16
	Device       uint16 // 13 bits
	Loaded       bool
}

// ValueLoad is the last load of the purse.
type ValueLoad struct {
	At           Stamp
	Amount       Cents
	Organisation uint16
	Device       uint16
}

// Boarding is where a product was last used.
type Boarding struct {
	At        Stamp
	Vehicle   uint16 // 14 bits
	Area      Area   // not kept with a value ticket
	Direction uint8  // 0 or 1
	Zone      uint8  // 1 to 10
}

// A Ticket is a value ticket: its sale, its validity, its last boarding. A transfer sets only the
// boarding and leaves sale and validity as they are.
type Ticket struct {
	Area       Area
	Product    uint16
	Group      Group // CustomerProfile
	PartyGroup Group // CustomerProfileGroup: the others of the party
	Language   uint8
	PeriodUnit uint8 // 0 minutes
	Period     uint8
	Zones      Zones
	SaleDay    Day
	SaleHour   uint8
	DeviceType uint8
	Device     uint16
	Price      Cents
	Persons    uint8
	SaleStatus bool
	Start, End Stamp
	Started    bool
	Boarding   Boarding
}

// A Record is one use event of the history; the card keeps the latest seven.
type Record struct {
	Debit     bool // value was taken
	Boarded   Stamp
	Until     Stamp // end of the transfer right
	Fare      Cents
	Persons   uint8
	Remaining Cents // in the purse; 0 for a season
}

// names are the words of an enumeration.
type names []string

func (n names) name(i int) string {
	if i < 0 || i >= len(n) {
		return fmt.Sprintf("%d?", i)
	}
	return n[i]
}

func (n names) parse(what, text string) (int, error) {
	for i, name := range n {
		if name == text && name != "" {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%s %q is none of %v", what, text, []string(n))
}

// Stamp counts one more transaction, with its event as the last.
func (c *Card) Stamp(event EventID) {
	c.Counter++
	c.Last = event
}
