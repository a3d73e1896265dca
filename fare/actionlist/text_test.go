package actionlist_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare/actionlist"
	"leima/fare/sale"
)

const number = "924699 0011 2345 6787 "

// Ensure that each kind of action is read as it is written, with what is left unsaid.
func TestParse(t *testing.T) {
	entries, err := actionlist.Parse("shop.txt", strings.NewReader("# Monday's sales\n\n"+
		number+"value 20.00 expects 3 from 2026-03-02 # twenty euros\n"+
		"924699001123456787 season 30 A-B days 31 price 57.00 expects 4 leaves 9 from 2026-03-02 "+
		"until 2026-03-03 funder employer organisation 55 device 77\n"+
		number+"unblock expects 9 from 2026-03-02\n"))
	require.NoError(t, err)
	first, err := cardlayout.ParseDay("2026-03-02")
	require.NoError(t, err)
	zones, err := cardlayout.ParseZones("A-B")
	require.NoError(t, err)
	const card cardlayout.Number = 924699001123456787
	require.Equal(t, []actionlist.Entry{
		{Card: card, Action: sale.Action{
			Expects: 3, Leaves: 4, First: first, Last: first + 13,
			Kind: sale.ValueAction, Amount: 2000,
		}},
		{Card: card, Action: sale.Action{
			Expects: 4, Leaves: 9, First: first, Last: first + 1,
			Kind: sale.SeasonAction, Amount: 5700, Product: 30, Zones: zones, Days: 31,
			Funder: sale.Employer, Organisation: 55, Device: 77,
		}},
		{Card: card, Action: sale.Action{
			Expects: 9, Leaves: 10, First: first, Last: first + 13,
			Kind: sale.UnblockAction,
		}},
	}, entries)
	_, err = actionlist.New(227, 1, made, entries)
	require.NoError(t, err)
}

// Ensure that every mistake is told with its line and what is wanted there.
func TestParseMistakes(t *testing.T) {
	const rest = " expects 3 from 2026-03-02"
	for text, want := range map[string]string{
		"value 20.00" + rest:                      "card number",
		number + "gift 20.00" + rest:              "want value AMOUNT, season PRODUCT ZONES or unblock",
		number + "value":                          "want value AMOUNT",
		number + "value twenty" + rest:            "twenty",
		number + "value 0.00" + rest:              "its content is not that of kind value",
		number + "season 70000 A" + rest:          "want a number from 0 to 65535",
		number + "season 30 Q" + rest:             "Q",
		number + "value 5.00 expects 3":           "want expects, the action counter",
		number + "value 5.00 from 2026-03-02":     "want expects, the action counter",
		number + "value 5.00" + rest + " leaves":  "leaves: want its value after it",
		number + "value 5.00 expects 3" + rest:    "expects stands there twice",
		number + "value 5.00 leaves 3" + rest:     "want a higher one",
		number + "value 5.00 price 5.00" + rest:   "only a season has a price",
		number + "value 5.00 colour red" + rest:   `colour "red": an action has no such setting`,
		number + "value 5.00 funder uncle" + rest: `funder "uncle": want employer or benefit`,
		number + "value 5.00 expects 3 from soon": "soon",
	} {
		_, err := actionlist.Parse("shop.txt", strings.NewReader("\n"+text+"\n"))
		require.ErrorContains(t, err, "shop.txt:2: ", text)
		require.ErrorContains(t, err, want, text)
	}
	_, err := actionlist.Parse("shop.txt", strings.NewReader(strings.Repeat("9", 1<<17)))
	require.ErrorContains(t, err, "shop.txt:1: the line is longer")
}
