package lists

import (
	"crypto/ed25519"
	"fmt"
	"io"
	"os"
	"time"

	"leima/blocklist"
	"leima/validator/lists/bundle"
)

// Terms are what the issuer states besides the list.
type Terms struct {
	Expires time.Time
	Adding  uint32 // more cards than a device's cap are meant to be added
	Fewer   bool   // far fewer entries than before are meant
}

func (t Terms) over(m bundle.Manifest) bundle.Manifest {
	m.Expires, m.Adding, m.Fewer = t.Expires, t.Adding, t.Fewer
	return m
}

// describes reports whether a manifest describes a list; terms and the sums of the file are left
// out.
func describes(m, list bundle.Manifest) bool {
	list = Terms{m.Expires, m.Adding, m.Fewer}.over(list)
	list.Size, list.Sum = m.Size, m.Sum
	return list == m
}

// SignBlocks writes the bundle of a built block list or delta.
func SignBlocks(w io.Writer, path string, terms Terms, key ed25519.PrivateKey) (
	m bundle.Manifest, err error,
) {
	list, err := blocklist.Open(path)
	if err != nil {
		return m, err
	}
	m = terms.over(blocksManifest(list))
	if err := list.Close(); err != nil {
		return m, err
	}
	file, err := os.Open(path)
	if err != nil {
		return m, fmt.Errorf("reading the list: %w", err)
	}
	defer file.Close()
	return bundle.Write(w, m, file, key)
}

// blocksManifest is the manifest of an open list or delta.
func blocksManifest(file *blocklist.File) bundle.Manifest {
	e := file.Edition()
	return bundle.Manifest{
		Purpose: bundle.BlockList, Area: e.Area, Version: e.Version,
		Base: file.Base(), Made: e.Made, Count: e.Count, Digest: e.Digest,
	}
}
