package validator

import (
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw"
)

// Ensure that every way a tap can end has two lines in every language, that they fit
// the panel, and that the lamp is right.
func TestEverythingIsSaid(t *testing.T) {
	for _, language := range []Language{Finnish, Swedish, English} {
		v := &Validator{Language: language}
		for reason := fare.NotOurs; reason <= fare.NotLoaded; reason++ {
			if reason.FreeRule() != 0 {
				continue // nobody was at the panel
			}
			if _, named := reasonTexts[reason]; !named {
				require.Contains(t, reason.String(), "reason ", "%v has no text", reason)
				continue
			}
			says(t, v.signal(decided(Event{Card: 1}, fare.Decision{Reason: reason})))
		}
		for reason := range dayTexts {
			says(t, v.signal(decided(Event{Card: 1}, fare.Decision{Reason: reason,
				Source: cardlayout.ByDayTrips})))
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
	for _, line := range s.Lines {
		require.LessOrEqual(t, utf8.RuneCountInString(line), 40, line)
	}
}

// Ensure that nothing but an acceptance is green, and only a blocked card gives the
// alarm.
func TestLights(t *testing.T) {
	rows := []struct {
		ending Ending
		reason fare.Reason
		lamp   hw.Lamp
		tone   hw.Tone
	}{
		{Accepted, fare.Value, hw.LampGreen, hw.ToneHigh},
		{Accepted, fare.Unheard, hw.LampGreen, hw.ToneHigh},
		{Refused, fare.AlreadyStamped, hw.LampYellow, hw.ToneTwice},
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

// Ensure that the passenger is told fare, balance, validity and who was let in.
func TestAmounts(t *testing.T) {
	v := &Validator{Language: Finnish}
	d := fare.Decision{Reason: fare.Value, Charge: 753, Paid: 753, Persons: 3,
		Source: cardlayout.ByValue, Until: cardlayout.Stamp{Day: 10653, Minute: 570}}
	d.After.Purse = 1247
	o := decided(Event{Card: 1}, d)
	o.Took = 103 * time.Millisecond
	require.Equal(t, hw.Signal{Lamp: hw.LampGreen, Tone: hw.ToneHigh,
		Lines: [2]string{"Arvolippu", "3 henkilöä"}, Charge: "7,53 €", Balance: "12,47 €",
		Until: "09:30", Took: 103 * time.Millisecond}, v.signal(o))

	d = fare.Decision{Reason: fare.Season, Persons: 1, Source: cardlayout.BySeason,
		Until: cardlayout.Stamp{Day: 10653, Minute: 1439}}
	s := v.signal(decided(Event{Card: 1}, d))
	require.Equal(t, "3.3.2026", s.Until)
	require.Empty(t, s.Charge)

	d = fare.Decision{Reason: fare.SeasonStarted, Persons: 1, Source: cardlayout.ByDayTrips,
		Until: cardlayout.Stamp{Day: 10653, Minute: 432}}
	s = v.signal(decided(Event{Card: 1}, d))
	require.Equal(t, "3.3. 07:12", s.Until)
	require.Equal(t, "Vuorokausilippu alkaa", s.Lines[0])

	d = fare.Decision{Reason: fare.BalanceLow, Paid: 251}
	d.After.Purse = 80
	s = v.signal(decided(Event{Card: 1}, d))
	require.Equal(t, "2,51 €", s.Charge, "what it would cost")
	require.Equal(t, "0,80 €", s.Balance)
	require.Empty(t, s.Until)

	require.Empty(t, v.signal(decided(Event{}, fare.Decision{Reason: fare.Forged})).Balance)
}

// Ensure that who is let in reads of a load, that every kind of action has its words, and
// that what was left in the list is not told.
func TestLoadIsTold(t *testing.T) {
	for _, row := range []struct {
		kind   fare.ActionKind
		fi, en string
	}{
		{fare.ValueAction, "Ladattu 20,00 €", "Loaded 20,00 €"},
		{fare.SeasonAction, "Kausilippu ladattu", "Season ticket loaded"},
		{fare.UnblockAction, "Kortti on taas käytössä", "The card is in use again"},
	} {
		event := Event{Card: 1, Actions: []fare.Pickup{{Kind: row.kind, Amount: 2000},
			{Kind: fare.SeasonAction, Amount: 2000, Left: fare.LeftRoom}}}
		o := decided(event, fare.Decision{Reason: fare.Value, Persons: 1})
		for language, want := range map[Language]string{Finnish: row.fi, English: row.en} {
			s := (&Validator{Language: language}).signal(o)
			require.Equal(t, want, s.Lines[1])
			says(t, s)
		}
	}
}
