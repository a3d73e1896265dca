package tape_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/emu"
	"leima/hw/hwtest"
	"leima/hw/tape"
)

var header = tape.Header{Keys: tape.TestKeys}

// ticking is a clock that goes on by so much at every look.
func ticking(step time.Duration) func() time.Time {
	now := time.Date(2026, 3, 2, 6, 15, 30, 0, time.UTC)
	return func() time.Time { now = now.Add(step); return now }
}

// A script is a card that answers by a list.
type script []func() ([]byte, error)

func (s *script) Transmit(command []byte) ([]byte, error) {
	if len(command) == 0 {
		return nil, errors.New("empty")
	}
	next := (*s)[0]
	if len(*s) > 1 {
		*s = (*s)[1:]
	}
	for i := range command {
		command[i] = 0 // it may not, and the tape shall not depend on it
	}
	return next()
}

func says(p ...byte) func() ([]byte, error)  { return func() ([]byte, error) { return p, nil } }
func fails(err error) func() ([]byte, error) { return func() ([]byte, error) { return nil, err } }
func sent(t *testing.T, c hw.Card, p ...byte) []byte {
	t.Helper()
	answer, err := c.Transmit(p)
	require.NoError(t, err)
	return answer
}

// Ensure that a recording has what was said, how long it took, and the first error, and
// that anyone who speaks notices nothing.
func TestRecord(t *testing.T) {
	for _, c := range []struct{ err, kept error }{
		{hw.ErrRemoved, hw.ErrRemoved},
		{hw.ErrReader, hw.ErrReader},
		{errors.Join(errors.New("x"), hw.ErrRemoved), hw.ErrRemoved},
		{errors.New("odd"), hw.ErrReader},
	} {
		answer := []byte{0x91, 0xAF}
		card := script{says(answer...), says(), fails(c.err), says(0x91)}
		card[0] = func() ([]byte, error) { return answer, nil }
		r := tape.Record(&card, ticking(1500*time.Nanosecond))
		r.Comment("select")
		require.Equal(t, []byte{0x91, 0xAF}, sent(t, r, 0x60))
		answer[0] = 0 // it is the caller's
		_, err := r.Transmit(nil)
		require.Error(t, err)
		require.Empty(t, sent(t, r, 0xAF, 0x00))
		for range 2 {
			_, err := r.Transmit([]byte{0x70})
			if err != nil {
				require.Equal(t, c.err, err)
			}
		}
		r.Comment("end")
		got := r.Tape(tape.Header{Keys: "test"})
		require.Equal(t, &tape.Tape{
			Header: tape.Header{
				Keys: "test",
				At:   time.Date(2026, 3, 2, 6, 15, 30, 1500, time.UTC),
			},
			Exchanges: []tape.Exchange{
				{
					Comment: []string{"select"}, Command: []byte{0x60}, Response: []byte{0x91, 0xAF},
					Took: time.Microsecond,
				},
				{Command: []byte{0xAF, 0x00}, Response: []byte{}, Took: time.Microsecond},
				{Command: []byte{0x70}, Err: c.kept, Took: time.Microsecond},
			},
			End: []string{"end"},
		}, got)
		require.Equal(t, got, read(t, written(t, got)))
	}
}

// Ensure that a clock which is set back spoils no recording.
func TestRecordWithAClockSetBack(t *testing.T) {
	card := script{says(0x90, 0x00)}
	r := tape.Record(&card, ticking(-time.Second))
	sent(t, r, 0x60)
	require.Zero(t, r.Tape(header).Exchanges[0].Took)
	written(t, r.Tape(header))
}

// Ensure that a tape answers what it has, any number of times, and that what its caller
// does with an answer harms no later one, nor the tape.
func TestPlay(t *testing.T) {
	w := read(t, example(t))
	p := w.Play()
	for range 3 {
		require.Equal(t, 3, p.Left())
		first := sent(t, p, 0xFF, 0xCA, 0, 0, 0)
		require.Equal(t, []byte{4, 1, 2, 3, 4, 5, 6, 0x90, 0}, first)
		_, err := p.Transmit(nil)
		require.Error(t, err, "and it goes on")
		require.Equal(t, []byte{0x91, 0}, sent(t, p, w.Exchanges[1].Command...))
		require.Equal(t, []byte{4, 1, 2, 3, 4, 5, 6, 0x90, 0}, first)
		clear(first[:cap(first)])
		require.Equal(t, 1, p.Left())
		for range 2 {
			answer, err := p.Transmit(w.Exchanges[2].Command)
			require.ErrorIs(t, err, hw.ErrRemoved)
			require.ErrorContains(t, err, "exchange 3")
			require.Empty(t, answer)
		}
		require.Zero(t, p.Left())
		p.Rewind()
	}
	require.Equal(t, read(t, example(t)), w)
}

