package lists

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Ensure that a device lacks what it would gain by, and nothing that it has had: a full list in place
// of a delta too, for which the next delta may be.
func TestLacks(t *testing.T) {
	there, d := newDepot(t), newDevice(t)
	full := map[uint32]string{}
	for n, version := range []uint32{5, 9, 12} {
		full[version] = there.full(version, cards(0, 20+n))
	}
	type list struct{ version, base uint32 }
	lacks := func(when string, want ...list) {
		t.Helper()
		var got []list
		for _, l := range []list{{5, 0}, {9, 0}, {9, 5}, {12, 0}, {12, 9}} {
			if d.Lacks(l.version, l.base) {
				got = append(got, l)
			}
		}
		require.Equal(t, want, got, when)
	}
	lacks("with nothing", list{5, 0}, list{9, 0}, list{9, 5}, list{12, 0}, list{12, 9})
	d.takes(full[5])
	lacks("with 5", list{9, 0}, list{9, 5}, list{12, 0}, list{12, 9})
	d.takes(there.delta(5, 9))
	lacks("with 5 and its delta to 9", list{9, 0}, list{12, 0}, list{12, 9})
	d.takes(full[9])
	lacks("with 9", list{12, 0}, list{12, 9})
	d.start()
	lacks("with 9, after a restart", list{12, 0}, list{12, 9})
	d.takes(full[12])
	lacks("with 12")
}
