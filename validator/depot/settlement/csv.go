package settlement

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"

	"leima/cardlayout"
	"leima/cardlayout/plain"
)

// Schema describes the settlement's CSV, in the words of CSV on the Web (W3C, Metadata Vocabulary
// for Tabular Data). TestSchema holds what is written to it.
//
//go:embed settlement.csv-metadata.json
var Schema []byte

// rowColumns are those of the settlement's CSV.
var rowColumns = []string{
	"number", "booked", "travelled", "card", "counter", "last", "verdict", "late", "device",
	"event", "charged_cents", "loaded_cents", "reverses", "line", "stop", "zone",
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
			said(r.Line), said(r.Stop), letter(r.Zone),
		})
	})
	w.Flush()
	return errors.Join(err, w.Error())
}

// said is what a device has said, in a form that no spreadsheet takes for a formula: with a
// quotation mark before it.
func said(text string) string {
	text = plain.Text(text)
	if text != "" && strings.ContainsRune("=+-@", rune(text[0])) {
		return "'" + text
	}
	return text
}

// letter is that of a zone; "" if it is none.
func letter(zone uint8) string {
	if zone < 1 || zone > cardlayout.MaxZone {
		return ""
	}
	return cardlayout.ZoneRun(zone, zone).String()
}
