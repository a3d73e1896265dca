package api

import (
	"time"

	"leima/cardlayout"
)

// State is how a validator is now.
type State struct {
	Boot      string    `json:"boot"` // another one after each start
	Device    uint16    `json:"device"`
	Area      uint8     `json:"area"`
	Now       time.Time `json:"now"`
	Estimated bool      `json:"estimated,omitempty"`   // the time is not known: Now is an estimate
	Clock     string    `json:"clock"`                 // how far the time is known
	Fault     string    `json:"clock_fault,omitempty"` // why it is not
	Reader    string    `json:"reader"`                // emulated or pcsc

	Healthy bool   `json:"healthy"`
	Cause   string `json:"cause,omitempty"` // the first, of what it cannot do

	Paused bool   `json:"paused,omitempty"`
	Place  Place  `json:"place"`
	Shift  *Shift `json:"shift,omitempty"`
	Asked  *Asked `json:"asked,omitempty"` // of the next card

	Tariff   string    `json:"tariff,omitempty"`
	List     uint32    `json:"list,omitempty"` // version of the block list
	ListMade time.Time `json:"list_made,omitzero"`
	Journal  Journal   `json:"journal"`
}

// Journal is how full a validator's memory of events is.
type Journal struct {
	Events uint32 `json:"events"`
	Open   int    `json:"open"` // whose commit was not answered
	Bytes  int64  `json:"bytes"`
	Limit  int64  `json:"limit"`
}

// Place is where the bus is.
type Place struct {
	Line      string `json:"line"`
	Stop      string `json:"stop"`
	Vehicle   uint16 `json:"vehicle"`
	Direction uint8  `json:"direction"`
	Trip      uint16 `json:"trip"`
	Zone      string `json:"zone"`                // of the stop, "A" to "J"
	NextZone  string `json:"next_zone,omitempty"` // of the next one, between two zones
	Zones     string `json:"zones"`               // that a passenger pays for, "A-B"
}

// Shift is a driver at work.
type Shift struct {
	Driver uint32 `json:"driver"`
	Device uint16 `json:"device"` // that the driver has signed on at
	Number uint32 `json:"number"` // of the event of signing on
}

// Asked is what the driver has asked of the next card.
type Asked struct {
	What  string    `json:"what"`
	Until time.Time `json:"until"`
	Begun bool      `json:"begun,omitempty"` // a card has begun to use it, and alone may

	// Lapsed says that no card came in time, until the driver says something else.
	Lapsed bool `json:"lapsed,omitempty"`
}

// Words are one text in the three languages.
type Words struct {
	Finnish string `json:"fi"`
	Swedish string `json:"sv"`
	English string `json:"en"`
}

// Rule is a rule of travel, in words.
type Rule struct {
	ID string `json:"id"`
	Words
}

// Tap is how a card was served.
type Tap struct {
	Device  uint16    `json:"device"`
	Serial  uint64    `json:"serial"` // of the tap, since the validator was started
	Number  uint32    `json:"number"` // of its event, if it left one
	At      time.Time `json:"at"`
	Ending  string    `json:"ending"`
	Reason  string    `json:"reason,omitempty"`
	Said    Words     `json:"said"`
	Why     []Rule    `json:"why,omitempty"`
	Lamp    string    `json:"lamp"`
	Tone    string    `json:"tone"`
	Alarm   bool      `json:"alarm,omitempty"` // a blocked card
	Card    string    `json:"card,omitempty"`  // the end of its number
	Charge  int64     `json:"charge"`          // cents
	Fare    int64     `json:"fare"`            // that the trip costs, cents
	Balance int64     `json:"balance"`         // cents
	Persons uint8     `json:"persons,omitempty"`
	Zones   string    `json:"zones,omitempty"`
	Product string    `json:"product,omitempty"`
	Until   string    `json:"until,omitempty"` // local, 2006-01-02T15:04
	Added   int64     `json:"added,omitempty"` // to the purse, cents
	Receipt []Line    `json:"receipt,omitempty"`
	Refused string    `json:"refused,omitempty"` // why the driver's errand was not done
	Fault   string    `json:"fault,omitempty"`
	Took    int64     `json:"took"` // milliseconds
	Look    *Look     `json:"look,omitempty"`
}

