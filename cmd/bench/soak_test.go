package main

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Ensure that a soak tells for the tap and every step how long it took, shows that it goes
// on, writes a page that needs no other, and leaves a card that agrees with its journal.
func TestSoak(t *testing.T) {
	folder(t, "aino.img")
	came := tool(t, "", "soak", "aino.img", "--taps", "40", "--report", "soak.html")
	require.Zero(t, came.code, came.err)
	require.Contains(t, came.out, "40 taps in ")
	require.Contains(t, came.out, ": 40 accepted")
	for _, name := range []string{
		"p99.9", "tap", "find", "authenticate", "read", "write",
		"commit", "disk", "validator",
	} {
		require.Regexp(t, `(?m)^ .*\b`+regexp.QuoteMeta(name)+`\b`, came.out)
	}
	require.Contains(t, came.err, "20 of 40 taps  p50 ")
	require.Contains(t, came.err, "40 of 40 taps")
	page := read(t, "soak.html")
	require.NotRegexp(t, `(?i)https?://|src=|<script|@import|url\(`, page, "it opens offline")
	require.Equal(t, 10, strings.Count(page, "<svg"), "the tap three times, and each step")
	for _, word := range []string{
		"MIFARE DESFire EV2", "of at most 64 bytes", "UID",
		"How long the step commit took",
	} {
		require.Contains(t, page, word)
	}
	require.Regexp(t, `Begun \d{4}-\d\d-\d\d \d\d:\d\d:\d\d (&#43;|-)\d\d:\d\d,`, page)
	require.NotContains(t, page, "NaN")
	require.NotContains(t, page, "ZgotmplZ")

	came = tool(t, "", "soak", "aino.img", "--taps", "5", "--report", "soak.html")
	require.Equal(t, exitRefused, came.code, "a report is not overwritten")

	var answer struct {
		Taps    int
		Asked   int
		Ended   string
		On      probedAnswer
		Endings map[string]int
		Steps   map[string]map[string]int64
	}
	came = tool(t, "", "soak", "aino.img", "--taps", "20", "--json")
	require.Zero(t, came.code, came.err)
	require.NoError(t, json.Unmarshal([]byte(came.out), &answer))
	require.Equal(t, 20, answer.Taps)
	require.Equal(t, 20, answer.Asked)
	require.Empty(t, answer.Ended)
	require.Equal(t, 2, answer.On.Generation)
	require.Equal(t, map[string]int{"accepted": 20}, answer.Endings)
	require.Len(t, answer.Steps, 8)
	require.LessOrEqual(t, answer.Steps["tap"]["p50_us"], answer.Steps["tap"]["worst_us"])
	done(t, "inspect", "aino.img")
}

// Ensure that a soak that is stopped tells what it has measured so far.
func TestSoakStopped(t *testing.T) {
	folder(t, "aino.img")
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var out strings.Builder
	said := &interrupter{stop: stop}
	b := newBench(nil, &out, said)
	require.Equal(t, exitFailed, b.run(ctx, []string{"soak", "aino.img", "--taps", "1000"}))
	require.Contains(t, said.String(), "stopped before it was done")
	require.Contains(t, out.String(), "100 taps in ")

	ctx, stop = context.WithCancel(context.Background())
	defer stop()
	out.Reset()
	b = newBench(nil, &out, &interrupter{stop: stop})
	require.Equal(t, exitFailed, b.run(ctx,
		[]string{"soak", "aino.img", "--taps", "1000", "--json"}))
	require.Contains(t, out.String(), `"ended": "stopped before it was done"`)
}

// An interrupter presses Ctrl-C when the first tenth is over.
type interrupter struct {
	strings.Builder
	stop func()
}

func (s *interrupter) Write(p []byte) (int, error) {
	if strings.HasPrefix(string(p), "100 of 1000") {
		s.stop()
	}
	return s.Builder.Write(p)
}

// Ensure that taps that are not accepted, and cards that cannot be tapped at all, are told
// with the exit code.
func TestSoakRefused(t *testing.T) {
	folder(t)
	write(t, "old.txt", strings.ReplaceAll(texts["aino.txt"], "10.00", "50.00, valid 2026-01-03"))
	done(t, "issue", "old.txt", "--out", "old.img")
	came := tool(t, "", "soak", "old.img", "--taps", "3")
	require.Equal(t, exitRefused, came.code)
	require.Contains(t, came.err, "3 taps were not accepted; the last: it was refused: expired")
	kept := regexp.MustCompile(`the journal of these taps is kept in (\S+)`).FindStringSubmatch(came.err)
	require.Len(t, kept, 2, came.err)
	require.Contains(t, done(t, "journal", "show", kept[1]+"/journal"), "expired")
	require.Equal(t, exitFailed, tool(t, "", "soak", "missing.img").code)
	done(t, "keys", "new", "keys.toml")
	came = tool(t, "", "soak", "old.img", "--keys", "keys.toml", "--yes")
	require.Equal(t, exitFailed, came.code)
	require.Contains(t, came.err, "issued with other keys")
}

