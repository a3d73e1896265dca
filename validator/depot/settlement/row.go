package settlement

import (
	"encoding/hex"
	"time"

	"leima/validator"
	"leima/validator/ledger"
)

// A Pseudonym is a card.
type Pseudonym [16]byte

// MarshalText implements encoding.TextMarshaler: in hex.
func (p Pseudonym) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, p[:]), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *Pseudonym) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(p)) {
		return hex.ErrLength
	}
	_, err := hex.Decode(p[:], text)
	return err
}

// A Row is a line of the settlement.
type Row struct {
	Number    uint64         `cbor:"1,keyasint" json:"number"`
	Booked    string         `cbor:"2,keyasint" json:"booked"`             // day, as 2026-11-29
	Travelled string         `cbor:"3,keyasint,omitzero" json:"travelled"` // day; "": unknown
	Card      Pseudonym      `cbor:"4,keyasint" json:"card"`               //
	Counter   uint32         `cbor:"5,keyasint" json:"counter"`            // after the transaction
	Last      uint32         `cbor:"6,keyasint" json:"last"`               // end of a run
	Verdict   ledger.Verdict `cbor:"7,keyasint" json:"verdict"`            //
	Late      bool           `cbor:"8,keyasint,omitzero" json:"late"`      // not missing yet
	Device    uint16         `cbor:"9,keyasint,omitzero" json:"device"`    // of the event, if any
	Event     uint32         `cbor:"10,keyasint,omitzero" json:"event"`    //
	Charged   int64          `cbor:"11,keyasint,omitzero" json:"charged"`  // cents, from the purse
	Loaded    int64          `cbor:"12,keyasint,omitzero" json:"loaded"`   // cents, into the purse
	Reverses  uint64         `cbor:"13,keyasint,omitzero" json:"reverses"` // the row taken back
	Line      string         `cbor:"14,keyasint,omitzero" json:"line"`     // of the event's place
	Stop      string         `cbor:"15,keyasint,omitzero" json:"stop"`     //
	Zone      uint8          `cbor:"16,keyasint,omitzero" json:"zone"`     // 1 to 10; 0: none
}

// same reports whether two rows say the same, whenever they were booked.
func (r Row) same(other Row) bool {
	r.Number, r.Booked = other.Number, other.Booked
	return r == other
}

// asks reports whether a person has to look at a row.
func (r *Row) asks() bool {
	switch r.Verdict {
	case ledger.InDoubt, ledger.Missing, ledger.Forged, ledger.Doubled:
		return true
	}
	return false
}

// reversal is the row that takes another back.
func (r Row) reversal() Row {
	r.Reverses, r.Charged, r.Loaded = r.Number, -r.Charged, -r.Loaded
	return r
}

// rowsOf are the rows of a line.
func rowsOf(line *ledger.Line, zone *time.Location) (rows []Row) {
	row := Row{Counter: line.Counter, Last: line.Last, Verdict: line.Verdict}
	for n := range line.Events {
		e := &line.Events[n]
		row.Device, row.Event = e.ID.Device, e.ID.Sequence
		row.Travelled = dayOf(e.At, zone)
		if _, err := since1970(row.Travelled); err != nil {
			row.Travelled = "" // a clock may be thousands of years ahead
		}
		row.Line, row.Stop, row.Zone = e.Line, e.Stop, e.Zone
		row.Charged, row.Loaded = 0, 0
		if counts(line.Verdict) {
			row.Charged, row.Loaded = amounts(e)
		}
		rows = append(rows, row)
	}
	if len(line.Events) == 0 {
		rows = append(rows, row)
	}
	return rows
}

// counts reports whether money has moved.
func counts(v ledger.Verdict) bool {
	return v == ledger.Settled || v == ledger.Presumed || v == ledger.Unproved
}

// amounts are what an event has taken from the purse and put into it.
func amounts(e *validator.Event) (charged, loaded int64) {
	charged, loaded = int64(e.Charge), int64(e.Added)
	for n := range e.Actions {
		loaded += int64(e.Actions[n].ValueAdded())
	}
	return charged, loaded
}

// since1970 is a day, as 2026-11-29, by its number; 0 also if it is before, as where a clock has
// begun anew.
func since1970(day string) (number uint32, err error) {
	at, err := time.Parse(time.DateOnly, day)
	return uint32(max(0, at.Unix()/(24*60*60))), err
}

// dayOf is the day of a time; "" if it has none.
func dayOf(at time.Time, zone *time.Location) string {
	if at.IsZero() {
		return ""
	}
	return at.In(zone).Format(time.DateOnly)
}
