package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"
)

// Ensure that the CBOR of an export is as its help says: that anybody who reads it with a
// library can follow the chain of hashes, and finds in it what the JSON has.
func TestExportCBOR(t *testing.T) {
	folder(t, "journal")
	items := cbor.NewDecoder(strings.NewReader(
		done(t, "journal", "export", "journal", "--format", "cbor")))
	var before []byte
	for position := uint64(1); ; position++ {
		var item map[int]cbor.RawMessage
		err := items.Decode(&item)
		if errors.Is(err, io.EOF) {
			require.EqualValues(t, 8, position)
			break
		}
		require.NoError(t, err)
		require.Len(t, item, 4)
		var device, at uint64
		var hash []byte
		require.NoError(t, cbor.Unmarshal(item[1], &device))
		require.NoError(t, cbor.Unmarshal(item[2], &at))
		require.NoError(t, cbor.Unmarshal(item[3], &hash))
		require.EqualValues(t, 9, device)
		require.Equal(t, position, at)
		if before != nil {
			want := sha256.Sum256(slices.Concat(before, item[4]))
			require.True(t, bytes.Equal(want[:], hash), "entry %d", position)
		}
		before = hash
		var entry map[int]any
		require.NoError(t, cbor.Unmarshal(item[4], &entry))
		require.Contains(t, entry, 1)
	}
	require.Equal(t, 7, strings.Count(done(t, "journal", "export", "journal"), "\n"))
	part := done(t, "journal", "export", "journal", "--format", "cbor", "--after", "6")
	require.True(t, strings.HasSuffix(
		done(t, "journal", "export", "journal", "--format", "cbor"), part))
}
