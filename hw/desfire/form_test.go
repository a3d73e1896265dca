package desfire_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/emu"
)

// lengths are the only lengths that the answers to questions may have; the others
// may have any.
var lengths = map[string]int{
	"Version": 28, "FreeMemory": 3, "CardUID": 7, "KeyVersion": 1, "Read": 20,
	"Read in full": 20, "Detect": 20, "ReadRecords": 20, "Commit for a receipt": 12,
}

// fits says whether an answer without a length of its own may have this one.
func fits(question string, n int) bool {
	switch question {
	case "ApplicationIDs":
		return n%3 == 0
	case "KeySettings":
		return n >= 2
	}
	return true
}

// enciphered are the questions whose answers are.
var enciphered = map[string]bool{"CardUID": true, "Read in full": true}

// Ensure that an answer has the length that its question asks for, even when the
// card itself gives it under a good MAC.
func TestAuthenticAnswerOfAnotherLength(t *testing.T) {
	for _, c := range questions {
		want, fixed := lengths[c.name]
		for n := range 60 {
			answer := seal(liarKeys, 1, desfire.MAC, make([]byte, n))
			if enciphered[c.name] {
				answer = seal(liarKeys, 1, desfire.Full, pad(make([]byte, n)))
			}
			s, card := believe(t, always(answer))
			err := c.act(s)
			if fixed && n == want || !fixed && fits(c.name, n) {
				require.NoError(t, err, "%s of %d", c.name, n)
				continue
			}
			checkForm(t, c, s, card, err)
		}
	}
}

// checkForm checks that an answer was refused for its form.
func checkForm(t *testing.T, c call, s *desfire.Session, card *liar, err error) {
	t.Helper()
	why := desfire.ErrAnswer
	if !errors.Is(err, why) {
		why = desfire.ErrForged
	}
	require.ErrorIs(t, err, why, c.name)
	require.ErrorContains(t, err, c.says)
	require.Equal(t, c.commits(), errors.Is(err, desfire.ErrCommitUnknown))
	require.Equal(t, opening+1, card.sent)
	checkOver(t, s, why, func() int { return card.sent })
}

// Ensure that an order is answered with nothing but its MAC.
func TestOrdersAreAnsweredWithNothing(t *testing.T) {
	for _, c := range orders {
		s, _ := believe(t, always(seal(liarKeys, 1, desfire.MAC, nil)))
		require.NoError(t, c.act(s), c.name)
		for n := 1; n < 40; n++ {
			s, card := believe(t, always(seal(liarKeys, 1, desfire.MAC, make([]byte, n))))
			require.Error(t, c.act(s), c.name)
			require.Equal(t, opening+1, card.sent)
			s, card = believe(t, always(seal(liarKeys, 1, desfire.Full, pad(make([]byte, n)))))
			checkForm(t, c, s, card, c.act(s))
		}
	}
	for n := 1; n < 40; n++ {
		s, card := believe(t, always(bare(desfire.OK, make([]byte, n)...)))
		checkForm(t, unproved, s, card, unproved.act(s))
	}
}

// Ensure that plain commands, too, are not answered with more than they ask for.
func TestPlainAnswers(t *testing.T) {
	for n := range 300 {
		answer := always(bare(desfire.OK, make([]byte, n)...))
		for name, want := range map[string]struct {
			length int
			act    func(s *desfire.Session) error
		}{
			"select": {0, func(s *desfire.Session) error { return s.Select(aid) }},
			"write": {0, func(s *desfire.Session) error {
				return s.Write(1, desfire.Plain, 0, []byte{1})
			}},
			"record": {0, func(s *desfire.Session) error {
				return s.WriteRecord(1, desfire.Plain, []byte{1})
			}},
			"read": {17, func(s *desfire.Session) error {
				return s.Read(1, desfire.Plain, 0, make([]byte, 17))
			}},
			"records": {18, func(s *desfire.Session) error {
				return only(s.ReadRecords(1, desfire.Plain, 6, 3))
			}},
		} {
			s, card := believe(t, answer)
			err := want.act(s)
			if n == want.length {
				require.NoError(t, err, name)
				continue
			}
			require.ErrorIs(t, err, desfire.ErrAnswer, "%s: %d bytes", name, n)
			checkOver(t, s, desfire.ErrAnswer, func() int { return card.sent })
		}
	}
}

