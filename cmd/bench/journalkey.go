package main

import (
	"crypto/ecdh"
	"crypto/rand"

	"leima/validator/journal"
	"leima/validator/sim"
)

type journalKeyCommands struct {
	New  journalKeyNewCommand  `cmd:"" help:"Write a new private key of the back office."`
	Show journalKeyShowCommand `cmd:"" help:"Show the public key that devices seal to."`
}

type journalKeyNewCommand struct {
	File string `arg:"" help:"The key file to be made."`
}

func (*journalKeyNewCommand) examples() string { return "bench journal key new office.pem" }

func (*journalKeyNewCommand) Help() string {
	return `The key is one of X25519, in PKCS #8 and PEM. The file's mode is 0600: with it one
can read who has travelled when. Keep it off the buses, and a copy in a safe: without it the
cards in a journal cannot be identified any more.`
}

func (c *journalKeyNewCommand) Run(b *bench) error {
	err := writeKey(c.File, func() (any, error) { return ecdh.X25519().GenerateKey(rand.Reader) })
	if err == nil {
		b.say("%s: a new key; bench journal key show says what devices seal to", c.File)
	}
	return err
}

type journalKeyShowCommand struct {
	File string `arg:"" help:"The key file."`
}

func (*journalKeyShowCommand) examples() string { return "bench journal key show office.pem" }

func (*journalKeyShowCommand) Help() string {
	return `What is shown belongs into the configuration of every validator and console:

    back_office = "…"

To roll the key, give the devices the next one and keep the former: a journal is read with
--office for each of the two.`
}

func (c *journalKeyShowCommand) Run(b *bench) error {
	key, err := backOfficeKey(c.File)
	if err == nil {
		b.say("%v", journal.BackOfficePublic(key))
	}
	return err
}

// backOfficeKey reads a key.
func backOfficeKey(path string) (*ecdh.PrivateKey, error) {
	return readKey[*ecdh.PrivateKey](path, "X25519", "bench journal key new")
}

// backOfficeKeys are the files of the back office's private keys.
type backOfficeKeys []string

// read returns the back office with these keys, and the test key.
func (o backOfficeKeys) read() (*journal.BackOffice, error) {
	keys := []*ecdh.PrivateKey{sim.TestBackOffice()}
	for _, path := range o {
		key, err := backOfficeKey(path)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return journal.NewBackOffice(keys...)
}
