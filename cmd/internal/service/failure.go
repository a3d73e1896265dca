package service

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"time"

	"leima/hw/disk"
)

// A Failure is why a program has ended.
type Failure struct {
	At    time.Time `json:"at"` // by the machine's clock
	Code  int       `json:"code"`
	Cause string    `json:"cause"`
}

// Text is the cause; "" without a failure.
func (f *Failure) Text() string {
	if f == nil {
		return ""
	}
	return f.Cause
}

// The programs under whose names failures are kept.
const (
	Validator = "validator"
	Console   = "console"
)

// File is the file of a failure in the state folder. In the runtime folder, which goes with the
// machine's next start, the program's name is before it.
const File = "failure"

// places are the files of a program's failure, the one that is read first at the front. state is
// empty if the state folder is not known.
func places(state, program string) []string {
	all := []string{
		filepath.Join(cmp.Or(os.Getenv("RUNTIME_DIRECTORY"), "/run/leima"), program+"."+File),
	}
	if state != "" {
		all = append(all, filepath.Join(state, File))
	}
	return all
}

// Keep keeps a failure in the state folder, or else in the runtime folder. Where neither can be
// written, the log alone has it.
func Keep(state, program string, f Failure) {
	raw, _ := json.Marshal(f) // strings and numbers
	Forget(state, program)
	for _, path := range slices.Backward(places(state, program)) {
		if disk.Sync.Replace(path, 0o600, disk.Bytes(raw)) == nil {
			return
		}
	}
}

// Kept is the last failure since the last good start; nil if none is known.
func Kept(state, program string) *Failure {
	for _, path := range places(state, program) {
		raw, err := os.ReadFile(path)
		var f Failure
		if err == nil && json.Unmarshal(raw, &f) == nil {
			return &f
		}
	}
	return nil
}

// Forget is for a good start.
func Forget(state, program string) {
	for _, path := range places(state, program) {
		_ = os.Remove(path)
	}
}
