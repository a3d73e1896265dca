package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Ensure that a tap that was recorded is done again to the byte, and that whatever the
// program says differently is found.
func TestRecordAndReplay(t *testing.T) {
	folder(t, "aino.img")
	came := tool(t, "", "record", "aino.img", "--out", "aino.tape")
	require.Zero(t, came.code, came.err)
	require.Contains(t, came.out, "aino.tape: 10 exchanges\naccepted  value  charge 2.51")
	require.Contains(t, done(t, "inspect", "aino.img"), "purse     7.49", "the card has paid")
	text := read(t, "aino.tape")
	require.Contains(t, text, "keys: test\n")

	again := done(t, "replay", "aino.tape")
	require.Regexp(t, `10 +CommitTransaction +\d+ bytes +\d+ bytes +\d+ µs`, again)
	require.Contains(t, again, "accepted  value  charge 2.51")
	var answer replayed
	require.NoError(t, json.Unmarshal([]byte(done(t, "replay", "aino.tape", "--json")), &answer))
	require.Len(t, answer.Exchanges, 10)
	require.Empty(t, answer.Differs)

	lines := strings.Split(text, "\n")
	for n, line := range lines {
		if strings.HasPrefix(line, "> 908D") {
			lines[n] = line[:20] + "00" + line[22:]
			break
		}
	}
	write(t, "other.tape", strings.Join(lines, "\n"))
	came = tool(t, "", "replay", "other.tape")
	require.Equal(t, exitRefused, came.code, came.out)
	require.Contains(t, came.err, "exchange 6: the command is not the recorded one")

	write(t, "other.tape", strings.Replace(text, "ending: accepted", "ending: refused", 1))
	came = tool(t, "", "replay", "other.tape")
	require.Equal(t, exitRefused, came.code)
	require.Contains(t, came.err, `the tap was recorded as "refused`)
}

// Ensure that only cards with the test keys are recorded, and that what is no tape of a
// tap is told.
func TestRecordRefuses(t *testing.T) {
	folder(t, "aino.txt")
	done(t, "keys", "new", "keys.toml")
	done(t, "issue", "aino.txt", "--keys", "keys.toml", "--out", "b.img")
	came := tool(t, "", "record", "b.img", "--out", "b.tape")
	require.Equal(t, exitFailed, came.code)
	require.NoFileExists(t, "b.tape")
	for text, want := range map[string]string{
		"":                           "tape",
		"tape: 1\nkeys: bus\n":       "test keys",
		"tape: 1\nkeys: test\n":      "no tape of a tap",
		"tape: 1\nkeys: test\n> X\n": "line 3",
	} {
		write(t, "wrong.tape", text)
		came := tool(t, "", "replay", "wrong.tape")
		require.Equal(t, exitUsage, came.code, text)
		require.Contains(t, came.err, want)
	}
}
