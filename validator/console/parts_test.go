package console_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator"
	"leima/validator/api"
	"leima/validator/console"
)

// A sulking device answers some kinds of orders, and the question for a shift's part, with
// errors; each order's errors are given one after the other.
type sulking struct {
	api.Device
	mu    sync.Mutex
	do    map[string][]error // by kind
	tally error
}

func (s *sulking) Do(ctx context.Context, o api.Order) (api.Answer, error) {
	s.mu.Lock()
	errs := s.do[o.Command.Kind]
	if len(errs) > 0 {
		s.do[o.Command.Kind] = errs[1:]
	}
	s.mu.Unlock()
	if len(errs) > 0 && errs[0] != nil {
		return api.Answer{}, errs[0]
	}
	return s.Device.Do(ctx, o)
}

func (s *sulking) Tally(ctx context.Context, shift api.Shift) (api.Tally, error) {
	s.mu.Lock()
	err := s.tally
	s.mu.Unlock()
	if err != nil {
		return api.Tally{}, err
	}
	return s.Device.Tally(ctx, shift)
}

func (s *sulking) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// sulks is a desk whose bus may be told what to answer.
func sulks(t *testing.T) (*consoleFixture, *sulking) {
	way := &sulking{do: map[string][]error{}}
	d := aConsole(t, func(d *consoleFixture) {
		way.Device = d.console.Bus
		d.console.Bus = way
	})
	d.up()
	return d, way
}

// Ensure that a shift on two devices is what both add up to, in each of its sums.
func TestSumOfTwoDevices(t *testing.T) {
	t.Parallel()
	filled := func(factor int64) (tally api.Tally) {
		v := reflect.ValueOf(&tally).Elem()
		for n := range v.NumField() {
			if field := v.Field(n); field.CanInt() {
				field.SetInt(factor * int64(n+1))
			}
		}
		tally.Taps = map[string]int{"value": int(factor), "only": 1}
		return tally
	}
	own, bus := filled(1), filled(100)
	bus.Taps = map[string]int{"value": 100, "season": 5}
	want := filled(101)
	want.Taps = map[string]int{"value": 101, "only": 1, "season": 5}
	require.Equal(t, want, console.Sum(own, &bus))
	require.Equal(t, own, console.Sum(own, nil))
	require.Equal(t, 1, own.Taps["value"], "neither is changed")
}

// Ensure that a report says which part it lacks, and why, of either device and of both.
func TestReportSaysWhatItLacks(t *testing.T) {
	t.Parallel()
	d, way := sulks(t)
	b := d.driver(7)
	report := func() (r console.Report) {
		require.Equal(t, http.StatusOK, b.get("/api/report", &r))
		return r
	}
	whole := report()
	require.Empty(t, whole.Missing)
	require.NotNil(t, whole.Bus)
	way.set(func() { way.tally = errors.New("the bus has lost its log") })
	r := report()
	require.Equal(t, "the bus has lost its log", r.Missing[0].English)
	require.Nil(t, r.Bus)
	require.NoError(t, d.own.Journal.Close())
	r = report()
	require.Len(t, r.Missing, 2)
	require.Contains(t, r.Missing[0].English, "the own device's part: ")
	require.Equal(t, "the bus has lost its log", r.Missing[1].English)
	require.Empty(t, r.Total.Taps)
}

// Ensure that a report which was made before the bus has ended the shift says so, and that the
// bus is asked again at once; that every report that is owed is made, and each of them once.
func TestReportOfAShiftThatGoesOn(t *testing.T) {
	t.Parallel()
	d, way := sulks(t)
	signOff := func() (r console.Report) {
		b := d.driver(7)
		b.do("own", single)
		var ended struct{ Report console.Report }
		code, why := b.post("/api/sign-off", struct{}{}, &ended)
		require.Equal(t, http.StatusOK, code, why)
		return ended.Report
	}
	made := func(want int) {
		t.Helper()
		require.Eventually(t, func() bool {
			return strings.Count(d.log.String(), "the bus has told its part") == want
		}, 10*time.Second, 10*time.Millisecond)
	}
	way.set(func() {
		way.do["sign_off"] = []error{&api.Refused{Code: http.StatusServiceUnavailable, Why: "not now"}}
	})
	report := signOff()
	require.Contains(t, report.Missing[0].English, "has not ended the shift yet")
	require.NotNil(t, report.Bus)
	made(1)

	d.down()
	for range 2 {
		require.Nil(t, signOff().Bus)
	}
	d.up()
	made(3)
	d.down()
	d.restart()
	d.up()
	require.Empty(t, signOff().Missing)
	made(3)
}

// refusing is a journal that keeps no record.
type refusing struct{ validator.Journal }

func (refusing) Record(validator.Event) error { return errors.New("no space left on device") }

