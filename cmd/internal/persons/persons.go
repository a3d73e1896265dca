// Package persons is the file of those who may sign on at a page, and how a person's PIN gets
// there. It knows no page.
package persons

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"leima/cmd/internal/private"
	"leima/cmd/internal/program"
	"leima/cmd/internal/settings"
	"leima/cmd/internal/text"
	"leima/hw/disk"
	"leima/validator/signon"
)

// A File is a register, in TOML.
type File struct {
	Path    string
	Table   string // of each person, as "driver"
	Roles   signon.Roles
	Command string // adds a person
}

const head = `# Those who may sign on. %q writes it; of a PIN only what PBKDF2
# and HMAC-SHA-256 with a pepper that is kept elsewhere make of it stands here.

`

// Read reads a register and checks it: each of its PINs was hashed with the pepper.
func (f *File) Read(pepper signon.Pepper) ([]signon.Person, error) {
	all, err := f.decode()
	if err != nil {
		return nil, err
	}
	seen := map[uint32]bool{}
	for _, p := range all {
		if err := p.Check(f.Roles, pepper); err != nil {
			return nil, fmt.Errorf("%s: %s %w, with %s", f.Path, f.Table, err, f.Command)
		}
		if seen[p.Number] {
			return nil, fmt.Errorf("%s: %s %d stands there twice: keep one entry", f.Path,
				f.Table, p.Number)
		}
		seen[p.Number] = true
	}
	return all, nil
}

func (f *File) decode() ([]signon.Person, error) {
	if err := private.Trusted(f.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the register: %w", err)
	}
	raw, err := text.Read(f.Path)
	if err != nil {
		return nil, fmt.Errorf("reading the register: %w", err)
	}
	var tables map[string][]signon.Person
	if err := settings.Decode(f.Path, raw, &tables); err != nil {
		return nil, err
	}
	for name := range tables {
		if name != f.Table {
			return nil, fmt.Errorf("%s: [[%.20s]]: want [[%s]]", f.Path, name, f.Table)
		}
	}
	return tables[f.Table], nil
}

// Add adds a person, in place of an entry with the same number, which need not be
// valid.
func (f *File) Add(number uint32, role signon.Role, pin string, pepper signon.Pepper,
	random io.Reader,
) error {
	p, err := signon.NewPerson(number, role, pin, f.Roles, pepper, random)
	if err != nil {
		return program.Usage(err)
	}
	return f.change(func(all []signon.Person) ([]signon.Person, error) {
		all = slices.DeleteFunc(all, func(o signon.Person) bool { return o.Number == number })
		return append(all, p), nil
	})
}

// Remove removes a person.
func (f *File) Remove(number uint32) error {
	return f.change(func(all []signon.Person) ([]signon.Person, error) {
		others := slices.DeleteFunc(slices.Clone(all), func(o signon.Person) bool {
			return o.Number == number
		})
		if len(others) == len(all) {
			return nil, program.Usage(fmt.Errorf("%s: there is no %s %d", f.Path, f.Table, number))
		}
		return others, nil
	})
}

// change changes the register, which need not be there.
func (f *File) change(change func([]signon.Person) ([]signon.Person, error)) error {
	return disk.Alone(filepath.Dir(f.Path), func() error {
		all, err := f.decode()
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return program.Usage(err)
		}
		if all, err = change(all); err != nil {
			return err
		}
		return f.write(all)
	})
}

func (f *File) write(all []signon.Person) error {
	raw, err := toml.Marshal(map[string][]signon.Person{f.Table: all})
	if err != nil {
		return err
	}
	raw = append(fmt.Appendf(nil, head, f.Command), raw...)
	if err := disk.Sync.Replace(f.Path, 0o600, disk.Bytes(raw)); err != nil {
		return fmt.Errorf("writing the register: %w", err)
	}
	return nil
}

// PIN reads a PIN from its file, or asks for it if none is named: twice at a terminal, where nobody
// sees what was typed.
func PIN(ctx context.Context, file string, stdin io.Reader, stdout io.Writer) (string, error) {
	if file != "" {
		raw, err := text.Read(file)
		if err != nil {
			return "", fmt.Errorf("reading the PIN: %w", err)
		}
		return strings.TrimSpace(string(raw)), nil
	}
	restore, terminal := blind(stdin)
	defer restore()
	lines := bufio.NewReader(stdin)
	ask := func(prompt string) (string, error) {
		fmt.Fprint(stdout, prompt)
		defer fmt.Fprintln(stdout)
		return typed(ctx, lines)
	}
	pin, err := ask("PIN: ")
	if err != nil || !terminal {
		return pin, err
	}
	again, err := ask("The PIN again: ")
	if err == nil && again != pin {
		err = errors.New("the two PINs are not the same, and nobody was added: give it again")
	}
	return pin, err
}

// typed is the next line, unless the context ends first.
func typed(ctx context.Context, lines *bufio.Reader) (string, error) {
	line := make(chan string, 1)
	go func() {
		read, _ := lines.ReadString('\n') // an empty PIN is too short
		line <- strings.TrimSpace(read)
	}()
	select {
	case read := <-line:
		return read, nil
	case <-ctx.Done():
		return "", errors.New("no PIN was typed, and nobody was added")
	}
}
