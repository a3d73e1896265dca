package main

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"leima/cardlayout"
	"leima/cmd/internal/program"
	"leima/hw/disk"
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
	if errors.Is(err, manifest.ErrUnsigned) && !errors.Is(err, shelf.ErrBroken) {
		return program.Usage(fmt.Errorf("%w: name keys of the root's signers, with --key or in "+
			"[shelf] sign", err))
	} else if refused(err) {
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
		shelf.ErrNoRoot, shelf.ErrBroken, shelf.ErrBase, shelf.ErrOlder, manifest.ErrUnsigned,
		manifest.ErrDamaged, manifest.ErrRoot, manifest.ErrNotNext, os.ErrNotExist,
	} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return bundle.Refusal(err)
}

type rootCommand struct {
	Folder  folder   `arg:"" help:"The depot's folder."`
	Owner   []string `placeholder:"KEY" help:"Public keys that sign the next root."`
	Owners  uint     `default:"1" placeholder:"N" help:"How many of them must."`
	Signer  []string `placeholder:"KEY" help:"Public keys that sign manifests."`
	Signers uint     `default:"1" placeholder:"N" help:"How many of them must."`
	Key     []string `placeholder:"FILE" help:"Keys of former and new owners."`
	Draft   string   `placeholder:"FILE" help:"Write it for others to sign, or take it from there."`
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
	takes := c.Draft != "" && len(c.Owner)+len(c.Signer)+len(c.Key) == 0
	signed := c.Draft != "" || len(c.Key) != 0 // now, or later
	if !takes && (len(c.Owner) == 0 || len(c.Signer) == 0 || !signed) {
		return program.Usage(errors.New("want --owner and --signer, with --key for a root that " +
			"is made now or --draft for owners to sign; or --draft alone for one that they have " +
			"signed"))
	}
	var raw []byte
	if takes {
		raw, err = os.ReadFile(c.Draft)
	} else {
		raw, err = c.draft(on)
	}
	if err != nil {
		return program.Usage(err)
	}
	if c.Draft != "" && !takes {
		if err := newFile(c.Draft, disk.Bytes(raw)); err != nil {
			return err
		}
		s.say("%s is a draft: each owner who has not signed it does so with \"depot sign\", and "+
			"then: depot root %s --draft %s", c.Draft, c.Folder, c.Draft)
		return nil
	}
	next, err := on.Change(raw)
	switch {
	case errors.Is(err, shelf.ErrBroken):
		return program.Usage(err)
	case errors.Is(err, manifest.ErrUnsigned):
		return program.Usage(fmt.Errorf("%w: the others sign a draft (--draft, \"depot sign\")",
			err))
	case errors.Is(err, manifest.ErrNotNext):
		return program.Usage(fmt.Errorf("%w: if something else is to count, make its draft anew",
			err))
	case refused(err):
		return program.Usage(err)
	case err != nil:
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

// draft is the root that the command line says.
func (c *rootCommand) draft(on *shelf.Shelf) ([]byte, error) {
	keys, err := privateKeys(c.Key)
	if err != nil {
		return nil, err
	}
	var next manifest.Root
	next.Owners.Least, next.Signers.Least = c.Owners, c.Signers
	if next.Owners.Keys, err = publicKeys("owner", c.Owner); err == nil {
		next.Signers.Keys, err = publicKeys("signer", c.Signer)
	}
	if err != nil {
		return nil, err
	}
	return on.Draft(next, keys...)
}

// newFile writes a file that is not there yet.
func newFile(path string, write func(io.Writer) error) error {
	if _, err := os.Lstat(path); err == nil {
		return program.Usage(fmt.Errorf("%s exists: give it another name", path))
	}
	err := disk.Sync.Replace(path, 0o600, write)
	_, none := os.Stat(filepath.Dir(path))
	if err != nil && none != nil || errors.Is(err, fs.ErrPermission) {
		return program.Usage(fmt.Errorf("%w: name a folder in which the user of this command may "+
			"write", err))
	}
	return err
}

// signCommand signs a draft where an owner's key is, without a depot.
type signCommand struct {
	Draft string   `arg:"" help:"The draft of a root, which \"depot root --draft\" has written."`
	Area  uint8    `required:"" placeholder:"N" help:"The area whose lists it is for."`
	Key   []string `required:"" placeholder:"FILE" help:"The owner's key."`
}

func (c *signCommand) run(s *stage) error {
	keys, err := privateKeys(c.Key)
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(c.Draft)
	if err != nil {
		return program.Usage(err)
	}
	root, raw, err := manifest.Countersign(cardlayout.Area(c.Area), raw, keys...)
	if err != nil {
		return program.Usage(fmt.Errorf("%s: %w", c.Draft, err))
	}
	for _, key := range keys {
		if err := s.counts(root, bundle.PublicKey(key.Public().(ed25519.PublicKey))); err != nil {
			return err
		}
	}
	if err := disk.Sync.Replace(c.Draft, 0o600, disk.Bytes(raw)); err != nil {
		return err
	}
	s.say("root %d of area %d is signed. It says:", root.Version, root.Area)
	for _, role := range []struct {
		does string
		manifest.Role
	}{{"sign the next root", root.Owners}, {"sign manifests", root.Signers}} {
		s.say("%d of these %s:", role.Least, role.does)
		for _, key := range role.Keys {
			s.say("  %v", key)
		}
	}
	return nil
}

// counts says of a key that has signed a root if it is none of its owners'. It may be a former
// owner's then, whom a draft does not name; the first root has none.
func (s *stage) counts(root manifest.Root, key bundle.PublicKey) error {
	switch {
	case slices.Contains(root.Owners.Keys, key):
	case root.Version == 1:
		return program.Usage(fmt.Errorf("%v is no owner's key of this root: sign it with one of "+
			"those that it names", key))
	default:
		s.say("%v is no owner's key of this root: it counts only if it is a former owner's", key)
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
