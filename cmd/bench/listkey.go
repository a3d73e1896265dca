package main

import (
	"crypto/ed25519"
	"crypto/rand"

	"leima/validator/lists/bundle"
)

type listKeyCommands struct {
	New  listKeyNewCommand  `cmd:"" help:"Write a new key."`
	Show listKeyShowCommand `cmd:"" help:"Show the public key that validators pin."`
}

type listKeyNewCommand struct {
	File string `arg:"" help:"The key file to be made."`
}

func (*listKeyNewCommand) examples() string { return "bench list key new lists.pem" }

func (*listKeyNewCommand) Help() string {
	return `The key is one of Ed25519, in PKCS #8 and PEM. The file's mode is 0600: with it one
can block every card. Keep it off the buses, and a copy in a safe.`
}

func (c *listKeyNewCommand) Run(b *bench) error {
	err := writeKey(c.File, func() (any, error) {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	})
	if err == nil {
		b.say("%s: a new key; bench list key show says its public half, to be pinned", c.File)
	}
	return err
}

type listKeyShowCommand struct {
	File string `arg:"" help:"The key file."`
}

func (*listKeyShowCommand) examples() string { return "bench list key show lists.pem" }

func (*listKeyShowCommand) Help() string {
	return `What is shown belongs into the configuration of every validator:

    [block_list]
    keys = ["…"]

    [action_list]
    keys = ["…"]

The two may have separate keys: with that of action lists one can make money.

To roll a key, pin the next one beside it everywhere, sign with the next, and then take
the former out.`
}

func (c *listKeyShowCommand) Run(b *bench) error {
	key, err := signingKey(c.File)
	if err == nil {
		b.say("%v", bundle.Public(key))
	}
	return err
}

// signingKey reads a key.
func signingKey(path string) (ed25519.PrivateKey, error) {
	return readKey[ed25519.PrivateKey](path, "Ed25519", "bench list key new")
}
