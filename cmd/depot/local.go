package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"leima/cmd/internal/program"
	"leima/validator/depot"
	"leima/validator/depot/embedded"
	"leima/validator/depot/settlement"
)

// localHandler answers the other commands while the depot runs: nobody else opens its store.
func localHandler(store store, ledger *settlement.Ledger, c *config) http.Handler {
	mux := http.NewServeMux()
	answerVerifier(mux, c, ledger)
	mux.HandleFunc("GET /backup", func(w http.ResponseWriter, _ *http.Request) {
		if file, is := store.(*embedded.Store); !is {
			http.Error(w, errNoFile.Error(), http.StatusNotFound)
		} else {
			send(w, file.Backup)
		}
	})
	mux.HandleFunc("GET /settlement", func(w http.ResponseWriter, q *http.Request) {
		if ledger == nil {
			http.Error(w, errNoLedger.Error(), http.StatusNotFound)
		} else {
			send(w, func(to io.Writer) error {
				return ledger.WriteRows(q.URL.Query().Get("booked"), to)
			})
		}
	})
	mux.HandleFunc("GET /devices/{device}/journal", func(w http.ResponseWriter, q *http.Request) {
		send(w, func(to io.Writer) error {
			number, err := strconv.ParseUint(q.PathValue("device"), 10, 16)
			chain, wrong := parseChain(q.URL.Query().Get("chain"))
			if err = errors.Join(err, wrong); err == nil {
				err = export(q.Context(), store, uint16(number), chain, to)
			}
			return err
		})
	})
	return mux
}

// send answers with what is written, or with why nothing is. If it ends in the middle what has come
// is cut, and not taken for whole.
func send(w http.ResponseWriter, write func(io.Writer) error) {
	to := &counted{to: w}
	switch err := write(to); {
	case err == nil:
	case to.bytes == 0:
		http.Error(w, err.Error(), http.StatusInternalServerError)
	default:
		panic(http.ErrAbortHandler)
	}
}

// every is all chains of a device.
const every = -1

// parseChain reads the number of a chain; without one it is every.
func parseChain(written string) (chain int, err error) {
	if written == "" {
		return every, nil
	}
	number, err := strconv.ParseUint(written, 10, 8)
	return int(number), err
}

// export writes the entries of a device, those of one chain or chain by chain, as its journal
// exports them.
func export(ctx context.Context, store depot.Store, device uint16, chain int, to io.Writer) error {
	chains, err := store.Chains(ctx, device)
	if err != nil {
		return err
	}
	for _, c := range chains {
		if chain != every && chain != int(c.Number) {
			continue
		}
		next, more := c.First, true
		for more {
			b, err := store.Holding(ctx, device, c.Number, next)
			if err != nil {
				return err
			}
			for _, e := range b.Entries {
				if _, err := to.Write(e.Raw); err != nil {
					return err
				}
				next, more = e.Position+1, e.Position < c.Position // it may be the last of all
			}
		}
	}
	return nil
}

// ask has a depot that runs do something, or does it itself if none runs.
func (f folder) ask(ctx context.Context, path string, to io.Writer,
	alone func() error,
) error {
	if _, err := f.read(); err != nil {
		return err
	}
	err := over(ctx, f.file(socketFile), http.MethodGet, path, nil, to)
	if refused := (*net.OpError)(nil); errors.As(err, &refused) && refused.Op == "dial" {
		return alone()
	}
	return err
}

// over asks a depot that runs, by its socket.
func over(ctx context.Context, socket, method, path string, body io.Reader, to io.Writer) error {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}
	q, err := http.NewRequestWithContext(ctx, method, "http://depot"+path, body)
	if err != nil {
		return err
	}
	client := http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	a, err := client.Do(q)
	if errors.Is(err, fs.ErrPermission) {
		return program.Usage(fmt.Errorf("%s is for the depot's own user: run this as them, or "+
			"bring the socket here (depot verify --help): %w", socket, err))
	} else if err != nil {
		return fmt.Errorf("%w at %s: %w", errSilent, socket, err)
	}
	defer a.Body.Close()
	if a.StatusCode != http.StatusOK {
		says, _ := io.ReadAll(io.LimitReader(a.Body, 1<<10))
		return fmt.Errorf("the depot that runs answers: %s", bytes.TrimSpace(says))
	}
	if _, err = io.Copy(to, a.Body); err != nil {
		return fmt.Errorf("the depot that runs has not sent all: %w", err)
	}
	return nil
}

