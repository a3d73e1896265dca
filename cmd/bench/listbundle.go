package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"leima/blocklist"
	"leima/cardlayout"
	"leima/validator/lists"
	"leima/validator/lists/bundle"
	"leima/validator/lists/inbox"
)

type listDeltaCommand struct {
	From string `arg:"" help:"The full list that devices have."`
	To   string `arg:"" help:"The list that they should have."`

	Out   string `required:"" placeholder:"FILE" help:"The delta to be made."`
	Fewer bool   `help:"It is meant to leave no entry, or fewer than half of them."`
}

func (*listDeltaCommand) examples() string {
	return `
bench list delta blocklist.db later.db --out delta.db
bench list delta actions.cbor later.cbor --out delta.cbor`
}

func (*listDeltaCommand) Help() string {
	return `Both are block lists, or both are action lists. A device must have the first list in
full; whatever other deltas it has had for it do not matter.`
}

// Run makes the delta, and reads it back.
func (c *listDeltaCommand) Run(b *bench) error {
	if actions, err := actionsOf(c.From); err != nil {
		return err
	} else if actions != nil {
		return c.ofActions(b, actions)
	}
	from, err := openList(c.From)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := openList(c.To)
	if err != nil {
		return err
	}
	defer to.Close()
	if !c.Fewer {
		before, after := from.Edition().Count, to.Edition().Count
		if err := tooFew(before, after, "card", "the blocked cards would travel"); err != nil {
			return mistake(fmt.Errorf("%s: %w", c.To, err))
		}
	}
	err = blocklist.BuildDelta(c.Out, from, to)
	switch {
	case errors.Is(err, blocklist.ErrArea), errors.Is(err, blocklist.ErrOlder),
		errors.Is(err, blocklist.ErrBase):
		return mistake(err)
	case err != nil:
		return fmt.Errorf("%w: check the folder and its free space", err)
	}
	delta, err := openList(c.Out)
	if err != nil {
		return err
	}
	defer delta.Close()
	c.made(b, delta.Base(), delta.Changes(), editionLine(delta.Edition()))
	return nil
}

// made says what was made; to is a line about the list that it leads to.
func (c *listDeltaCommand) made(b *bench, base uint32, changes int, to string) {
	b.say("%s: from version %d, %d changes, to %s", c.Out, base, changes, to)
}

func openList(path string) (*blocklist.File, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, unreadable(path, err)
	}
	return blocklist.Open(path)
}

type listSignCommand struct {
	List string `arg:"" help:"The block list or action list, or a delta of one."`

	Key     string `required:"" placeholder:"FILE" help:"The key, see bench list key."`
	Out     string `required:"" placeholder:"FILE" help:"The bundle to be made."`
	Expires string `placeholder:"TIME" help:"When no device takes it any more; else in 14 days."`
	Adding  uint32 `placeholder:"N" help:"Cards it is meant to add, if more than a cap."`
	Fewer   bool   `help:"It is meant to name far fewer than the list before, or none."`
}

func (*listSignCommand) examples() string {
	return `
bench list sign blocklist.db --key lists.pem --out 3.bundle
bench list sign delta.db --key lists.pem --out 5.bundle --expires "2036-04-01 04:00"`
}

func (*listSignCommand) Help() string {
	return `A bundle is put into the inbox of a validator, under a name that ends in .bundle. Write
it under another name first, and rename it then.

A validator that finds more new cards on a list than its configuration allows refuses
them, but writes no block to them. Where so many are meant, --adding says how many.

One that loses more than half of a list of 20 cards or more raises an alarm and goes on
refusing those of the list before, until a list comes that names them or says --fewer, or for
a day.`
}

func (c *listSignCommand) Run(b *bench) error {
	expires, err := timeFlag("--expires", c.Expires, time.Now().AddDate(0, 0, 14))
	if err != nil {
		return err
	}
	terms := lists.Terms{Expires: expires, Adding: c.Adding, Fewer: c.Fewer}
	if actions, err := actionsOf(c.List); err != nil {
		return err
	} else if actions != nil {
		return c.signActions(b, actions, terms)
	}
	key, err := signingKey(c.Key)
	if err != nil {
		return err
	}
	list, err := openList(c.List)
	if err != nil {
		return err
	}
	edition := list.Edition()
	if err := list.Close(); err != nil {
		return err
	}
	if !terms.Expires.After(edition.Made) {
		return mistake(errors.New("--expires: that is before the list was made"))
	}
	return c.sign(b, func(w io.Writer) (bundle.Manifest, error) {
		return lists.SignBlocks(w, c.List, terms, key)
	})
}

