package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"leima/cmd/internal/program"
	"leima/validator/depot/shelf"
	"leima/validator/lists/bundle"
	"leima/validator/lists/manifest"
)

type publishCommand struct {
	Folder folder   `arg:"" help:"The depot's folder."`
	Files  []string `arg:"" optional:"" help:"Bundles; none: the manifest is renewed."`
	Key    []string `placeholder:"FILE" help:"Keys that sign; else those of [shelf] sign."`
}

func (c *publishCommand) run(s *stage) error {
	settled, err := c.Folder.read()
	if err != nil {
		return err
	}
	on, err := c.Folder.shelf(&settled.Shelf)
	if err != nil {
		return err
	}
	keys, err := privateKeys(c.Key)
	if err == nil && len(c.Key) == 0 {
		keys, err = c.Folder.signing(&settled.Shelf)
	}
	if err != nil {
		return err
	}
	m, err := on.Publish(settled.Shelf.terms(keys), c.Files...)
	if refused(err) {
		return program.Usage(err)
	} else if err != nil {
		return err
	}
	has := ":"
	if len(m.Objects) == 0 {
		has = ", and names no list and no tariffs yet"
	}
	s.say("manifest %d is good until %s%s", m.Version, m.Expires.Format(time.RFC3339), has)
	for _, o := range m.Objects {
		s.say("%-10s %d%s, %d bytes", o.Purpose, o.Version, delta(o), o.Size)
	}
	return nil
}

func delta(o manifest.Object) string {
	if o.Base == 0 {
		return ""
	}
	return fmt.Sprintf(", a delta for %d", o.Base)
}

// refused reports whether a person has to give something else.
func refused(err error) bool {
	for _, reason := range []error{
		shelf.ErrNoRoot, shelf.ErrBase, shelf.ErrOlder, manifest.ErrUnsigned, manifest.ErrDamaged,
		os.ErrNotExist,
	} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return bundle.Refusal(err)
}

type rootCommand struct {
	Folder  folder   `arg:"" help:"The depot's folder."`
	Owner   []string `required:"" placeholder:"KEY" help:"Public keys that sign the next root."`
	Owners  uint     `default:"1" placeholder:"N" help:"How many of them must."`
	Signer  []string `required:"" placeholder:"KEY" help:"Public keys that sign manifests."`
	Signers uint     `default:"1" placeholder:"N" help:"How many of them must."`
	Key     []string `required:"" placeholder:"FILE" help:"Keys of former and new owners."`
}

func (c *rootCommand) run(s *stage) error {
	settled, err := c.Folder.read()
	if err != nil {
		return err
	}
	on, err := c.Folder.shelf(&settled.Shelf)
	if err != nil {
		return err
	}
	keys, err := privateKeys(c.Key)
	if err != nil {
		return err
	}
	var next manifest.Root
	next.Owners.Least, next.Signers.Least = c.Owners, c.Signers
	if next.Owners.Keys, err = publicKeys("owner", c.Owner); err == nil {
		next.Signers.Keys, err = publicKeys("signer", c.Signer)
	}
	if err != nil {
		return err
	}
	next, err = on.Change(next, keys...)
	if refused(err) {
		return program.Usage(err)
	} else if err != nil {
		return err
	}
	s.say("root %d counts now", next.Version)
	if next.Version == 1 {
		s.say("Each validator needs %s: [download] root = \"root-1\"",
			filepath.Join(on.Folder, "root-1"))
	} else {
		s.say("Devices take it with the next manifest: depot publish %s", c.Folder)
	}
	return nil
}

func publicKeys(flag string, written []string) (keys []bundle.PublicKey, err error) {
	for _, text := range written {
		var key bundle.PublicKey
		if err := key.UnmarshalText([]byte(strings.TrimSpace(text))); err != nil {
			return nil, program.Usage(fmt.Errorf("--%s: %w", flag, err))
		}
		keys = append(keys, key)
	}
	return keys, nil
}