// Line is an entry of a receipt.
type Line struct {
	Item   string `json:"item"`
	Amount int64  `json:"amount"` // cents
	Payer  string `json:"payer,omitempty"`
	Rule   string `json:"rule,omitempty"`
}

// Look is what is on a card that was looked at.
type Look struct {
	Card       string   `json:"card"`
	Kind       string   `json:"kind"`
	Group      string   `json:"group"`
	Area       uint8    `json:"area"`
	Purse      int64    `json:"purse"` // cents
	ValidUntil string   `json:"valid_until,omitempty"`
	Blocked    bool     `json:"blocked,omitempty"`
	Seasons    []Season `json:"seasons,omitempty"`
	School     int      `json:"school,omitempty"` // trips a day of a school ticket
	Verdict    Verdict  `json:"verdict"`
	History    []Use    `json:"history"` // the newest first
	Birth      bool     `json:"birth"`   // it can be asked whose the card is
}

// Season is a season ticket on a card.
type Season struct {
	Product string `json:"product"`
	Zones   string `json:"zones"`
	Days    uint16 `json:"days"`
	First   string `json:"first,omitempty"` // without it, it has not begun
	Last    string `json:"last,omitempty"`
}

// Verdict is whether those who travel on a card have a right to.
type Verdict struct {
	Valid   bool   `json:"valid"`
	Finding string `json:"finding"`
	Said    Words  `json:"said"`
	Product string `json:"product,omitempty"`
	Zones   string `json:"zones,omitempty"`
	Persons int    `json:"persons"`
	Boarded string `json:"boarded,omitempty"`
	Until   string `json:"until,omitempty"`
	Why     []Rule `json:"why"`
}

// Use is a use event that a card keeps.
type Use struct {
	At        string `json:"at"`
	Fare      int64  `json:"fare"`
	Persons   uint8  `json:"persons"`
	Until     string `json:"until,omitempty"`
	Remaining int64  `json:"remaining"`
}

// Offer is what is sold here and now, and how the area wants it done.
type Offer struct {
	Tariff       string                      `json:"tariff"`
	Groups       []string                    `json:"groups"` // of single tickets
	Zones        []string                    `json:"zones"`
	Singles      map[string]map[string]int64 `json:"singles"` // now, by group and zones, cents
	PrintsZones  bool                        `json:"prints_zones"`
	Seasons      []Product                   `json:"seasons"`
	Load         Load                        `json:"load"`
	Benefits     []string                    `json:"benefits,omitempty"`
	Employer     bool                        `json:"employer,omitempty"` // takes its word
	Organisation uint16                      `json:"organisation"`
	FaultyFree   bool                        `json:"faulty_free"` // or a single fare is due
	Veterans     bool                        `json:"veterans"`    // travel free by a ticket
	Inspectors   bool                        `json:"inspectors"`
	Fee          int64                       `json:"fee,omitempty"`     // of an inspector, cents
	FeeAge       uint8                       `json:"fee_age,omitempty"` // nobody younger pays it
	Holding      string                      `json:"holding,omitempty"`
}

// Product is a season product.
type Product struct {
	Code      uint16   `json:"code"`
	Name      string   `json:"name"`
	Personal  bool     `json:"personal,omitempty"`
	LeastDays uint16   `json:"least_days,omitempty"` // of one sold by the day
	MostDays  uint16   `json:"most_days,omitempty"`
	Zones     []string `json:"zones"` // that it is sold for

	// Prices are by group and zones, in cents: of a day, for one sold by the day.
	Prices map[string]map[string]int64 `json:"prices"`
}

