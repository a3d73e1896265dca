package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/pelletier/go-toml/v2"

	"leima/cardlayout"
)

// holderFile is a holder as written.
type holderFile struct {
	Name         string `toml:"name"`
	IdentityCode string `toml:"identity_code"`
	Municipality int64  `toml:"municipality"`
	Sex          int64  `toml:"sex"`
	UserGroup    string `toml:"user_group"`
	Company      string `toml:"company"`
}

// readHolder reads a holder. Errors do not repeat the content.
func readHolder(ctx context.Context, b *bench, path string) (*cardlayout.Holder, error) {
	name, text, err := b.read(ctx, path)
	if err != nil {
		return nil, err
	}
	var f holderFile
	decoder := toml.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		return nil, mistake(fmt.Errorf("%s:%d: this is no line of a holder's file: want name, "+
			"identity_code, user_group and company in quotes, municipality and sex as numbers, "+
			"each once", name, lineOf(err)))
	}
	if err := f.check(); err != nil {
		return nil, mistake(fmt.Errorf("%s: %w", name, err))
	}
	return &cardlayout.Holder{
		Name: f.Name, IdentityCode: f.IdentityCode, Municipality: uint16(f.Municipality),
		Sex: uint8(f.Sex), UserGroup: f.UserGroup, Company: f.Company,
	}, nil
}

// lineOf is the line at which the decoder stopped.
func lineOf(err error) (line int) {
	var unknown *toml.StrictMissingError
	var broken *toml.DecodeError
	switch {
	case errors.As(err, &unknown) && len(unknown.Errors) > 0:
		line, _ = unknown.Errors[0].Position()
	case errors.As(err, &broken):
		line, _ = broken.Position()
	}
	return line
}

// The codes of ISO/IEC 5218 are 0, 1, 2 and 9.
func (f *holderFile) check() error {
	switch {
	case f.Name == "":
		return errors.New(`the holder has no name: want name = "…"`)
	case f.Municipality < 0 || f.Municipality > math.MaxUint16:
		return errors.New("municipality: want its official code")
	case f.Sex != 0 && f.Sex != 1 && f.Sex != 2 && f.Sex != 9:
		return errors.New("sex: want 0, 1, 2 or 9, as in ISO/IEC 5218")
	}
	return nil
}
