package tape_test

import (
	"bytes"
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/tape"
)

// example is the tape in the package's comment.
func example(t testing.TB) string {
	t.Helper()
	doc, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	text := regexp.MustCompile(`(?s)//\ttape: 1\n.*?//\n// A line`).Find(doc)
	require.NotNil(t, text)
	text = bytes.TrimSuffix(text, []byte("//\n// A line"))
	return regexp.MustCompile(`(?m)^//\t?`).ReplaceAllString(string(text), "")
}

func read(t testing.TB, text string) *tape.Tape {
	t.Helper()
	got, err := tape.Read(strings.NewReader(text))
	require.NoError(t, err)
	return got
}

func written(t testing.TB, w *tape.Tape) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, w.Write(&b))
	return b.String()
}

// Ensure that the example is a tape, that it says what it seems to, and that it is in
// canonical form.
func TestExample(t *testing.T) {
	got := read(t, example(t))
	require.Equal(t, &tape.Tape{
		Header: tape.Header{
			Keys: "test", Reader: "ACS ACR122U PICC Interface 00 00",
			Card: "DESFire EV2", At: time.Date(2026, 3, 2, 6, 15, 30, 0, time.UTC),
			Other: map[string]string{"seed": "7"},
		},
		Exchanges: []tape.Exchange{
			{
				Comment: []string{"UID"}, Command: []byte{0xFF, 0xCA, 0, 0, 0},
				Response: []byte{4, 1, 2, 3, 4, 5, 6, 0x90, 0}, Took: 412 * time.Microsecond,
			},
			{
				Comment:  []string{"select"},
				Command:  []byte{0x90, 0x5A, 0, 0, 3, 0, 0x10, 0xAB, 0},
				Response: []byte{0x91, 0}, Took: 1234 * time.Microsecond,
			},
			{
				Command: []byte{0x90, 0x71, 0, 0, 2, 1, 0, 0, 0}, Err: hw.ErrRemoved,
				Took: 5120 * time.Microsecond,
			},
		},
	}, got)
	require.Equal(t, example(t), written(t, got))
}

// Ensure that people may write more loosely than the canonical form, and that nothing is
// lost by it.
func TestLoose(t *testing.T) {
	got := read(t, "tape:1\r\n# first\n\ncard:  a: b # c\nat: 2026-03-02T08:15:30,5+02:00\n"+
		"a-1: x\nkeys:test\n#\n\n#second\n>  90 60\t00 00 00\n\n<  12us\n#\t\n>60\n<9 1 AF 0us\n"+
		"# end\n\n#of it")
	require.Equal(t, "tape: 1\nkeys: test\ncard: a: b # c\nat: 2026-03-02T06:15:30.5Z\na-1: x\n"+
		"\n# first\n#\n# second\n> 9060000000\n<   12us\n\n#\n> 60\n< 91AF  0us\n"+
		"\n# end\n# of it\n", written(t, got))
	require.Empty(t, read(t, "tape: 1\nkeys: test").Exchanges, "a card that nobody spoke to")
}

// Ensure that what is wrong with a tape is told with its line.
func TestReadRefuses(t *testing.T) {
	const start = "tape: 1\nkeys: test\n"
	for text, want := range map[string]string{
		"":                                  `line 0: this is no tape: want "tape: 1" in its first line`,
		"\ntape: 1":                         "line 1: this is no tape",
		"{}":                                "line 1: this is no tape",
		"tape: 2":                           `line 1: version "2" of tapes: this program knows version 1`,
		"tape: 1\n":                         `line 1: only conversations under test keys may be kept on tape: want "keys: test"`,
		"tape: 1\n> 60\n":                   `line 2: only conversations under test keys`,
		"tape: 1\nkeys: 0011\n":             "line 2: only conversations under test keys may be kept on tape",
		start + "keys: test":                "line 3: header keys: it is there twice",
		start + "tape: 1":                   "line 3: header tape: it is there twice",
		start + "seed: 1\nseed: 1":          "line 4: header seed: it is there twice",
		start + "card:":                     "line 3: header card: it has no value",
		start + ": x":                       "line 3: a header has no name",
		start + "Seed: x":                   `line 3: header "Seed": want a name of small letters`,
		start + "1seed: x":                  `line 3: header "1seed": want a name of small letters`,
		start + "hello":                     "line 3: want a header, a comment (#) or an exchange",
		start + "at: today":                 "line 3: header at: want an instant, such as",
		start + "at: 0001-01-01T00:00:00Z":  "line 3: header at: want an instant, such as",
		start + "card: a\x00b":              "line 3: it is not printable text",
		start + "# \xFF":                    "line 3: it is not printable text",
		start + "> 60\ncard: x":             "line 4: a header stands before the first exchange",
		start + "> 60\n< 1us\ncard: x":      "line 5: a header stands before the first exchange",
		start + ">":                         "line 3: the command is empty",
		start + "> 6":                       "line 3: want whole bytes in hexadecimal",
		start + "> 60\n":                    "line 3: the command has no answer",
		start + "> 60\n> 60":                "line 4: the command has no answer",
		start + "> 60\n# so\n< 1us":         "line 4: a comment stands before a command",
		start + "< 9000 1us":                "line 3: an answer without a command",
		start + "! reader 1us":              "line 3: an answer without a command",
		start + "> 60\n< 9000":              "line 4: want the microseconds it took",
		start + "> 60\n<":                   "line 4: want the microseconds it took",
		start + "> 60\n< 9000 -1us":         "line 4: want the microseconds it took",
		start + "> 60\n< 9000 4000000000us": "line 4: want the microseconds it took",
		start + "> 60\n< 900 1us":           "line 4: want whole bytes in hexadecimal",
		start + "> 60\n! gone 1us":          "line 4: want ! removed or ! reader",
		start + "> 60\n! 1us":               "line 4: want ! removed or ! reader",
		start + "> 60\n! removed 1us\n> 60": "line 5: the card left the reader: no exchange can follow",
	} {
		got, err := tape.Read(strings.NewReader(text))
		require.Nil(t, got, text)
		require.ErrorContains(t, err, "reading a tape: "+want, text)
	}
	_, err := tape.Read(strings.NewReader("tape: 1\nkeys: 00112233445566778899AABBCCDDEEFF"))
	require.ErrorIs(t, err, tape.ErrKeys)
	require.NotContains(t, err.Error(), "0011", "it may be a key")
	_, err = tape.Read(strings.NewReader(start + strings.Repeat("\n", 16<<20)))
	require.ErrorContains(t, err, "longer than")
	_, err = tape.Read(iotest.ErrReader(errors.New("the disk failed")))
	require.ErrorContains(t, err, "the disk failed")
}