// Ensure that no card of an issuer's is charged and loaded unasked, and that the only
// journal of what it has paid is kept.
func TestSoakAndTearOfOthers(t *testing.T) {
	folder(t, "aino.txt")
	done(t, "keys", "new", "keys.toml")
	done(t, "issue", "aino.txt", "--keys", "keys.toml", "--out", "b.img")
	before := read(t, "b.img")
	for _, call := range []string{"soak b.img --taps 2", "tear b.img"} {
		came := tool(t, "", strings.Fields(call+" --keys keys.toml")...)
		require.Equal(t, exitRefused, came.code)
		require.Contains(t, came.err, "add --yes")
		require.Equal(t, before, read(t, "b.img"))
		came = tool(t, "", strings.Fields(call+" --keys keys.toml --yes")...)
		require.Zero(t, came.code, came.err)
		require.Contains(t, came.err, "the journal of these taps is kept in "+os.TempDir())
		before = read(t, "b.img")
	}
}

// Ensure that a file that cannot be written is told before the card has paid.
func TestNowhereToWrite(t *testing.T) {
	folder(t, "aino.img")
	before := snapshot(t)
	for _, call := range []string{
		"soak aino.img --taps 2 --report missing/soak.html",
		"record aino.img --out missing/aino.tape",
	} {
		came := tool(t, "", strings.Fields(call)...)
		require.Equal(t, exitFailed, came.code)
		require.Contains(t, came.err, "nothing was changed")
		require.Equal(t, before, snapshot(t), call)
	}
	require.Equal(t, exitUsage, tool(t, "", "soak", "aino.img", "--taps", "0").code)
	require.Equal(t, exitUsage, tool(t, "", "soak", "aino.img", "--taps", "-5").code)
	came := tool(t, "", "tear", "nope.img")
	require.Equal(t, exitFailed, came.code)
	require.Equal(t, 1, strings.Count(came.err, "nope.img"), came.err)
	require.NotContains(t, came.err, "as it was")
	done(t, "soak", "aino.img", "--taps", "2")
	require.Equal(t, []string{"aino.img"}, slices.Sorted(maps.Keys(withoutTexts(snapshot(t)))),
		"no draft is left behind")
}

// withoutTexts leaves out the descriptions of cards.
func withoutTexts(files map[string]string) map[string]string {
	maps.DeleteFunc(files, func(name, _ string) bool { return strings.HasSuffix(name, ".txt") })
	return files
}

// Ensure that a soak ends with the card's last day, and says so with what it has measured.
func TestSoakToTheLastDay(t *testing.T) {
	folder(t)
	valid := time.Now().AddDate(0, 0, 1).Format(time.DateOnly)
	write(t, "old.txt", strings.ReplaceAll(texts["aino.txt"], "10.00", "50.00, valid "+valid))
	done(t, "issue", "old.txt", "--out", "old.img")
	came := tool(t, "", "soak", "old.img", "--taps", "100")
	require.Equal(t, exitRefused, came.code)
	require.Contains(t, came.err, "after the card's last day, "+valid)
	require.Regexp(t, `\d+ taps in .*accepted`, came.out)
}

// Ensure that a card is cut at every command, before and after it acted, pays once each
// time, and that the answer names every cut.
func TestTear(t *testing.T) {
	folder(t, "aino.img")
	came := tool(t, "", "tear", "aino.img")
	require.Zero(t, came.code, came.err)
	require.Regexp(t, `before +10 CommitTransaction +uncertain +accepted`, came.out)
	require.Regexp(t, `after +5 ReadData +try again +accepted`, came.out)
	require.Contains(t, came.out, "20 cuts, 2 of them at the commit")
	var cuts []cutAnswer
	require.NoError(t, json.Unmarshal([]byte(done(t, "tear", "aino.img", "--json")), &cuts))
	require.Len(t, cuts, 20)
	for _, cut := range cuts {
		require.Empty(t, cut.Wrong)
		require.Equal(t, "accepted", cut.Second)
	}
	require.Equal(t, cutAnswer{
		Command: 10, Code: "C7", Side: "after", First: "uncertain",
		Second: "accepted",
	}, cuts[19])
}
