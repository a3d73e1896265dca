package main

import (
	"bytes"
	"crypto/rand"
	"io"

	"leima/cmd/internal/keyfile"
)

type keysCommands struct {
	New keysNewCommand `cmd:"" help:"Write a key file with new keys."`
}

type keysNewCommand struct {
	File string `arg:"" help:"The key file to be made."`
}

func (*keysNewCommand) examples() string { return "bench keys new keys.toml" }

// Help implements kong.HelpProvider.
func (*keysNewCommand) Help() string {
	return `Every key is drawn at random. The file's mode is 0600, and it is never one that is
there already: cards whose keys are lost can never be changed again.`
}

// Run makes the file.
func (c *keysNewCommand) Run(b *bench) error {
	if err := absent(c.File, "choose another name"); err != nil {
		return err
	}
	var text bytes.Buffer
	if err := keyfile.Template(&text, rand.Reader); err != nil {
		return err
	}
	if err := replace(c.File, 0o600, writeString(text.String())); err != nil {
		return err
	}
	b.say("%s: new keys; set system and aid before the first card is made", c.File)
	return nil
}

func writeString(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}
