package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"leima/cmd/internal/keyfile"
	"leima/cmd/internal/keyring"
	"leima/cmd/internal/persons"
	"leima/cmd/internal/private"
	"leima/cmd/internal/program"
	"leima/hw/token"
	"leima/validator/console"
	"leima/validator/signon"
)

// drivers is the register of those who may sign on.
func drivers(path string) *persons.File {
	return &persons.File{
		Path: path, Table: "driver", Roles: console.Roles, Command: "console driver add",
	}
}

// ReadDrivers reads a register and checks it: each of its PINs was hashed with the pepper.
func ReadDrivers(path string, pepper signon.Pepper) ([]signon.Person, error) {
	return drivers(path).Read(pepper)
}

// An Adding adds a driver to the register.
type Adding struct {
	Drivers string `help:"The register, in TOML." required:"" placeholder:"FILE"`
	Number  uint32 `help:"The driver's number." required:""`
	Role    string `help:"${enum}." default:"driver" enum:"driver,inspector,provider"`
	PINFile string `help:"File with the PIN, which else is asked for." name:"pin-file"`

	Keys       string `help:"The console's key file, or test." default:"test" placeholder:"FILE"`
	Passphrase string `help:"File that opens a sealed key file." placeholder:"FILE"`
}

// Add adds the driver, in place of an entry with the same number.
func (a *Adding) Add(ctx context.Context, stdin io.Reader, stdout io.Writer,
	random io.Reader,
) error {
	pepper, err := pepperOf(a.Keys, a.Passphrase)
	if err != nil {
		return program.Usage(err)
	}
	pin, err := persons.PIN(ctx, a.PINFile, stdin, stdout)
	if err != nil {
		return program.Usage(err)
	}
	err = drivers(a.Drivers).Add(a.Number, signon.Role(a.Role), pin, pepper, random)
	if err == nil {
		fmt.Fprintf(stdout, "%s %d may sign on\n", a.Role, a.Number)
	}
	if err == nil && !keyring.IsTestKeys(a.Keys) {
		err = private.Give(a.Drivers, a.Keys)
	}
	return err
}

var testPepper = signon.Pepper(keyfile.TestPepper[:])

// pepperOf is the pepper of a key file, or that of the test keys. A token has none: the
// configuration's pepper then names a key file.
func pepperOf(keys, passphrase string) (signon.Pepper, error) {
	switch {
	case keyring.IsTestKeys(keys):
		return testPepper, nil
	case strings.HasPrefix(keys, token.Scheme):
		return nil, errors.New("pepper is missing: with a token, want the key file that has the " +
			"PINs' pepper, sealed, which else is not needed here")
	}
	return keyfile.Pepper(keys, passphrase)
}
