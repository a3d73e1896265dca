package main

import (
	"crypto/rand"
	"errors"
	"io"

	"leima/cmd/internal/keyfile"
	"leima/cmd/internal/keyring"
	"leima/hw/disk"
)

type keysCommands struct {
	New  keysNewCommand  `cmd:"" help:"Write a key file with new keys."`
	Show keysShowCommand `cmd:"" help:"Check a key file, and say what it is, without its keys."`
	Bus  keysBusCommand  `cmd:"" help:"Write the part of a key file that a bus needs."`
	Roll keysRollCommand `cmd:"" help:"Write a key file with the next keys of a bus."`
	Seal keysSealCommand `cmd:"" help:"Seal a key file with a passphrase."`
	Open keysOpenCommand `cmd:"" help:"Write a sealed key file as it was before."`

	Token keysTokenCommand `cmd:"" help:"Put the keys of a bus onto a token."`
	Test  keysTestCommand  `cmd:"" help:"Write the test keys into a key file that says so."`
}

type keysNewCommand struct {
	File string `arg:"" help:"The key file to be made."`
}

func (*keysNewCommand) examples() string { return "bench keys new keys.toml" }

func (*keysNewCommand) Help() string {
	return `Every key is drawn at random. The file's mode is 0600, and it is never one that is
there already: cards whose keys are lost can never be changed again.`
}

func (c *keysNewCommand) Run(b *bench) error {
	err := newKeyFile(c.File, func(w io.Writer) error {
		return keyfile.Template(w, rand.Reader)
	})
	if err == nil {
		b.say("%s: new keys; set system and aid before the first card is made", c.File)
	}
	return err
}

// newKeyFile writes a key file that does not exist yet.
func newKeyFile(path string, write func(io.Writer) error) error {
	if err := absent(path, anotherName); err != nil {
		return err
	}
	return replace(path, 0o600, write)
}

// opened is an existing key file, sealed or not.
type opened struct {
	File string `arg:"" help:"The key file."`

	Passphrase string `placeholder:"FILE" help:"File of it; else LEIMA_PASSPHRASE."`
}

// text is the unsealed text of the file, and its passphrase; nil if it is not sealed.
func (f *opened) text() (text, passphrase []byte, err error) {
	text, passphrase, err = keyfile.Text(f.File, f.Passphrase)
	if err != nil {
		err = mistake(err)
	}
	return text, passphrase, err
}

type keysShowCommand struct{ opened }

func (*keysShowCommand) examples() string { return "bench keys show keys.toml" }

func (c *keysShowCommand) Run(b *bench) error {
	text, passphrase, err := c.text()
	if err != nil {
		return err
	}
	is, err := keyfile.Describe(c.File, text)
	if err != nil {
		return mistake(err)
	}
	part, sealed := "for a bus", "not sealed"
	if is.Test {
		b.remark("%s", keyring.Warning)
	}
	if is.Issuer {
		part = "with the issuer's part"
	}
	if passphrase != nil {
		sealed = "sealed"
	}
	b.say("%s: system %q, application %X, generation %d, %d transport keys, %d pairs of rights "+
		"keys, %s, %s", c.File, is.Scheme.System, is.Scheme.AID, is.Version, is.Transports,
		is.Rights, part, sealed)
	return nil
}

// made is a key file made from another. It is sealed if that is.
type made struct {
	opened

	Out string `required:"" placeholder:"FILE" help:"The key file to be made."`
}

func (m *made) make(of func(name string, text []byte) ([]byte, error)) error {
	text, passphrase, err := m.text()
	if err != nil {
		return err
	}
	text, err = of(m.File, text)
	if err == nil && passphrase != nil {
		text, err = keyfile.Seal(m.File, text, passphrase, rand.Reader)
	}
	if err != nil {
		return mistake(err)
	}
	return newKeyFile(m.Out, disk.Bytes(text))
}

type keysBusCommand struct{ made }

func (*keysBusCommand) examples() string { return "bench keys bus keys.toml --out bus.toml" }

func (*keysBusCommand) Help() string {
	return `With a bus's part one can neither read a name nor make a card. The file is sealed with
the same passphrase if the first one is.`
}

func (c *keysBusCommand) Run(b *bench) error {
	err := c.make(keyfile.Bus)
	if err == nil {
		b.say("%s: what a bus needs of %s", c.Out, c.File)
	}
	return err
}

type keysRollCommand struct{ made }

func (*keysRollCommand) examples() string { return "bench keys roll keys.toml --out next.toml" }

func (*keysRollCommand) Help() string {
	return `The transport key of the file and its keys of the rights become the former ones, and new
ones are drawn: cards of both generations travel, and those of the one before the former
no longer do. Send the bus part of the new file to every bus first; only then issue cards
with it, and write them at service points. bench rekey gives an issued card the new keys:
all cards should have them before the next roll. The pepper of the drivers' PINs stays, and a
file without one gets one. The file is sealed with the same
passphrase if the first one is.`
}

func (c *keysRollCommand) Run(b *bench) error {
	err := c.make(func(name string, text []byte) ([]byte, error) {
		return keyfile.Roll(name, text, rand.Reader)
	})
	if err == nil {
		b.say("%s: new transport and rights keys; those of %s are the former ones now", c.Out,
			c.File)
	}
	return err
}

type keysSealCommand struct {
	File string `arg:"" help:"The key file."`

	Out        string `required:"" placeholder:"FILE" help:"The sealed key file to be made."`
	Passphrase string `placeholder:"FILE" help:"File of it; else LEIMA_PASSPHRASE."`
}

func (*keysSealCommand) examples() string {
	return "bench keys seal bus.toml --passphrase passphrase.txt --out bus.sealed"
}

func (*keysSealCommand) Help() string {
	return `Every command and every validator takes the sealed file as it takes the other, if it
finds the passphrase: in the file that LEIMA_PASSPHRASE names, or as the credential
leima-passphrase of systemd. Only the passphrase's owner may read its file. Without
the passphrase the keys are lost: keep both in the safe.`
}

func (c *keysSealCommand) Run(b *bench) error {
	text, sealed, err := keyfile.Text(c.File, c.Passphrase)
	if err != nil {
		return mistake(err)
	}
	if sealed != nil {
		return mistake(errors.New(c.File + " is sealed already"))
	}
	passphrase, err := keyfile.Passphrase(c.Passphrase)
	if err != nil {
		return mistake(err)
	}
	text, err = keyfile.Seal(c.File, text, passphrase, rand.Reader)
	if err != nil {
		return mistake(err)
	}
	if err = newKeyFile(c.Out, disk.Bytes(text)); err == nil {
		b.say("%s: sealed; %s is as it was: put it into the safe", c.Out, c.File)
	}
	return err
}

type keysOpenCommand struct{ made }

func (*keysOpenCommand) examples() string {
	return "bench keys open bus.sealed --passphrase passphrase.txt --out bus.toml"
}

func (c *keysOpenCommand) Run(b *bench) error {
	text, _, err := c.text()
	if err != nil {
		return err
	}
	if err = newKeyFile(c.Out, disk.Bytes(text)); err == nil {
		b.say("%s: the keys in plain text: keep the file secret", c.Out)
	}
	return err
}
