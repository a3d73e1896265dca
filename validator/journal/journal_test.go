package journal

import (
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/hw/desfire"
	"leima/validator"
)

const testDevice = 4711

var (
	testTime    = time.Date(2026, time.March, 2, 6, 15, 30, 0, time.UTC)
	testReceipt = desfire.TMAC{TMC: 9, TMV: [8]byte{1, 2, 3, 4, 5, 6, 7, 8}}
)

// card is the n-th card of a test.
func card(n int) cardlayout.Number {
	return cardlayout.WithCheckDigit(92469900110000000 + uint64(n))
}

func id(sequence uint32) cardlayout.EventID {
	return cardlayout.EventID{Device: testDevice, Sequence: sequence}
}

// tap is an event of the n-th card.
func tap(sequence uint32, n int) validator.Event {
	return validator.Event{
		ID:      id(sequence),
		At:      testTime.Add(time.Duration(sequence) * time.Minute),
		Place:   validator.Place{Line: "550", Stop: "Pasila", Trip: 7, Zone: 1},
		UID:     [7]byte{4, byte(n)},
		Card:    card(n),
		Area:    227,
		Counter: sequence,
		Reason:  fare.Value,
		Rules:   []fare.RuleID{48, 166},
		Charge:  250,
		Balance: 750,
		Persons: 1,
		Tariff:  "2026-03",
	}
}

// created makes the journal of a test. When the test ends it must be whole.
func created(t testing.TB) (path string) {
	path = filepath.Join(t.TempDir(), "journal")
	require.NoError(t, Create(path, testDevice))
	t.Cleanup(func() { require.NoError(t, verdict(path)) })
	return path
}

func open(t testing.TB, path string) *Journal {
	j, err := Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = j.Close() }) // some are closed earlier
	return j
}

func reopen(t testing.TB, j *Journal) *Journal {
	require.NoError(t, j.Close())
	next := open(t, j.path)
	if j.sealer.backOffice != nil {
		sealing(t, next)
	}
	return next
}

func entries(t testing.TB, j *Journal) (list []Entry) {
	office, err := NewBackOffice(officeKey)
	require.NoError(t, err)
	require.NoError(t, j.Entries(0, func(e Entry) error {
		err := office.Open(&e)
		list = append(list, e)
		return err
	}))
	return list
}

// answers are all that a journal answers.
type answers struct {
	Next       cardlayout.EventID
	Latest     time.Time
	Unresolved int
	Pending    map[int][]validator.Event
	Entries    []Entry
}

const testCards = 4

func answersOf(t testing.TB, j *Journal) answers {
	s := answers{
		Next: j.Next(), Latest: j.Latest(), Unresolved: j.Unresolved(),
		Pending: make(map[int][]validator.Event), Entries: entries(t, j),
	}
	for n := range testCards {
		s.Pending[n] = j.Pending(card(n))
	}
	return s
}

// fill writes one entry of each kind, and leaves the intents 4 and 5 open.
func fill(t testing.TB, j *Journal) {
	require.NoError(t, j.Begin(tap(1, 1)))
	require.NoError(t, j.Settle(id(1), testReceipt))
	require.NoError(t, j.Record(tap(2, 2)))
	require.NoError(t, j.Begin(tap(3, 3)))
	require.NoError(t, j.Void(id(3)))
	require.NoError(t, j.Begin(tap(4, 1)))
	require.NoError(t, j.Begin(tap(5, 1)))
}

// Ensure that a new journal is empty, and that its first event is number 1.
func TestEmpty(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	require.Equal(t, id(1), j.Next())
	require.True(t, j.Latest().IsZero())
	require.Zero(t, j.Unresolved())
	require.Empty(t, j.Pending(card(1)))
	require.Empty(t, entries(t, j))
}

// Ensure that what was written is read, and that both numberings have no gap, also
// across reopening.
func TestKeeps(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	fill(t, j)
	before := answersOf(t, j)
	require.Equal(t, id(6), before.Next)
	require.Equal(t, testTime.Add(5*time.Minute), before.Latest)
	require.Equal(t, []validator.Event{tap(4, 1), tap(5, 1)}, before.Pending[1])
	require.Empty(t, before.Pending[3])
	require.Equal(t, 2, before.Unresolved)

	want := []Entry{
		{Kind: Intent, Event: tap(1, 1)},
		{Kind: Settle, Of: id(1), TMAC: testReceipt},
		{Kind: Record, Event: tap(2, 2)},
		{Kind: Intent, Event: tap(3, 3)},
		{Kind: Void, Of: id(3)},
		{Kind: Intent, Event: tap(4, 1)},
		{Kind: Intent, Event: tap(5, 1)},
	}
	require.Len(t, before.Entries, len(want))
	for n, entry := range before.Entries {
		require.NotZero(t, entry.Hash)
		want[n].Position, want[n].Hash = uint64(n+1), entry.Hash
	}
	require.Equal(t, want, before.Entries)

	j = reopen(t, j)
	require.Equal(t, before, answersOf(t, j))
	require.NoError(t, j.Settle(id(4), desfire.TMAC{}))
	require.NoError(t, j.Record(tap(6, 0)))
	require.Equal(t, []validator.Event{tap(5, 1)}, j.Pending(card(1)))
	require.EqualValues(t, 9, entries(t, j)[8].Position)
}

