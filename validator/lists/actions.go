package lists

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"io"

	"leima/cardlayout"
	"leima/fare/actionlist"
	"leima/fare/sale"
	"leima/validator/lists/bundle"
)

// Actions is the store of a device's action list.
type Actions struct{ *Store[*actionlist.List] }

// OpenActions takes the stored list into use. It is in memory, for a moment twice.
func OpenActions(folder string, trust bundle.Trust) (Actions, error) {
	s, err := openWhole(folder, "action list", trust, bundle.Actions,
		whole[*actionlist.List]{of: readActions, thinned: thinnedActions})
	return Actions{s}, err
}

// readActions decodes a list and compares it with its manifest.
func readActions(file []byte, m bundle.Manifest) (*actionlist.List, error) {
	list, err := actionlist.Decode(file)
	if err != nil {
		return nil, err
	}
	if !describes(m, actionsManifest(list, m.Sum)) {
		return nil, fmt.Errorf("it is version %d for area %d, with %d actions", list.Version(),
			list.Area(), list.Len())
	}
	return list, nil
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

// SignActions writes the bundle of a list.
func SignActions(w io.Writer, list *actionlist.List, terms Terms, key ed25519.PrivateKey) (
	bundle.Manifest, error,
) {
	raw, err := list.Encode()
	if err != nil {
		return bundle.Manifest{}, err
	}
	m := terms.over(actionsManifest(list, sha256.Sum256(raw)))
	return bundle.Write(w, m, bytes.NewReader(raw), key)
}

// actionsManifest is the manifest of a list. Its digest is that of the file: a list has one
// encoding.
func actionsManifest(list *actionlist.List, digest [sha256.Size]byte) bundle.Manifest {
	return bundle.Manifest{
		Purpose: bundle.Actions, Area: list.Area(), Version: list.Version(),
		Made: list.Made(), Count: list.Len(), Digest: digest,
	}
}
