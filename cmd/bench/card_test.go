package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/hw"
	"leima/hw/desfire"
)

// descriptions are cards that are to come back as they were described.
var descriptions = map[string]string{
	"bearer":   texts["aino.txt"],
	"personal": texts["matti.txt"],
	"all":      all,
	"plain":    "number 924699 0011 2345 6787, area 227, kind company, tmac false",
	"no days": "number 924699 0011 2345 6787, area 227\nissued 1997-01-01\nvalid 1997-01-01\n" +
		"blocked true",
}

// Ensure that what is inspected can be issued again, and is the same card to the byte:
// with the words of the last line, whatever the card; and without them where the card
// is an ordinary one.
func TestRoundTrip(t *testing.T) {
	for name, text := range descriptions {
		for _, profile := range []string{"enciphered", "readable"} {
			t.Run(name+", "+profile, func(t *testing.T) {
				folder(t)
				write(t, "card.txt", text)
				done(t, "issue", "card.txt", "--out", "a.img", "--uid", "04A1B2C3D4E5F6",
					"--profile", profile)
				inspected := done(t, "inspect", "a.img", "--raw")
				args := []string{"issue", "-", "--out", "b.img"}
				came := tool(t, inspected, append(args, again(t, inspected)...)...)
				require.Zero(t, came.code, came.err)
				require.Equal(t, read(t, "a.img"), read(t, "b.img"))
				require.Equal(t, inspected, done(t, "inspect", "b.img", "--raw"))
			})
		}
		t.Run(name+", unsaid", func(t *testing.T) {
			folder(t)
			require.Zero(t, tool(t, text, "issue", "-", "--out", "a.img").code)
			came := tool(t, done(t, "inspect", "a.img"), "issue", "-", "--out", "b.img")
			require.Zero(t, came.code, came.err)
			require.Equal(t, read(t, "a.img"), read(t, "b.img"))
		})
	}
}

// again are the words after "again with".
func again(t *testing.T, inspected string) []string {
	_, words, found := strings.Cut(inspected, "# again with ")
	require.True(t, found)
	return strings.Fields(words)
}

// Ensure that a card that has travelled and was loaded comes back with all but its older
// events and its signatures.
func TestRoundTripTravelled(t *testing.T) {
	folder(t)
	travel(t, "aino.img")
	done(t, strings.Fields("load aino.img value 20 --at 2026-03-03T08:00:00Z "+
		"--tariff testdata/tariffs/mikkeli-2025.toml")...)
	before := done(t, "inspect", "aino.img")
	args := append([]string{"issue", "-", "--out", "b.img"}, again(t, before)...)
	came := tool(t, before, args...)
	require.Zero(t, came.code, came.err)
	require.Equal(t, withoutComments(before), withoutComments(done(t, "inspect", "b.img")))
}

func withoutComments(text string) (lines []string) {
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return lines
}

// Ensure that what is not described is what the help says.
func TestDefaults(t *testing.T) {
	today := cardlayout.DayOf(time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC))
	c, err := parseCard("card", "number 924699 0011 2345 6787\narea 227", today)
	require.NoError(t, err)
	require.Equal(t, cardlayout.Card{
		Number: ainoNumber, Area: 227, Kind: cardlayout.Bearer, Group: cardlayout.Adult,
		TransactionMAC: true, Issued: today,
		ValidUntil: cardlayout.DayOf(time.Date(2032, 2, 29, 0, 0, 0, 0, time.UTC)),
	}, c)

	folder(t)
	first := cardlayout.DayOf(time.Now()).String()
	require.Zero(t, tool(t, "number 924699001123456787, area 227", "issue", "-", "--out", "a").code)
	issued := strings.Fields(done(t, "inspect", "a"))
	last := cardlayout.DayOf(time.Now()).String()
	require.Contains(t, []string{first, last}, issued[index(issued, "issued")+1])
}

func index(words []string, word string) int {
	for n, w := range words {
		if w == word {
			return n
		}
	}
	return -1
}

