package journal

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout/canonical"
)

// records are the records of a segment.
func records(t testing.TB, raw []byte) (list []record) {
	for at := int64(0); at < int64(len(raw)); {
		r, next, whole := recordAt(raw, at)
		require.True(t, whole)
		list, at = append(list, r), next
	}
	return list
}

// newestOf is the path of the newest segment of a journal, and its content.
func newestOf(t testing.TB, path string) (name string, raw []byte) {
	segments, _, err := segmentsIn(path)
	require.NoError(t, err)
	name = segmentFile(path, segments[len(segments)-1])
	raw, err = os.ReadFile(name)
	require.NoError(t, err)
	return name, raw
}

// edit changes the payloads of the newest segment behind the journal's back, with right sums; the
// first is the header.
func edit(t testing.TB, path string, change func(payloads [][]byte) [][]byte) {
	name, raw := newestOf(t, path)
	var payloads, slots [][]byte
	for _, r := range records(t, raw) {
		payloads, slots = append(payloads, bytes.Clone(r.payload)), append(slots, r.slots)
	}
	raw = nil
	for n, payload := range change(payloads) {
		var cards [][16]byte
		if n < len(slots) {
			for ; len(slots[n]) > 0; slots[n] = slots[n][slotSize:] {
				cards = append(cards, [16]byte(slots[n]))
			}
		}
		raw = append(raw, recorded(payload, cards...)...)
	}
	require.NoError(t, os.WriteFile(name, raw, 0o600))
}

// rewrite changes a log of one segment and chains it anew, as a careful forger would.
func rewrite(t testing.TB, path string, change func(log []*entry) []*entry) {
	edit(t, path, func(payloads [][]byte) [][]byte {
		var log []*entry
		for _, value := range payloads[1:] {
			_, _, e, err := parse(value)
			require.NoError(t, err)
			log = append(log, e)
		}
		last, payloads := newHead(testDevice).Hash, payloads[:1]
		for _, e := range change(log) {
			raw, err := canonical.Encode.Marshal(e)
			require.NoError(t, err)
			last = chain(last, raw)
			payloads = append(payloads, append(last[:], raw...))
		}
		return payloads
	})
}

// beginWith changes the header of the newest segment, with a right sum.
func beginWith(t testing.TB, path string, change func(*header)) {
	edit(t, path, func(payloads [][]byte) [][]byte {
		var h header
		require.NoError(t, canonical.Decode.Unmarshal(payloads[0], &h))
		change(&h)
		var err error
		payloads[0], err = canonical.Encode.Marshal(h)
		require.NoError(t, err)
		return payloads
	})
}

// verdict is what Open, or else Verify, says of a journal.
func verdict(path string) error {
	j, err := Open(path)
	if err != nil {
		return err
	}
	defer j.Close()
	return j.Verify(nil)
}

// filled is a journal with entries of all kinds, which nothing verifies at the end.
func filled(t testing.TB) (path string) {
	path = filepath.Join(t.TempDir(), "journal")
	require.NoError(t, Create(path, testDevice))
	j := open(t, path)
	fill(t, j)
	require.NoError(t, j.Close())
	return path
}

func flip(raw []byte, at int) { raw[(at+len(raw))%len(raw)] ^= 0x10 }

// Ensure that whatever is changed in a segment is found, and told with its entry, although all sums
// are right.
func TestTampering(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(payloads [][]byte) [][]byte
		want   string
	}{
		"first byte of a hash": {
			func(p [][]byte) [][]byte { flip(p[3], 0); return p },
			"entry 3, record: its hash does not follow",
		},
		"last byte of an entry": {func(p [][]byte) [][]byte { flip(p[3], -1); return p }, "entry 3"},
		"entry cut to its hash": {
			func(p [][]byte) [][]byte { p[3] = p[3][:32]; return p },
			"entry 3: the journal is damaged: it is cut off",
		},
		"first entry dropped": {
			func(p [][]byte) [][]byte { return slices.Delete(p, 1, 2) },
			"entry 1, settle: its hash does not follow",
		},
		"entry dropped": {
			func(p [][]byte) [][]byte { return slices.Delete(p, 3, 4) },
			"entry 3, intent: its hash does not follow",
		},
		"entry added": {
			func(p [][]byte) [][]byte { return append(p, p[7]) },
			"entry 8, intent: its hash does not follow",
		},
		"two entries swapped": {
			func(p [][]byte) [][]byte { p[3], p[4] = p[4], p[3]; return p },
			"entry 3, intent: its hash does not follow",
		},
		"rubbish": {
			func(p [][]byte) [][]byte { p[3] = make([]byte, 40); return p },
			"entry 3: the journal is damaged: its bytes are no entry",
		},
		"no header": {func(p [][]byte) [][]byte { return p[1:] }, "its header cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filled(t)
			edit(t, path, test.change)
			requireDamaged(t, verdict(path), test.want)
			j, err := OpenToRead(path)
			if name == "no header" {
				requireDamaged(t, err, test.want)
				return
			}
			require.NoError(t, err)
			defer j.Close()
			requireDamaged(t, j.Verify(nil), test.want)
			read := uint64(0)
			requireDamaged(t, j.Entries(0, func(e Entry) error { read = e.Position; return nil }),
				test.want)
			require.Contains(t, test.want, fmt.Sprintf("entry %d", read+1), "it is read up to there")
		})
	}
}

