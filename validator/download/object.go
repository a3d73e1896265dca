package download

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"leima/hw/disk"
	"leima/validator/lists/bundle"
	"leima/validator/lists/manifest"
)

// ErrObject says that an object is not what the manifest names.
var ErrObject = errors.New("it is not what the manifest names")

// enough is by how many bytes a part has to grow before a download that was cut goes on at once.
// What comes again from the beginning is no progress.
const enough = 64 << 10

// collect downloads what is lacking. Of a purpose of which one object is refused nothing more is
// fetched in this round: a delta is of no use without its full list.
func (c *Client) collect(ctx context.Context) (more bool, err error) {
	c.sweep()
	refused, arrived := map[bundle.Purpose]bool{}, false
	for _, o := range inOrder(c.last.Objects) {
		if !c.Lacks(o) {
			delete(c.delivered, o.Name()) // it was taken: if it is lost, it is wanted again
			continue
		}
		if refused[o.Purpose] || c.delivered[o.Name()] {
			continue
		}
		var failed error
		if more, failed = c.obtain(ctx, o); more {
			break // it was cut, and goes on at once
		}
		err = errors.Join(err, failed)
		arrived, refused[o.Purpose] = arrived || failed == nil, failed != nil
		if failed != nil && !errors.Is(failed, ErrObject) {
			break // the link, or the disk
		}
	}
	if arrived {
		c.Arrived()
	}
	return more, err
}

// inOrder are objects in the order in which they are wanted: block lists, which are long, last, and
// a full list before its delta.
func inOrder(objects []manifest.Object) []manifest.Object {
	return slices.SortedStableFunc(slices.Values(objects), func(a, b manifest.Object) int {
		rank := func(o manifest.Object) int {
			if o.Purpose == bundle.BlockList {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Purpose, b.Purpose),
			cmp.Compare(a.Version, b.Version))
	})
}

// The ends of the names of what is downloaded. Package inbox takes what ends in .bundle.
const (
	partSuffix   = ".part"
	bundleSuffix = ".bundle"
)

func (c *Client) path(name string) string { return filepath.Join(c.Folder, name) }

// sweep removes what the manifest does not name any more.
func (c *Client) sweep() {
	wanted, named := map[string]bool{keptFile: true}, map[string]bool{}
	for _, o := range c.last.Objects {
		wanted[o.Name()+partSuffix], wanted[o.Name()+bundleSuffix] = true, true
		named[o.Name()] = true
	}
	maps.DeleteFunc(c.delivered, func(name string, _ bool) bool { return !named[name] })
	entries, _ := os.ReadDir(c.Folder) // the next sweep finds the rest
	for _, entry := range entries {
		if !wanted[entry.Name()] {
			_ = os.Remove(c.path(entry.Name()))
		}
	}
}

// obtain downloads an object, or what is lacking of it. It reports whether more of it waits.
func (c *Client) obtain(ctx context.Context, o manifest.Object) (more bool, err error) {
	if largest := c.Largest(o.Purpose); o.Size > largest {
		return false, fmt.Errorf("%w: %s version %d has %d bytes, and the configuration allows %d",
			ErrObject, o.Purpose, o.Version, o.Size, largest)
	}
	part, whole := c.path(o.Name()+partSuffix), c.path(o.Name()+bundleSuffix)
	if _, err := os.Lstat(whole); err == nil {
		return false, nil // it waits to be taken
	}
	have := sizeOf(part)
	if have < o.Size {
		err = c.fetch(ctx, o, part, have)
	}
	if err == nil {
		err = check(o, part)
	}
	if err == nil {
		err = disk.Sync.Rename(part, whole)
	}
	var full *fs.PathError
	switch {
	case err == nil:
		c.delivered[o.Name()] = true
		return false, nil
	case errors.Is(err, ErrObject):
		_ = os.Remove(part)
		return false, fmt.Errorf("%s version %d: %w", o.Purpose, o.Version, err)
	case errors.As(err, &full):
		_ = os.Remove(part)
		return false, fmt.Errorf("keeping a download: %w: make room in the state folder", err)
	}
	return sizeOf(part)-have >= enough, err
}

// sizeOf is how many bytes a file has; 0 if there is none.
func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// fetch adds to a part what is lacking of an object.
func (c *Client) fetch(ctx context.Context, o manifest.Object, part string, have int64) error {
	ctx, cancel := context.WithTimeout(ctx, turn)
	defer cancel()
	header := http.Header{}
	if have > 0 {
		header.Set("Range", fmt.Sprintf("bytes=%d-", have))
		header.Set("If-Range", `"`+o.Name()+`"`)
	}
	a, err := c.get(ctx, "/v1/objects/"+o.Name(), header)
	if err != nil {
		return err
	}
	defer a.Body.Close()
	write := disk.Sync.Append
	switch a.StatusCode {
	case http.StatusPartialContent: // whether it is the right part, its sum tells
	case http.StatusOK:
		have, write = 0, disk.Sync.Write
	case http.StatusRequestedRangeNotSatisfiable:
		return fmt.Errorf("%w: the depot has less of it", ErrObject)
	case http.StatusNotFound:
		return fmt.Errorf("the depot answers %s: it does not have what its manifest names: "+
			"publish it again if that lasts", a.Status)
	default:
		return fmt.Errorf("the depot answers a download with %s", a.Status)
	}
	got := int64(0)
	err = write(part, 0o600, func(w io.Writer) (err error) {
		got, err = io.Copy(w, &patient{io.LimitReader(a.Body, o.Size-have+1)})
		return err
	})
	switch {
	case err != nil:
		return fmt.Errorf("the download was cut: %w", err)
	case have+got < o.Size:
		return fmt.Errorf("the download was cut: %w", io.ErrUnexpectedEOF)
	}
	return nil
}

// check holds a part to what the manifest names.
func check(o manifest.Object, part string) error {
	file, err := os.Open(part)
	if err != nil {
		return err
	}
	defer file.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, &patient{file})
	switch {
	case err != nil:
		return err
	case n != o.Size:
		return fmt.Errorf("%w: it has other than %d bytes", ErrObject, o.Size)
	case !bytes.Equal(sum.Sum(nil), o.Sum[:]):
		return fmt.Errorf("%w: its SHA-256 is another", ErrObject)
	}
	return nil
}

// patient lets others have the only processor between two parts of a long file: a tap may be
// waiting.
type patient struct{ io.Reader }

func (p *patient) Read(b []byte) (int, error) {
	runtime.Gosched()
	return p.Reader.Read(b)
}
