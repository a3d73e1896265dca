package settlement_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"regexp"
	"strconv"
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
		{Line: "2", Stop: "Graani, \"west\"", Zone: 1}, {Line: "=1+1", Stop: "@x", Zone: 10},
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
	require.Equal(t, [][]string{{"2", "Graani, \"west\"", "A"}, {"'=1+1", "'@x", "J"}}, places)
	verdicts := regexp.MustCompile("^(?:" + columns[6].Datatype.Format + ")$")
	for _, verdict := range []string{
		"settled", "presumed", "unproved", "in doubt", "missing", "undone", "doubled", "forged",
	} {
		require.Regexp(t, verdicts, verdict)
	}
}
