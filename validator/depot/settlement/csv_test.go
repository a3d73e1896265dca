package settlement_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/depot/settlement"
)

// A column as the schema describes it.
type column struct {
	Name     string
	Required bool
	Datatype struct{ Base, Format, Minimum, Maximum string }
}

// takes requires that a cell is what the column says.
func (c *column) takes(t *testing.T, cell string) {
	t.Helper()
	if cell == "" {
		require.False(t, c.Required, c.Name)
		return
	}
	switch d := c.Datatype; d.Base {
	case "integer":
		n, err := strconv.ParseInt(cell, 10, 64)
		require.NoError(t, err, c.Name)
		if d.Minimum != "" {
			least, err1 := strconv.ParseInt(d.Minimum, 10, 64)
			most, err2 := strconv.ParseInt(d.Maximum, 10, 64)
			require.NoError(t, err1)
			require.NoError(t, err2)
			require.True(t, least <= n && n <= most, "%s is %d", c.Name, n)
		}
	case "boolean", "string":
		require.Regexp(t, "^(?:"+d.Format+")"+map[bool]string{true: "$"}[d.Format != ""], cell, c.Name)
	case "date":
		_, err := time.Parse(time.DateOnly, cell)
		require.NoError(t, err, c.Name)
	default:
		t.Errorf("%s is of %s, which nobody checks", c.Name, d.Base)
	}
}

// Ensure that the settlement's CSV is what its schema says, with whatever verdicts, and with line,
// stop and zone where the device has said them, none of which a spreadsheet takes for a formula.
func TestSchema(t *testing.T) {
	var schema struct {
		TableSchema struct{ Columns []column }
	}
	require.NoError(t, json.Unmarshal(settlement.Schema, &schema))
	f := newFleet(t, 4, 2, 3)
	for range 80 {
		f.tap()
	}
	d := f.devices[0]
	for n, at := range []validator.Place{
		{Line: "2", Stop: "Graani, \"west\"", Zone: 1},
		{Line: "=1+1＝2,＝3", Stop: "@x", Zone: 10},
		{Line: "2;=1+1", Stop: "a, -b;c-d", Zone: 2},
	} {
		e := validator.Event{
			ID: d.Journal.Next(), At: f.now, Card: f.cards[0].number, Counter: 5000 + uint32(n),
			Reason: fare.Value, Place: at,
		}
		require.NoError(t, d.Journal.Begin(e))
		require.NoError(t, d.Journal.Settle(e.ID, desfire.TMAC{}))
	}
	for n := range f.devices {
		f.send(n, true)
	}
	f.follow()
	var written bytes.Buffer
	require.NoError(t, f.ledger.WriteRows("", &written))
	require.NotContains(t, written.String(), "\r")
	rows, err := csv.NewReader(&written).ReadAll()
	require.NoError(t, err)
	columns := schema.TableSchema.Columns
	var places [][]string
	for n, row := range rows {
		require.Len(t, row, len(columns))
		for k, cell := range row {
			if n == 0 {
				require.Equal(t, columns[k].Name, cell)
			} else {
				columns[k].takes(t, cell)
			}
		}
		if n > 0 && row[13] != "" {
			places = append(places, row[13:])
		}
	}
	require.Equal(t, [][]string{{"2", "Graani, \"west\"", "A"}, {"'=1+1＝2,'＝3", "'@x", "J"}, {"2;'=1+1", "a,' -b;c-d", "B"}},
		places)
	verdicts := regexp.MustCompile("^(?:" + columns[6].Datatype.Format + ")$")
	for _, verdict := range []string{
		"settled", "presumed", "unproved", "in doubt", "missing", "undone", "doubled", "forged",
	} {
		require.Regexp(t, verdicts, verdict)
	}
}

// Ensure that the CSV for a spreadsheet has semicolons, euros with a comma, and the mark of UTF-8,
// and says what the other one does.
func TestSheet(t *testing.T) {
	f := newFleet(t, 1, 1, 1)
	f.taps(0, &f.cards[0])
	f.taps(0, &f.cards[0])
	f.send(0, true)
	f.follow()
	var sheet, rows bytes.Buffer
	day := f.rows()[0].Booked
	require.NoError(t, f.ledger.WriteSheet(day, &sheet))
	require.NoError(t, f.ledger.WriteRows(day, &rows))
	text, marked := strings.CutPrefix(sheet.String(), "\ufeff")
	require.True(t, marked)
	require.NotContains(t, strings.ReplaceAll(text, "\r\n", ""), "\n")
	text = strings.NewReplacer("\r\n", "\n", "_euros", "_cents", ";1,00;0,00;", ";100;0;").
		Replace(text)
	require.Equal(t, rows.String(), strings.ReplaceAll(text, ";", ","))
	require.NotContains(t, text, ",")

	e := f.cash(0, f.now, 0)
	e.Card, e.Counter, e.Charge = f.cards[0].number, 5000, -205
	require.NoError(t, f.devices[0].Journal.Begin(e))
	require.NoError(t, f.devices[0].Journal.Settle(e.ID, desfire.TMAC{}))
	f.send(0, true)
	f.follow()
	sheet.Reset()
	require.NoError(t, f.ledger.WriteSheet(day, &sheet))
	require.Contains(t, sheet.String(), ";-2,05;")
}

// waits is a browser that is slow.
type waits struct {
	bytes.Buffer
	writing, goOn chan struct{}
}

func (w *waits) Write(b []byte) (int, error) {
	select {
	case w.writing <- struct{}{}:
	default:
	}
	<-w.goOn
	return w.Buffer.Write(b)
}

// Ensure that one who reads the rows slowly keeps no transaction open, and is given the rows that
// there were at the beginning, each once, while others come.
func TestSlowReader(t *testing.T) {
	defer settlement.Many(7)()
	f := newFleet(t, 1, 1, 1)
	for range 100 {
		f.taps(0, &f.cards[0])
	}
	f.send(0, true)
	f.follow()
	before := f.rows()
	w := &waits{writing: make(chan struct{}, 1), goOn: make(chan struct{})}
	goOn := sync.OnceFunc(func() { close(w.goOn) })
	defer goOn()
	written := make(chan error, 1)
	go func() { written <- f.ledger.WriteRows("", w) }()
	<-w.writing
	require.Zero(t, f.ledger.Reading())
	for range 50 {
		f.taps(0, &f.cards[0])
	}
	f.send(0, true)
	f.follow()
	goOn()
	require.NoError(t, <-written)
	lines, err := csv.NewReader(&w.Buffer).ReadAll()
	require.NoError(t, err)
	require.Len(t, lines, len(before)+1)
	for n, row := range before {
		require.Equal(t, strconv.FormatUint(row.Number, 10), lines[n+1][0])
	}
	require.Greater(t, len(f.rows()), len(before))
}
