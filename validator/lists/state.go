package lists

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

	"leima/cardlayout"
	"leima/cardlayout/canonical"
	"leima/hw/disk"
)

// A pair names the files of a list; both are empty if there is none.
type pair struct {
	_           struct{} `cbor:",toarray"`
	Full, Delta string
}

// A mark is a list that this device has had; without a digest if it was damaged.
type mark struct {
	_       struct{} `cbor:",toarray"`
	Version uint32
	Digest  []byte
}

func markOf(version uint32, digest [sha256.Size]byte) mark {
	return mark{Version: version, Digest: digest[:]}
}

func (m mark) is(version uint32, digest [sha256.Size]byte) bool {
	return m.Version == version && bytes.Equal(m.Digest, digest[:])
}

func (m mark) mayBe(version uint32, digest [sha256.Size]byte) bool {
	return m.Version == version && len(m.Digest) == 0 || m.is(version, digest)
}

// state is what a store remembers.
type state struct {
	Area    cardlayout.Area
	InUse   pair
	Known   pair // whose blocks may be written; InUse if all may
	Highest mark // so far
	Beneath mark // the full list under the highest
	Held    uint32
	Alarm   alarm
	Former  former // in the file only if there is one
}

// fields are the parts of a state in their order. Older programs know all but the last.
func (s *state) fields() []any {
	return []any{&s.Area, &s.InUse, &s.Known, &s.Highest, &s.Beneath, &s.Held, &s.Alarm, &s.Former}
}

func (s *state) marshal() ([]byte, error) {
	fields := s.fields()
	if !s.Former.exists() {
		fields = fields[:len(fields)-1]
	}
	return canonical.Encode.Marshal(fields)
}

func (s *state) unmarshal(raw []byte) error {
	var parts []cbor.RawMessage
	if err := canonical.Decode.Unmarshal(raw, &parts); err != nil {
		return err
	}
	fields := s.fields()
	if len(parts) != len(fields) && len(parts) != len(fields)-1 {
		return fmt.Errorf("it has %d parts", len(parts))
	}
	for n, part := range parts {
		if err := canonical.Decode.Unmarshal(part, fields[n]); err != nil {
			return err
		}
	}
	return nil
}

// alarm is the last failure; none if a list was taken since.
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

// write replaces the state completely or not at all.
func (s state) write(folder string) error {
	raw, err := s.marshal()
	if err != nil {
		return err
	}
	sum := sha256.Sum256(raw)
	return disk.Sync.Replace(filepath.Join(folder, stateFile), 0o600,
		disk.Bytes(append(raw, sum[:]...)))
}

func (a alarm) time() time.Time {
	if a.At == 0 {
		return time.Time{}
	}
	return time.Unix(a.At, 0).UTC()
}
