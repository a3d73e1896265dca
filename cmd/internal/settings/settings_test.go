package settings

import (
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// An example is a configuration with a setting of each kind.
type example struct {
	State  string   `toml:"state"`
	Device uint16   `toml:"device"`
	Open   bool     `toml:"open"`
	Idle   Duration `toml:"idle"`
	Listen []string `toml:"listen"`
	Deep   struct {
		Rate int `toml:"rate"`
	} `toml:"deep"`
}

var (
	placed = regexp.MustCompile(`(?s)^c\.toml(:\d+)?: .+`)
	inside = regexp.MustCompile(`cannot decode|struct|invalid character|expected|already|settings\.`)
)

// FuzzDecode: whatever people write, an error names the file, and says nothing in the words of
// the decoder that they did not write themselves.
func FuzzDecode(f *testing.F) {
	for _, text := range []string{
		"state = 5", "device = \"x\"", "device = 70000", "device = -1", "open = 1",
		"idle = \"soon\"", "idle = 5", "listen = 5", "[deep]\nrate = 1.5", "deep = 1", "{", "a\n=", "x = [",
		"state = \"a\"\nstate = \"b\"", "\xEF\xBB\xBFstate = \"a\"\r\n", "device = 9\nidle = \"10m\"\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var once, again example
		if err := Decode("c.toml", text, &once); err != nil {
			require.Regexp(t, placed, err.Error())
			if !inside.Match(text) {
				require.NotRegexp(t, inside, err.Error())
			}
			return
		}
		require.NoError(t, Decode("c.toml", append(text, "\n# the end\n"...), &again))
		require.Equal(t, once, again)
	})
}

// Ensure that what stands twice is told with its name and what to do.
func TestTwice(t *testing.T) {
	for text, want := range map[string]string{
		"state = \"a\"\nstate = \"b\"": "c.toml:2: state stands there twice",
		"[deep]\n[deep]":               "c.toml:2: deep stands there twice",
		"deep.rate = 1\n[deep]":        "c.toml:2: deep stands there twice",
	} {
		err := Decode("c.toml", []byte(text), new(example))
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "take one away")
	}
}
