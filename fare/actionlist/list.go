// Package actionlist holds the actions that wait for cards: loads that were bought elsewhere, and
// blocks to be lifted (toimintolista, R-195).
//
// An area's issuer makes a list once; it never changes. All of it is in memory: a city's loads of
// two weeks are few compared with its cards. The package changes no card and knows no clock:
// package sale decides what is done at a tap.
//
// Its one rule: of two actions of a card that expect the same counter, never both wait on the same
// day, so that neither is lost to the other.
//
// # The encoding
//
// A list is one array in deterministic CBOR (RFC 8949 section 4.2); other encodings of the same
// list are refused:
//
//	[1, area, version, made, [entry, …]]  made in seconds since 1970
//	entry: [card number, action]          by card number, counter expected, counter left
//	action: [expects, leaves, first, last, kind, amount, product, zones, days,
//	         funder, organisation, device]
//
// A delta leads from one list to a later one: entries that are added or changed, and those that are
// gone. It is laid over the list that it was made from, and nothing else comes of it than the later
// one; deltas do not build on each other. It is an array too, which only NewDelta writes:
//
//	[1, area, version, made, base, count, digest, [change, …]]
//	base     version of the list that it changes
//	count    of the entries of the list that it leads to, whose area, version and made these are
//	digest   SHA-256 of that list's encoding
//	change   an entry as it is from now on; of one that is gone only its card and counters
//
// Neither is signed: the bundle that carries it is.
package actionlist

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"leima/cardlayout"
	"leima/fare/sale"
)

// MostEntries is how many actions a list may have, at about 48 bytes each.
const MostEntries = 1 << 20

// An Entry is an action and the card that it waits for.
type Entry struct {
	_      struct{} `cbor:",toarray"`
	Card   cardlayout.Number
	Action sale.Action
}

// An Edition identifies a list: equal editions are of the same list.
type Edition struct {
	Version uint32
	Area    cardlayout.Area
	Made    time.Time // UTC, whole seconds
	Count   int
	Digest  [sha256.Size]byte // of the encoding
}

// A List is the actions of an area's cards. Goroutines may share it.
type List struct {
	edition Edition
	cards   []cardlayout.Number // of the actions, in order
	actions []sale.Action
}

// New makes a list of entries in any order. Its error names the first entry that no device could
// do, or that would take another's place.
func New(area cardlayout.Area, version uint32, made time.Time, entries []Entry) (*List, error) {
	entries = slices.Clone(entries)
	slices.SortFunc(entries, compare)
	return listOf(area, version, made, entries)
}

func compare(a, b Entry) int {
	return cmp.Or(cmp.Compare(a.Card, b.Card), cmp.Compare(a.Action.Expects, b.Action.Expects),
		cmp.Compare(a.Action.Leaves, b.Action.Leaves))
}

// listOf makes a list of entries that must be in order.
func listOf(
	area cardlayout.Area, version uint32, made time.Time, entries []Entry,
) (*List, error) {
	if area == 0 || version == 0 || len(entries) > MostEntries {
		return nil, fmt.Errorf("action list of area %d, version %d, with %d actions: "+
			"want an area, a version, and at most %d", area, version, len(entries), MostEntries)
	}
	l := &List{
		edition: Edition{
			Version: version, Area: area, Made: made.UTC().Truncate(time.Second),
			Count: len(entries),
		},
		cards: make([]cardlayout.Number, len(entries)), actions: make([]sale.Action, len(entries)),
	}
	for n := range entries {
		if err := check(entries, n); err != nil {
			e := &entries[n]
			return nil, fmt.Errorf("action list version %d, card %s, action %d to %d: %w: "+
				"have the list made again", version, e.Card.Short(), e.Action.Expects,
				e.Action.Leaves, err)
		}
		l.cards[n], l.actions[n] = entries[n].Card, entries[n].Action
	}
	raw, err := l.Encode()
	if err != nil {
		return nil, err
	}
	l.edition.Digest = sha256.Sum256(raw)
	return l, nil
}

// check reports the fault of an entry, or of its place after the earlier ones.
func check(entries []Entry, n int) error {
	e := &entries[n]
	if !e.Card.Valid() {
		return errors.New("no card has this number")
	}
	if err := e.Action.Check(); err != nil {
		return err
	}
	if n > 0 && compare(entries[n-1], *e) >= 0 {
		return errors.New("it is not behind the one before it")
	}
	for m := n - 1; m >= 0; m-- {
		earlier := &entries[m]
		if earlier.Card != e.Card || earlier.Action.Expects != e.Action.Expects {
			break
		}
		if e.Action.First <= earlier.Action.Last && earlier.Action.First <= e.Action.Last {
			return fmt.Errorf("action %d to %d waits on the same days", earlier.Action.Expects,
				earlier.Action.Leaves)
		}
	}
	return nil
}

// Lookup implements validator.Actions. It never fails.
func (l *List) Lookup(card cardlayout.Number) ([]sale.Action, error) {
	first, _ := slices.BinarySearch(l.cards, card)
	end := first
	for end < len(l.cards) && l.cards[end] == card {
		end++
	}
	return l.actions[first:end:end], nil
}

// entry is the n-th entry.
func (l *List) entry(n int) Entry { return Entry{Card: l.cards[n], Action: l.actions[n]} }

// Edition identifies the list.
func (l *List) Edition() Edition { return l.edition }

// Base is 0: a list is none that changes another.
func (*List) Base() uint32 { return 0 }

// Area is the area whose cards the list is for.
func (l *List) Area() cardlayout.Area { return l.edition.Area }

// Version is the list's number; a newer list has a higher one.
func (l *List) Version() uint32 { return l.edition.Version }

// Made is the time when the list was made, in whole seconds, UTC.
func (l *List) Made() time.Time { return l.edition.Made }

// Len is the number of actions.
func (l *List) Len() int { return l.edition.Count }
