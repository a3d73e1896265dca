package api

import (
	"time"

	"leima/cardlayout"
	"leima/fare"
)

// State is a validator's state.
type State struct {
	Boot      string    `json:"boot"` // different after each start
	Device    uint16    `json:"device"`
	Area      uint8     `json:"area"`
	Now       time.Time `json:"now"`
	Estimated bool      `json:"estimated,omitempty"`   // the time is not known: Now is an estimate
	Clock     string    `json:"clock"`                 // how well the time is known
	Fault     string    `json:"clock_fault,omitempty"` // why it is not known
	Reader    string    `json:"reader"`                // emulated or pcsc
	Version   string    `json:"version,omitempty"`     // of the program

	Healthy bool   `json:"healthy"`
	Cause   *Words `json:"cause,omitempty"` // the first reason why it cannot serve

	Paused  bool          `json:"paused,omitempty"`
	Place   Place         `json:"place"`
	Located *Located      `json:"located,omitempty"` // none: nothing but the driver says the place
	Shift   *Shift        `json:"shift,omitempty"`
	Order   *PendingOrder `json:"asked,omitempty"` // for the next card

	Tariff   string    `json:"tariff,omitempty"`
	List     uint32    `json:"list,omitempty"` // version of the block list
	ListMade time.Time `json:"list_made,omitzero"`
	Actions  uint32    `json:"actions,omitempty"` // version of the action list
	Journal  Journal   `json:"journal"`
	Upload   *Upload   `json:"upload,omitempty"`   // none: the journal is sent to no depot
	Download *Download `json:"download,omitempty"` // none: lists are fetched from no depot
}

// Upload is how the sending of the journal to a depot goes.
type Upload struct {
	Last    time.Time `json:"last,omitzero"`     // when it has last acknowledged something
	Trouble string    `json:"trouble,omitempty"` // why it does not now; none: it does
}

// Download is how the fetching of lists from a depot goes.
type Download struct {
	Manifest uint64    `json:"manifest,omitempty"` // version of the last that counted; 0: none has
	Made     time.Time `json:"made,omitzero"`      // of that one
	Alarm    bool      `json:"alarm,omitempty"`    // something was refused, or it has expired
	Trouble  string    `json:"trouble,omitempty"`  // why nothing newer comes now; none: it does
}

// Journal is the fill level of a validator's journal.
type Journal struct {
	Events uint32 `json:"events"`
	Open   int    `json:"open"` // whose commit was not answered
	Bytes  int64  `json:"bytes"`
	Limit  int64  `json:"limit"`

	Unacknowledged uint64 `json:"unacknowledged"` // entries that the back office does not have
}

// Place is the place of the bus.
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

// Located says how far it is known where the bus is, and what lies ahead.
type Located struct {
	Source   string `json:"source"`             // config, driver, bob, gnss …
	Minutes  int    `json:"minutes"`            // since it was heard
	Doubt    string `json:"doubt,omitempty"`    // why it is not sure; none: it is
	Question string `json:"question,omitempty"` // the zones in question then, "AB"
	Between  bool   `json:"between,omitempty"`  // the bus has left the stop
	Call     int    `json:"call"`               // the stop in the trip, from 0; -1: none of them
	Calls    []Call `json:"calls,omitempty"`    // of the trip, in order
}

// Call is a stop of a trip.
type Call struct {
	Stop string `json:"stop"`
	Name string `json:"name,omitempty"`
	Zone string `json:"zone,omitempty"`
}

// Departures are the lines of the timetable on board, and the next departures of one.
type Departures struct {
	Lines []string    `json:"lines,omitempty"`
	Next  []Departure `json:"next,omitempty"`
}

// Departure is a departure from its first stop.
type Departure struct {
	Trip      uint16 `json:"trip"`
	Line      string `json:"line"`
	Direction uint8  `json:"direction"`
	At        string `json:"at"` // 08:00
	To        string `json:"to"` // the last stop
	Stop      string `json:"stop"`
	Zone      string `json:"zone,omitempty"`
}

// Shift is a driver at work.
type Shift struct {
	Driver uint32 `json:"driver"`
	Device uint16 `json:"device"` // at which the driver has signed on
	Number uint32 `json:"number"` // of the event of signing on
}

