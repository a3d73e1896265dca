package validator

import (
	"fmt"
	"strings"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw"
)

// Language is what the panel speaks.
type Language string

// The languages of the panel.
const (
	Finnish Language = "fi"
	English Language = "en"
)

// text is two lines in each language: what happened, and what to do.
type text map[Language][2]string

var idleText = text{
	Finnish: {"Näytä kortti", ""},
	English: {"Present your card", ""},
}

var pausedText = text{
	Finnish: {"Laite ei ole käytössä", "Kysy kuljettajalta"},
	English: {"Not in service", "Ask the driver"},
}

var endingTexts = map[Ending]text{
	TryAgain: {
		Finnish: {"Näytä kortti uudelleen", "Pidä kortti paikallaan"},
		English: {"Present the card again", "Hold it still"},
	},
	Uncertain: {
		Finnish: {"Leimaus jäi kesken", "Näytä sama kortti uudelleen"},
		English: {"Not finished yet", "Present the same card again"},
	},
	Fault: {
		Finnish: {"Laite ei toimi", "Käytä toista lukijaa"},
		English: {"The reader is out of order", "Use the other one, or ask the driver"},
	},
}

var reasonTexts = map[fare.Reason]text{
	fare.NotOurs: {
		Finnish: {"Korttia ei tunneta", "Käytä matkakorttia"},
		English: {"Unknown card", "Use a travel card"},
	},
	fare.Forged: {
		Finnish: {"Kortti ei kelpaa", "Kysy kuljettajalta"},
		English: {"This card is not valid", "Ask the driver"},
	},
	fare.Malformed: {
		Finnish: {"Kortti on vioittunut", "Näytä kortti kuljettajalle"},
		English: {"This card is damaged", "Show it to the driver"},
	},
	fare.UnknownVersion: {
		Finnish: {"Laite ei tunne korttia vielä", "Näytä kortti kuljettajalle"},
		English: {"Card newer than this reader", "Show it to the driver"},
	},
	fare.Blocked: {
		Finnish: {"Kortti on suljettu", "Ota yhteys palvelupisteeseen"},
		English: {"This card is blocked", "Contact the service point"},
	},
	fare.Expired: {
		Finnish: {"Kortti on vanhentunut", "Vaihda kortti palvelupisteessä"},
		English: {"This card has expired", "Change it at the service point"},
	},
	fare.Unheard: {Finnish: {"Hyvää matkaa", ""}, English: {"Accepted", ""}},
	fare.AlreadyStamped: {
		Finnish: {"Kortti on jo leimattu", "Uutta veloitusta ei tehty"},
		English: {"Already stamped on this trip", "Nothing was charged"},
	},
	fare.PartyRefused: {
		Finnish: {"Seurue ei voi matkustaa kortilla", "Kysy kuljettajalta"},
		English: {"Not on one card together", "Ask the driver"},
	},
	fare.Transfer:      {Finnish: {"Vaihto", ""}, English: {"Transfer", ""}},
	fare.School:        {Finnish: {"Koululaislippu", ""}, English: {"School ticket", ""}},
	fare.Season:        {Finnish: {"Kausilippu", ""}, English: {"Season ticket", ""}},
	fare.SeasonStarted: {Finnish: {"Kausilippu alkaa", ""}, English: {"Season ticket begins", ""}},
	fare.SeasonFollows: {
		Finnish: {"Odottava kausilippu alkaa", ""},
		English: {"Waiting season ticket begins", ""},
	},
	fare.Value: {Finnish: {"Arvolippu", ""}, English: {"Value ticket", ""}},
	fare.NoFare: {
		Finnish: {"Matkalla ei ole hintaa", "Kysy kuljettajalta"},
		English: {"No price for this trip", "Ask the driver"},
	},
	fare.TooMany: {
		Finnish: {"Liikaa yhdelle kortille", "Käytä useampaa korttia"},
		English: {"Too many for one card", "Use several cards"},
	},
	fare.BalanceLow: {
		Finnish: {"Arvo ei riitä", "Lataa arvoa tai osta kertalippu"},
		English: {"Not enough value", "Load value or buy a single ticket"},
	},
}

