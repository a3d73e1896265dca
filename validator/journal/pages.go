package journal

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// What is known here of bbolt's file format, version 2. Numbers are in the byte
// order of the machine. A page begins with its number (8 bytes), kind (2), count of
// elements (2) and count of pages that follow it as its continuation (4); then come
// the elements, each telling where its key and value stand behind it.
const (
	leastPages  = 4 // as bbolt makes a new file
	metaSize    = 64
	headerSize  = 16
	elementSize = 16
	bucketSize  = 16 // before the page of a bucket that is kept within its element

	branchPage = 1
	leafPage   = 2

	bucketElement = 1

	magic      = 0xED0CDAED
	version    = 2
	noFreelist = 1<<64 - 1
)

// checkPages walks all pages in use and tells whether bbolt may be let near them:
// whether each is there, of its kind, named once, and holds what it says it holds.
func checkPages(file *os.File) (usage, error) {
	meta, err := newestMeta(file)
	if err != nil {
		return usage{}, err
	}
	info, err := file.Stat()
	if err != nil {
		return usage{}, err
	}
	if held := uint64(info.Size()) / pageSize; held < meta.end {
		return usage{}, fmt.Errorf("%w: it is cut off: %d of its %d pages are there",
			ErrDamaged, held, meta.end)
	}
	walk := walk{file: file, end: meta.end, seen: make(map[uint64]bool)}
	err = walk.tree(meta.root, nil, nil)
	u := usage{used: uint64(len(walk.seen)), all: meta.end, alone: meta.alone}
	if err == nil && u.alone {
		u.newest = newestHead(file, walk.seen)
	}
	return u, err
}

// A meta says where the database begins and ends.
type meta struct {
	root, end, transaction uint64
	ours                   bool // written with our options
	alone                  bool // the other one cannot be read, or is not the one before
}

// newestMeta is the one of the two that bbolt will take: after a power cut in the
// middle of a commit the newer one may be unreadable, and the older counts.
func newestMeta(file io.ReaderAt) (newest meta, err error) {
	var all []meta
	for page := range int64(2) {
		raw := make([]byte, metaSize)
		if _, err := file.ReadAt(raw, page*pageSize+headerSize); err != nil {
			return meta{}, fmt.Errorf("%w: reading page %d: %w", ErrDamaged, page, err)
		}
		m, valid := parseMeta(raw)
		if valid && (len(all) == 0 || m.transaction > newest.transaction) {
			newest = m
		}
		if valid {
			all = append(all, m)
		}
	}
	// They take turns: the other is that of the transaction before.
	newest.alone = len(all) < 2 || all[0].transaction+all[1].transaction != 2*newest.transaction-1
	if len(all) == 0 || !newest.ours {
		return meta{}, fmt.Errorf("%w: it is not as this program writes it", ErrDamaged)
	}
	return newest, nil
}

// parseMeta reads magic (4 bytes), version (4), page size (4), flags (4), root (8),
// its sequence (8), list of free pages (8), end (8), transaction (8), check sum (8).
func parseMeta(raw []byte) (m meta, valid bool) {
	native := binary.NativeEndian
	sum := fnv.New64a()
	sum.Write(raw[:metaSize-8])
	valid = native.Uint32(raw) == magic && native.Uint32(raw[4:]) == version &&
		native.Uint64(raw[metaSize-8:]) == sum.Sum64()
	return meta{
		root:        native.Uint64(raw[16:]),
		end:         native.Uint64(raw[40:]),
		transaction: native.Uint64(raw[48:]),
		ours:        native.Uint32(raw[8:]) == pageSize && native.Uint64(raw[32:]) == noFreelist,
	}, valid
}

// A walk goes through all pages that are in use.
type walk struct {
	file io.ReaderAt
	end  uint64
	seen map[uint64]bool
}

