package blocklist

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
)

// Ensure that a list is read as people write it.
func TestParse(t *testing.T) {
	t.Parallel()
	list, err := Parse("blocked.txt", strings.NewReader(
		"# Blocked cards.\r\n"+
			"\n"+
			"924699 0011 2345 6787 personal 0\r\n"+
			"  924699001100000001\tcompany 255  # lost\n"+
			"   # nothing here\n"))
	require.ErrorContains(t, err, "blocked.txt:4: card number")
	require.Empty(t, list)

	list, err = Parse("blocked.txt", strings.NewReader(
		"# Blocked cards.\r\n"+
			"\n"+
			"924699 0011 2345 6787 personal 0\r\n"+
			"  924699001100000012\tcompany 255  # lost"))
	require.NoError(t, err)
	require.Equal(t, []Entry{
		{Number: 924699001123456787, Kind: cardlayout.Personal, Unblocking: 0},
		{Number: 924699001100000012, Kind: cardlayout.Company, Unblocking: 255},
	}, list)

	list, err = Parse("empty.txt", strings.NewReader(""))
	require.NoError(t, err)
	require.Empty(t, list)
}

// Ensure that each mistake is told with its line and what to write instead.
func TestParseRefuses(t *testing.T) {
	t.Parallel()
	const good = "924699 0011 2345 6787 personal 0\n"
	for text, want := range map[string]string{
		"rubbish": `blocked.txt:2: want a card number, its kind and its unblocking number, ` +
			`for example "924699 0011 2345 6787 personal 0"`,
		"924699 0011 0000 0001 personal 0": `blocked.txt:2: card number "924699 0011 0000 0001" ` +
			`is mistyped: its check digit should be 4`,
		"924699 0011 personal 0": `blocked.txt:2: card number "924699 0011" has 10 digits, not 18`,
		"924699 0011 0000 0012 lost 0": `blocked.txt:2: kind of card "lost": ` +
			`want personal or company`,
		"924699 0011 0000 0012 bearer 0": `blocked.txt:2: card …0012 is a bearer card, ` +
			`which cannot be blocked (R-108): take it off the list`,
		"924699 0011 0000 0012 company 256": `blocked.txt:2: unblocking number "256": ` +
			`want 0 to 255, as the card holds it`,
		"924699 0011 0000 0012 company -1": `blocked.txt:2: unblocking number "-1": ` +
			`want 0 to 255, as the card holds it`,
		"924699001123456787;personal;0": `blocked.txt:2: the line is separated by ";": want blanks, ` +
			`for example "924699 0011 2345 6787 personal 0"`,
		"9,24699E+17 personal 0": `blocked.txt:2: card number "9,24699E+17": character 2, ',', is no ` +
			`digit: a spreadsheet has lost the last digits; make the column one of text, and export it again`,
		"９24699001123456787 personal 0": `blocked.txt:2: card number "９24699001123456787": ` +
			`character 1, '９', is no digit: want the digits 0 to 9, and blanks between them`,
		"924699001123456787\u200b personal 0": "blocked.txt:2: card number \"924699001123456787\\u200b\": " +
			"character 19, which cannot be seen (U+200B), is no digit: want the digits 0 to 9, and " +
			"blanks between them",
		"924699001123456787 company 3": `blocked.txt:2: card …6787 stands at 1 already: ` +
			`keep the entry with the higher unblocking number`,
	} {
		_, err := Parse("blocked.txt", strings.NewReader(good+text+"\n"))
		require.EqualError(t, err, want)
	}
}

// Ensure that all mistakes are told together, in the order of the lines, and that
// a file of rubbish does not fill the screen.
func TestParseTellsAll(t *testing.T) {
	t.Parallel()
	_, err := Parse("b", strings.NewReader("924699 0011 0000 0012 bearer 0\n"+
		"junk\n924699 0011 2345 6787 company 0\n924699001123456787 personal 0\n1 2 3\n"))
	lines := strings.Split(err.Error(), "\n")
	require.Len(t, lines, 4)
	for i, place := range []string{"b:1: ", "b:2: ", "b:4: ", "b:5: "} {
		require.True(t, strings.HasPrefix(lines[i], place), lines[i])
	}

	_, err = Parse("b", strings.NewReader(strings.Repeat("junk\n", 1000)))
	lines = strings.Split(err.Error(), "\n")
	require.Len(t, lines, faultBound+1)
	require.Equal(t, "and 980 more", lines[faultBound])

	_, err = Parse("b", strings.NewReader("\n"+strings.Repeat("9", 1<<20)))
	require.EqualError(t, err, "b:2: the line is longer than any of a list: want one for each card")
}

// FuzzParse states that whatever the text, what is read can be built, and that
// nothing panics.
func FuzzParse(f *testing.F) {
	f.Add([]byte("924699 0011 2345 6787 personal 0\n"))
	f.Add([]byte("# only this"))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := Parse("b", bytes.NewReader(text))
		if err != nil {
			require.Nil(t, list)
			return
		}
		_, err = List{Version: 1, Area: testArea, Made: testMade, Entries: list}.sorted()
		require.NoError(t, err)
	})
}
