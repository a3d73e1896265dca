package journal

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/validator"
)

// paidLoad is the event of a load that a benefit has paid for, so many days after the first.
func paidLoad(sequence uint32, reference string, days int) validator.Event {
	e := tap(sequence, 1)
	e.At = testTime.AddDate(0, 0, days)
	e.Reason, e.Benefit = fare.ValueLoaded, reference
	return e
}

// paidBy says which event a reference was used for, and whether it is open; 0: none.
func paidBy(j *Journal, reference string) (sequence uint32, open bool) {
	by, open, used := j.Paid(reference)
	if !used {
		return 0, open
	}
	return by.Sequence, open
}

// requirePaid sees the same before and after reopening.
func requirePaid(t *testing.T, j *Journal, reference string, sequence uint32, open bool) *Journal {
	t.Helper()
	for range 2 {
		by, is := paidBy(j, reference)
		require.Equal(t, sequence, by, reference)
		require.Equal(t, open, is, reference)
		j = reopen(t, j)
	}
	return j
}

// a reference is used from the intent of its load on, until that is void, or its
// take-back is settled; what was settled is known over a restart.
func TestPaid(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	j = requirePaid(t, j, "A", 0, false)
	require.NoError(t, j.Begin(paidLoad(1, "A", 0)))
	j = requirePaid(t, j, "A", 1, true)
	require.NoError(t, j.Settle(id(1), testReceipt))
	j = requirePaid(t, j, "A", 1, false)

	require.NoError(t, j.Begin(paidLoad(2, "B", 0)))
	require.NoError(t, j.Void(id(2)))
	j = requirePaid(t, j, "B", 0, false)

	back := func(sequence uint32) validator.Event {
		e := paidLoad(sequence, "A", 0)
		e.Reason = fare.LoadTakenBack
		return e
	}
	require.NoError(t, j.Begin(back(3)))
	j = requirePaid(t, j, "A", 1, false)
	require.NoError(t, j.Void(id(3)))
	j = requirePaid(t, j, "A", 1, false)
	require.NoError(t, j.Begin(back(4)))
	require.NoError(t, j.Settle(id(4), testReceipt))
	j = requirePaid(t, j, "A", 0, false)
	require.NoError(t, j.Verify(nil))
}

// Ensure that a load which turns out void frees no reference that another has used since,
// and that a record, which is no load, uses none.
func TestPaidByTheLast(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	require.NoError(t, j.Begin(paidLoad(1, "A", 0)))
	require.NoError(t, j.Begin(paidLoad(2, "A", 0)))
	require.NoError(t, j.Void(id(1)))
	j = requirePaid(t, j, "A", 2, true)
	require.NoError(t, j.Void(id(2)))
	j = requirePaid(t, j, "A", 0, false)
	require.NoError(t, j.Record(paidLoad(3, "A", 0)))
	j = requirePaid(t, j, "A", 0, false)

	ordered := paidLoad(4, "PO 12", 0) // an employer's order may be for several
	ordered.Employer = 4711
	require.NoError(t, j.Begin(ordered))
	j = requirePaid(t, j, "PO 12", 0, false)
	require.NoError(t, j.Begin(tap(5, 1)))
	requirePaid(t, j, "", 0, false)
}

// Ensure that a reference goes when another comes 400 days later, not before, and by no time
// that is only estimated or not known; nor where the disk did not keep the other.
func TestPaidForSoLong(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	require.NoError(t, j.Begin(paidLoad(1, "A", 0)))
	guessed := paidLoad(2, "B", 900)
	guessed.Estimated = true
	require.NoError(t, j.Begin(guessed))
	j = requirePaid(t, j, "A", 1, true)
	timeless := paidLoad(3, "C", 0)
	timeless.At = time.Time{}
	require.NoError(t, j.Begin(timeless))
	j = requirePaid(t, j, "A", 1, true)
	require.NoError(t, j.Begin(paidLoad(4, "D", 400)))
	j = requirePaid(t, j, "A", 1, false) // given up by the age of its intent, and used

	late := paidLoad(5, "E", 401)
	restore := full(t, j)
	require.Error(t, j.Begin(late))
	restore()
	j = requirePaid(t, j, "A", 1, false)
	require.NoError(t, j.Begin(late))
	j = requirePaid(t, j, "A", 0, false)
	j = requirePaid(t, j, "D", 4, true)
	requirePaid(t, j, "B", 2, true)
}

// Ensure that what a failed flush has left behind of a payment is not remembered, nor kept by the
// next entry: a load that was not kept, or the end of one.
func TestLostHasNotPaid(t *testing.T) {
	t.Parallel()
	for name, lost := range map[string]func(*Journal) error{
		"another load":  func(j *Journal) error { return errors.Join(j.Begin(paidLoad(3, "B", 0)), j.Flush()) },
		"the load void": func(j *Journal) error { return j.Void(id(1)) },
	} {
		j := open(t, created(t))
		require.NoError(t, j.Begin(paidLoad(1, "A", 0)))
		require.NoError(t, j.Begin(paidLoad(2, "C", 0)))
		require.NoError(t, j.Flush())
		failing(j, 1)
		require.ErrorIs(t, lost(j), errWorn, name)
		require.NoError(t, j.Record(tap(3, 2)), name)
		j = requirePaid(t, j, "A", 1, true)
		j = requirePaid(t, j, "B", 0, false)
		j = requirePaid(t, j, "C", 2, true)
		require.Len(t, entries(t, j), 3)
		require.NoError(t, j.Verify(nil))
	}
}

// neither how a reference is typed nor what a driver types besides makes another
// of it.
func TestPaidHoweverItIsTyped(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	require.NoError(t, j.Begin(paidLoad(1, "SM-1234 / Liisa", 0)))
	for _, typed := range []string{"SM-1234", "sm 1234", " SM\u00a01234", "sm-12-34 / Leo"} {
		j = requirePaid(t, j, typed, 1, true)
	}
	requirePaid(t, j, "SM-1235", 0, false)
}
