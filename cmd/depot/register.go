package main

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/pelletier/go-toml/v2"

	"leima/cmd/internal/settings"
	"leima/cmd/internal/text"
	"leima/hw/disk"
	"leima/validator/lists/bundle"
)

// An entry of the register. Only a person withdraws a device.
type registered struct {
	Key       string     `toml:"key"` // as "commission" prints it
	Withdrawn *time.Time `toml:"withdrawn,omitempty"`
}

// A register is the file of the devices that may send. It is read again when it has changed.
type register struct {
	path string
	log  *slog.Logger

	mu      sync.Mutex
	read    fs.FileInfo // of the file that was read; nil: none was
	devices map[uint16]device
}

// A device of the register.
type device struct {
	key       ed25519.PublicKey
	withdrawn *time.Time
}

// Key implements server.Register.
func (r *register) Key(number uint16) (ed25519.PublicKey, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refresh()
	d, known := r.devices[number]
	return d.key, known && d.withdrawn == nil
}

// refresh reads the file if it has changed.
func (r *register) refresh() {
	info, err := os.Stat(r.path)
	none := errors.Is(err, fs.ErrNotExist) && r.devices == nil
	if none || err == nil && r.has(info) {
		return
	}
	var devices map[uint16]device
	if err == nil {
		r.read = info
		devices, err = readRegister(r.path)
	}
	if err != nil {
		r.log.Error("the register cannot be read, and stays as it was", "error", err)
		return
	}
	r.devices = devices
}

// has reports whether a file is the one that was read, unchanged. Its time alone does not tell: an
// editor empties it and writes it within one tick of the file system's clock.
func (r *register) has(file fs.FileInfo) bool {
	return r.read != nil && os.SameFile(r.read, file) && r.read.Size() == file.Size() &&
		r.read.ModTime().Equal(file.ModTime())
}

// readRegister reads a register. Its errors name the device.
func readRegister(path string) (map[uint16]device, error) {
	listed, err := readListed(path)
	if err != nil {
		return nil, err
	}
	devices, owners := map[uint16]device{}, map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(listed)) {
		of := listed[name]
		number, key, err := parseDevice(name, of.Key)
		if owner := owners[string(key)]; err == nil && owner != "" && of.Withdrawn == nil {
			err = fmt.Errorf("device %s has this key: each device has its own", owner)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: [%s]: %w", path, name, err)
		}
		if of.Withdrawn == nil {
			owners[string(key)] = name
		}
		devices[number] = device{key, of.Withdrawn}
	}
	return devices, nil
}

func readListed(path string) (listed map[string]registered, err error) {
	raw, err := text.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]registered{}, nil
	} else if err != nil {
		return nil, err
	}
	return listed, settings.Decode(path, raw, &listed)
}

// errDevice says what the register knows of a device.
var errDevice = errors.New("want a device's number, 1 to 16383, and its key, as \"validator " +
	"commission\" prints it")

// parseDevice reads a device's number, and its public key as journal.PublicText writes it.
func parseDevice(name, written string) (uint16, ed25519.PublicKey, error) {
	number, err := strconv.ParseUint(name, 10, 14)
	var key bundle.PublicKey
	err = errors.Join(err, key.UnmarshalText([]byte(written)))
	if err != nil || number == 0 || name != strconv.FormatUint(number, 10) { // 09 is no second 9
		return 0, nil, errDevice
	}
	return uint16(number), key[:], nil
}

// waited are the devices that were not withdrawn.
func (r *register) waited() []uint16 {
	return r.which(func(d device) bool { return d.withdrawn == nil })
}

// all are the devices, also those that were withdrawn.
func (r *register) all() []uint16 { return r.which(func(device) bool { return true }) }

func (r *register) which(are func(device) bool) (numbers []uint16) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refresh()
	for number, d := range r.devices {
		if are(d) {
			numbers = append(numbers, number)
		}
	}
	return numbers
}

// changeRegister changes the file of a register, or leaves it as it was.
func changeRegister(path string, change func(listed map[string]registered) error) error {
	return disk.Alone(filepath.Dir(path), func() error {
		listed, err := readListed(path)
		if err == nil {
			err = change(listed)
		}
		if err != nil {
			return err
		}
		raw, err := toml.Marshal(listed)
		if err != nil {
			return err
		}
		return disk.Sync.Replace(path, 0o600, disk.Bytes(raw))
	})
}
