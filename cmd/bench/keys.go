package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"

	"leima/cmd/internal/keyfile"
)

type keysCommands struct {
	New  keysNewCommand  `cmd:"" help:"Write a key file with new keys."`
	Show keysShowCommand `cmd:"" help:"Check a key file, and say what it is, without its keys."`
	Bus  keysBusCommand  `cmd:"" help:"Write the part of a key file that a bus needs."`
	Roll keysRollCommand `cmd:"" help:"Write a key file with the next transport key."`
	Seal keysSealCommand `cmd:"" help:"Seal a key file with a passphrase."`
	Open keysOpenCommand `cmd:"" help:"Write a sealed key file as it was before."`
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

// opened is a key file that is there already, sealed or not.
type opened struct {
	File string `arg:"" help:"The key file."`

	Passphrase string `placeholder:"FILE" help:"File of it; else LEIMA_PASSPHRASE."`
}

// text is the file as it was before it was sealed, and its passphrase; nil: it is not.
func (f *opened) text() (text, passphrase []byte, err error) {
	text, passphrase, err = keyfile.Text(f.File, f.Passphrase)
	if err != nil {
		err = mistake(err)
	}
	return text, passphrase, err
}

type keysShowCommand struct{ opened }

func (*keysShowCommand) examples() string { return "bench keys show keys.toml" }

// Run shows what may be said.
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
	if is.Issuer {
		part = "with the issuer's part"
	}
	if passphrase != nil {
		sealed = "sealed"
	}
	b.say("%s: system %q, application %X, generation %d, %d transport keys, %s, %s", c.File,
		is.Scheme.System, is.Scheme.AID, is.Version, is.Transports, part, sealed)
	return nil
}

// made is a key file to be made of another. It is sealed as that one is.
type made struct {
	opened

	Out string `required:"" placeholder:"FILE" help:"The key file to be made."`
}

func (m *made) make(of func(name string, text []byte) ([]byte, error)) error {
	if err := absent(m.Out, "choose another name"); err != nil {
		return err
	}
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
	return replace(m.Out, 0o600, writeString(string(text)))
}

type keysBusCommand struct{ made }

func (*keysBusCommand) examples() string { return "bench keys bus keys.toml --out bus.toml" }

// Help implements kong.HelpProvider.
func (*keysBusCommand) Help() string {
	return `What a bus has not cannot be taken from it: with its part nobody reads a name or makes a
card. The file is sealed with the same passphrase if the first one is.`
}

// Run makes the file.
func (c *keysBusCommand) Run(b *bench) error {
	err := c.make(keyfile.Bus)
	if err == nil {
		b.say("%s: what a bus needs of %s", c.Out, c.File)
	}
	return err
}

type keysRollCommand struct{ made }

func (*keysRollCommand) examples() string { return "bench keys roll keys.toml --out next.toml" }

// Help implements kong.HelpProvider.
func (*keysRollCommand) Help() string {
	return `The transport key of the file becomes the former one, and a new one is drawn: cards of
both generations travel, and those of the one before the former no longer do. Send the
bus part of the new file to every bus first; only then issue cards with it. The file is
sealed with the same passphrase if the first one is.`
}

// Run makes the file.
func (c *keysRollCommand) Run(b *bench) error {
	err := c.make(func(name string, text []byte) ([]byte, error) {
		return keyfile.Roll(name, text, rand.Reader)
	})
	if err == nil {
		b.say("%s: a new transport key; that of %s is the former one now", c.Out, c.File)
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

// Help implements kong.HelpProvider.
func (*keysSealCommand) Help() string {
	return `Every command and every validator takes the sealed file as it takes the other, if it
finds the passphrase: in the file that LEIMA_PASSPHRASE names, or as the credential
leima-passphrase of systemd. Only the passphrase's owner may read its file. Whoever loses
the passphrase has lost the keys: keep both in the safe.`
}

// Run makes the file.
func (c *keysSealCommand) Run(b *bench) error {
	if err := absent(c.Out, "choose another name"); err != nil {
		return err
	}
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
	if err = replace(c.Out, 0o600, writeString(string(text))); err == nil {
		b.say("%s: sealed; %s is as it was: put it into the safe", c.Out, c.File)
	}
	return err
}

type keysOpenCommand struct{ made }

func (*keysOpenCommand) examples() string {
	return "bench keys open bus.sealed --passphrase passphrase.txt --out bus.toml"
}

// Run makes the file.
func (c *keysOpenCommand) Run(b *bench) error {
	if err := absent(c.Out, "choose another name"); err != nil {
		return err
	}
	text, _, err := c.text()
	if err != nil {
		return err
	}
	if err = replace(c.Out, 0o600, writeString(string(text))); err == nil {
		b.say("%s: the keys as they are: whoever reads it has them", c.Out)
	}
	return err
}
