package settlement

import (
	"encoding/csv"
	"errors"
	"io"
	"strconv"
)

// rowColumns are those of the settlement's CSV. Amounts are cents.
var rowColumns = []string{
	"number", "booked", "travelled", "card", "counter", "last", "verdict", "late", "device",
	"event", "charged", "loaded", "reverses",
}

// WriteRows writes the rows of a day, or all, as CSV (RFC 4180).
func (l *Ledger) WriteRows(booked string, to io.Writer) error {
	w := csv.NewWriter(to)
	_ = w.Write(rowColumns) // its error comes again
	err := l.Rows(0, func(r Row) error {
		if booked != "" && r.Booked != booked {
			return nil
		}
		card, _ := r.Card.MarshalText()
		number := func(n int64) string { return strconv.FormatInt(n, 10) }
		return w.Write([]string{
			number(int64(r.Number)), r.Booked, r.Travelled, string(card),
			number(int64(r.Counter)), number(int64(r.Last)), r.Verdict.String(),
			strconv.FormatBool(r.Late), number(int64(r.Device)), number(int64(r.Event)),
			number(r.Charged), number(r.Loaded), number(int64(r.Reverses)),
		})
	})
	w.Flush()
	return errors.Join(err, w.Error())
}
