package main

import (
	"errors"

	"leima/cmd/internal/keyring"
	"leima/hw/token"
)

// keysTokenCommand loads a bus's keys into a token.
type keysTokenCommand struct {
	opened

	Token string `required:"" placeholder:"URI" help:"The token, as RFC 7512 has it."`
}

func (*keysTokenCommand) examples() string {
	return `bench keys token bus.toml --token "pkcs11:token=bus-9?module-path=/usr/lib/libx.so"`
}

func (*keysTokenCommand) Help() string {
	return `Puts the keys that a bus needs of a key file onto a token, in the place of those that
are there: from then on they do not come out of it. The token must have been made ready with
its own tools, and know AES-CMAC. Its PIN is in a file of mode 0600, which the URI names as
pin-source=file:PATH, or in systemd's credential leima-pin. The configuration of a validator
or console then says keys = "pkcs11:…" with the same URI; the key file goes into the safe.
Do it again after each roll.`
}

func (c *keysTokenCommand) Run(b *bench) (err error) {
	keys, err := keySource(c.File, c.Passphrase, false).Read()
	if err != nil {
		return mistake(err)
	}
	t, err := keyring.OpenToken(c.Token, func(name string) string { return name })
	if errors.Is(err, token.ErrToken) {
		return err
	}
	if err != nil {
		return mistake(err)
	}
	if err := errors.Join(keyring.Load(t, &keys), t.Close()); err != nil {
		return err
	}
	b.say("the token has the keys of generation %d of system %q", keys.Version, keys.Scheme.System)
	return nil
}
