// Package settings reads the configurations of devices: TOML without unknown keys, whose errors
// name file and line.
package settings

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"leima/cardlayout/plain"
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
		if err := plain.Strings(into); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		return nil
	case errors.As(err, &unknown):
		line, _ := unknown.Errors[0].Position()
		return fmt.Errorf("%s:%d: %s is not a setting: check its spelling",
			path, line, strings.Join(unknown.Errors[0].Key(), "."))
	case errors.As(err, &broken):
		line, _ := broken.Position()
		return fmt.Errorf("%s:%d: %s", path, line, explain(broken))
	}
	return fmt.Errorf("%s: this is no configuration: want lines such as name = value", path)
}

var again = regexp.MustCompile(`^(?:table|key) (.+) (?:already exists|is already defined)`)

var wrongKind = regexp.MustCompile(`cannot decode TOML ([a-z ]+) into`)

// explain puts the decoder's error into plain words.
func explain(err *toml.DecodeError) string {
	said, name := strings.TrimPrefix(err.Error(), "toml: "), strings.Join(err.Key(), ".")
	found, twice := wrongKind.FindStringSubmatch(said), again.FindStringSubmatch(said)
	switch {
	case strings.Contains(said, "want "):
		return said
	case twice != nil:
		return twice[1] + " stands there twice, or as another kind of thing: take one away"
	case found != nil:
		return name + ": a value of another kind belongs here, not " + found[1] +
			`: texts and times are written "so", lists ["so", "so"], numbers without quotes`
	case strings.Contains(said, "cannot be stored"):
		return name + ": the number is too small or too large"
	}
	return `this cannot be understood: want each setting once, and each line like name = "text", ` +
		`name = 12, or a table's name in brackets`
}
