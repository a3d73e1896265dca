package api

import (
	"strings"

	"leima/fare"
)

// errNumber refuses a card's number in a text that many can read.
var errNumber error = fare.Say("a card's number stands in the text: leave it out; what " +
	"was said is kept with the card that it is about")

// free are the texts that a driver writes freely. Of a payment it is the part after the reference
// which may have as many digits as a card's number.
func (c *Command) free() (texts []string) {
	if c.Mark != nil {
		texts = append(texts, c.Mark.Said)
	}
	if c.Move != nil {
		texts = append(texts, c.Move.Line, c.Move.Stop)
	}
	if c.Load != nil && c.Load.Funding != nil {
		_, message, _ := strings.Cut(c.Load.Funding.Reference, " / ")
		texts = append(texts, message)
	}
	return texts
}
