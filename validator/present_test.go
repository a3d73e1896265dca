package validator

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/hw"
	"leima/validator/messages"
)

// Ensure that every way a tap can end has two lines in every language, that they fit
// the panel, and that the lamp is right.
func TestEverythingIsSaid(t *testing.T) {
	for _, language := range messages.Languages {
		v := &Validator{Language: language}
		for reason := fare.NotOurs; reason <= fare.NotLoaded; reason++ {
			if reason.FreeRule() != 0 || strings.HasPrefix(reason.String(), "reason ") {
				continue // nobody was at the panel
			}
			says(t, v.signal(outcomeOf(Event{Card: 1}, by(fare.Decision{Reason: reason}))))
		}
		for _, reason := range []fare.Reason{fare.Season, fare.SeasonStarted, fare.SeasonFollows} {
			says(t, v.signal(outcomeOf(Event{Card: 1}, by(fare.Decision{
				Reason: reason,
				Source: cardlayout.ByDayTrips,
			}))))
		}
		for _, e := range []Ending{TryAgain, Uncertain, Fault} {
			says(t, v.signal(Outcome{Ending: e}))
		}
		says(t, v.idle())
		v.paused = true
		says(t, v.idle())
	}
}

func says(t *testing.T, s hw.Signal) {
	t.Helper()
	require.NotEmpty(t, s.Lines[0])
	require.NotRegexp(t, `^[a-z]+\.`, s.Lines, "a key without words")
	for _, line := range s.Lines {
		require.LessOrEqual(t, utf8.RuneCountInString(line), 40, line)
	}
}

// Ensure that green is who is let in or whose errand is done, and that only a blocked card
// gives the alarm.
func TestLights(t *testing.T) {
	rows := []struct {
		ending Ending
		reason fare.Reason
		lamp   hw.Lamp
		tone   hw.Tone
	}{
		{Accepted, fare.Value, hw.LampGreen, hw.ToneHigh},
		{Accepted, fare.Recovered, hw.LampGreen, hw.ToneHigh},
		{Accepted, fare.ValueLoaded, hw.LampGreen, hw.ToneDone},
		{Refused, fare.AlreadyStamped, hw.LampGreen, hw.ToneRising},
		{Refused, fare.BalanceLow, hw.LampRed, hw.ToneLow},
		{Refused, fare.Blocked, hw.LampRed, hw.ToneAlarm},
		{Refused, fare.NotOurs, hw.LampRed, hw.ToneLow},
		{TryAgain, 0, hw.LampYellow, hw.ToneTwice},
		{Uncertain, fare.Value, hw.LampYellow, hw.ToneTwice},
		{Fault, 0, hw.LampBlue, hw.ToneLow},
	}
	for _, row := range rows {
		lamp, tone := lights(row.ending, row.reason)
		require.Equal(t, row.lamp, lamp, "%v %v", row.ending, row.reason)
		require.Equal(t, row.tone, tone, "%v %v", row.ending, row.reason)
	}
}

// meaning is what the end of a tap comes to for the passenger.
func meaning(e Ending, r fare.Reason) string {
	switch {
	case e == Accepted && r.Accept(), e == Refused && r == fare.AlreadyStamped:
		return "may board"
	case e == Accepted && r == fare.Checked:
		return "was looked at"
	case e == Accepted:
		return "errand done"
	case e == TryAgain, e == Uncertain:
		return "hold again"
	case e == Refused:
		return "may not board"
	}
	return "ask the driver"
}

