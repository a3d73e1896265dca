package emu

import (
	"fmt"
	"io"
)

// Format implements fmt.Formatter for every verb.
func (key) Format(s fmt.State, _ rune) { redact(s) }

func redact(s fmt.State) { _, _ = io.WriteString(s, "REDACTED") }

// Format implements fmt.Formatter for a key on its way to or from an image.
func (keyImage) Format(s fmt.State, _ rune) { redact(s) }

// String names the card without its key.
func (c Config) String() string { return fmt.Sprintf("emu.Config{%X, REDACTED}", c.UID) }

// GoString does the same for %#v.
func (c Config) GoString() string { return c.String() }

// Format does the same for every other verb.
func (c Config) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, c.String()) }

// String names the card without its memory.
func (c *Card) String() string { return fmt.Sprintf("emu.Card{%X, REDACTED}", c.uid) }

// GoString does the same for %#v.
func (c *Card) GoString() string { return c.String() }

// Format does the same for every other verb.
func (c *Card) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, c.String()) }

// Format keeps a contact from printing its card.
func (k *Contact) Format(s fmt.State, _ rune) { _, _ = fmt.Fprintf(s, "emu.Contact{%v}", k.card) }

// Format keeps a reader from printing its card.
func (*Field) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, "emu.Field") }

// Format implements fmt.Formatter: a session holds keys.
func (*ev2) Format(s fmt.State, _ rune) { redact(s) }

// Format implements fmt.Formatter: a session holds keys.
func (*ev1) Format(s fmt.State, _ rune) { redact(s) }

// Format implements fmt.Formatter: a session holds keys.
func (*d40) Format(s fmt.State, _ rune) { redact(s) }

// Format implements fmt.Formatter: a prepared key is still a key.
func (*cmacKey) Format(s fmt.State, _ rune) { redact(s) }
