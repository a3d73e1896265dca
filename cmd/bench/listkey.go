package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"

	"leima/blocklist/bundle"
)

type listKeyCommands struct {
	New  listKeyNewCommand  `cmd:"" help:"Write a new key."`
	Show listKeyShowCommand `cmd:"" help:"Show the public key that validators pin."`
}

type listKeyNewCommand struct {
	File string `arg:"" help:"The key file to be made."`
}

func (*listKeyNewCommand) examples() string { return "bench list key new lists.pem" }

// Help implements kong.HelpProvider.
func (*listKeyNewCommand) Help() string {
	return `The key is one of Ed25519, in PKCS #8 and PEM. The file's mode is 0600: whoever has it
can block every card. Keep it off the buses, and a copy in a safe.`
}

// pemType is what RFC 5958 names a private key.
const pemType = "PRIVATE KEY"

// Run makes the file.
func (c *listKeyNewCommand) Run(b *bench) error {
	if err := absent(c.File, "choose another name"); err != nil {
		return err
	}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	err = replace(c.File, 0o600, func(w io.Writer) error {
		return pem.Encode(w, &pem.Block{Type: pemType, Bytes: raw})
	})
	if err == nil {
		b.say("%s: a new key; bench list key show says what to pin in the validators", c.File)
	}
	return err
}

type listKeyShowCommand struct {
	File string `arg:"" help:"The key file."`
}

func (*listKeyShowCommand) examples() string { return "bench list key show lists.pem" }

// Help implements kong.HelpProvider.
func (*listKeyShowCommand) Help() string {
	return `What is shown belongs into the configuration of every validator:

    [block_list]
    keys = ["…"]

    [action_list]
    keys = ["…"]

The two may have keys of their own: whoever signs action lists can make money.

To roll a key, pin the next one beside it everywhere, sign with the next, and then take
the former out.`
}

// Run shows the public key.
func (c *listKeyShowCommand) Run(b *bench) error {
	key, err := signingKey(c.File)
	if err == nil {
		b.say("%v", bundle.Public(key))
	}
	return err
}

// signingKey reads a key. No error tells any of it.
func signingKey(path string) (ed25519.PrivateKey, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	if mode := info.Mode().Perm(); info.Mode().IsRegular() && mode&0o077 != 0 {
		return nil, fmt.Errorf("%s may be read or changed by others than its owner (mode %04o): "+
			"chmod 600 %s", path, mode, path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	none := mistake(errors.New(path + " is no key of Ed25519 in PEM: make one with " +
		"bench list key new"))
	block, _ := pem.Decode(text)
	if block == nil || block.Type != pemType {
		return nil, none
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, none
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, none
	}
	return key, nil
}
