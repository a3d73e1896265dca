package validator

import (
	"fmt"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
	"leima/hw"
	"leima/validator/messages"
)

// idle is what the panel shows between taps.
func (v *Validator) idle() hw.Signal {
	l := v.Language
	if v.paused {
		return hw.Signal{Lamp: hw.LampBlue, Lines: [2]string{
			l.Text("display.paused"),
			l.Text("do.ask"),
		}}
	}
	if v.trouble != nil {
		return v.signal(Outcome{Ending: Fault, Err: v.trouble})
	}
	s := hw.Signal{Lamp: hw.LampIdle, Lines: [2]string{l.Text("display.idle")}}
	s.Lines[1] = v.terminal().Asked(l) // who is next should know
	return s
}

// remedies are the second line: what to do.
var remedies = map[fare.Reason]string{
	fare.NotOurs: "do.travel card", fare.Forged: "do.ask", fare.Malformed: "do.show",
	fare.UnknownVersion: "do.show", fare.Blocked: "do.service point", fare.Expired: "do.renew",
	fare.AlreadyStamped: "do.charged", fare.PartyRefused: "do.ask", fare.NoFare: "do.ask",
	fare.TooMany: "do.several", fare.BalanceLow: "do.load", fare.NotLoaded: "do.ask",
}

// remediesAtLast are the remedies of endings without a decision.
var remediesAtLast = map[Ending]string{
	TryAgain: "do.hold", Uncertain: "do.same card", Fault: "do.other reader",
}

// signal is what the panel shows of an outcome.
func (v *Validator) signal(o Outcome) hw.Signal {
	if v.paused {
		return v.idle()
	}
	d, l := &o.Decision, v.Language
	s := hw.Signal{Took: o.Took}
	s.Lamp, s.Tone = lights(o.Ending, d.Reason)
	if o.Ending > Refused {
		s.Lines = [2]string{l.Term("ending", o.Ending), l.Text(remediesAtLast[o.Ending])}
		return s
	}
	s.Lines = [2]string{l.Term("reason", d.Reason), l.Text(remedies[d.Reason])}
	if d.Source == cardlayout.ByDayTrips && messages.Has("day."+d.Reason.String()) {
		s.Lines[0] = l.Term("day", d.Reason)
	}
	if o.Event.Card == 0 {
		return s // the card's purse is not known
	}
	s.Balance = messages.Euros(d.After.Purse)
	if d.Paid > 0 {
		s.Charge = messages.Euros(d.Paid)
	}
	if o.Ending == Accepted && d.Persons > 1 && s.Lines[1] == "" {
		s.Lines[1] = l.Count(int(d.Persons), "person")
	}
	if s.Lines[1] == "" && o.Ending == Accepted {
		s.Lines[1] = v.loaded(&o.Event)
	}
	if o.Ending == Accepted || d.Reason == fare.AlreadyStamped {
		s.Until = until(d)
	}
	return s
}

// loaded names the last action that was done.
func (v *Validator) loaded(e *Event) (text string) {
	for _, p := range e.Actions {
		switch {
		case p.Status != 0:
		case p.Kind == sale.ValueAction:
			text = v.Language.Text("picked.value", messages.Euros(e.ValueAdded()))
		default:
			text = v.Language.Term("picked", p.Kind)
		}
	}
	return text
}

// Lights are the lamp and tone of the outcome.
func (o *Outcome) Lights() (hw.Lamp, hw.Tone) { return lights(o.Ending, o.Decision.Reason) }

// lights are the lamp and tone of an ending.
func lights(e Ending, r fare.Reason) (hw.Lamp, hw.Tone) {
	switch {
	case e == Accepted && r == fare.Checked:
		return hw.LampIdle, hw.ToneNone // nothing was done to the card
	case e == Accepted && !r.Accept():
		return hw.LampGreen, hw.ToneDone
	case e == Accepted:
		return hw.LampGreen, hw.ToneHigh
	case e == Fault:
		return hw.LampBlue, hw.ToneLow
	case e != Refused:
		return hw.LampYellow, hw.ToneTwice
	case r == fare.AlreadyStamped:
		return hw.LampGreen, hw.ToneRising // its holder has paid
	case r == fare.Blocked:
		return hw.LampRed, hw.ToneAlarm
	}
	return hw.LampRed, hw.ToneLow
}

// until writes the end of a transfer right as a time, of a season as a date, of a day ticket as
// both.
func until(d *Decision) string {
	switch {
	case d.Until == cardlayout.Stamp{}:
		return ""
	case d.Source == cardlayout.BySeason:
		return messages.Date(d.Until.Day)
	case d.Source == cardlayout.ByDayTrips:
		_, month, day := d.Until.Day.Date()
		return fmt.Sprintf("%d.%d. %s", day, month, d.Until.Clock())
	}
	return d.Until.Clock()
}
