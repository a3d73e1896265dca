package journal

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

var native = binary.NativeEndian

// leaf makes a page of elements that have keys "a", "b", … and these values. With a
// bucket the first element is one.
func leaf(number uint64, bucket bool, values ...[]byte) []byte {
	raw := make([]byte, headerSize+len(values)*elementSize)
	native.PutUint64(raw, number)
	native.PutUint16(raw[8:], leafPage)
	native.PutUint16(raw[10:], uint16(len(values)))
	for n, value := range values {
		element := raw[headerSize+n*elementSize:]
		if bucket && n == 0 {
			native.PutUint32(element, bucketElement)
		}
		native.PutUint32(element[4:], uint32(len(element)))
		native.PutUint32(element[8:], 1)
		native.PutUint32(element[12:], uint32(len(value)))
		raw = append(append(raw, byte('a'+n)), value...)
	}
	return raw
}

// branch makes a page that leads to children, with keys "a", "b", ….
func branch(number uint64, children ...uint64) []byte {
	values := make([][]byte, len(children))
	raw := leaf(number, false, values...)
	native.PutUint16(raw[8:], branchPage)
	for n, child := range children {
		element := raw[headerSize+n*elementSize:]
		native.PutUint32(element, native.Uint32(element[4:]))
		native.PutUint32(element[4:], 1)
		native.PutUint64(element[8:], child)
	}
	return raw
}

// bucket makes the value of a bucket that begins at a page, or has its only page
// within it.
func bucket(root uint64, page []byte) []byte {
	return append(native.AppendUint64(nil, root), append(make([]byte, 8), page...)...)
}

// set4 changes four bytes of a page.
func set4(page []byte, at int, value uint32) []byte {
	native.PutUint32(page[at:], value)
	return page
}