// Ensure that a header which is not the state at the end of the segment before it is found, and
// one that contradicts itself is refused.
func TestHeaderForged(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*header)
		want   string
	}{
		"number":        {func(h *header) { h.Sequence++ }, "it begins with another state"},
		"device":        {func(h *header) { h.Device++ }, "it begins with another state"},
		"latest":        {func(h *header) { h.Latest = nil }, "it begins with another state"},
		"size":          {func(h *header) { h.Size-- }, "it begins with another state"},
		"acknowledged":  {func(h *header) { h.Acknowledged++ }, "it begins with another state"},
		"position":      {func(h *header) { h.Position++ }, "it begins with entry 9"},
		"last time":     {func(h *header) { h.Last = nil }, "it begins with another state"},
		"open intent":   {func(h *header) { h.Open = h.Open[1:] }, "its open intents are not those"},
		"intent opened": {func(h *header) { h.Open[0] = h.Open[1] }, "its open intents are not those"},
		"no intent":     {func(h *header) { h.Open[0] = []byte("rubbish") }, "an open intent in its header"},
		"no payment":    {func(h *header) { h.Paid = [][]byte{{1}} }, "is no payment of a benefit"},
		"open intent, its digest adapted": {func(h *header) {
			h.head.Open = toggled(h.head.Open, h.Open[0])
			h.Open = h.Open[1:]
		}, "it begins with another state"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filled(t)
			j := open(t, path)
			require.NoError(t, j.roll())
			require.NoError(t, j.Close())
			require.NoError(t, verdict(path))
			beginWith(t, path, test.change)
			requireDamaged(t, verdict(path), test.want)
		})
	}
}

func requireDamaged(t testing.TB, err error, want string) {
	t.Helper()
	require.ErrorIs(t, err, ErrDamaged)
	require.ErrorContains(t, err, want)
	require.ErrorContains(t, err, "keep the file, never delete it, and call for service")
	for n := range 10 {
		require.NotContains(t, err.Error(), fmt.Sprint(uint64(card(n))))
	}
}

// Ensure that a log that is chained rightly and makes no sense is found.
func TestForgery(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(log []*entry) []*entry
		want   string
	}{
		"number twice": {
			func(log []*entry) []*entry { log[2].Event.Sequence = 1; return log },
			"entry 3, record: it is event 1 of device 4711, not 2 of 4711",
		},
		"number left out": {
			func(log []*entry) []*entry { log[2].Event.Sequence = 3; return log },
			"entry 3, record: it is event 3 of device 4711, not 2 of 4711",
		},
		"another device": {
			func(log []*entry) []*entry { log[2].Event.Device++; return log },
			"entry 3, record: it is event 2 of device 4712, not 2 of 4711",
		},
		"settled twice": {
			func(log []*entry) []*entry { log[4].Of, log[4].Kind = 1, Settle; return log },
			"entry 5, settle: event 1 is no open intent before it",
		},
		"void before begun": {
			func(log []*entry) []*entry { log[3], log[4] = log[4], log[3]; return log },
			"entry 4, void: event 3 is no open intent before it",
		},
		"record settled": {
			func(log []*entry) []*entry { log[4].Of = 2; return log },
			"entry 5, void: event 2 is no open intent before it",
		},
		"intent dropped": {
			func(log []*entry) []*entry { return append(log[:5], log[6]) },
			"entry 6, intent: it is event 5 of device 4711, not 4 of 4711",
		},
		"no kind": {
			func(log []*entry) []*entry { log[2].Kind = 0; return log },
			"entry 3: the journal is damaged: it is no entry of kind 0",
		},
		"later kind": {
			func(log []*entry) []*entry { log[2].Kind = 6; return log },
			"entry 3: the journal is damaged: it is no entry of kind 6",
		},
		"settle with an event": {
			func(log []*entry) []*entry { log[2].Kind = Settle; return log },
			"entry 3: the journal is damaged: it is no entry of settle",
		},
		"record without an event": {func(log []*entry) []*entry {
			log[2] = &entry{Kind: Record}
			return log
		}, "entry 3: the journal is damaged: it is no entry of record"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filled(t)
			rewrite(t, path, test.change)
			requireDamaged(t, verdict(path), test.want)
		})
	}
}