// Ensure that no two ends of a tap which mean different things share lamp and tone, and that
// who has not paid yet sees and hears nothing of what those do who are let in.
func TestNoSignMeansTwoThings(t *testing.T) {
	type sign struct {
		hw.Lamp
		hw.Tone
	}
	means, lamps, tones := map[sign]string{}, map[hw.Lamp]string{}, map[hw.Tone]string{}
	for ending := Accepted; ending.String() != "unknown ending"; ending++ {
		for reason := range fare.Reason(255) {
			named := !strings.HasPrefix(reason.String(), "reason ")
			if ending <= Refused && (!named || reason.Done() != (ending == Accepted)) {
				continue // no tap ends so
			}
			lamp, tone := lights(ending, reason)
			is := meaning(ending, reason)
			if other, known := means[sign{lamp, tone}]; known {
				require.Equal(t, other, is, "%s %s: %s %s", ending, reason, lamp, tone)
			}
			means[sign{lamp, tone}] = is
			if is == "may board" || is == "hold again" {
				for _, other := range []string{lamps[lamp], tones[tone]} {
					require.Contains(t, []string{"", is}, other, "%s %s", ending, reason)
				}
				lamps[lamp], tones[tone] = is, is
			}
		}
	}
	require.Len(t, means, 8)
	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	for s := range means {
		row := fmt.Sprintf(`(?m)^\| %s, [^|]+ \| %s\b`, s.Lamp, s.Tone)
		require.Regexp(t, row, string(readme))
	}
}

// Ensure that the passenger is told fare, balance, validity and who was let in.
func TestAmounts(t *testing.T) {
	v := &Validator{Language: messages.Finnish}
	d := fare.Decision{
		Reason: fare.Value, Charge: 753, Paid: 753, Persons: 3,
		Source: cardlayout.ByValue, Until: cardlayout.Stamp{Day: 10653, Minute: 570},
	}
	d.After.Purse = 1247
	o := outcomeOf(Event{Card: 1}, by(d))
	o.Took = 103 * time.Millisecond
	require.Equal(t, hw.Signal{
		Lamp: hw.LampGreen, Tone: hw.ToneHigh,
		Lines: [2]string{"Arvolippu", "3 henkilöä"}, Charge: "7,53 €", Balance: "12,47 €",
		Until: "09:30", Took: 103 * time.Millisecond,
	}, v.signal(o))

	d = fare.Decision{
		Reason: fare.Season, Persons: 1, Source: cardlayout.BySeason,
		Until: cardlayout.Stamp{Day: 10653, Minute: 1439},
	}
	s := v.signal(outcomeOf(Event{Card: 1}, by(d)))
	require.Equal(t, "3.3.2026", s.Until)
	require.Empty(t, s.Charge)

	d = fare.Decision{
		Reason: fare.SeasonStarted, Persons: 1, Source: cardlayout.ByDayTrips,
		Until: cardlayout.Stamp{Day: 10653, Minute: 432},
	}
	s = v.signal(outcomeOf(Event{Card: 1}, by(d)))
	require.Equal(t, "3.3. 07:12", s.Until)
	require.Equal(t, "Vuorokausilippu alkaa", s.Lines[0])

	d = fare.Decision{Reason: fare.BalanceLow, Paid: 251}
	d.After.Purse = 80
	s = v.signal(outcomeOf(Event{Card: 1}, by(d)))
	require.Equal(t, "2,51 €", s.Charge, "what it would cost")
	require.Equal(t, "0,80 €", s.Balance)
	require.Empty(t, s.Until)

	require.Empty(t, v.signal(outcomeOf(Event{}, by(fare.Decision{Reason: fare.Forged}))).Balance)
}

// Ensure that who is let in reads of a load, that every kind of action has its words, and
// that what was left in the list is not told.
func TestLoadIsTold(t *testing.T) {
	for _, row := range []struct {
		kind   sale.ActionKind
		fi, en string
	}{
		{sale.ValueAction, "Ladattu 20,00 €", "Loaded 20,00 €"},
		{sale.SeasonAction, "Kausilippu ladattu", "Season ticket loaded"},
		{sale.UnblockAction, "Kortti on taas käytössä", "The card is in use again"},
	} {
		event := Event{Card: 1, Actions: []sale.ActionResult{
			{Kind: row.kind, Amount: 2000},
			{Kind: sale.SeasonAction, Amount: 2000, Status: sale.ActionNoRoom},
		}}
		o := outcomeOf(event, by(fare.Decision{Reason: fare.Value, Persons: 1}))
		for language, want := range map[messages.Language]string{
			messages.Finnish: row.fi, messages.English: row.en,
		} {
			s := (&Validator{Language: language}).signal(o)
			require.Equal(t, want, s.Lines[1])
			says(t, s)
		}
	}
}

// by is what a tap comes to by a decision alone.
func by(d fare.Decision) Decision { return Decision{Decision: d} }
