package main

import (
	"io"

	"leima/cmd/internal/keyfile"
	"leima/cmd/internal/keyring"
	"leima/validator/sim"
)

// keysTestCommand writes the test keys into a key file.
type keysTestCommand struct {
	File string `arg:"" help:"The key file to be made."`
}

func (*keysTestCommand) examples() string { return "bench keys test test.toml" }

func (*keysTestCommand) Help() string {
	return `Everybody has the test keys. Without a key file the programs use them on emulated cards
alone; with this file, which says what it is, they use them on a real reader too, and say
so at each start. For a bench, and never for passengers' cards.`
}

func (c *keysTestCommand) Run(b *bench) error {
	err := newKeyFile(c.File, func(w io.Writer) error { return keyfile.Write(w, sim.TestKeys()) })
	if err == nil {
		b.say("%s: %s", c.File, keyring.Warning)
	}
	return err
}
