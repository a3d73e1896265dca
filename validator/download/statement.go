package download

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"leima/cardlayout/canonical"
	"leima/hw/disk"
	"leima/validator/backoff"
	"leima/validator/lists/manifest"
)

// look takes the depot's manifest for the last one, if it counts.
func (c *Client) look(ctx context.Context) error {
	header := http.Header{}
	if len(c.lastRaw) > 0 && c.last.Root == c.root.Version { // else it would not count again
		header.Set("If-None-Match", fmt.Sprintf(`"%x"`, sha256.Sum256(c.lastRaw)))
	}
	raw, err := c.statement(ctx, "/v1/manifest", header)
	if err != nil || raw == nil {
		return err
	}
	claimed, err := manifest.Peek(raw)
	if err == nil {
		err = c.follow(ctx, claimed.Root)
	}
	if err != nil {
		return fmt.Errorf("the depot's manifest: %w", err)
	}
	m, err := c.root.Read(raw, c.last)
	if err != nil {
		return fmt.Errorf("the depot's manifest: %w", err)
	}
	switch at, known := c.Time(); {
	case known && m.Expired(at):
		return ErrFrozen
	case !known:
		c.Log.Warn("download: the time is not known, and so neither whether the manifest has "+
			"expired: it is taken", "manifest", m.Version)
	}
	if err := c.keep(c.rootRaw, raw); err != nil {
		return err
	}
	c.last, c.lastRaw = m, raw
	return nil
}

// follow takes each root that follows, up to a version.
func (c *Client) follow(ctx context.Context, version uint64) error {
	for c.root.Version < version {
		raw, err := c.statement(ctx, fmt.Sprintf("/v1/roots/%d", c.root.Version+1), nil)
		if err != nil {
			return err
		}
		next, err := c.root.Next(raw)
		if err == nil {
			err = c.keep(raw, c.lastRaw)
		}
		if err != nil {
			return fmt.Errorf("root %d: %w", c.root.Version+1, err)
		}
		c.root, c.rootRaw = next, raw
		c.Log.Warn("download: other keys count from now on", "root", next.Version)
	}
	return nil
}

// statement fetches a root or a manifest; nil if it is the one that is known.
func (c *Client) statement(ctx context.Context, path string, header http.Header) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	a, err := c.get(ctx, path, header)
	if err != nil {
		return nil, err
	}
	defer a.Body.Close()
	switch a.StatusCode {
	case http.StatusNotModified:
		return nil, nil
	case http.StatusOK:
	case http.StatusForbidden:
		return nil, fmt.Errorf("the depot answers %s: it does not know this device, or it was "+
			"withdrawn: let a person add it (depot device add)", a.Status)
	case http.StatusNotFound:
		return nil, fmt.Errorf("the depot answers %s: it has no %s: let a person publish it "+
			"(depot publish), and restart the depot if its [shelf] is new", a.Status, path)
	default:
		return nil, fmt.Errorf("the depot answers %s with %s", path, a.Status)
	}
	raw, err := io.ReadAll(io.LimitReader(a.Body, manifest.LongestStatement+1))
	if err != nil {
		return nil, fmt.Errorf("the depot's answer was cut: %w", err)
	}
	return raw, nil
}

// get asks the depot.
func (c *Client) get(ctx context.Context, path string, header http.Header) (*http.Response, error) {
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URL+path, nil)
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		q.Header[name] = values
	}
	q.Header.Set("Accept-Encoding", "identity") // a part is one of the bytes that are signed
	a, err := c.HTTP.Do(q)
	if err != nil {
		return nil, fmt.Errorf("the depot is not reached: %w", err)
	}
	if a.StatusCode == http.StatusTooManyRequests || a.StatusCode == http.StatusServiceUnavailable {
		_ = a.Body.Close()
		return nil, &laterError{backoff.Asked(a)}
	}
	return a, nil
}

// A laterError is a depot's wish to be asked later.
type laterError struct{ after time.Duration }

func (e *laterError) Error() string { return "the depot wants to be asked later" }

// keptFile is the file of what counts.
const keptFile = "manifest"

// kept is what counts: it is in force before anything is done by it.
type kept struct {
	_        struct{} `cbor:",toarray"`
	First    []byte   // the first root's SHA-256: with another one a person has begun anew
	Root     []byte
	Manifest []byte
}

func (c *Client) keep(root, last []byte) error {
	first := sha256.Sum256(c.Root)
	raw, err := canonical.Encode.Marshal(kept{First: first[:], Root: root, Manifest: last})
	if err == nil {
		err = disk.Sync.Replace(filepath.Join(c.Folder, keptFile), 0o600, disk.Bytes(raw))
	}
	if err != nil {
		return fmt.Errorf("keeping the manifest: %w: make room in the state folder", err)
	}
	return nil
}

// recall takes up what was kept, or else begins with the first root.
func (c *Client) recall() error {
	var err error
	if c.root, err = manifest.ReadRoot(c.Area, c.Root); err != nil {
		return fmt.Errorf("the root: %w: want the one that \"depot root\" has written, of area %d",
			err, c.Area)
	}
	c.rootRaw = c.Root
	raw, err := os.ReadFile(filepath.Join(c.Folder, keptFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var k kept
	if err == nil {
		err = canonical.Decode.Unmarshal(raw, &k)
	}
	first := sha256.Sum256(c.Root)
	if err == nil && bytes.Equal(k.First, first[:]) {
		var root manifest.Root
		if root, err = manifest.ReadRoot(c.Area, k.Root); err == nil {
			c.root, c.rootRaw = root, k.Root
		}
	}
	if err != nil {
		c.Log.Error("download: alarm: what was kept of the last manifest is damaged: it begins "+
			"anew with the first root", "error", err)
		return nil
	}
	m, err := c.root.Read(k.Manifest, manifest.Manifest{})
	if err == nil || errors.Is(err, manifest.ErrRoot) && m.Root < c.root.Version {
		c.last, c.lastRaw = m, k.Manifest // of a former root it says when it expires, and no more
	}
	return nil
}