// Ensure that the forger of these tests can write a log that is right, so that what
// is found is the forgery and not the forger.
func TestRewrittenUnchanged(t *testing.T) {
	t.Parallel()
	path := filled(t)
	_, before := newestOf(t, path)
	rewrite(t, path, func(log []*entry) []*entry { return log })
	_, after := newestOf(t, path)
	require.Equal(t, before, after)
	require.NoError(t, verdict(path))
}

// Ensure that what is changed while the journal is open is found by Verify and by reading, and that
// a segment that only reading meets does not stop the writing.
func TestChangedMeanwhile(t *testing.T) {
	t.Parallel()
	path := filled(t)
	j := open(t, path)
	edit(t, path, func(p [][]byte) [][]byte { flip(p[3], 40); return p })
	requireDamaged(t, j.Verify(nil), "entry 3")
	requireDamaged(t, j.Entries(1, func(Entry) error { return nil }), "entry 3")
	require.NoError(t, j.Record(tap(6, 1)))

	j = open(t, filled(t))
	edit(t, j.path, func(p [][]byte) [][]byte { return p[:6] })
	requireDamaged(t, j.Verify(nil), "entry 6 is not as it was written")
	beginWith(t, j.path, func(h *header) { h.Acknowledged = 3 })
	requireDamaged(t, j.Verify(nil), "entry 6 is not as it was written")
}

// Ensure that entries of a later program, with keys that this one does not know, are
// read and verified, and that they stay as they are.
func TestLaterKeys(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	require.NoError(t, Create(path, testDevice))
	raw, err := canonical.Encode.Marshal(map[int]any{
		1:    Intent,
		2:    map[int]any{1: testDevice, 2: 1, 13: card(1), 1000: []string{"new"}},
		1001: map[string]int{"new": 1},
	})
	require.NoError(t, err)
	edit(t, path, func(p [][]byte) [][]byte {
		hash := chain(newHead(testDevice).Hash, raw)
		return append(p, append(hash[:], raw...))
	})
	j := open(t, path)
	require.NoError(t, j.Verify(nil))
	require.Equal(t, card(1), entries(t, j)[0].Event.Card)
	require.Len(t, j.Pending(card(1)), 1)
	require.NoError(t, j.Record(tap(2, 1)))
	require.NoError(t, j.roll())
	require.NoError(t, j.Verify(nil))
	require.NoError(t, j.Settle(id(1), testReceipt))
	require.NoError(t, j.Verify(nil))
}

// Ensure that a later format is told apart from damage, and nothing is done to it.
func TestLaterFormat(t *testing.T) {
	t.Parallel()
	path := filled(t)
	beginWith(t, path, func(h *header) { h.Format++ })
	err := verdict(path)
	require.NotErrorIs(t, err, ErrDamaged)
	require.EqualError(t, err, "journal "+path+": opening: it was written by a newer program, "+
		"in format 4: update this program")
}

// Ensure that an acknowledgement is read as what it is.
func TestAcknowledgementInTheLog(t *testing.T) {
	t.Parallel()
	path := filled(t)
	edit(t, path, func(p [][]byte) [][]byte {
		return append(p, binary.BigEndian.AppendUint64(nil, 4))
	})
	j := open(t, path)
	require.EqualValues(t, 4, j.Extent().Acknowledged)
	require.NoError(t, j.Verify(nil))
}