// Ensure that an event whose number is not the next is refused and leaves no trace.
func TestOnlyTheNextNumber(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	fill(t, j)
	before := answersOf(t, j)
	other := tap(6, 1)
	other.ID.Device++
	for _, event := range []validator.Event{tap(0, 1), tap(5, 1), tap(7, 1), other} {
		for _, keep := range []func(validator.Event) error{j.Begin, j.Record} {
			require.ErrorContains(t, keep(event), "the next is event 6 of device 4711")
			require.Equal(t, before, answersOf(t, j))
		}
	}
}

// Ensure that an intent is closed once, and nothing but an intent is.
func TestOnlyOpenIntents(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	fill(t, j)
	before := answersOf(t, j)
	other := id(4)
	other.Device++
	for _, closed := range []cardlayout.EventID{{}, id(1), id(2), id(3), id(6), other} {
		require.ErrorIs(t, j.Settle(closed, testReceipt), errNotOpen)
		require.ErrorIs(t, j.Void(closed), errNotOpen)
		require.Equal(t, before, answersOf(t, j))
	}
	require.EqualError(t, j.Void(id(3)), "journal "+j.path+": void of event 3 of device 4711: "+
		"there is no open intent of this number: it was never begun, or is settled or void already")
}

// Ensure that the numbers end with the last one and never begin again.
func TestNumbersEnd(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "journal")
	require.NoError(t, Create(path, testDevice))
	beginWith(t, path, func(h *header) { h.Sequence = 1<<32 - 2 })
	j := open(t, path)
	require.NoError(t, j.Begin(tap(1<<32-1, 1)))
	require.Zero(t, j.Next().Sequence)
	for _, event := range []validator.Event{tap(0, 1), tap(1, 1), tap(1<<32-1, 1)} {
		require.ErrorContains(t, j.Begin(event), "device 4711 has used up its event numbers")
	}
	require.NoError(t, j.Settle(id(1<<32-1), testReceipt), "the last one can still be closed")
}

// Ensure that the latest time never goes back, and that an event without a time, or
// of a clock at 1.1.1970, is kept as such.
func TestLatest(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	times := []time.Time{
		time.Unix(0, 0).UTC(), testTime, testTime.Add(-time.Hour), {}, time.Unix(-1, 0).UTC(),
	}
	latest := []time.Time{times[0], testTime, testTime, testTime, testTime}
	for n, at := range times {
		event := tap(uint32(n+1), 1)
		event.At = at
		require.NoError(t, j.Record(event))
		require.Equal(t, latest[n], j.Latest())
		j = reopen(t, j)
		require.Equal(t, latest[n], j.Latest())
		require.Equal(t, at, entries(t, j)[n].Event.At)
	}
}

// Ensure that every field of an event is kept, also one that is added later.
func TestEveryField(t *testing.T) {
	t.Parallel()
	var event validator.Event
	n := 0
	set(reflect.ValueOf(&event).Elem(), &n)
	event.ID = id(1)
	require.Equal(t, event, stored(event).exported())

	j := open(t, created(t))
	require.NoError(t, j.Begin(event))
	j = reopen(t, j)
	require.Equal(t, []validator.Event{event}, j.Pending(event.Card))
	require.Equal(t, event, entries(t, j)[0].Event)
}

// Ensure that every field of a stored event has a key, and each its own: of two with one key, or
// of one without, nothing would be written.
func TestKeysOfEvents(t *testing.T) {
	of := map[string]string{}
	var walk func(reflect.Type)
	walk = func(typ reflect.Type) {
		for field := range typ.Fields() {
			key, _, _ := strings.Cut(field.Tag.Get("cbor"), ",")
			switch {
			case field.Anonymous:
				walk(field.Type)
			case key == "-":
			default:
				number, err := strconv.Atoi(key)
				require.NoError(t, err, "%s has the key %q", field.Name, key)
				require.Positive(t, number)
				require.Empty(t, of[key], "%s has the key of %s", field.Name, of[key])
				of[key] = field.Name
			}
		}
	}
	walk(reflect.TypeFor[event]())
	require.Len(t, of, 53)
}