func (c *listSignCommand) sign(b *bench, sign func(io.Writer) (bundle.Manifest, error)) error {
	var m bundle.Manifest
	err := replace(c.Out, 0o644, func(w io.Writer) (err error) {
		m, err = sign(w)
		return err
	})
	if err == nil {
		b.say("%s: %s", c.Out, manifestLine(m))
	}
	return err
}

// entries name the entries of bundles other than block lists.
var entries = map[bundle.Purpose]string{bundle.Actions: "action", bundle.Tariffs: "tariff"}

// manifestLine is a manifest in one line.
func manifestLine(m bundle.Manifest) string {
	line := editionLine(blocklist.Edition{
		Version: m.Version, Area: m.Area, Made: m.Made,
		Count: m.Count,
	})
	if entry, other := entries[m.Purpose]; other {
		line = fmt.Sprintf("version %d for area %d, %s, made %s", m.Version, m.Area,
			some(m.Count, entry), m.Made.UTC().Format(time.RFC3339))
	}
	if m.Base != 0 {
		line += fmt.Sprintf(", a delta for version %d", m.Base)
	}
	if m.Adding != 0 {
		line += fmt.Sprintf(", meant to add %d", m.Adding)
	}
	if m.Fewer {
		line += ", meant to be far shorter"
	}
	return fmt.Sprintf("%s %s, %d bytes, expires %s", m.Purpose, line, m.Size,
		m.Expires.UTC().Format(time.RFC3339))
}

// trusted are the flags of commands that accept bundles.
type trusted struct {
	Public []string `placeholder:"KEY" help:"Public keys that may have signed."`
	Area   uint8    `placeholder:"CODE" help:"Whose lists are taken; else that of the bundle."`
	At     string   `placeholder:"TIME" help:"For what expires; else now."`
}

func (f *trusted) trust(claimed bundle.Manifest) (trust bundle.Trust, err error) {
	trust = bundle.Trust{
		Area: cardlayout.Area(f.Area), Purpose: claimed.Purpose,
		Largest: 1 << 40,
	}
	if f.Area == 0 {
		trust.Area = claimed.Area
	}
	for _, text := range f.Public {
		var key bundle.PublicKey
		if err := key.UnmarshalText([]byte(text)); err != nil {
			return trust, mistake(fmt.Errorf("--public: %w", err))
		}
		trust.Keys = append(trust.Keys, key)
	}
	trust.At, err = timeFlag("--at", f.At, time.Now())
	return trust, err
}

type listOpenCommand struct {
	Bundle string `arg:"" help:"The bundle."`

	trusted
	Out  string `placeholder:"FILE" help:"Write the list to this file."`
	JSON bool   `name:"json" help:"Write JSON."`
}

func (*listOpenCommand) examples() string {
	return "bench list open 3.bundle --public 6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw="
}

func (*listOpenCommand) Help() string {
	return `Without --public it is only shown what the bundle says of itself, true or not. The exit
code is 1 when the bundle would be refused. The JSON has the fields verified, purpose,
area, version, base, made, expires, cards, adding, fewer, digest, bytes and sha256.`
}

// A bundleAnswer is the JSON of a bundle.
type bundleAnswer struct {
	Verified bool   `json:"verified"`
	Purpose  string `json:"purpose"`
	Area     uint8  `json:"area"`
	Version  uint32 `json:"version"`
	Base     uint32 `json:"base,omitempty"`
	Made     string `json:"made"`
	Expires  string `json:"expires"`
	Cards    int    `json:"cards"`
	Adding   uint32 `json:"adding,omitempty"`
	Fewer    bool   `json:"fewer,omitempty"`
	Digest   string `json:"digest"`
	Bytes    int64  `json:"bytes"`
	SHA256   string `json:"sha256"`
}

func (c *listOpenCommand) Run(b *bench) error {
	file, err := os.Open(c.Bundle)
	if err != nil {
		return unreadable(c.Bundle, err)
	}
	defer file.Close()
	claimed, err := bundle.Peek(file)
	if disk := (*fs.PathError)(nil); errors.As(err, &disk) {
		return unreadable(c.Bundle, err)
	}
	if err != nil {
		return refusal(fmt.Errorf("%s: %w", c.Bundle, err))
	}
	trust, err := c.trust(claimed)
	if err != nil {
		return err
	}
	verified := len(trust.Keys) > 0
	if verified {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return unreadable(c.Bundle, err)
		}
		if err := c.take(file, trust); err != nil {
			return err
		}
	} else if c.Out != "" {
		return mistake(errors.New("--out: nothing is taken out unverified: name a key (--public)"))
	}
	return c.show(b, claimed, verified)
}

