package shelf

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/fxamacker/cbor/v2"

	"leima/blocklist"
	"leima/cardlayout"
)

// The files of the folder that are no lists.
const (
	stateFile   = "state"
	draftFile   = "draft"
	nothingFile = "nothing"
	newSuffix   = ".new"
	badSuffix   = ".damaged"
)

// A pair names the files of a list; both empty for none.
type pair struct {
	_           struct{} `cbor:",toarray"`
	Full, Delta string
}

// A mark is a list that this device has had.
type mark struct {
	_       struct{} `cbor:",toarray"`
	Version uint32
	Digest  []byte
}

func markOf(e blocklist.Edition) mark { return mark{Version: e.Version, Digest: e.Digest[:]} }

func (m mark) is(version uint32, digest [sha256.Size]byte) bool {
	return m.Version == version && bytes.Equal(m.Digest, digest[:])
}

// state is what a device must remember of its lists.
type state struct {
	Area    cardlayout.Area
	InUse   pair
	Known   pair // whose blocks may be written; as InUse when all may
	Highest mark // of all lists so far
	Beneath mark // the full list that the highest rests on
	Held    uint32
	Alarm   alarm
	Former  former // stands in the file only where there is one
}

// fields are the parts of a state in their order. A program of before knows all but the last.
func (s *state) fields() []any {
	return []any{&s.Area, &s.InUse, &s.Known, &s.Highest, &s.Beneath, &s.Held, &s.Alarm, &s.Former}
}

func (s *state) marshal() ([]byte, error) {
	fields := s.fields()
	if !s.Former.kept() {
		fields = fields[:len(fields)-1]
	}
	return encMode.Marshal(fields)
}

func (s *state) unmarshal(raw []byte) error {
	var parts []cbor.RawMessage
	if err := decMode.Unmarshal(raw, &parts); err != nil {
		return err
	}
	fields := s.fields()
	if len(parts) != len(fields) && len(parts) != len(fields)-1 {
		return fmt.Errorf("it has %d parts", len(parts))
	}
	for n, part := range parts {
		if err := decMode.Unmarshal(part, fields[n]); err != nil {
			return err
		}
	}
	return nil
}

// alarm is the last thing that went wrong; none when a list has been taken since.
type alarm struct {
	_      struct{} `cbor:",toarray"`
	Reason string
	At     int64 // seconds since 1970
}

var errDamagedState = errors.New("the state of the block lists is damaged")

// readState reads the state of a folder; a new folder's is empty.
func readState(folder string) (s state, err error) {
	raw, err := os.ReadFile(filepath.Join(folder, stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	body := max(0, len(raw)-sha256.Size)
	if sum := sha256.Sum256(raw[:body]); !bytes.Equal(sum[:], raw[body:]) {
		return s, errDamagedState
	}
	if err := s.unmarshal(raw[:body]); err != nil {
		return state{}, fmt.Errorf("%w: %w", errDamagedState, err)
	}
	return s, nil
}

// write replaces the state at once or not at all.
func (s state) write(folder string) (err error) {
	raw, err := s.marshal()
	if err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	path := filepath.Join(folder, stateFile)
	draft, err := os.OpenFile(path+newSuffix, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = draft.Write(append(raw, sum[:]...))
	if err := errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Rename(draft.Name(), path); err != nil {
		return err
	}
	return syncFolder(folder)
}

// syncFolder flushes the folder: without it a power cut could undo a rename.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func (a alarm) time() time.Time {
	if a.At == 0 {
		return time.Time{}
	}
	return time.Unix(a.At, 0).UTC()
}

var encMode = must(cbor.CoreDetEncOptions().EncMode())

var decMode = must(cbor.DecOptions{
	IndefLength: cbor.IndefLengthForbidden,
	TagsMd:      cbor.TagsForbidden,
}.DecMode())

func must[T any](mode T, err error) T {
	if err != nil {
		panic("shelf: internal error: " + err.Error())
	}
	return mode
}
