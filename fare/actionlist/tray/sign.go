package tray

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"io"
	"time"

	"leima/blocklist/bundle"
	"leima/fare/actionlist"
)

// Sign writes the bundle of a list, which no device takes from expires on.
func Sign(w io.Writer, list *actionlist.List, expires time.Time, key ed25519.PrivateKey) (
	bundle.Manifest, error,
) {
	return sign(w, list, bundle.Manifest{Expires: expires}, key)
}

// SignFewer is Sign for a list that is meant to name far fewer actions than the one before.
func SignFewer(w io.Writer, list *actionlist.List, expires time.Time, key ed25519.PrivateKey) (
	bundle.Manifest, error,
) {
	return sign(w, list, bundle.Manifest{Expires: expires, Fewer: true}, key)
}

func sign(w io.Writer, list *actionlist.List, terms bundle.Manifest, key ed25519.PrivateKey) (
	bundle.Manifest, error,
) {
	m := ManifestOf(list)
	m.Expires, m.Fewer = terms.Expires, terms.Fewer
	raw, err := list.Encode()
	if err != nil {
		return m, err
	}
	m.Digest = sha256.Sum256(raw)
	return bundle.Write(w, m, bytes.NewReader(raw), key)
}

// ManifestOf is what a manifest says of a list, but for its terms and its sums. Its digest
// is that of the file: a list has one encoding.
func ManifestOf(list *actionlist.List) bundle.Manifest {
	return bundle.Manifest{Purpose: bundle.Actions, Area: list.Area(), Version: list.Version(),
		Made: list.Made(), Count: list.Len()}
}
