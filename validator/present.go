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

// Languages are those of the panel.
var Languages = []Language{Finnish, Swedish, English}

// The languages of the panel.
const (
	Finnish Language = "fi"
	Swedish Language = "sv"
	English Language = "en"
)

// idle is what the panel shows between taps.
func (v *Validator) idle() hw.Signal {
	if v.paused {
		return hw.Signal{Lamp: hw.LampBlue, Lines: pausedText[v.Language]}
	}
	if v.trouble != nil {
		return v.signal(Outcome{Ending: Fault, Err: v.trouble})
	}
	s := hw.Signal{Lamp: hw.LampIdle, Lines: idleText[v.Language]}
	if v.order.NextTap != (NextTap{}) && v.order.card == 0 && !v.order.stale(v.time()) {
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

// Lights are the lamp and tone of the tap.
func (o *Outcome) Lights() (hw.Lamp, hw.Tone) { return lights(o.Ending, o.Decision.Reason) }

// lights are the lamp and tone of an ending.
func lights(e Ending, r fare.Reason) (hw.Lamp, hw.Tone) {
	switch {
	case e == Accepted && r == fare.Checked:
		return hw.LampIdle, hw.ToneNone // nothing was done to the card
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