// dayTexts are for a day ticket, which lies where seasons do.
var dayTexts = map[fare.Reason]text{
	fare.Season: {Finnish: {"Vuorokausilippu", ""}, English: {"Day ticket", ""}},
	fare.SeasonStarted: {
		Finnish: {"Vuorokausilippu alkaa", ""},
		English: {"Day ticket begins", ""},
	},
	fare.SeasonFollows: {
		Finnish: {"Odottava vuorokausilippu alkaa", ""},
		English: {"Waiting day ticket begins", ""},
	},
}

// loadedText tells of what has come onto the card from the action list.
var loadedText = map[Language]map[fare.ActionKind]string{
	Finnish: {
		fare.ValueAction:   "Ladattu %s",
		fare.SeasonAction:  "Kausilippu ladattu",
		fare.UnblockAction: "Kortti on taas käytössä",
	},
	English: {
		fare.ValueAction:   "Loaded %s",
		fare.SeasonAction:  "Season ticket loaded",
		fare.UnblockAction: "The card is in use again",
	},
}

var personsText = map[Language]string{Finnish: "%d henkilöä", English: "%d persons"}

// idle is what the panel shows between taps.
func (v *Validator) idle() hw.Signal {
	if v.paused {
		return hw.Signal{Lamp: hw.LampBlue, Lines: pausedText[v.Language]}
	}
	if v.trouble != nil {
		return v.signal(Outcome{Ending: Fault, Err: v.trouble})
	}
	s := hw.Signal{Lamp: hw.LampIdle, Lines: idleText[v.Language]}
	if v.order.card == 0 {
		s.Lines[1] = v.order.String() // who is next should know
	}
	return s
}

// signal is what the passenger is shown of an outcome. Nothing of it depends on
// anything else.
func (v *Validator) signal(o Outcome) hw.Signal {
	if v.paused {
		return v.idle()
	}
	d := &o.Decision
	s := hw.Signal{Took: o.Took}
	s.Lamp, s.Tone = lights(o.Ending, d.Reason)
	if o.Ending > Refused {
		s.Lines = endingTexts[o.Ending][v.Language]
		return s
	}
	s.Lines = reasonTexts[d.Reason][v.Language]
	if day, is := dayTexts[d.Reason]; is && d.Source == cardlayout.ByDayTrips {
		s.Lines = day[v.Language]
	}
	if o.Event.Card == 0 {
		return s // nothing is known of the card's money
	}
	s.Balance = euros(d.After.Purse)
	if d.Paid > 0 {
		s.Charge = euros(d.Paid)
	}
	if o.Ending == Accepted && d.Persons > 1 && s.Lines[1] == "" {
		s.Lines[1] = fmt.Sprintf(personsText[v.Language], d.Persons)
	}
	if s.Lines[1] == "" && o.Ending == Accepted {
		s.Lines[1] = v.loaded(&o.Event)
	}
	if o.Ending == Accepted || d.Reason == fare.AlreadyStamped {
		s.Until = until(d)
	}
	return s
}

// loaded tells of the latest of the actions that were done.
func (v *Validator) loaded(e *Event) (text string) {
	for _, p := range e.Actions {
		if p.Left != 0 {
			continue
		}
		text = loadedText[v.Language][p.Kind]
		if p.Kind == fare.ValueAction {
			text = fmt.Sprintf(text, euros(e.Loaded()))
		}
	}
	return text
}

// lights are the lamp and tone of an ending.
func lights(e Ending, r fare.Reason) (hw.Lamp, hw.Tone) {
	switch {
	case e == Accepted:
		return hw.LampGreen, hw.ToneHigh
	case e == Fault:
		return hw.LampBlue, hw.ToneLow
	case e != Refused || r == fare.AlreadyStamped:
		return hw.LampYellow, hw.ToneTwice
	case r == fare.Blocked:
		return hw.LampRed, hw.ToneAlarm
	}
	return hw.LampRed, hw.ToneLow
}

// euros writes an amount as it is written in Finland.
func euros(c cardlayout.Cents) string { return strings.Replace(c.String(), ".", ",", 1) + " €" }

// until writes the end of a transfer right as a time, that of a season as a date, and
// that of a day ticket as both.
func until(d *fare.Decision) string {
	year, month, day := d.Until.Day.Date()
	switch {
	case d.Until == cardlayout.Stamp{}:
		return ""
	case d.Source == cardlayout.BySeason:
		return fmt.Sprintf("%d.%d.%d", day, month, year)
	case d.Source == cardlayout.ByDayTrips:
		return fmt.Sprintf("%d.%d. %s", day, month, d.Until.Clock())
	}
	return d.Until.Clock()
}