// Ensure that a command which differs, or is one too many, is refused, and everything
// after it too.
func TestPlayRefuses(t *testing.T) {
	w := read(t, example(t))
	w.Exchanges = w.Exchanges[:2]
	for _, c := range []struct {
		command []byte
		at      int
		want    string
	}{
		{[]byte{0x60}, 0, "tape: exchange 1: the command is not the recorded one: " +
			"it is 60 and was FFCA000000"},
		{w.Exchanges[0].Command, 1, "tape: exchange 2: the command is not the recorded one"},
		{[]byte{0x60}, 2, "tape: after exchange 2, the last: the command is not the recorded " +
			"one: there is none for 60"},
	} {
		p := w.Play()
		for _, e := range w.Exchanges[:c.at] {
			sent(t, p, e.Command...)
		}
		for range 2 {
			_, err := p.Transmit(c.command)
			require.ErrorIs(t, err, tape.ErrDiffers)
			require.ErrorContains(t, err, c.want)
			c.command = w.Exchanges[0].Command
		}
		require.Equal(t, 2-c.at, p.Left())
		p.Rewind()
		sent(t, p, w.Exchanges[0].Command...)
	}
}

// Ensure that playing costs no memory but that of the first play.
func TestPlayAllocatesNothing(t *testing.T) {
	w := read(t, example(t))
	w.Exchanges = w.Exchanges[:2]
	p := w.Play()
	require.Zero(t, testing.AllocsPerRun(100, func() {
		p.Rewind()
		for _, e := range w.Exchanges {
			if _, err := p.Transmit(e.Command); err != nil {
				panic(err)
			}
		}
	}))
}

// A hand lays what card gives on a reader.
type hand struct {
	reader *tape.Reader
	card   func() hw.Card
}

func (h hand) Put()  { h.reader.Put(h.card()) }
func (h hand) Take() { h.reader.Take() }

// Ensure that recorded cards are what cards have to be, and that the tapes of all of it
// are, too, once they have been text.
func TestReader(t *testing.T) {
	visits := map[string][]*tape.Recorder{}
	t.Run("Recorded", func(t *testing.T) {
		hwtest.TestReader(t, func(t *testing.T) (hw.Reader, hwtest.Hand) {
			card := emu.New(emu.Config{UID: [7]byte{0x04, 1, 2, 3, 4, 5, 6}})
			r, test := tape.NewReader(), testName(t)
			return r, hand{r, func() hw.Card {
				visit := tape.Record(emu.Air{}.Present(card), ticking(time.Millisecond))
				visits[test] = append(visits[test], visit)
				return visit
			}}
		})
	})
	t.Run("Played", func(t *testing.T) {
		hwtest.TestReader(t, func(t *testing.T) (hw.Reader, hwtest.Hand) {
			r, left := tape.NewReader(), visits[testName(t)]
			players := []*tape.Player{}
			t.Cleanup(func() {
				require.Empty(t, left)
				for _, p := range players {
					require.Zero(t, p.Left())
				}
			})
			return r, hand{r, func() hw.Card {
				p := read(t, written(t, left[0].Tape(header))).Play()
				left, players = left[1:], append(players, p)
				return p
			}}
		})
	})
}

func testName(t *testing.T) string {
	name := t.Name()
	for i := len(name) - 1; ; i-- {
		if name[i] == '/' {
			return name[i:]
		}
	}
}

// Ensure that a card whose tape ends with its leaving has left the reader.
func TestReaderSeesTheTapeLeave(t *testing.T) {
	w := read(t, "tape: 1\nkeys: test\n> 60\n! removed 5us\n")
	r := tape.NewReader()
	defer r.Close()
	r.Put(w.Play())
	card, err := r.Wait(t.Context())
	require.NoError(t, err)
	_, err = card.Transmit([]byte{0x60})
	require.ErrorIs(t, err, hw.ErrRemoved)
	require.NoError(t, r.WaitRemoved(t.Context()))
	r.Put(w.Play())
	next, err := r.Wait(t.Context())
	require.NoError(t, err)
	require.NotSame(t, card, next)
	require.NoError(t, r.Close())
	r.Put(w.Play())
	_, err = next.Transmit([]byte{0x60})
	require.ErrorIs(t, err, hw.ErrReader)
}

// Ensure that the answer of a card which was taken away meanwhile is lost.
func TestTakenInMidExchange(t *testing.T) {
	r := tape.NewReader()
	defer r.Close()
	r.Put(&script{func() ([]byte, error) { r.Take(); return []byte{0x91, 0x00}, nil }})
	card, err := r.Wait(t.Context())
	require.NoError(t, err)
	answer, err := card.Transmit([]byte{0x60})
	require.ErrorIs(t, err, hw.ErrRemoved)
	require.Empty(t, answer)
}
