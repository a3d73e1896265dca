package hw

import "time"

// A Signal is everything a passenger is told at once: a lamp for the eye, a tone
// for those who do not look, and two lines of text. Colour is never the only
// carrier: each lamp has its own tone and its own shape on every panel.
type Signal struct {
	Lamp Lamp
	Tone Tone

	// Lines are at most 40 characters each: what happened, and what to do.
	Lines [2]string

	// Charge, Balance and Until are amounts and a time of day, written out for
	// people ("2,51 €", "09:30"); empty where there is nothing to say.
	Charge, Balance, Until string

	// Took is how long the tap lasted, from the card found to the lamp. Zero
	// between taps.
	Took time.Duration
}

// A Lamp is the colour and shape shown.
type Lamp uint8

// The lamps of a panel.
const (
	LampIdle   Lamp = iota // white ring: waiting for a card
	LampGreen              // tick: accepted, the card carries the event
	LampYellow             // hand: hold the card again, or already stamped
	LampRed                // cross: this card does not pay this trip
	LampBlue               // wrench: the validator cannot serve, ask the driver
)

func (l Lamp) String() string {
	return nameOf(int(l), "idle", "green", "yellow", "red", "blue")
}

// A Tone is what the panel's buzzer plays.
type Tone uint8

// The tones of a panel.
const (
	ToneNone  Tone = iota
	ToneHigh       // one high note: accepted
	ToneTwice      // two middle notes: hold the card again, or already stamped
	ToneLow        // one long low note: refused
	ToneAlarm      // five beeps: a blocked card, meant for the driver too
)

func (t Tone) String() string {
	return nameOf(int(t), "none", "high", "twice", "low", "alarm")
}

func nameOf(i int, names ...string) string {
	if i < 0 || i >= len(names) {
		return "unknown"
	}
	return names[i]
}
