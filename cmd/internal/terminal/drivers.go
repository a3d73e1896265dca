package terminal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"leima/cmd/internal/keyfile"
	"leima/cmd/internal/keyring"
	"leima/cmd/internal/private"
	"leima/cmd/internal/program"
	"leima/cmd/internal/settings"
	"leima/cmd/internal/text"
	"leima/hw/disk"
	"leima/hw/token"
	"leima/validator/console"
)

// A register is the file of those who may sign on.
type register struct {
	Drivers []console.Driver `toml:"driver"`
}

const registerHead = `# Those who may sign on at the console. "console driver add" writes it;
# of a PIN only what PBKDF2 and HMAC-SHA-256 with the pepper of the key file make of it
# stands here.

`

// ReadDrivers reads a register and checks it: each of its PINs was hashed with the pepper.
func ReadDrivers(path string, pepper console.Pepper) ([]console.Driver, error) {
	drivers, err := decodeDrivers(path)
	if err != nil {
		return nil, err
	}
	seen := map[uint32]bool{}
	for _, d := range drivers {
		if err := d.Check(pepper); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if seen[d.Number] {
			return nil, fmt.Errorf("%s: driver %d stands there twice: keep one entry", path,
				d.Number)
		}
		seen[d.Number] = true
	}
	return drivers, nil
}

// decodeDrivers decodes a register.
func decodeDrivers(path string) ([]console.Driver, error) {
	if err := private.Trusted(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the register of drivers: %w", err)
	}
	text, err := text.Read(path)
	if err != nil {
		return nil, fmt.Errorf("reading the drivers: %w", err)
	}
	var r register
	if err := settings.Decode(path, text, &r); err != nil {
		return nil, err
	}
	return r.Drivers, nil
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
	drivers, err := decodeDrivers(a.Drivers) // an entry without a valid PIN may be replaced
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return program.Usage(err)
	}
	pepper, err := pepperOf(a.Keys, a.Passphrase)
	if err != nil {
		return program.Usage(err)
	}
	pin, err := a.pin(ctx, stdin, stdout)
	if err != nil {
		return program.Usage(err)
	}
	driver, err := console.NewDriver(a.Number, console.Role(a.Role), pin, pepper, random)
	if err != nil {
		return program.Usage(err)
	}
	drivers = slices.DeleteFunc(drivers, func(d console.Driver) bool {
		return d.Number == a.Number
	})
	text, err := toml.Marshal(register{append(drivers, driver)})
	if err != nil {
		return err
	}
	text = append([]byte(registerHead), text...)
	if err := disk.Sync.Replace(a.Drivers, 0o600, disk.Bytes(text)); err != nil {
		return fmt.Errorf("writing the register: %w", err)
	}
	if !keyring.IsTestKeys(a.Keys) {
		if err := private.Give(a.Drivers, a.Keys); err != nil {
			return fmt.Errorf("giving the register to the owner of %s: %w", a.Keys, err)
		}
	}
	fmt.Fprintf(stdout, "%s %d may sign on\n", a.Role, a.Number)
	return nil
}

var testPepper = console.Pepper(keyfile.TestPepper[:])

// pepperOf is the pepper of a key file, or that of the test keys. A token has none: the
// configuration's pepper then names a key file.
func pepperOf(keys, passphrase string) (console.Pepper, error) {
	switch {
	case keyring.IsTestKeys(keys):
		return testPepper, nil
	case strings.HasPrefix(keys, token.Scheme):
		return nil, errors.New("pepper is missing: with a token, want the key file that has the " +
			"PINs' pepper, sealed, which else is not needed here")
	}
	return keyfile.Pepper(keys, passphrase)
}

// pin reads the PIN from its file, or asks for it.
func (a *Adding) pin(ctx context.Context, stdin io.Reader, stdout io.Writer) (string, error) {
	if a.PINFile != "" {
		text, err := text.Read(a.PINFile)
		if err != nil {
			return "", fmt.Errorf("reading the PIN: %w", err)
		}
		return strings.TrimSpace(string(text)), nil
	}
	fmt.Fprint(stdout, "PIN: ")
	restore := blind(stdin)
	defer fmt.Fprintln(stdout)
	defer restore()
	typed := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(stdin).ReadString('\n') // an empty PIN is too short
		typed <- strings.TrimSpace(line)
	}()
	select {
	case line := <-typed:
		return line, nil
	case <-ctx.Done():
		return "", errors.New("no PIN was typed, and no driver was added")
	}
}
