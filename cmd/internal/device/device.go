// Package device opens the folder of a device, for all programs: the journal with its signed heads,
// the device's own key, and its log. It also holds the readers that a configuration may name, and
// the exit codes.
//
// It does not know the purpose of a device.
package device

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"

	"leima/cmd/internal/private"
	"leima/cmd/internal/program"
	"leima/cmd/internal/settings"
	"leima/cmd/internal/text"
	"leima/hw"
	"leima/validator/api"
	"leima/validator/journal"
)

// The files of every device's folder.
const (
	JournalFile = "journal"
	KeyFile     = "device.key" // the device's own key, which signs the heads of the journal
)

// A Folder is the configuration of a device's folder.
type Folder struct {
	Path   string // of the folder
	Number uint16 // of the device
	Log    string // file in the folder; empty: standard error
	Limits journal.Limits

	// BackOffice is the key with which the identity of an event's card is sealed.
	BackOffice journal.BackOfficeKey

	Depot Depot // the file of its certificate is a path

	// Bench is set if the cards are emulated: no money is lost with the journal, and the first
	// start makes it.
	Bench bool
}

// A Device is an open folder.
type Device struct {
	Journal *journal.Journal
	Log     *slog.Logger
	Link    *Link // to the depot; nil: there is none

	logFile    io.Closer
	stopUpload func()
	upload     atomic.Pointer[api.Upload]
}

func (f Folder) file(name string) string { return filepath.Join(f.Path, name) }

// Commission makes the folder of a new device, and reports it.
func (f Folder) Commission(stdout io.Writer) error {
	if err := f.commission(); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "device %d is commissioned: its journal is %s\n", f.Number,
		f.file(JournalFile))
	key, err := journal.DeviceKey(f.file(KeyFile))
	if err == nil {
		fmt.Fprintf(stdout, "bench journal verify wants its public key: %s\n",
			journal.PublicText(key))
	}
	return err
}

func (f Folder) commission() error {
	if err := private.Own(f.Path); err != nil {
		return err
	}
	if err := os.MkdirAll(f.Path, 0o700); err != nil {
		return fmt.Errorf("making the state folder %s: %w: nothing can be kept there", f.Path,
			text.Cause(err))
	}
	if err := journal.Create(f.file(JournalFile), f.Number); err != nil {
		return err
	}
	_, err := journal.DeviceKey(f.file(KeyFile))
	return err
}

// Open opens a device's folder, restricts it to its owner, and starts signing. It returns an error
// if a necessary part is missing.
func (f Folder) Open(stderr io.Writer) (d *Device, err error) {
	d = &Device{}
	defer func() {
		if err != nil {
			_ = d.Close()
		}
	}()
	if f.Bench && !journal.Exists(f.file(JournalFile)) {
		if err := f.commission(); err != nil {
			return d, err
		}
	}
	if err := private.Own(f.Path); err != nil {
		return d, err
	}
	if err := private.Close(f.Path); err != nil {
		return d, fmt.Errorf("closing the state folder to others: %w", text.Cause(err))
	}
	log := f.Log
	if log != "" {
		log = f.file(log)
	}
	if d.Log, d.logFile, err = settings.OpenLog(log, stderr); err != nil {
		return d, err
	}
	if d.Journal, err = journal.OpenWithin(f.file(JournalFile), f.Limits); err != nil {
		return d, err
	}
	if of := d.Journal.Next().Device; of != f.Number {
		return d, fmt.Errorf("the journal in %s belongs to device %d, and the configuration is "+
			"for %d: use the device's own state folder", f.Path, of, f.Number)
	}
	if err := prove(d.Journal, f.file(KeyFile), f.BackOffice, d.Log); err != nil {
		return d, err
	}
	return d, d.send(&f)
}

// Close closes all parts, the journal first, once nothing of it is sent any more.
func (d *Device) Close() error {
	var err error
	if d.stopUpload != nil {
		d.stopUpload()
	}
	if d.Journal != nil {
		err = d.Journal.Close()
	}
	if d.logFile != nil {
		err = errors.Join(err, d.logFile.Close())
	}
	return err
}

// The exit codes. A service manager restarts after all but CodeUsage, which needs a person. A panic
// ends a program with 2.
const (
	CodeOK    = 0
	CodeFault = 1                 // the reader is gone, or an address in use
	CodeState = 74                // the device's files cannot be used; EX_IOERR of sysexits.h
	CodeUsage = program.UsageCode // the command line or the configuration is wrong
)

// ErrAddress means that an address cannot be served.
var ErrAddress = errors.New("the page cannot be served")

// Code is the exit code of an error.
func Code(err error) int {
	switch {
	case err == nil:
		return CodeOK
	case program.IsUsage(err):
		return CodeUsage
	case errors.Is(err, hw.ErrReader), errors.Is(err, ErrAddress):
		return CodeFault
	}
	return CodeState
}