var errNoFile = errors.New("the depot keeps what it has in NATS: \"nats stream backup\" copies it")

// alone does something with the store, while the depot does not run.
func (f folder) alone(ctx context.Context, do func(store) error) func() error {
	return func() error {
		c, err := f.read()
		if err != nil {
			return err
		}
		if _, err := os.Stat(f.file(storeFile)); c.NATS.Servers == "" && err != nil {
			return fmt.Errorf("what devices have sent is not there: %w: put the last backup "+
				"there, or begin anew with \"depot serve\"", err)
		}
		store, err := f.openStore(ctx, &c, slog.New(slog.DiscardHandler), func() {})
		if err != nil {
			return err
		}
		return errors.Join(do(store), store.Close())
	}
}

type exportCommand struct {
	Folder  folder   `arg:"" help:"The depot's folder."`
	Devices []uint16 `arg:"" optional:"" help:"Their numbers; none: all of the register."`
	Chain   string   `placeholder:"N" help:"Only this chain: 0 came first, 1 has parted from it."`
}

func (c *exportCommand) run(ctx context.Context, s *stage) error {
	if _, err := c.Folder.read(); err != nil {
		return err
	}
	all, err := readRegister(c.Folder.file(registerFile))
	if err != nil {
		return program.Usage(err)
	}
	chain, err := parseChain(c.Chain)
	if err != nil {
		return program.Usage(fmt.Errorf("--chain: want the number of a chain, not %q", c.Chain))
	}
	devices := c.Devices
	if len(devices) == 0 {
		devices = slices.Sorted(maps.Keys(all))
	}
	for _, device := range devices {
		to := &counted{to: s.bytes}
		err := c.Folder.ask(ctx, fmt.Sprintf("/devices/%d/journal?chain=%s", device, c.Chain), to,
			c.Folder.alone(ctx, func(store store) error {
				return export(ctx, store, device, chain, to)
			}))
		if err != nil {
			return err
		}
		if _, known := all[device]; to.bytes == 0 && !known {
			return program.Usage(fmt.Errorf("device %d %w", device, errUnregistered))
		} else if to.bytes == 0 {
			fmt.Fprintf(s.stderr, "depot: device %d has sent nothing%s\n", device, c.of())
		}
	}
	return nil
}

// of says of which chain.
func (c *exportCommand) of() string {
	if c.Chain == "" {
		return ""
	}
	return " of chain " + c.Chain
}

// A counted writer counts what goes through it.
type counted struct {
	to    io.Writer
	bytes int
}

func (c *counted) Write(b []byte) (int, error) {
	n, err := c.to.Write(b)
	c.bytes += n
	return n, err
}

type backupCommand struct {
	Folder folder `arg:"" help:"The depot's folder."`
	To     string `arg:"" help:"The copy. It is put in the place of the store."`
}

func (c *backupCommand) run(ctx context.Context, s *stage) error {
	err := newFile(c.To, func(to io.Writer) error {
		return c.Folder.ask(ctx, "/backup", to,
			c.Folder.alone(ctx, func(store store) error {
				if file, is := store.(*embedded.Store); is {
					return file.Backup(to)
				}
				return program.Usage(errNoFile)
			}))
	})
	if err != nil {
		return err
	}
	others, err := c.Folder.others()
	if err == nil {
		s.say("%s is a copy of the store. Copy these too, without which it is of no use:", c.To)
		for _, name := range others {
			if name != filepath.Clean(c.To) {
				s.say("  %s", name)
			}
		}
	}
	return err
}

// others are the files that a depot is not restored without, beside its store. The ledger is made
// anew.
func (f folder) others() (names []string, err error) {
	c, err := f.read()
	if err != nil {
		return nil, err
	}
	all, err := os.ReadDir(string(f))
	for _, entry := range all {
		switch name := entry.Name(); name {
		case storeFile, ledgerFile, socketFile:
		default:
			names = append(names, f.file(name))
		}
	}
	named := append([]string{c.Ledger.Keys, c.Ledger.Passphrase}, c.Ledger.Office...)
	for _, name := range append(named, c.Shelf.Sign...) {
		inside := filepath.IsLocal(name) || strings.HasPrefix(name, "pkcs11:")
		if name != "" && !inside && filepath.Dir(f.path(name)) != filepath.Clean(string(f)) {
			names = append(names, f.path(name))
		}
	}
	return names, err
}