// Ensure that a mistake in a description is told with its line, and what to write.
func TestWrongDescription(t *testing.T) {
	const head = "number 924699 0011 2345 6787\narea 227\n"
	for text, want := range map[string]string{
		"":                        "card.txt: the description states no number: add a line such as",
		"# nothing":               "card.txt: the description states no number",
		"number 924699 0011":      `card.txt:1: number: card number "924699 0011" has 10`,
		head[:29]:                 "the description states no area: add a line such as area 227",
		head + "\npurse ten":      `card.txt:4: purse: amount "ten": want euros and cents`,
		head + "purse":            "card.txt:3: purse: want what it is after it",
		head[:29] + "area 0":      "card.txt: the description states no area",
		head + "colour blue":      `card.txt:3: a card has no "colour"`,
		head + "purse 1\npurse 2": "card.txt:4: purse stands in line 3 already: take one away",
		head + "group x, purse":   `card.txt:3: group: `,
		head + "kind personal":    "card.txt: a personal card tells its holder's day of birth",
		head + "season1 zone=A":   `card.txt:3: season1: "zone" is not understood here`,
		head + "area 300":         "card.txt:3: area stands in line 2 already",
		"area 300\n" + head[:29]:  `card.txt:1: area:  "300": want a number that fits`,
		head + "purse 20000":      "the order cannot be issued: the value does not fit the card",
		head + "ev 3":             "for an EV3 and the card is an EV2: change the description",
		head + "born 1980-05-17":  "a bearer card carries nothing of a person (R-015)",
	} {
		folder(t)
		write(t, "card.txt", text)
		before := snapshot(t)
		came := tool(t, "", "issue", "card.txt", "--out", "card.img")
		require.Equal(t, exitUsage, came.code, "%q: %s", text, came.err)
		require.Contains(t, came.err, want, "%q", text)
		require.Empty(t, came.out)
		require.Equal(t, before, snapshot(t))
	}
}

// Ensure that a holder's file that is wrong is told with its line and not with a word of
// what stands there.
func TestWrongHolder(t *testing.T) {
	for text, want := range map[string]string{
		"":                                                `matti.toml: the holder has no name: want name`,
		"name = \"Mäki Matti\nsex = 1":                    "matti.toml:1: this is no line of a holder's file",
		"name = \"x\"\nMäki = \"Matti\"":                  "matti.toml:2: this is no line of a holder's file",
		"name = \"x\"\nsex = \"Mäki\"":                    "matti.toml:2: this is no line of a holder's file",
		"name = \"x\"\ncolour = \"Mäki\"":                 "matti.toml:2: this is no line of a holder's file",
		"name = \"x\"\nsex = 3":                           "matti.toml: sex: want 0, 1, 2 or 9",
		"name = \"x\"\nmunicipality = 170580":             "matti.toml: municipality: want its official code",
		"name = \"Mäki " + strings.Repeat("M", 300) + `"`: "the order cannot be issued",
	} {
		folder(t, "matti.txt")
		write(t, "matti.toml", text)
		came := tool(t, "", "issue", "matti.txt", "--holder", "matti.toml", "--out", "card.img")
		require.Equal(t, exitUsage, came.code, "%q: %s", text, came.err)
		require.Contains(t, came.err, want)
		require.NoFileExists(t, "card.img")
	}
}

// Ensure that a holder may have every code of sex.
func TestHolderSex(t *testing.T) {
	folder(t, "matti.txt")
	for _, sex := range []string{"0", "1", "2", "9"} {
		write(t, "h.toml", "name = \"x\"\nsex = "+sex)
		done(t, "issue", "matti.txt", "--holder", "h.toml", "--out", sex+".img")
		require.Contains(t, done(t, "inspect", sex+".img", "--holder"), "sex "+sex+",")
	}
}

// Ensure that cards are issued, inspected and loaded with keys from a file, that a bus's
// part of it loads and inspects, and that no output tells any of them.
func TestKeyFile(t *testing.T) {
	folder(t, "aino.txt", "matti.txt", "matti.toml")
	done(t, "keys", "new", "keys.toml")
	info, err := os.Stat("keys.toml")
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
	bus, _, _ := strings.Cut(read(t, "keys.toml"), "[issuer]")
	write(t, "bus.toml", bus)
	var words strings.Builder
	for _, c := range []struct {
		code int
		line string
	}{
		{exitOK, "issue matti.txt --out m.img --holder matti.toml --keys keys.toml"},
		{exitUsage, "issue aino.txt --out a.img --keys bus.toml"},
		{exitOK, "inspect m.img --keys keys.toml --holder --raw"},
		{exitOK, "inspect m.img --keys bus.toml --raw --json"},
		{exitUsage, "inspect m.img --keys bus.toml --holder"},
		{exitOK, "load m.img value 10 --keys bus.toml" + mikkeli},
		{exitFailed, "inspect m.img"},
		{exitFailed, "load m.img value 10" + mikkeli},
		{exitRefused, "keys new keys.toml"},
		{exitFailed, "inspect m.img --keys missing.toml"},
		{exitUsage, "inspect m.img --keys matti.toml"},
	} {
		came := tool(t, "", strings.Fields(c.line)...)
		require.Equal(t, c.code, came.code, "%s: %s", c.line, came.err)
		require.Equal(t, !strings.Contains(c.line, "keys"),
			strings.Contains(came.err, "test keys: not for real cards\n"), c.line)
		words.WriteString(came.out + came.err)
	}
	for _, field := range strings.Split(read(t, "keys.toml"), `"`) {
		if len(field) == 32 {
			require.NotContains(t, strings.ToLower(words.String()), field[4:16])
		}
	}
	require.NoError(t, os.Chmod("keys.toml", 0o644))
	came := tool(t, "", "inspect", "m.img", "--keys", "keys.toml")
	require.Equal(t, exitUsage, came.code)
	require.Contains(t, came.err, "chmod 600 keys.toml")
}

