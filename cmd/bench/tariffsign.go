package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"leima/cardlayout"
	"leima/fare/tariff"
	"leima/validator/lists"
	"leima/validator/lists/bundle"
)

// tariffSignCommand makes a bundle of tariffs.
type tariffSignCommand struct {
	Files []string `arg:"" name:"file" help:"The tariffs, in TOML, all of one area."`

	Version uint32 `required:"" placeholder:"N" help:"Later tariffs have a higher one."`
	Key     string `required:"" placeholder:"FILE" help:"The key, see bench list key."`
	Out     string `required:"" placeholder:"FILE" help:"The bundle to be made."`
	Expires string `placeholder:"TIME" help:"When no device takes it any more; else in 14 days."`
}

func (*tariffSignCommand) examples() string {
	return "bench tariff sign testdata/tariffs/mikkeli-2025.toml --version 3 --key lists.pem " +
		"--out 3.bundle"
}

func (*tariffSignCommand) Help() string {
	return `The bundle holds all tariffs of an area that a validator is to have, that in force and
those to come: it takes the place of all before. It is put into the validator's inbox, as
those of lists are. What is in use goes on when its bundle expires.

bench list open shows and verifies it. Validators pin the public key in their
configuration; it may be a separate one, since with it one sets prices:

    [tariff_list]
    keys = ["…"]`
}

func (c *tariffSignCommand) Run(ctx context.Context, b *bench) error {
	sources, err := tariffSources(ctx, b, c.Files)
	if err != nil {
		return err
	}
	m := bundle.Manifest{Version: c.Version, Made: time.Now().Truncate(time.Second)}
	if m.Area, err = oneArea(sources); err != nil {
		return mistake(err)
	}
	if m.Expires, err = timeFlag("--expires", c.Expires, m.Made.AddDate(0, 0, 14)); err != nil {
		return err
	}
	switch {
	case c.Version == 0:
		return mistake(errors.New("--version: want 1 or more, and more than the one before"))
	case !m.Expires.After(m.Made):
		return mistake(errors.New("--expires: that is over already"))
	}
	key, err := signingKey(c.Key)
	if err != nil {
		return err
	}
	err = replace(c.Out, 0o644, func(w io.Writer) (err error) {
		m, err = lists.SignTariffs(w, sources, m, time.LoadLocation, key)
		return err
	})
	if err == nil {
		b.say("%s: %s", c.Out, manifestLine(m))
	}
	return err
}

// oneArea is the area of all tariffs.
func oneArea(sources []tariff.Source) (area cardlayout.Area, err error) {
	for _, source := range sources {
		t, err := tariff.Compile(source.File, source.TOML, time.LoadLocation)
		switch {
		case err != nil:
			return 0, err
		case area != 0 && t.Area != area:
			return 0, fmt.Errorf("%s: the tariff is of area %d, and the one before it of %d: a "+
				"bundle is for one area", source.File, t.Area, area)
		}
		area = t.Area
	}
	return area, nil
}
