package depot_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/validator/depot"
	"leima/validator/depot/depottest"
	"leima/validator/journal"
)

// nowhere is a store without room.
type nowhere struct{ appended int }

func (*nowhere) Chains(context.Context, uint16) ([]depot.Chain, error) { return nil, nil }

func (s *nowhere) Append(context.Context, *depot.Batch) error {
	s.appended++
	return depot.ErrFull
}

func (*nowhere) Holding(context.Context, uint16, uint8, uint64) (*depot.Batch, error) {
	return nil, errors.New("none")
}

func (*nowhere) Last(context.Context) (uint64, error) { return 0, nil }

func (*nowhere) Follow(context.Context, uint64, func(uint64, *depot.Batch) error) error { return nil }

// Ensure that what is no journal is refused before anything is kept, and that a store without room
// acknowledges nothing.
func TestBroken(t *testing.T) {
	device, other := depottest.NewDevice(t, 9), depottest.NewDevice(t, 8)
	device.Record(4, 1)
	other.Record(4, 1)
	one, two, report := device.Items(0), other.Items(0), device.Report()
	forged := one[1]
	forged.Position = 3
	for name, items := range map[string][]journal.Item{
		"nothing": {}, "another device's": two[:2], "one of another's": {one[0], two[1]},
		"a hole": {one[0], one[2]}, "the other way round": {one[1], one[0]},
		"twice": {one[0], one[0]}, "renumbered": {one[1], forged},
		"a report in between":  {one[0], report, one[1]},
		"a report of later":    {one[0], report},
		"another's report":     {other.Report()},
		"a report that is two": {report, report},
	} {
		store := &nowhere{}
		r := depot.Receiver{Store: store, Now: depottest.Now}
		_, err := r.Receive(t.Context(), 9, items, true)
		require.ErrorIs(t, err, depot.ErrBroken, name)
		require.Zero(t, store.appended, name)
	}
	store := &nowhere{}
	r := depot.Receiver{Store: store, Now: depottest.Now}
	head, err := r.Receive(t.Context(), 9, one, false)
	require.ErrorIs(t, err, depot.ErrFull)
	require.Zero(t, head)
}

// Ensure that an entry that was changed anywhere does not follow the one before it.
func TestChangedEntries(t *testing.T) {
	device := depottest.NewDevice(t, 9)
	device.Record(2, 1)
	raw := depottest.Raw(device.Items(0))
	for n := range raw {
		changed := bytes.Clone(raw)
		changed[n] ^= 1
		items, err := depot.Items(changed)
		if err != nil {
			continue
		}
		_, err = (&depot.Receiver{Store: &nowhere{}, Now: depottest.Now}).
			Receive(t.Context(), 9, items, false)
		require.Error(t, err, "byte %d", n)
		require.NotErrorIs(t, err, depot.ErrFull, "byte %d", n)
	}
}

// Ensure that nothing that is sent ends the depot, and that what is read is what was sent.
func FuzzItems(f *testing.F) {
	device := depottest.NewDevice(f, 9)
	device.Record(2, 1)
	f.Add(append(depottest.Raw(device.Items(0)), device.Report().Raw...))
	f.Fuzz(func(t *testing.T, raw []byte) {
		items, err := depot.Items(raw)
		if err != nil {
			return
		}
		require.Equal(t, raw, append([]byte{}, depottest.Raw(items)...))
		_, _ = (&depot.Receiver{Store: &nowhere{}, Now: depottest.Now}).
			Receive(t.Context(), 9, items, true)
	})
}