// Ensure that a holder who is not asked for is not even read, so that another key for
// holders does no harm.
func TestHolderIsNotRead(t *testing.T) {
	folder(t, "matti.txt", "matti.toml")
	done(t, "issue", "matti.txt", "--out", "matti.img", "--holder", "matti.toml")
	write(t, "keys.toml", testKeyFile())
	done(t, "inspect", "matti.img", "--keys", "keys.toml")
	done(t, "load", "matti.img", "value", "10", "--keys", "keys.toml", "--tariff",
		"testdata/tariffs/mikkeli-2025.toml")
	require.Equal(t, exitFailed,
		tool(t, "", "inspect", "matti.img", "--keys", "keys.toml", "--holder").code)
}

// Ensure that a time without a zone is the tariff's, wherever the bench stands.
func TestLocalTime(t *testing.T) {
	folder(t, "aino.img")
	for given, want := range map[string]string{
		"2026-03-02 08:00": "2026-03-02T08:00", "2026-07-02 08:00:59": "2026-07-02T08:00",
		"2026-03-02T08:00:00Z": "2026-03-02T10:00",
	} {
		require.Contains(t, done(t, "load", "aino.img", "value", "5", "--at", given, "--tariff",
			"testdata/tariffs/mikkeli-2025.toml"), "→ at="+want+" ")
	}
}

// Ensure that an image that cannot be replaced stays as it was, and that this is told: a
// draft with so long a name cannot be made.
func TestImageCannotBeReplaced(t *testing.T) {
	folder(t, "aino.img")
	long := strings.Repeat("a", 250)
	require.NoError(t, os.Rename("aino.img", long))
	before := snapshot(t)
	came := tool(t, "", strings.Fields("load "+long+" value 20"+mikkeli)...)
	require.Equal(t, exitFailed, came.code)
	require.Empty(t, came.out)
	require.Contains(t, came.err, " cannot be written: file name too long: nothing was changed")
	require.Equal(t, before, snapshot(t))
}

// Ensure that each cause of an error of the card comes with what to do.
func TestAdvice(t *testing.T) {
	for cause, want := range map[error]string{
		cardlayout.ErrNotOurs:       "(--keys)",
		cardlayout.ErrForged:        "(--keys)",
		desfire.AuthenticationError: "(--keys)",
		cardlayout.ErrVersion:       "use the bench of the release that issued it",
		cardlayout.ErrMalformed:     "issue the card again",
		hw.ErrRemoved:               "the image is as it was; try again",
	} {
		err := cardLocation("a.img").explain(fmt.Errorf("inspecting the card: %w", cause))
		require.ErrorIs(t, err, cause)
		require.ErrorContains(t, err, "a.img: inspecting the card: ")
		require.ErrorContains(t, err, want)
		require.Equal(t, exitFailed, codeOf(err))
	}
	lost := cardLocation("reader:").explain(fmt.Errorf("loading the card: %w", hw.ErrRemoved))
	require.ErrorContains(t, lost, "hold it still, and try again")
	unheard := cardLocation("reader:").explain(fmt.Errorf("issuing: %w", desfire.ErrCommitUnknown))
	require.ErrorContains(t, unheard, "inspect it")
}

// Ensure that an image is for its owner's eyes, and is replaced at once: a link to the
// old one keeps it.
func TestImageIsReplaced(t *testing.T) {
	folder(t, "aino.img")
	info, err := os.Stat("aino.img")
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
	before := read(t, "aino.img")
	require.NoError(t, os.Link("aino.img", "kept.img"))
	done(t, strings.Fields("load aino.img value 20"+mikkeli)...)
	require.Equal(t, before, read(t, "kept.img"))
	require.NotEqual(t, before, read(t, "aino.img"))
	left, err := filepath.Glob(".*")
	require.NoError(t, err)
	require.Empty(t, left, "no draft is left behind")
}
