package settlement

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
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
	return l.table(booked, csv.NewWriter(to), rowColumns, func(cents int64) string {
		return strconv.FormatInt(cents, 10)
	})
}

// WriteSheet writes them as a spreadsheet opens them where a comma is in amounts: with semicolons,
// amounts in euros, and a mark that it is UTF-8.
func (l *Ledger) WriteSheet(booked string, to io.Writer) error {
	if _, err := io.WriteString(to, "\ufeff"); err != nil {
		return err
	}
	w := csv.NewWriter(to)
	w.Comma, w.UseCRLF = ';', true
	var columns []string
	for _, name := range rowColumns {
		columns = append(columns, strings.Replace(name, "_cents", "_euros", 1))
	}
	return l.table(booked, w, columns, func(cents int64) string {
		minus := map[bool]string{true: "-"}[cents < 0]
		cents = max(cents, -cents)
		return fmt.Sprintf("%s%d,%02d", minus, cents/100, cents%100)
	})
}

func (l *Ledger) table(booked string, w *csv.Writer, columns []string,
	amount func(cents int64) string,
) error {
	_ = w.Write(columns) // its error comes again
	err := l.RowsOf(booked, func(r Row) error {
		card, _ := r.Card.MarshalText()
		number := func(n int64) string { return strconv.FormatInt(n, 10) }
		return w.Write([]string{
			number(int64(r.Number)), r.Booked, r.Travelled, string(card),
			number(int64(r.Counter)), number(int64(r.Last)), r.Verdict.String(),
			strconv.FormatBool(r.Late), number(int64(r.Device)), number(int64(r.Event)),
			amount(r.Charged), amount(r.Loaded), number(int64(r.Reverses)),
			said(r.Line), said(r.Stop), letter(r.Zone),
		})
	})
	w.Flush()
	return errors.Join(err, w.Error())
}

// formula is where a formula may begin: also after what is a separator in another country, and in
// the wide characters that some of them take for the same.
var formula = regexp.MustCompile(`(^|[,;|])(\s*[=+\-@＝＋－＠])`)

// said is what a device has said, in a form that no spreadsheet takes for a formula: with a
// quotation mark before it.
func said(text string) string { return formula.ReplaceAllString(plain.Text(text), "$1'$2") }

// letter is that of a zone; "" if it is none.
func letter(zone uint8) string {
	if zone < 1 || zone > cardlayout.MaxZone {
		return ""
	}
	return cardlayout.ZoneRun(zone, zone).String()
}
