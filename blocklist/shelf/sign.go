package shelf

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"time"

	"leima/blocklist"
	"leima/blocklist/bundle"
)

// Terms are what the issuer says beside the list itself.
type Terms struct {
	Expires time.Time
	Adding  uint32 // more cards than a device's cap that the list is meant to add
	Fewer   bool   // it is meant to name far fewer cards than the one before
}

// Sign makes the bundle of a list or a delta that was built. A bundle that is there
// already is replaced at once or not at all.
func Sign(path, list string, terms Terms, key ed25519.PrivateKey) (m bundle.Manifest, err error) {
	content, err := blocklist.Open(list)
	if err != nil {
		return m, err
	}
	m = ManifestOf(content)
	m.Expires, m.Adding, m.Fewer = terms.Expires, terms.Adding, terms.Fewer
	if err := content.Close(); err != nil {
		return m, err
	}
	file, err := os.Open(list)
	if err != nil {
		return m, fmt.Errorf("reading the list: %w", err)
	}
	defer file.Close()
	draft, err := os.Create(path + newSuffix)
	if err != nil {
		return m, fmt.Errorf("writing the bundle: %w", err)
	}
	m, err = bundle.Write(draft, m, file, key)
	if err = errors.Join(err, draft.Sync(), draft.Close()); err == nil {
		err = os.Rename(draft.Name(), path)
	}
	if err != nil {
		_ = os.Remove(draft.Name())
	}
	return m, err
}

// ManifestOf is what a manifest says of an open list or delta, but for its terms.
func ManifestOf(file *blocklist.File) bundle.Manifest {
	e := file.Edition()
	return bundle.Manifest{Purpose: bundle.BlockList, Area: e.Area, Version: e.Version,
		Base: file.Base(), Made: e.Made, Count: e.Count, Digest: e.Digest}
}
