package hw

import "time"

// A Signal is all that a passenger is shown at once: a lamp for the eye, a tone for the ear, and
// two lines of text. Colour never carries the meaning alone: each lamp has its own shape on every
// panel, and no lamp or tone of an accepted boarding is also one of a tap that must be repeated.
type Signal struct {
	Lamp Lamp
	Tone Tone

	// Lines have at most 40 characters each: what happened, and what to do.
	Lines [2]string

	// Charge, Balance and Until are amounts and a time of day, written out for people ("2,51 €",
	// "09:30"); empty if there is none.
	Charge, Balance, Until string

	// Took is the duration of the tap, from the card found to the lamp. Zero between taps.
	Took time.Duration
}

// A Lamp is a colour and a shape.
type Lamp uint8

// The lamps of a panel.
const (
	LampIdle   Lamp = iota // white ring: waiting for a card
	LampGreen              // tick: accepted, and the card is written
	LampYellow             // hand: hold the card again, nothing is paid yet
	LampRed                // cross: this card does not pay this trip
	LampBlue               // wrench: the validator is out of service, ask the driver
)

func (l Lamp) String() string {
	return nameOf(int(l), "idle", "green", "yellow", "red", "blue")
}

// A Tone is what the panel's buzzer plays.
type Tone uint8

// The tones of a panel.
const (
	ToneNone   Tone = iota
	ToneHigh        // one high note: accepted
	ToneTwice       // two middle notes: hold the card again, nothing is paid yet
	ToneLow         // one long low note: refused
	ToneAlarm       // five beeps: a blocked card, for the driver's ear too
	ToneRising      // a middle note and a high one: accepted before, nothing was charged
	ToneDone        // one middle note: an order of the driver is done, without a boarding
)

func (t Tone) String() string {
	return nameOf(int(t), "none", "high", "twice", "low", "alarm", "rising", "done")
}

func nameOf(i int, names ...string) string {
	if i < 0 || i >= len(names) {
		return "unknown"
	}
	return names[i]
}
