// Package settings reads the configurations of devices: TOML of which everything is known,
// whose mistakes are told with file and line.
package settings

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
	"leima/cmd/internal/text"
)

// A Duration is a time as people write it, "1.5s".
type Duration time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil || parsed < 0 {
		return fmt.Errorf(`%q: want a time such as "1.5s" or "72h"`, text)
	}
	*d = Duration(parsed)
	return nil
}

// Decode reads TOML. Its error names file and line.
func Decode(path string, saved []byte, into any) error {
	written, err := text.Clean(path, saved)
	if err != nil {
		return err
	}
	decoder := toml.NewDecoder(bytes.NewReader(written))
	decoder.DisallowUnknownFields()
	err = decoder.Decode(into)
	var unknown *toml.StrictMissingError
	var broken *toml.DecodeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &unknown):
		line, _ := unknown.Errors[0].Position()
		return fmt.Errorf("%s:%d: %s is not a setting: check its spelling",
			path, line, strings.Join(unknown.Errors[0].Key(), "."))
	case errors.As(err, &broken):
		line, _ := broken.Position()
		return fmt.Errorf("%s:%d: %s", path, line, strings.TrimPrefix(broken.Error(), "toml: "))
	}
	return fmt.Errorf("%s: %w", path, err)
}