// Ensure that a bare success proves nothing: not to any question, and not to any
// order, whatever its length.
func TestNothingIsBelievedWithoutMAC(t *testing.T) {
	for _, c := range append(append([]call{}, questions...), orders...) {
		for n := range 60 {
			s, card := believe(t, always(bare(desfire.OK, make([]byte, n)...)))
			checkForm(t, c, s, card, c.act(s))
		}
	}
}

// Ensure that Detect calls what came without a MAC a forgery, whatever it says.
func TestDetectDoesNotTrustPlain(t *testing.T) {
	for n := 1; n <= 192; n++ {
		s, card := believe(t, always(bare(desfire.OK, pattern(n, 1)...)))
		p := make([]byte, n)
		_, err := s.Detect(stdPlain, p)
		require.ErrorIs(t, err, desfire.ErrForged)
		require.Equal(t, make([]byte, n), p)
		checkOver(t, s, desfire.ErrForged, func() int { return card.sent })
	}
}

// Ensure that MACs and start values count on with each command, and over the border
// of a byte; and that a MAC of the command before or after is none.
func TestCounter(t *testing.T) {
	s, card := believe(t, nil)
	counter := uint16(0)
	card.reply = func([]byte) ([]byte, error) {
		return seal(liarKeys, counter, desfire.Full, pad([]byte{0x55})), nil
	}
	var p [1]byte
	for range 600 {
		counter++
		require.NoError(t, s.Read(1, desfire.Full, 0, p[:]), "%d", counter)
		require.Equal(t, byte(0x55), p[0])
	}
	for _, wrong := range []uint16{0, 2, 0x100, 0x101} {
		s, card := believe(t, always(seal(liarKeys, wrong, desfire.MAC, []byte{1})))
		require.ErrorIs(t, s.Read(1, desfire.MAC, 0, p[:]), desfire.ErrForged)
		checkOver(t, s, desfire.ErrForged, func() int { return card.sent })
	}
}

// Ensure that a plain command counts as well.
func TestCounterCountsPlainCommands(t *testing.T) {
	s := enter(t, emu.Air{}.Present(issued(t, 64)), 1)
	for range 3 {
		require.NoError(t, read(s, stdPlain, desfire.Plain, 0))
		require.NoError(t, s.Write(stdPlain, desfire.Plain, 0, []byte{1}))
		require.NoError(t, read(s, stdFull, desfire.Full, 0))
	}
}

// Ensure that data under a good MAC whose padding is wrong are not guessed at.
func TestPadding(t *testing.T) {
	block := func(tail ...byte) []byte {
		return append(make([]byte, 32-len(tail)), tail...)
	}
	for name, c := range map[string]struct {
		data []byte
		want int // data bytes; -1: none can be told
	}{
		"no padding":             {block(), -1},
		"marker a block too far": {append(block(0x80)[16:], block()[16:]...), -1},
		"another marker":         {block(0x81), -1},
		"half a marker":          {block(0x40, 0x00), -1},
		"something behind":       {block(0x80, 0x01), -1},
		"marker at the end":      {block(0x80), 31},
		"marker in the middle":   {block(0x80, 0, 0, 0), 28},
		"two markers":            {block(0x80, 0x80, 0), 30},
		"a whole block of it":    {block(pad(nil)...), 16},
		"not whole blocks":       {make([]byte, 31), -1},
		"one byte over":          {append(block(0x80), 0), -1},
		"only padding":           {pad(nil), 0},
		"no data and no padding": {nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			mode := desfire.Full
			if len(c.data)%16 != 0 {
				mode = desfire.MAC // such lengths cannot be enciphered at all
			}
			for n := 1; n <= 32; n++ {
				s, card := believe(t, always(seal(liarKeys, 1, mode, c.data)))
				p := make([]byte, n)
				err := s.Read(1, desfire.Full, 0, p)
				if n == c.want {
					require.NoError(t, err)
					continue
				}
				require.ErrorIs(t, err, desfire.ErrAnswer)
				checkOver(t, s, desfire.ErrAnswer, func() int { return card.sent })
			}
		})
	}
}

