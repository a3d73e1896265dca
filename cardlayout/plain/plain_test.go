package plain_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"leima/cardlayout/plain"
)

// hostile are texts that command a terminal, or turn the order of letters.
var hostile = map[string]string{
	"\x1b[2JTori":          `\u001b[2JTori`,
	"\x1b]0;root\a":        `\u001b]0;root\u0007`,
	"Tori\rKauppa\b":       `Tori\u000dKauppa\u0008`,
	"\x7f":                 `\u007f`,
	"\u009b31mred":         `\u009b31mred`,
	"\u009d52;c;x\u009c":   `\u009d52;c;x\u009c`,
	"\u202egnp.exe":        `\u202egnp.exe`,
	"a\u2066b\u2069\u200f": `a\u2066b\u2069\u200f`,
	"one\u2028two":         `one\u2028two`,
	"\x00":                 `\u0000`,
	"\U000E0041":           `\udb40\udc41`,
	"\x9b31m raw":          "\uFFFD31m raw",
	"a\xffb":               "a\uFFFDb",
}

// harmless are texts as people write them.
var harmless = []string{"", "Käyrämäki–Östersundom", "a\tb\n", "soft\u00adhyphen", "zero\u200dwidth", "€ ½ 🚍"}

// Ensure that nothing that commands a terminal is left of a text, that it can still be read what
// stood there, and that any other text is left as it is.
func TestText(t *testing.T) {
	for text, want := range hostile {
		require.Equal(t, want, plain.Text(text), "%q", text)
		if utf8.ValidString(text) {
			require.ErrorContains(t, plain.Check("x"+text), "commands a terminal: take it out")
			var back string
			require.NoError(t, json.Unmarshal([]byte(`"`+plain.Text(text)+`"`), &back))
			require.Equal(t, text, back, "as JSON it says the same")
		}
	}
	for _, text := range harmless {
		require.Equal(t, text, plain.Text(text))
		require.NoError(t, plain.Check(text))
	}
	require.EqualError(t, plain.Check("ää\x1b"),
		"character 3 is U+001B, which commands a terminal: take it out")
}

// Ensure that a writer does the same, wherever a text is cut between two writes.
func TestWriter(t *testing.T) {
	for text, want := range hostile {
		text, want = "ä"+text+"ö", "ä"+want+"ö"
		for cut := range len(text) {
			var b strings.Builder
			w := plain.Writer(&b)
			for _, part := range []string{text[:cut], text[cut:]} {
				n, err := w.Write([]byte(part))
				require.NoError(t, err)
				require.Equal(t, len(part), n)
			}
			require.Equal(t, want, b.String(), "%q cut at %d", text, cut)
		}
	}
}

// Ensure that a string is found wherever it stands in a value, and its field named.
func TestStrings(t *testing.T) {
	type inner struct {
		Name string `toml:"name"`
	}
	type outer struct {
		Service inner            `toml:"service"`
		List    []inner          `toml:"list"`
		Map     map[string]inner `toml:"map"`
		Any     any              `toml:"any"`
		Pointer *inner           `toml:"pointer"`
		hidden  string
	}
	bad := inner{"\x1b"}
	for want, v := range map[string]outer{
		"service.name: character 1": {Service: bad},
		"list.name: character 1":    {List: []inner{{}, bad}},
		"map.a.name: character 1":   {Map: map[string]inner{"a": bad}},
		"map: character 1":          {Map: map[string]inner{"\x1b": {}}},
		"any: character 1":          {Any: []any{"\x1b"}},
		"pointer.name: character 1": {Pointer: &bad},
		"character 1":               {hidden: "\x1b"},
	} {
		require.ErrorContains(t, plain.Strings(&v), want)
	}
	require.NoError(t, plain.Strings(&outer{Service: inner{"Tori"}}))
}

// FuzzText: whatever comes in, nothing that commands a terminal comes out.
func FuzzText(f *testing.F) {
	for text := range hostile {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		out := plain.Text(text)
		require.True(t, utf8.ValidString(out))
		require.NoError(t, plain.Check(out))
		require.Equal(t, out, plain.Text(out))
	})
}