// tree checks a page and all below it, whose keys are from low up to before high;
// nil is no bound.
func (w *walk) tree(number uint64, low, high []byte) error {
	page, err := w.read(number)
	if err != nil {
		return err
	}
	elements, err := page.elements()
	if err == nil {
		err = ordered(elements, low, high)
	}
	if err != nil {
		return fmt.Errorf("%w: page %d: %w", ErrDamaged, number, err)
	}
	for n, element := range elements {
		switch end := high; {
		case page.kind() == branchPage:
			if n+1 < len(elements) {
				end = elements[n+1].key
			}
			err = w.tree(element.child, element.key, end)
		case element.child != 0:
			err = w.tree(element.child, nil, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ordered tells whether keys ascend and keep within their bounds.
func ordered(elements []element, low, high []byte) error {
	for n, e := range elements {
		if n > 0 && bytes.Compare(e.key, elements[n-1].key) <= 0 ||
			bytes.Compare(e.key, low) < 0 || high != nil && bytes.Compare(e.key, high) >= 0 {
			return fmt.Errorf("element %d is out of order", n)
		}
	}
	return nil
}

// read reads a page with its continuation, once.
func (w *walk) read(number uint64) (page, error) {
	raw := make([]byte, pageSize)
	if err := w.readAt(raw, number); err != nil {
		return nil, err
	}
	native := binary.NativeEndian
	more := uint64(native.Uint32(raw[12:]))
	if native.Uint64(raw) != number || more >= w.end-number {
		return nil, fmt.Errorf("%w: page %d is another one", ErrDamaged, number)
	}
	for n := number; n <= number+more; n++ {
		if w.seen[n] {
			return nil, fmt.Errorf("%w: page %d is named twice", ErrDamaged, n)
		}
		w.seen[n] = true
	}
	if more > 0 {
		raw = make([]byte, (1+more)*pageSize)
		if err := w.readAt(raw, number); err != nil {
			return nil, err
		}
	}
	return raw, nil
}

func (w *walk) readAt(raw []byte, number uint64) error {
	if number < 2 || number >= w.end {
		return fmt.Errorf("%w: there can be no page %d", ErrDamaged, number)
	}
	if _, err := w.file.ReadAt(raw, int64(number)*pageSize); err != nil {
		return fmt.Errorf("%w: reading page %d: %w", ErrDamaged, number, err)
	}
	return nil
}

// A page of bbolt's, with its continuation.
type page []byte

func (p page) kind() uint16 { return binary.NativeEndian.Uint16(p[8:]) }

// An element of a page. Its child is the page it leads to, 0 if it leads to none.
type element struct {
	key   []byte
	child uint64
}

func (p page) elements() ([]element, error) {
	kind, count := p.kind(), int(binary.NativeEndian.Uint16(p[10:]))
	if kind != leafPage && (kind != branchPage || count == 0) {
		return nil, fmt.Errorf("it has kind %d and %d elements", kind, count)
	}
	if headerSize+count*elementSize > len(p) {
		return nil, fmt.Errorf("%d elements have no room", count)
	}
	parse := leafElement
	if kind == branchPage {
		parse = branchElement
	}
	list := make([]element, count)
	for n := range list {
		var err error
		if list[n], err = parse(p[headerSize+n*elementSize:]); err != nil {
			return nil, fmt.Errorf("element %d: %w", n, err)
		}
	}
	return list, nil
}

// branchElement reads the position of the key (4 bytes), its size (4), child (8).
func branchElement(raw []byte) (element, error) {
	native := binary.NativeEndian
	key, _, err := keyAndValue(raw, native.Uint32(raw), native.Uint32(raw[4:]), 0)
	return element{key, native.Uint64(raw[8:])}, err
}

// leafElement reads flags (4 bytes), position of the key (4), its size (4), size of
// the value (4). A value may be a bucket: the page it begins at (8), a sequence (8)
// and, if there is no such page, the bucket's only page.
func leafElement(raw []byte) (element, error) {
	native := binary.NativeEndian
	key, value, err := keyAndValue(raw, native.Uint32(raw[4:]), native.Uint32(raw[8:]),
		native.Uint32(raw[12:]))
	if err != nil || native.Uint32(raw)&bucketElement == 0 {
		return element{key: key}, err
	}
	if len(value) < bucketSize {
		return element{}, fmt.Errorf("a bucket has only %d bytes", len(value))
	}
	child := native.Uint64(value)
	if child == 0 {
		err = page(value[bucketSize:]).inline()
	}
	return element{key, child}, err
}

// inline checks the page of a bucket that is kept within its element.
func (p page) inline() error {
	if len(p) < headerSize || p.kind() != leafPage {
		return fmt.Errorf("a bucket within it has no page")
	}
	elements, err := p.elements()
	if err != nil {
		return err
	}
	for _, e := range elements {
		if e.child != 0 {
			return fmt.Errorf("a bucket within it has buckets of its own")
		}
	}
	return ordered(elements, nil, nil)
}

// keyAndValue cuts both out of the bytes from their element on.
func keyAndValue(raw []byte, position, key, value uint32) (k, v []byte, err error) {
	if key == 0 || uint64(position)+uint64(key)+uint64(value) > uint64(len(raw)) {
		return nil, nil, fmt.Errorf("its key and value have no room")
	}
	return raw[position:][:key], raw[position+key:][:value], nil
}
