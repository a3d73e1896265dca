package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"leima/blocklist"
	"leima/blocklist/bundle"
	"leima/blocklist/inbox"
	"leima/blocklist/shelf"
	"leima/cardlayout"
	"leima/fare/actionlist/tray"
)

type listDeltaCommand struct {
	From string `arg:"" help:"The full list that devices have."`
	To   string `arg:"" help:"The list that they should have."`

	Out   string `required:"" placeholder:"FILE" help:"The delta to be made."`
	Fewer bool   `help:"It is meant to leave no card, or fewer than half of them."`
}

func (*listDeltaCommand) examples() string {
	return "bench list delta blocklist.db later.db --out delta.db"
}

// Help implements kong.HelpProvider.
func (*listDeltaCommand) Help() string {
	return `A device must have the first list in full; whatever other deltas it has had for it do
not matter.`
}

// Run makes the delta, and reads back what was made.
func (c *listDeltaCommand) Run(b *bench) error {
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
		if err := tooFew(before, after, "card", "whatever is blocked would travel"); err != nil {
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
	b.say("%s: from version %d, %d changes, to %s", c.Out, delta.Base(), delta.Changes(),
		editionLine(delta.Edition()))
	return nil
}

func openList(path string) (*blocklist.File, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, unreadable(path, err)
	}
	return blocklist.Open(path)
}