// take verifies the bundle and writes its file, if requested.
func (c *listOpenCommand) take(file io.Reader, trust bundle.Trust) error {
	sent, err := bundle.Read(file, trust)
	var refused error
	if err == nil {
		write := func(w io.Writer) error {
			_, refused = sent.WriteTo(w)
			return refused
		}
		if c.Out != "" {
			err = replace(c.Out, 0o644, write)
		} else {
			err = write(io.Discard)
		}
	}
	if refused != nil {
		err = refused
	}
	if bundle.Refusal(err) {
		err = refusal(fmt.Errorf("%s: %w", c.Bundle, err))
	}
	return err
}

func (c *listOpenCommand) show(b *bench, m bundle.Manifest, verified bool) error {
	if c.JSON {
		return b.json(bundleAnswer{
			verified, string(m.Purpose), uint8(m.Area), m.Version, m.Base,
			m.Made.Format(time.RFC3339), m.Expires.Format(time.RFC3339), m.Count, m.Adding, m.Fewer,
			hex.EncodeToString(m.Digest[:]), m.Size, hex.EncodeToString(m.Sum[:]),
		})
	}
	b.say("%s: %s", c.Bundle, manifestLine(m))
	if verified {
		b.say("verified: signed by a trusted key, and all of its file is there")
	} else {
		b.say("NOT verified: this is what it says of itself")
	}
	return nil
}

type listApplyCommand struct {
	Folder  string   `arg:"" help:"Where the lists are kept."`
	Bundles []string `arg:"" help:"The bundles, in this order."`

	trusted
	Cap int `default:"10000" placeholder:"N" help:"Cards that a list may add."`
}

func (*listApplyCommand) examples() string {
	return "bench list apply lists 3.bundle --area 227 " +
		"--public 6kpsY+KcUgq+9VB7Ey7F+ZVHdq6+vnuSQh7qaRRG0iw="
}

func (*listApplyCommand) Help() string {
	return `The folder is made if it is not there; action lists lie in its folder actions. That of a
running validator is not to be used: its inbox is. The exit code is 1 when a bundle was
refused; the ones before it are kept.`
}

func (c *listApplyCommand) Run(b *bench) error {
	if c.Area == 0 {
		return mistake(errors.New("--area: name it, as a validator's configuration does"))
	}
	trust, err := c.trust(bundle.Manifest{})
	if err != nil {
		return err
	}
	store := blocklist.NewStore(trust.Area)
	defer store.Close()
	blocks, err := lists.OpenBlocks(c.Folder, trust, c.Cap, store)
	if err != nil {
		return unwritable(c.Folder, err)
	}
	actions, err := lists.OpenActions(filepath.Join(c.Folder, actionFolder), trust)
	if err != nil {
		return unwritable(c.Folder, err)
	}
	for _, path := range c.Bundles {
		claimed, err := peek(path)
		if err == nil && claimed.Purpose == bundle.Actions {
			err = apply(b, actions, path, trust.At, "action list", func() string {
				return actionsLine(actions.List().Edition())
			})
		} else if err == nil {
			err = applyBlocks(b, blocks, path, trust.At)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// peek is the manifest of a bundle; zero for another file, which is refused later.
func peek(path string) (bundle.Manifest, error) {
	file, err := os.Open(path)
	if err != nil {
		return bundle.Manifest{}, unreadable(path, err)
	}
	defer file.Close()
	claimed, _ := bundle.Peek(file)
	return claimed, nil
}

// A store holds the data of one purpose.
type store interface {
	Apply(path string, now time.Time, when inbox.Exchange) error
	Version() uint32
}

// apply applies a bundle as a validator does; line describes what is then in use.
func apply(b *bench, s store, path string, at time.Time, what string, line func() string) error {
	err := s.Apply(path, at, inbox.AtOnce)
	switch {
	case errors.Is(err, inbox.ErrReplay):
		b.say("%s: changes nothing", path)
	case lists.Refusal(err):
		in := fmt.Sprintf("no %s is in use", what)
		if used := s.Version(); used != 0 {
			in = fmt.Sprintf("version %d stays in use", used)
		}
		return refusal(fmt.Errorf("%w: %s", err, in))
	case err != nil:
		return err
	default:
		b.say("%s: in use: %s", path, line())
	}
	return nil
}

// applyBlocks also shows which cards are provisional, or refused by a former list.
func applyBlocks(b *bench, blocks *lists.Blocks, path string, at time.Time) error {
	err := apply(b, blocks, path, at, "list", func() string {
		return editionLine(blocks.Status().Edition)
	})
	if err != nil {
		return err
	}
	now := blocks.Status()
	if now.Held > 0 {
		b.say("%d cards are new, more than the cap: they are refused, and no block is written "+
			"to them", now.Held)
	}
	if now.Former > 0 {
		b.say("%s", now.Alarm)
	}
	return nil
}
