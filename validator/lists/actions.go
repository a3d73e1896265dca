package lists

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"io"

	"leima/cardlayout"
	"leima/fare/actionlist"
	"leima/fare/sale"
	"leima/validator/lists/bundle"
)

// Actions is the store of a device's action list.
type Actions struct{ *Store[*actionlist.List] }

// OpenActions takes the stored list into use. It is in memory, for a moment twice; while a delta is
// taken, with the full list that it changes.
func OpenActions(folder string, trust bundle.Trust) (Actions, error) {
	s, err := openWhole(folder, "action list", trust, bundle.Actions,
		whole[*actionlist.List]{of: readActions, thinned: thinnedActions})
	return Actions{s}, err
}

// readActions decodes a list, or a delta over its full list, and compares it with its manifest.
func readActions(file []byte, m bundle.Manifest, full *actionlist.List) (
	*actionlist.List, error,
) {
	if m.Base == 0 {
		list, err := actionlist.Decode(file)
		if err == nil {
			err = isActions(m, list)
		}
		return list, err
	}
	delta, err := actionlist.DecodeDelta(file)
	if err == nil {
		err = isActions(m, delta)
	}
	if err != nil {
		return nil, err
	}
	return delta.Over(full)
}

// isActions reports how a list or delta differs from its manifest.
func isActions(m bundle.Manifest, list ActionFile) error {
	if e := list.Edition(); !describes(m, actionsManifest(list)) {
		return fmt.Errorf("it is version %d for area %d, with %d actions", e.Version, e.Area,
			e.Count)
	}
	return nil
}

func thinnedActions(m bundle.Manifest, before int) string {
	return fmt.Sprintf("version %d has %d actions and the list before it %d, and nobody "+
		"has said that so many are meant to go: what was bought does not come: send a list "+
		"that has it, or sign it with --fewer", m.Version, m.Count, before)
}

// none is the list before the first.
var none = new(actionlist.List)

// List is the list in use; one without a version before the first.
func (a Actions) List() *actionlist.List {
	if list := a.Used().Value; list != nil {
		return list
	}
	return none
}

// Lookup implements validator.Actions. It never fails.
func (a Actions) Lookup(card cardlayout.Number) ([]sale.Action, error) {
	return a.List().Lookup(card)
}

// An ActionFile is an action list, or a delta of one.
type ActionFile interface {
	Edition() actionlist.Edition
	Base() uint32
	Encode() ([]byte, error)
}

// SignActions writes the bundle of an action list or a delta.
func SignActions(w io.Writer, list ActionFile, terms Terms, key ed25519.PrivateKey) (
	bundle.Manifest, error,
) {
	raw, err := list.Encode()
	if err != nil {
		return bundle.Manifest{}, err
	}
	return bundle.Write(w, terms.over(actionsManifest(list)), bytes.NewReader(raw), key)
}

// actionsManifest is the manifest of a list or a delta.
func actionsManifest(list ActionFile) bundle.Manifest {
	e := list.Edition()
	return bundle.Manifest{
		Purpose: bundle.Actions, Area: e.Area, Version: e.Version,
		Base: list.Base(), Made: e.Made, Count: e.Count, Digest: e.Digest,
	}
}