// set gives every field a value of its own.
func set(v reflect.Value, n *int) {
	*n++
	if _, is := v.Interface().(time.Time); is {
		v.Set(reflect.ValueOf(testTime.Add(time.Duration(*n) * time.Second)))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for _, field := range v.Fields() {
			if field.CanSet() { // but for what only says how it is encoded
				set(field, n)
			}
		}
	case reflect.Array:
		for i := range v.Len() {
			set(v.Index(i), n)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		set(v.Index(0), n)
		set(v.Index(1), n)
	case reflect.String:
		v.SetString(string(rune('a' + *n)))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32:
		v.SetInt(int64(-*n))
	default:
		v.SetUint(uint64(*n))
	}
}

// Ensure that an event without anything in it is kept: a device fault before the
// card was read.
func TestBareEvent(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	require.NoError(t, j.Record(validator.Event{ID: id(1)}))
	j = reopen(t, j)
	require.Equal(t, validator.Event{ID: id(1)}, entries(t, j)[0].Event)

	require.NoError(t, j.Begin(validator.Event{ID: id(2), Rules: []fare.RuleID{}}))
	require.Equal(t, []validator.Event{{ID: id(2)}}, j.Pending(0))
	require.Equal(t, []validator.Event{{ID: id(2)}}, reopen(t, j).Pending(0))
}

// Ensure that times are kept in whole seconds and UTC, before reopening as after.
func TestWholeSeconds(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	event := tap(1, 1)
	event.At = testTime.Add(999 * time.Millisecond).In(time.FixedZone("EET", 7200))
	require.NoError(t, j.Begin(event))
	require.Equal(t, testTime, j.Pending(card(1))[0].At)
	require.Equal(t, testTime, j.Latest())
}

// Ensure that bytes that are no text do not make an entry unreadable.
func TestFaultThatIsNoText(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	event := tap(1, 1)
	event.Fault = "reader says \xFF\xFE!"
	require.NoError(t, j.Begin(event))
	require.Equal(t, "reader says \uFFFD!", j.Pending(card(1))[0].Fault)
	j = reopen(t, j)
	require.Equal(t, "reader says \uFFFD!", entries(t, j)[0].Event.Fault)
}

// Ensure that an event of many sectors is kept.
func TestLongEvent(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	event := tap(1, 1)
	event.Fault = string(make([]byte, 50_000))
	require.NoError(t, j.Begin(event))
	j = reopen(t, j)
	require.Equal(t, []validator.Event{event}, j.Pending(card(1)))
}

// Ensure that nobody outside can change what the journal remembers.
func TestPendingAreCopies(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	event := tap(1, 1)
	require.NoError(t, j.Begin(event))
	event.Rules[0] = 99
	pending := j.Pending(card(1))
	require.Equal(t, []validator.Event{tap(1, 1)}, pending)
	pending[0].Rules[0], pending[0].Charge = 99, 0
	require.Equal(t, []validator.Event{tap(1, 1)}, j.Pending(card(1)))
}

// Ensure that entries can be read from any position, also across segments, that the
// reader may stop, and that it may write meanwhile without ever reading that.
func TestEntriesFrom(t *testing.T) {
	t.Parallel()
	j := openSmall(t, created(t))
	const count = 130
	for n := uint32(1); n <= count; n++ {
		require.NoError(t, j.Record(tap(n, 1)))
	}
	for _, from := range []uint64{0, 1, 2, 64, 65, count, count + 1, 1<<64 - 1} {
		next := max(from, 1)
		require.NoError(t, j.Entries(from, func(e Entry) error {
			require.Equal(t, next, e.Position)
			next++
			return nil
		}))
		require.Equal(t, max(from, count+1), next)
	}
	seen := 0
	require.ErrorIs(t, j.Entries(1, func(Entry) error { seen++; return errNotOpen }), errNotOpen)
	require.Equal(t, 1, seen)

	seen = 0
	require.NoError(t, j.Entries(count-1, func(Entry) error {
		seen++
		return j.Record(tap(j.Next().Sequence, 2))
	}))
	require.Equal(t, 2, seen)
}

// Ensure that Verify says how far it is.
func TestVerifyTellsProgress(t *testing.T) {
	t.Parallel()
	j := open(t, created(t))
	for n := uint32(1); n <= progressStep+1; n++ {
		require.NoError(t, j.Record(tap(n, 1)))
	}
	var told [][2]uint64
	require.NoError(t, j.Verify(func(done, total uint64) {
		told = append(told, [2]uint64{done, total})
	}))
	const total = progressStep + 1
	require.Equal(t, [][2]uint64{{progressStep, total}, {total, total}}, told)
}

// Ensure that the words of the kinds are those of the trade.
func TestKinds(t *testing.T) {
	t.Parallel()
	require.Equal(t, "intent record settle void kind 9", Intent.String()+" "+Record.String()+" "+
		Settle.String()+" "+Void.String()+" "+Kind(9).String())
}
