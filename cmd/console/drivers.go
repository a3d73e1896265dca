package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"leima/cmd/internal/private"
	"leima/cmd/internal/program"
	"leima/cmd/internal/settings"
	"leima/cmd/internal/text"
	"leima/validator/console"
)

// A register is the file of those who may sign on.
type register struct {
	Drivers []console.Driver `toml:"driver"`
}

const registerHead = `# Those who may sign on at the console. "console driver add" writes it;
# of a PIN only what PBKDF2 with HMAC-SHA-256 makes of it stands here.

`

// readDrivers reads a register and checks it.
func readDrivers(path string) ([]console.Driver, error) {
	if err := private.Trusted(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the register of drivers: %w", err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the drivers: %w", err)
	}
	var r register
	if err := settings.Decode(path, text, &r); err != nil {
		return nil, err
	}
	seen := map[uint32]bool{}
	for _, d := range r.Drivers {
		if err := d.Check(); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if seen[d.Number] {
			return nil, fmt.Errorf("%s: driver %d stands there twice: remove one", path, d.Number)
		}
		seen[d.Number] = true
	}
	return r.Drivers, nil
}

// add puts somebody into the register, in the place of an entry of the same number.
func (a *adding) add(ctx context.Context, stdin io.Reader, stdout io.Writer,
	random io.Reader,
) error {
	drivers, err := readDrivers(a.Drivers)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return program.Usage(err)
	}
	pin, err := a.pin(ctx, stdin, stdout)
	if err != nil {
		return program.Usage(err)
	}
	driver, err := console.NewDriver(a.Number, console.Role(a.Role), pin, random)
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
	if err := replace(a.Drivers, append([]byte(registerHead), text...)); err != nil {
		return fmt.Errorf("writing the register: %w", err)
	}
	fmt.Fprintf(stdout, "%s %d may sign on\n", a.Role, a.Number)
	return nil
}

// replace writes a file anew, which only its owner may read, at once or not at all.
func replace(path string, text []byte) error {
	file, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	folder, err := os.Open(filepath.Dir(path)) // else a power cut could undo the rename
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// pin reads the PIN from its file, or asks for it.
func (a *adding) pin(ctx context.Context, stdin io.Reader, stdout io.Writer) (string, error) {
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
		line, _ := bufio.NewReader(stdin).ReadString('\n') // none is a PIN that is too short
		typed <- strings.TrimSpace(line)
	}()
	select {
	case line := <-typed:
		return line, nil
	case <-ctx.Done():
		return "", errors.New("no PIN was typed, and nobody was added")
	}
}