// Ensure that the cash that was handed over waits for its driver's word over a restart, that
// a word which cannot be kept was not given, and that the other pages hear when it was.
func TestHandedIsSignedFor(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.up()
	d.driver(6)
	next7 := func() *browser {
		b := d.browser()
		code, why := b.signOn(console.SignOnRequest{Driver: 7, PIN: "1234", Line: "2", Departure: 202, TakeOver: true})
		require.Equal(t, http.StatusOK, code, why)
		return b
	}
	handed := func(b *browser) uint32 {
		var session console.Session
		require.Equal(t, http.StatusOK, b.get("/api/session", &session))
		if session.HandedOver == nil {
			return 0
		}
		return session.HandedOver.Driver
	}
	next7()
	d.restart()
	b := next7()
	require.EqualValues(t, 6, handed(b))

	journal := func(j validator.Journal) {
		require.NoError(t, d.own.Validator.Do(func() error {
			d.own.Validator.Journal = j
			return nil
		}))
	}
	pin := map[string]string{"pin": "1234"}
	journal(refusing{d.own.Journal})
	code, _ := b.post("/api/handed", pin, nil)
	require.Equal(t, http.StatusServiceUnavailable, code)
	require.EqualValues(t, 6, handed(b))
	journal(d.own.Journal)

	heard, stop := b.listen()
	defer stop()
	require.Contains(t, next(t, heard, "session")["session"], "handed")
	code, why := b.post("/api/handed", pin, nil)
	require.Equal(t, http.StatusOK, code, why)
	require.NotContains(t, next(t, heard, "session")["session"], "handed")
	d.restart()
	require.Zero(t, handed(next7()), "nor is it asked for again")
}

// Ensure that a press is told as not known, where its answer was lost, by whatever it is
// refused then; and as refused where it was not.
func TestRefusedAfterALostAnswer(t *testing.T) {
	t.Parallel()
	for _, code := range []int{http.StatusGone, http.StatusConflict, http.StatusForbidden} {
		for _, lost := range []bool{false, true} {
			d, way := sulks(t)
			b := d.driver(7)
			refusal := &api.Refused{Code: code, Why: "so said the bus"}
			way.set(func() {
				if way.do["pause"] = []error{refusal}; lost {
					way.do["pause"] = []error{api.ErrLost, refusal}
				}
			})
			got, why := b.post("/api/command", pressed("bus", api.Command{Kind: "pause"}), nil)
			require.Equal(t, code, got)
			if lost && code != http.StatusForbidden {
				require.Contains(t, why, "not known")
			} else {
				require.Equal(t, "so said the bus", why)
			}
		}
	}
}

// Ensure that a driver who says where the bus is is heard by a bus that had not taken the
// shift before.
func TestMoveRegistersTheShift(t *testing.T) {
	t.Parallel()
	d, way := sulks(t)
	way.set(func() {
		no := errors.New("not now")
		way.do["sign_on"] = []error{no, no}
	})
	b := d.driver(7)
	way.set(func() { way.do["sign_on"] = nil })
	b.do("both", api.Command{Kind: "move", Move: &api.Place{Line: "2", Trip: 203, Zone: "A", Zones: "A"}})
	state := d.Bus.Terminal.State()
	require.EqualValues(t, 7, state.Shift.Driver)
	require.EqualValues(t, 203, state.Place.Trip)
}

// Ensure that a press has an id that is neither guessed nor a burden.
func TestPressIDs(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.up()
	b := d.driver(7)
	for length, want := range map[int]int{
		7: http.StatusBadRequest, 8: http.StatusOK,
		64: http.StatusOK, 65: http.StatusBadRequest,
	} {
		press := pressed("own", single)
		press.ID = strings.Repeat("x", length)
		code, why := b.post("/api/command", press, nil)
		require.Equal(t, want, code, why)
	}
}

// Ensure that nobody boards at the driver's own reader, where a card may be looked at.
func TestNobodyBoardsAtTheServicePoint(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.up()
	b := d.driver(7)
	for _, row := range []struct {
		device string
		asked  api.NextTap
		want   int
	}{
		{"own", api.NextTap{Check: true}, http.StatusOK},
		{"own", api.NextTap{}, http.StatusOK},
		{"own", api.NextTap{Persons: map[string]uint8{"holder": 2}}, http.StatusUnprocessableEntity},
		{"own", api.NextTap{Zones: "A"}, http.StatusUnprocessableEntity},
		{"own", api.NextTap{Lent: true}, http.StatusUnprocessableEntity},
		{"bus", api.NextTap{Lent: true}, http.StatusOK},
	} {
		code, why := b.post("/api/command", pressed(row.device,
			api.Command{Kind: "next_tap", NextTap: &row.asked}), nil)
		require.Equal(t, row.want, code, "%+v: %s", row, why)
	}
}

// Ensure that the last taps of both devices come in one order, and those of one device in the order
// in which they were, also if its clock was set back meanwhile.
func TestTapsInOneOrder(t *testing.T) {
	noon := time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	tap := func(serial uint64, minutes time.Duration) api.Tap {
		return api.Tap{Serial: serial, At: noon.Add(minutes * time.Minute)}
	}
	for _, c := range []struct {
		theirs, mine []api.Tap
		want         []uint64
	}{
		{nil, nil, nil},
		{[]api.Tap{tap(1, 0)}, nil, []uint64{1}},
		{[]api.Tap{tap(3, 4), tap(1, 0)}, []api.Tap{tap(4, 6), tap(2, 2)}, []uint64{4, 3, 2, 1}},
		{[]api.Tap{tap(1, 2)}, []api.Tap{tap(2, 2)}, []uint64{1, 2}},
		{nil, []api.Tap{tap(3, 1), tap(2, 9), tap(1, 8)}, []uint64{3, 2, 1}},
		{[]api.Tap{tap(4, 5)}, []api.Tap{tap(3, 1), tap(2, 9)}, []uint64{4, 3, 2}},
	} {
		require.Equal(t, c.want, console.Merge(c.theirs, c.mine))
	}
}