// Ensure that every way is seen in which pages can lie, since bbolt sees none of
// them and most would end the program.
func TestPages(t *testing.T) {
	first := headerSize // element of a page
	swapped := leaf(2, false, nil, nil)
	swapped[len(swapped)-2], swapped[len(swapped)-1] = 'b', 'a'
	for name, test := range map[string]struct {
		pages [][]byte // from 2 on; the root is 2
		want  string
	}{
		"empty":       {[][]byte{leaf(2, false)}, ""},
		"leaf":        {[][]byte{leaf(2, false, []byte("1"), nil)}, ""},
		"tree":        {[][]byte{branch(2, 3, 4), leaf(3, false, nil), leaf(4, false)}, ""},
		"bucket":      {[][]byte{leaf(2, true, bucket(3, nil)), leaf(3, false, nil)}, ""},
		"inline":      {[][]byte{leaf(2, true, bucket(0, leaf(0, false, nil, nil)))}, ""},
		"overflow":    {[][]byte{set4(leaf(2, false, make([]byte, 5000)), 12, 1)}, ""},
		"no overflow": {[][]byte{leaf(2, false, make([]byte, 5000))}, "page 2: element 0: its key"},
		"past end":    {[][]byte{set4(leaf(2, false), 12, 9)}, "page 2 is another one"},
		"number":      {[][]byte{leaf(5, false)}, "page 2 is another one"},
		"kind":        {[][]byte{set4(leaf(2, false), 8, 4)}, "page 2: it has kind 4 and 0 elements"},
		"bare branch": {[][]byte{branch(2)}, "page 2: it has kind 1 and 0 elements"},
		"count": {[][]byte{set4(leaf(2, false), 8, leafPage|300<<16)},
			"300 elements have no room"},
		"key size": {[][]byte{set4(leaf(2, false, nil), first+8, 0)},
			"element 0: its key and value"},
		"key far":   {[][]byte{set4(leaf(2, false, nil), first+4, 1<<32-1)}, "its key and value"},
		"value far": {[][]byte{set4(leaf(2, false, nil), first+12, 1<<32-1)}, "its key and value"},
		"branch key": {[][]byte{set4(branch(2, 3), first+4, 5000), leaf(3, false)},
			"its key and value"},
		"order": {[][]byte{swapped}, "page 2: element 1 is out of order"},
		"same key": {[][]byte{append(swapped[:len(swapped)-2:len(swapped)-2], 'a', 'a')},
			"element 1 is out"},
		"too low": {[][]byte{branch(2, 3, 4), leaf(3, false, nil), leaf(4, false, nil)},
			"page 4: element 0"},
		"too high": {[][]byte{branch(2, 3, 4), leaf(3, false, nil, nil), leaf(4, false)},
			"page 3: element 1"},
		"itself":     {[][]byte{branch(2, 2)}, "page 2 is named twice"},
		"twice":      {[][]byte{branch(2, 3, 3), leaf(3, false)}, "page 3 is named twice"},
		"page 0":     {[][]byte{branch(2, 0)}, "there can be no page 0"},
		"meta":       {[][]byte{leaf(2, true, bucket(1, nil))}, "there can be no page 1"},
		"beyond":     {[][]byte{branch(2, 3)}, "there can be no page 3"},
		"far beyond": {[][]byte{branch(2, 1<<63)}, "there can be no page 9223372036854775808"},
		"bare bucket": {[][]byte{leaf(2, true, []byte("short"))},
			"element 0: a bucket has only 5 bytes"},
		"no page": {[][]byte{leaf(2, true, bucket(0, nil))}, "a bucket within it has no page"},
		"branch page": {[][]byte{leaf(2, true, bucket(0, branch(0, 3)))},
			"a bucket within it has no page"},
		"within": {[][]byte{leaf(2, true, bucket(0, set4(leaf(0, false, nil), 24, 9)))},
			"its key and value"},
		"nested": {[][]byte{leaf(2, true, bucket(0, leaf(0, true, bucket(3, nil)))), leaf(3, false)},
			"a bucket within it has buckets of its own"},
	} {
		t.Run(name, func(t *testing.T) {
			raw := make([]byte, 2*pageSize)
			for _, page := range test.pages {
				raw = append(raw, page...)
				raw = append(raw, make([]byte, -len(raw)&(pageSize-1))...)
			}
			walk := walk{
				file: bytes.NewReader(raw), end: uint64(len(raw)) / pageSize,
				seen: make(map[uint64]bool),
			}
			err := walk.tree(2, nil, nil)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, ErrDamaged)
			require.ErrorContains(t, err, test.want)
		})
	}
}

// Ensure that a page that cannot be read is damage, and says which.
func TestPageUnreadable(t *testing.T) {
	short := walk{file: bytes.NewReader(nil), end: 9, seen: make(map[uint64]bool)}
	err := short.tree(2, nil, nil)
	require.ErrorIs(t, err, ErrDamaged)
	require.ErrorContains(t, err, "reading page 2")
	_, err = newestMeta(bytes.NewReader(nil))
	require.ErrorIs(t, err, ErrDamaged)
	require.ErrorContains(t, err, "reading page 0")
}

// Ensure that the newer of two metas counts, that one is enough, and that a journal
// cannot be opened without any.
func TestMetas(t *testing.T) {
	path := filled(t)
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	newest, err := newestMeta(bytes.NewReader(raw))
	require.NoError(t, err)
	spoil := func(pages ...int) []byte {
		spoiled := bytes.Clone(raw)
		for _, page := range pages {
			spoiled[page*pageSize+headerSize+40]++
		}
		return spoiled
	}
	one, err := newestMeta(bytes.NewReader(spoil(0)))
	require.NoError(t, err)
	other, err := newestMeta(bytes.NewReader(spoil(1)))
	require.NoError(t, err)
	require.ElementsMatch(t, []uint64{newest.transaction, newest.transaction - 1},
		[]uint64{one.transaction, other.transaction})

	copied := filepath.Join(t.TempDir(), "copy")
	require.NoError(t, os.WriteFile(copied, spoil(0, 1), 0o600))
	requireDamaged(t, verdict(copied), "it is no database")
}