// Load is what may be loaded in the bus, in cents; 0 means no bound.
type Load struct {
	Least      int64 `json:"least,omitempty"`
	Most       int64 `json:"most,omitempty"`
	Multiple   int64 `json:"multiple,omitempty"`
	Commission int64 `json:"commission"` // below zero: it is not loaded here
}

// Question asks what a command would come to: who pays beside infants and a pram, or what
// may be done about a card in the wrong hands.
type Question struct {
	Company *Company `json:"company,omitempty"`
	Use     *InHand  `json:"use,omitempty"`
}

// Company is an adult with children under school age.
type Company struct {
	Infants int  `json:"infants"`
	InPram  int  `json:"in_pram"`
	Paying  bool `json:"paying"`
}

// InHand is somebody with a card.
type InHand struct {
	Kind     string `json:"kind"`     // of the card
	Other    bool   `json:"other"`    // somebody else than its owner
	Personal bool   `json:"personal"` // the ticket is for its owner alone
	Age      string `json:"age"`      // equal, lower or upper group than the card's

	Inspector bool `json:"inspector,omitempty"`  // who looks is one
	OldEnough bool `json:"old_enough,omitempty"` // for an inspector's fee
}

// Advice is the answer to a question.
type Advice struct {
	Fares     int    `json:"fares"` // child fares that are due
	AdultFree bool   `json:"adult_free,omitempty"`
	Travels   bool   `json:"travels,omitempty"`
	Bearer    bool   `json:"bearer,omitempty"` // only with a bearer ticket
	Take      bool   `json:"take,omitempty"`   // the card may be taken
	Charge    bool   `json:"charge,omitempty"` // a single fare may be charged
	Fee       bool   `json:"fee,omitempty"`    // and the inspector's
	Why       []Rule `json:"why"`
}

// Answer is what a command that was carried out comes to.
type Answer struct {
	Shift   *Shift  `json:"shift,omitempty"`   // signed on
	Ticket  *Ticket `json:"ticket,omitempty"`  // of each single ticket sold
	Matches *bool   `json:"matches,omitempty"` // whose card it is
	Held    string  `json:"held,omitempty"`    // day until which a card is kept
	Lines   []Line  `json:"lines,omitempty"`   // that somebody with a card in the wrong hands pays
}

// Ticket is what is printed on a single ticket.
type Ticket struct {
	Group   string `json:"group"`
	Persons uint8  `json:"persons"`
	Zones   string `json:"zones,omitempty"` // where the area prints them
	Sold    string `json:"sold"`
	Until   string `json:"until"`
	Lines   []Line `json:"lines"` // of one ticket
	Total   int64  `json:"total"` // of all, cents
}

// Tally is what a shift adds up to; amounts are cents.
type Tally struct {
	Taps    map[string]int `json:"taps"` // by reason
	Persons int            `json:"persons"`
	Charged int64          `json:"charged"`
	Tickets int            `json:"tickets"`
	Loads   int            `json:"loads"`
	Loaded  int64          `json:"loaded"`
	Cash    int64          `json:"cash"`
	Others  int64          `json:"others"`
	Alarms  int            `json:"alarms"`
	Faults  int            `json:"faults"`

	// Open commits were not answered yet; OpenCash is what was taken for loads among them.
	Open     int   `json:"open"`
	OpenCash int64 `json:"open_cash"`
}

// Message is one of the events of a stream: a tap, or the state as it has become.
type Message struct {
	Tap   *Tap   `json:"tap,omitempty"`
	State *State `json:"state,omitempty"`
}

// Refused is the refusal of a request: nothing was done.
type Refused struct {
	Code int    `json:"-"` // HTTP's status code
	Why  string `json:"error"`
}

func (r *Refused) Error() string { return r.Why }

func zones(z cardlayout.Zones) string {
	if z == 0 {
		return ""
	}
	return z.String()
}