// Ensure that an answer in frames is one answer, up to a number of frames that no
// file of ours needs, and that not a byte of it is lost.
func TestFrames(t *testing.T) {
	content := pattern(190, 3)
	for _, size := range []int{1, 7, 16, 59, 100, 197, 198, 199} {
		whole := seal(liarKeys, 1, desfire.MAC, content)
		whole = whole[:len(whole)-2]
		reply := func([]byte) ([]byte, error) {
			n := min(size, len(whole))
			part := whole[:n]
			whole = whole[n:]
			if len(whole) > 0 {
				return bare(desfire.AdditionalFrame, part...), nil
			}
			return bare(desfire.OK, part...), nil
		}
		s, card := believe(t, reply)
		p := make([]byte, len(content))
		err := s.Read(1, desfire.MAC, 0, p)
		if frames := (len(content) + 8 + size - 1) / size; frames > 33 {
			require.ErrorIs(t, err, desfire.ErrAnswer)
			require.Equal(t, opening+33, card.sent)
			continue
		}
		require.NoError(t, err, "frames of %d", size)
		require.Equal(t, content, p)
	}
}

// A rude card breaks what hw.Card promises of the command: it keeps it, and writes
// all over it once it has answered.
type rude struct {
	hw.Card
	kept [][]byte
}

func (r *rude) Transmit(command []byte) ([]byte, error) {
	answer, err := r.Card.Transmit(command)
	command = command[:cap(command)]
	for i := range command {
		command[i] ^= 0xFF
	}
	r.kept = append(r.kept, command)
	return answer, err
}

// Ensure that a reader that changes the command that it was given does no harm. It
// must not, by the contract of hw.Card, and neither may it keep the command: the
// client builds the next one in the same place.
func TestCommandIsChanged(t *testing.T) {
	card := &rude{Card: emu.Air{}.Present(talkative(t))}
	var k talk
	_, err := k.had(card)
	require.NoError(t, err)
	require.Equal(t, honest().talk, k)
}

// Ensure that a reader that writes over the answers it gave, later on, does not
// change what the client has handed out by then.
func TestResultsBelongToTheCaller(t *testing.T) {
	var given [][]byte
	w := &wire{card: emu.Air{}.Present(talkative(t))}
	s := enter(t, w, 1)
	w.change = func(_ int, answer []byte, err error) ([]byte, error) {
		given = append(given, answer)
		return answer, err
	}
	files, err := s.FileIDs()
	require.NoError(t, err)
	settings, err := s.FileSettings(backMAC)
	require.NoError(t, err)
	records, err := s.ReadRecords(cyclicMAC, desfire.MAC, recordSize, 2)
	require.NoError(t, err)
	held := fmt.Sprint(files, settings, records)
	for _, answer := range given {
		clear(answer[:cap(answer)])
	}
	_, err = s.Version() // which comes in frames
	require.NoError(t, err)
	require.Equal(t, held, fmt.Sprint(files, settings, records))
	for i := range records {
		records[i] = 0
	}
	again, err := s.ReadRecords(cyclicMAC, desfire.MAC, recordSize, 2)
	require.NoError(t, err)
	require.False(t, bytes.Equal(records, again))
}