// PendingOrder is the driver's order for the next card.
type PendingOrder struct {
	What  Words     `json:"what"`
	Until time.Time `json:"until"`
	Begun bool      `json:"begun,omitempty"` // a card has begun to use it, and only that one may

	// Load: it is a load or the taking back of one, for which money changes hands.
	Load bool `json:"errand,omitempty"`

	// Expired: no card came in time. It stays until the driver's next order.
	Expired bool `json:"lapsed,omitempty"`

	// Unconfirmed: a card did not answer its commit, and the order may be done.
	Unconfirmed bool `json:"unheard,omitempty"`
}

// Words are a text in all languages.
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

// Tap is the result of a tap.
type Tap struct {
	Device  uint16    `json:"device"`
	Serial  uint64    `json:"serial"` // since the validator was started
	Number  uint32    `json:"number"` // of its event, if any
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
	Fare    int64     `json:"fare"`            // price of the trip, cents
	Balance int64     `json:"balance"`         // cents
	Persons uint8     `json:"persons,omitempty"`
	Zones   string    `json:"zones,omitempty"`
	Product *Words    `json:"product,omitempty"`
	Until   string    `json:"until,omitempty"` // local, 2006-01-02T15:04
	Added   int64     `json:"added,omitempty"` // to the purse, cents
	Receipt []Line    `json:"receipt,omitempty"`
	Refused *Words    `json:"refused,omitempty"` // why the driver's order was not done
	Fault   *Words    `json:"fault,omitempty"`
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

// Look is the content of a card that was looked at.
type Look struct {
	Card       string         `json:"card"`
	Kind       string         `json:"kind"`
	Group      string         `json:"group"`
	Area       uint8          `json:"area"`
	Purse      int64          `json:"purse"` // cents
	ValidUntil string         `json:"valid_until,omitempty"`
	Blocked    bool           `json:"blocked,omitempty"`
	Seasons    []Season       `json:"seasons,omitempty"`
	School     int            `json:"school,omitempty"` // trips a day of a school ticket
	Verdict    Verdict        `json:"verdict"`
	History    []HistoryEvent `json:"history"` // newest first
	Birth      bool           `json:"birth"`   // the owner's birth date can be checked
}

// Season is a season ticket on a card.
type Season struct {
	Product Words  `json:"product"`
	Zones   string `json:"zones"`
	Days    uint16 `json:"days"`
	First   string `json:"first,omitempty"` // empty: it has not begun
	Last    string `json:"last,omitempty"`
}

// Verdict is whether the passengers on a card have a right to travel.
type Verdict struct {
	Valid   bool   `json:"valid"`
	Finding string `json:"finding"`
	Said    Words  `json:"said"`
	Product *Words `json:"product,omitempty"`
	Zones   string `json:"zones,omitempty"`
	Persons int    `json:"persons"`
	Boarded string `json:"boarded,omitempty"`
	Until   string `json:"until,omitempty"`
	Why     []Rule `json:"why"`
}

// HistoryEvent is a use event on a card.
type HistoryEvent struct {
	At        string `json:"at"`
	Fare      int64  `json:"fare"`
	Persons   uint8  `json:"persons"`
	Until     string `json:"until,omitempty"`
	Remaining int64  `json:"remaining"`
}

// Offer is what is sold here and now, and the area's settings for it.
type Offer struct {
	Tariff       string                      `json:"tariff"`
	Groups       []string                    `json:"groups"` // of single tickets
	Zones        []string                    `json:"zones"`
	Singles      map[string]map[string]int64 `json:"singles"` // now, by group and zones, cents
	PrintsZones  bool                        `json:"prints_zones"`
	Seasons      []Product                   `json:"seasons"`
	Load         Load                        `json:"load"`
	Benefits     []string                    `json:"benefits,omitempty"`
	Employer     bool                        `json:"employer,omitempty"` // pays for loads
	Organisation uint16                      `json:"organisation"`
	FaultyFree   bool                        `json:"faulty_free"` // or a single fare is due
	Veterans     bool                        `json:"veterans"`    // free with a ticket
	Inspectors   bool                        `json:"inspectors"`
	Fee          int64                       `json:"fee,omitempty"`     // of an inspector, cents
	FeeAge       uint8                       `json:"fee_age,omitempty"` // in years, from which
	Retrieval    string                      `json:"holding,omitempty"`
}

// Product is a season product.
type Product struct {
	Code      uint16   `json:"code"`
	Name      Words    `json:"name"`
	Personal  bool     `json:"personal,omitempty"`
	LeastDays uint16   `json:"least_days,omitempty"` // if sold by the day
	MostDays  uint16   `json:"most_days,omitempty"`
	Zones     []string `json:"zones"` // in which it is sold

	// Prices are by group and zones, in cents; of one day, if it is sold by the day.
	Prices map[string]map[string]int64 `json:"prices"`
}

// Load are the bounds of a load on the bus, in cents; 0: no bound.
type Load struct {
	Least      int64 `json:"least,omitempty"`
	Most       int64 `json:"most,omitempty"`
	Multiple   int64 `json:"multiple,omitempty"`
	Commission int64 `json:"commission"` // below zero: not loaded here
}

// Question asks what a command would do: who pays beside infants and a pram, or what may be done
// about a card in the wrong hands.
type Question struct {
	Companions *Companions `json:"company,omitempty"`
	Use        *CardUse    `json:"use,omitempty"`
}

// Companions is an adult with children under school age.
type Companions struct {
	Infants int  `json:"infants"`
	InPram  int  `json:"in_pram"`
	Paying  bool `json:"paying"`
}

// CardUse is a person using a card.
type CardUse struct {
	Kind     string `json:"kind"`     // of the card
	Other    bool   `json:"other"`    // not the owner
	Personal bool   `json:"personal"` // the ticket is for its owner only
	Age      string `json:"age"`      // equal, lower or upper group than the card's

	Inspector bool `json:"inspector,omitempty"`  // an inspector asks
	OldEnough bool `json:"old_enough,omitempty"` // for an inspector's fee
}

// Advice is the answer to a question.
type Advice struct {
	Fares      int    `json:"fares"` // child fares due
	AdultFree  bool   `json:"adult_free,omitempty"`
	Travels    bool   `json:"travels,omitempty"`
	Bearer     bool   `json:"bearer,omitempty"` // only with a bearer ticket
	Confiscate bool   `json:"take,omitempty"`   // the card may be taken
	Charge     bool   `json:"charge,omitempty"` // a single fare may be charged
	Fee        bool   `json:"fee,omitempty"`    // and the inspector's
	Why        []Rule `json:"why"`
}

// Answer is the answer to a command that was carried out.
type Answer struct {
	Shift    *Shift  `json:"shift,omitempty"`   // signed on
	Ticket   *Ticket `json:"ticket,omitempty"`  // each single ticket sold
	Matches  *bool   `json:"matches,omitempty"` // the birth date is the card's
	Deadline string  `json:"held,omitempty"`    // last day on which a taken card can be had
	Lines    []Line  `json:"lines,omitempty"`   // charged for a misuse
}

// Ticket is the print of a single ticket.
type Ticket struct {
	Group   string `json:"group"`
	Persons uint8  `json:"persons"`
	Zones   string `json:"zones,omitempty"` // if the area prints them
	Sold    string `json:"sold"`
	Until   string `json:"until"`
	Lines   []Line `json:"lines"` // of one ticket
	Total   int64  `json:"total"` // of all, cents
}

// Tally is the sum of a shift; amounts are cents.
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

	// Open commits have no answer yet; OpenCash was taken for loads among them.
	Open     int   `json:"open"`
	OpenCash int64 `json:"open_cash"`
}

// Message is an event of a stream: a tap, or the new state.
type Message struct {
	Tap   *Tap   `json:"tap,omitempty"`
	State *State `json:"state,omitempty"`
}

// Refused is a refused request: nothing was done.
type Refused struct {
	Code int    `json:"-"` // HTTP's status code
	Why  string `json:"error"`
	Said Words  `json:"said"`
}

// Refuse makes a refusal with a phrase.
func Refuse(code int, why string, values ...any) *Refused {
	said := WordsOf(fare.Say(why, values...))
	return &Refused{Code: code, Why: said.English, Said: said}
}

func (r *Refused) Error() string { return r.Why }

func zones(z cardlayout.Zones) string {
	if z == 0 {
		return ""
	}
	return z.String()
}
