package settlement

import (
	"encoding/binary"
	"time"

	"go.etcd.io/bbolt"

	"leima/fare"
	"leima/fare/sale"
	"leima/validator/journal"
)

// Takings are what a driver has taken in cash at a device on a day, less what was paid back, in
// cents. Unsure is for what a card has not answered.
type Takings struct {
	Day    string `cbor:"-"`
	Driver uint32 `cbor:"-"`
	Device uint16 `cbor:"-"`
	Cash   int64  `cbor:"1,keyasint,omitzero"`
	Unsure int64  `cbor:"2,keyasint,omitzero"`
}

func (t *Takings) key() []byte {
	key := binary.BigEndian.AppendUint32([]byte(t.Day), t.Driver)
	return binary.BigEndian.AppendUint16(key, t.Device)
}

// A taking is of an intent that is open.
type taking struct {
	Day    string `cbor:"1,keyasint"`
	Driver uint32 `cbor:"2,keyasint"`
	Amount int64  `cbor:"3,keyasint"`
}

// year is how many days ago money was taken at most, unless a device's clock is wrong.
const year = 366

// takes adds an entry to the takings; key is that of its event.
func (a *adding) takes(e *journal.Entry, key []byte) error {
	var t taking
	switch e.Kind {
	case journal.Intent, journal.Record:
		t = taking{
			dayOf(e.Event.At, a.Zone), e.Event.Shift.Driver, cashOf(e.Event.Receipt),
		}
		if day, err := since1970(t.Day); err != nil || day > a.day || day+year < a.day ||
			e.Event.Estimated {
			t.Day = a.booked // nobody would look for it on a day to come, or of another year
		}
	default:
		if err := get(a.tx.Bucket(unsure), key, &t); err != nil {
			return err
		}
	}
	device := binary.BigEndian.Uint16(key)
	switch {
	case t.Amount == 0:
		return nil
	case e.Kind == journal.Record:
		return a.take(Takings{t.Day, t.Driver, device, t.Amount, 0})
	case e.Kind == journal.Intent:
		if err := put(a.tx.Bucket(unsure), key, t); err != nil {
			return err
		}
		return a.take(Takings{t.Day, t.Driver, device, 0, t.Amount})
	case e.Kind == journal.InDoubt:
		return nil // its device never knows
	}
	if err := a.tx.Bucket(unsure).Delete(key); err != nil {
		return err
	}
	known := Takings{t.Day, t.Driver, device, 0, -t.Amount}
	if e.Kind == journal.Settle {
		known.Cash = t.Amount
	}
	return a.take(known)
}

// cashOf is what the customer has paid by a receipt, which may be a liar's: its lines may come to
// more than 32 bits hold.
func cashOf(receipt sale.Lines) (sum int64) {
	for _, line := range receipt {
		if line.Payer == fare.PayerCustomer {
			sum += int64(line.Amount)
		}
	}
	return sum
}

// take adds to a day's takings.
func (a *adding) take(more Takings) error {
	var sum Takings
	if err := get(a.tx.Bucket(takings), more.key(), &sum); err != nil {
		return err
	}
	sum.Cash, sum.Unsure = sum.Cash+more.Cash, sum.Unsure+more.Unsure
	return put(a.tx.Bucket(takings), more.key(), sum)
}

// Takings are those of a day, by driver and device.
func (l *Ledger) Takings(day string) (all []Takings, err error) {
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return nil, err
	}
	return all, l.db.View(func(tx *bbolt.Tx) error {
		c := tx.Bucket(takings).Cursor()
		for k, _ := c.Seek([]byte(day)); k != nil && string(k[:len(day)]) == day; k, _ = c.Next() {
			t := Takings{
				Day: day, Driver: binary.BigEndian.Uint32(k[len(day):]),
				Device: binary.BigEndian.Uint16(k[len(day)+4:]),
			}
			if err := get(tx.Bucket(takings), k, &t); err != nil {
				return err
			}
			all = append(all, t)
		}
		return nil
	})
}