// Ensure that nothing is written that could not be read back, and nothing that is not
// under test keys.
func TestWriteRefuses(t *testing.T) {
	for want, spoil := range map[string]func(*tape.Tape){
		"under test keys":                 func(w *tape.Tape) { w.Header.Keys = "production" },
		"test keys may":                   func(w *tape.Tape) { w.Header.Keys = "" },
		"header reader: it is not":        func(w *tape.Tape) { w.Header.Reader = "a\nseed: 8" },
		"header card: it begins":          func(w *tape.Tape) { w.Header.Card = " a" },
		"header at: want":                 func(w *tape.Tape) { w.Header.At = time.Unix(1<<40, 0) },
		"header seed: it has no value":    func(w *tape.Tape) { w.Header.Other["seed"] = "" },
		`header "a b": want`:              func(w *tape.Tape) { w.Header.Other["a b"] = "x" },
		"a header has no name":            func(w *tape.Tape) { w.Header.Other[""] = "x" },
		"header keys: it is not one of":   func(w *tape.Tape) { w.Header.Other["keys"] = "x" },
		"exchange 1: a comment: it is":    func(w *tape.Tape) { w.Exchanges[0].Comment[0] = "a\n> 60" },
		"exchange 1: the command is":      func(w *tape.Tape) { w.Exchanges[0].Command = nil },
		"exchange 2: it took -1ns: want":  func(w *tape.Tape) { w.Exchanges[1].Took = -1 },
		"exchange 2: it took 1.5µs: want": func(w *tape.Tape) { w.Exchanges[1].Took = 1500 },
		"exchange 2: it took 1h0m1s":      func(w *tape.Tape) { w.Exchanges[1].Took = 3601e9 },
		"has no word on a tape":           func(w *tape.Tape) { w.Exchanges[2].Err = errors.New("x") },
		"a response and an error":         func(w *tape.Tape) { w.Exchanges[2].Response = []byte{1} },
		"exchange 1: the card reader does": func(w *tape.Tape) {
			w.Exchanges[0].Err, w.Exchanges[0].Response = hw.ErrReader, nil
		},
		"a comment: it begins": func(w *tape.Tape) { w.End = []string{"end "} },
	} {
		w := read(t, example(t))
		spoil(w)
		var b bytes.Buffer
		require.ErrorContains(t, w.Write(&b), want)
		require.Empty(t, b.String())
	}
	w := read(t, example(t))
	w.Header.Keys = "Test"
	require.ErrorIs(t, w.Write(&bytes.Buffer{}), tape.ErrKeys)
}

// Ensure that whatever is read comes back as it is, and that the canonical form is one.
func FuzzRead(f *testing.F) {
	f.Add(example(f))
	f.Add("tape: 1\nkeys: test\na: b\n#\n> 60\n<   12us\n> 60\n! reader 3us\n# end")
	f.Fuzz(func(t *testing.T, text string) {
		first, err := tape.Read(strings.NewReader(text))
		if err != nil {
			require.ErrorContains(t, err, "reading a tape: ")
			return
		}
		canonical := written(t, first)
		second := read(t, canonical)
		require.Equal(t, first, second)
		require.Equal(t, canonical, written(t, second))
	})
}
