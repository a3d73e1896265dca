package blocklist

import (
	"fmt"

	"github.com/FastFilter/xorfilter"
)

// filter is the binary fuse filter as stored, without what can be derived. Without fingerprints it
// lets every card pass, so that a list for which no filter could be made is slower, not wrong.
type filter struct {
	_             struct{} `cbor:",toarray"`
	Seed          uint64
	SegmentLength uint32
	Segments      uint32
	Fingerprints  []byte
}

// newFilter makes the filter of a list and tests every record against it: a filter that misses one
// card would let a blocked card pay while the list is in use.
func newFilter(records []record) *filter {
	keys := make([]uint64, len(records))
	for i, r := range records {
		keys[i] = uint64(r.number)
	}
	if len(keys) == 0 {
		return &filter{}
	}
	fuse, err := xorfilter.PopulateBinaryFuse8(keys)
	if err != nil || !holdsAll(fuse, records) {
		return &filter{}
	}
	return &filter{
		Seed:          fuse.Seed,
		SegmentLength: fuse.SegmentLength,
		Segments:      fuse.SegmentCount,
		Fingerprints:  fuse.Fingerprints,
	}
}

func holdsAll(fuse *xorfilter.BinaryFuse8, records []record) bool {
	for _, r := range records {
		if !fuse.Contains(uint64(r.number)) {
			return false
		}
	}
	return true
}

// fuse is the filter ready for use; nil if it lets every card pass. It refuses fingerprints that do
// not fit the segments, beyond which a lookup would read.
func (f *filter) fuse() (*xorfilter.BinaryFuse8, error) {
	if len(f.Fingerprints) == 0 {
		return nil, nil
	}
	length, segments := uint64(f.SegmentLength), uint64(f.Segments)
	if length == 0 || length&(length-1) != 0 || length*segments >= 1<<32 ||
		length*(segments+2) != uint64(len(f.Fingerprints)) {
		return nil, fmt.Errorf("a filter of %d segments of %d has %d fingerprints",
			segments, length, len(f.Fingerprints))
	}
	return &xorfilter.BinaryFuse8{
		Seed:               f.Seed,
		SegmentLength:      f.SegmentLength,
		SegmentLengthMask:  f.SegmentLength - 1,
		SegmentCount:       f.Segments,
		SegmentCountLength: f.SegmentLength * f.Segments,
		Fingerprints:       f.Fingerprints,
	}, nil
}