type listSignCommand struct {
	List string `arg:"" help:"The block list, delta or action list."`

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

// Help implements kong.HelpProvider.
func (*listSignCommand) Help() string {
	return `A bundle is put into the inbox of a validator, under a name that ends in .bundle. Write
it under another name first, and rename it then.

A validator that finds more new cards on a list than its configuration allows refuses
them, but writes no block to them. Where so many are meant, --adding says how many.

One that loses more than half of a list of 20 cards or more raises an alarm and goes on
refusing those of the list before, until a list comes that names them or says --fewer, or for
a day.`
}

// Run makes the bundle.
func (c *listSignCommand) Run(b *bench) error {
	terms := shelf.Terms{Expires: time.Now().AddDate(0, 0, 14), Adding: c.Adding, Fewer: c.Fewer}
	if c.Expires != "" {
		var err error
		if terms.Expires, err = parseTime(c.Expires, time.Local); err != nil {
			return mistake(fmt.Errorf("--expires: %w", err))
		}
	}
	if actions, err := actionsOf(c.List); err != nil {
		return err
	} else if actions != nil {
		return c.signActions(b, actions, terms.Expires)
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
	m, err := shelf.Sign(c.Out, c.List, terms, key)
	if err != nil {
		return unwritable(c.Out, err)
	}
	b.say("%s: %s", c.Out, manifestLine(m))
	return nil
}

// manifestLine is what a bundle says.
func manifestLine(m bundle.Manifest) string {
	line := editionLine(blocklist.Edition{Version: m.Version, Area: m.Area, Made: m.Made,
		Count: m.Count})
	if m.Purpose == bundle.Actions {
		line = fmt.Sprintf("version %d for area %d, %s, made %s", m.Version, m.Area,
			some(m.Count, "action"), m.Made.Format(time.RFC3339))
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

// trusted are the flags of what takes bundles.
type trusted struct {
	Public []string `placeholder:"KEY" help:"Public keys that may have signed."`
	Area   uint8    `placeholder:"CODE" help:"Whose lists are taken; else that of the bundle."`
	At     string   `placeholder:"TIME" help:"For what expires; else now."`
}

func (f *trusted) rules(claimed bundle.Manifest) (rules shelf.Rules, at time.Time, err error) {
	rules = shelf.Rules{Area: cardlayout.Area(f.Area), Largest: 1 << 40}
	if f.Area == 0 {
		rules.Area = claimed.Area
	}
	for _, text := range f.Public {
		var key bundle.PublicKey
		if err := key.UnmarshalText([]byte(text)); err != nil {
			return rules, at, mistake(fmt.Errorf("--public: %w", err))
		}
		rules.Keys = append(rules.Keys, key)
	}
	at = time.Now()
	if f.At != "" {
		if at, err = parseTime(f.At, time.Local); err != nil {
			return rules, at, mistake(fmt.Errorf("--at: %w", err))
		}
	}
	return rules, at, nil
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

// Help implements kong.HelpProvider.
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

// Run shows the bundle, and verifies it.
func (c *listOpenCommand) Run(b *bench) error {
	file, err := os.Open(c.Bundle)
	if err != nil {
		return unreadable(c.Bundle, err)
	}
	defer file.Close()
	claimed, err := bundle.Peek(file)
	if err != nil {
		return refusal(fmt.Errorf("%s: %w", c.Bundle, err))
	}
	rules, at, err := c.rules(claimed)
	if err != nil {
		return err
	}
	verified := len(rules.Keys) > 0
	if verified {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return unreadable(c.Bundle, err)
		}
		if err := c.take(file, rules, at, claimed.Purpose); err != nil {
			return err
		}
	} else if c.Out != "" {
		return mistake(errors.New("--out: nothing is taken out unverified: name a key (--public)"))
	}
	return c.show(b, claimed, verified)
}

// take verifies the bundle and writes its file, if that is asked for.
func (c *listOpenCommand) take(file io.Reader, rules shelf.Rules, at time.Time,
	purpose bundle.Purpose,
) error {
	sent, err := bundle.Read(file, bundle.Trust{Keys: rules.Keys, Purpose: purpose,
		Area: rules.Area, At: at, Largest: rules.Largest})
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
		return b.json(bundleAnswer{verified, string(m.Purpose), uint8(m.Area), m.Version, m.Base,
			m.Made.Format(time.RFC3339), m.Expires.Format(time.RFC3339), m.Count, m.Adding, m.Fewer,
			hex.EncodeToString(m.Digest[:]), m.Size, hex.EncodeToString(m.Sum[:])})
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

// Help implements kong.HelpProvider.
func (*listApplyCommand) Help() string {
	return `The folder is made if it is not there; action lists lie in its folder actions. That of a
running validator is not to be used: its inbox is. The exit code is 1 when a bundle was
refused; the ones before it are kept.`
}

// Run applies the bundles.
func (c *listApplyCommand) Run(b *bench) error {
	if c.Area == 0 {
		return mistake(errors.New("--area: name it, as a validator's configuration does"))
	}
	rules, at, err := c.rules(bundle.Manifest{})
	if err != nil {
		return err
	}
	rules.Cap = c.Cap
	store := blocklist.NewStore(rules.Area)
	defer store.Close()
	lists, err := shelf.Open(c.Folder, rules, store)
	if err != nil {
		return unwritable(c.Folder, err)
	}
	actions, err := tray.Open(filepath.Join(c.Folder, actionFolder), actionRules(rules))
	if err != nil {
		return unwritable(c.Folder, err)
	}
	for _, path := range c.Bundles {
		claimed, err := peek(path)
		if err == nil && claimed.Purpose == bundle.Actions {
			err = applyActions(b, actions, path, at)
		} else if err == nil {
			err = c.apply(b, lists, path, at)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// peek is what a bundle says of itself; nothing if it is none, which whoever takes it will
// say.
func peek(path string) (bundle.Manifest, error) {
	file, err := os.Open(path)
	if err != nil {
		return bundle.Manifest{}, unreadable(path, err)
	}
	defer file.Close()
	claimed, _ := bundle.Peek(file)
	return claimed, nil
}

func (c *listApplyCommand) apply(b *bench, lists *shelf.Shelf, path string, at time.Time) error {
	err := lists.Apply(path, at, inbox.AtOnce)
	now := lists.Status()
	switch {
	case errors.Is(err, inbox.ErrReplay):
		b.say("%s: changes nothing", path)
	case shelf.Refusal(err):
		in := "no list is in use"
		if now.Version != 0 {
			in = fmt.Sprintf("version %d stays in use", now.Version)
		}
		return refusal(fmt.Errorf("%w: %s", err, in))
	case err != nil:
		return err
	default:
		b.say("%s: in use: %s", path, editionLine(now.Edition))
	}
	if now.Held > 0 {
		b.say("%d cards are new, more than the cap: they are refused, and no block is written "+
			"to them", now.Held)
	}
	if now.Former > 0 {
		b.say("%s", now.Alarm)
	}
	return nil
}
