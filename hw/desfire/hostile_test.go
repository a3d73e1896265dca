package desfire_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/desfire"
	"leima/hw/emu"
)

// A fault is what a card or somebody on the way makes of one answer.
type fault func(answer []byte) ([]byte, error)

// instead is the fault of saying something else.
func instead(said []byte) fault {
	return func([]byte) ([]byte, error) { return bytes.Clone(said), nil }
}

// failing is the fault of a reader that has lost the card, or itself.
func failing(why error) fault {
	return func([]byte) ([]byte, error) { return nil, why }
}

// endless is a card that always has more to say.
func endless(frame []byte) fault {
	return instead(append(bytes.Clone(frame), 0x91, 0xAF))
}

var errOdd = errors.New("an error that no reader is known for")

// commit is the code of CommitTransaction.
const commit = 0xC7

// spoil has the conversation on the tape of an honest one, with the answers from
// the n-th to the last spoiled, and checks what must hold whatever the fault is.
func (p speech) spoil(t *testing.T, n, last int, f fault) error {
	t.Helper()
	w := &wire{card: &tape{answers: p.honest().answers}}
	w.change = func(at int, answer []byte, err error) ([]byte, error) {
		if at < n || at > last {
			return answer, err
		}
		return f(answer)
	}
	var k talk
	s, err := p.had(&k, w)
	p.checkFailed(t, w, s, k, err)
	return err
}

// checkFailed checks the end of a conversation that could not come to a good one:
// nothing that is not so was taken for true, only a commit that was sent is in
// doubt, and nothing can be done any more.
func (p speech) checkFailed(t *testing.T, w *wire, s *desfire.Session, k talk, err error) {
	t.Helper()
	require.Error(t, err)
	require.True(t, known(err), "%v", err)
	require.True(t, k.agrees(p.honest().talk), "%+v", k)
	require.Zero(t, k.receipt)
	require.False(t, k.committed)
	require.Equal(t, w.asked(commit), errors.Is(err, desfire.ErrCommitUnknown), "%v", err)
	require.LessOrEqual(t, len(w.sent), len(p.honest().answers)+33)
	if s == nil {
		return
	}
	before := len(w.sent)
	_, err = s.Version()
	require.ErrorIs(t, err, desfire.ErrSession)
	require.NotErrorIs(t, err, desfire.ErrCommitUnknown)
	require.Len(t, w.sent, before)
}

// known says whether the error is one that a caller can tell from others.
func known(err error) bool {
	var status desfire.Status
	return errors.As(err, &status) || slices.ContainsFunc([]error{
		hw.ErrRemoved, hw.ErrReader, errOdd,
		desfire.ErrAnswer, desfire.ErrForged, desfire.ErrNotDESFire,
	}, func(target error) bool { return errors.Is(err, target) })
}

// Ensure that the honest conversation is one, and uses what it should.
func TestHonestConversation(t *testing.T) {
	r := honest()
	var k talk
	s, err := k.had(&tape{answers: r.answers})
	require.NoError(t, err)
	require.NotNil(t, s)
	require.Equal(t, r.talk, k)
	require.Equal(t, uid, k.uid)
	require.Equal(t, 2, k.version.Generation())
	require.Equal(t, desfire.MAC, k.mode)
	require.Equal(t, pattern(fileSize, 1)[:48], k.first[:])
	require.Equal(t, pattern(fileSize, 2)[3:33], k.second[:])
	require.Equal(t, pattern(fileSize, 2)[100:300], k.third[:])
	require.Equal(t, append(pattern(recordSize, 1), pattern(recordSize, 6)...), k.records[:])
	require.Equal(t, 4, k.written)
	require.EqualValues(t, 3, k.receipt.TMC)
	require.Len(t, r.answers, 4+3+5+4+1)
	require.EqualValues(t, commit, r.commands[len(r.commands)-1][1])
}

// Ensure that an answer cut short anywhere is never taken for a whole one.
func TestTruncated(t *testing.T) {
	everySpeech(t, func(t *testing.T, p speech) {
		for n, answer := range p.honest().answers {
			for length := range answer {
				p.spoil(t, n, n, instead(answer[:length]))
			}
		}
	})
}

// Ensure that no bit of any answer can be changed unnoticed.
func TestFlipped(t *testing.T) {
	everySpeech(t, func(t *testing.T, p speech) {
		for n, answer := range p.honest().answers {
			for at := range answer {
				for _, mask := range []byte{1, 2, 4, 8, 16, 32, 64, 128, 0xFF} {
					changed := bytes.Clone(answer)
					changed[at] ^= mask
					p.spoil(t, n, n, instead(changed))
				}
			}
		}
	})
}

// Ensure that no answer passes for another one: neither the one before, which is a
// replay, nor any other of the conversation.
func TestReplayed(t *testing.T) {
	everySpeech(t, func(t *testing.T, p speech) {
		answers := p.honest().answers
		for n, answer := range answers {
			for _, other := range answers {
				if !bytes.Equal(answer, other) {
					p.spoil(t, n, n, instead(other))
				}
			}
		}
	})
}

// Ensure that what the same card answered to the same commands on another day is
// worth nothing, from any point on.
func TestReplayedFromAnotherDay(t *testing.T) {
	everySpeech(t, func(t *testing.T, p speech) {
		card := p.card(t)
		card.SetRand(random(55))
		other := &wire{card: emu.Air{}.Present(card)}
		var k talk
		_, err := k.hadWith(other, p.app(), random(44))
		require.NoError(t, err)
		require.Equal(t, p.honest().talk, k, "only the random numbers differ")
		for n, answer := range p.honest().answers {
			said := other.got[n:]
			if !bytes.Equal(answer, said[0]) {
				p.spoil(t, n, n, instead(said[0]))
			}
			p.spoil(t, n, len(other.got), func([]byte) ([]byte, error) {
				next := said[0]
				said = said[1:]
				return bytes.Clone(next), nil
			})
		}
	})
}

// Ensure that an answer with something added to it is not the answer.
func TestProlonged(t *testing.T) {
	everySpeech(t, func(t *testing.T, p speech) {
		huge := make([]byte, 1<<16)
		for n, answer := range p.honest().answers {
			end := len(answer) - 2
			data, status := answer[:end], answer[end:]
			if desfire.Status(status[1]) == desfire.IllegalCommand {
				continue // what stands beside a refusal is not looked at
			}
			for _, more := range [][]byte{{0}, {0x80}, huge[:8], huge[:16], answer, huge} {
				p.spoil(t, n, n, instead(slices.Concat(more, answer)))
				p.spoil(t, n, n, instead(slices.Concat(data, more, status)))
				p.spoil(t, n, n, instead(slices.Concat(answer, more)))
			}
		}
	})
}

// Ensure that nothing, and 64 KB of anything, are no answers.
func TestEmptyAndHuge(t *testing.T) {
	everySpeech(t, func(t *testing.T, p speech) {
		huge := pattern(1<<16, 1)
		for n, answer := range p.honest().answers {
			require.ErrorIs(t, p.spoil(t, n, n, instead(nil)), hw.ErrRemoved)
			require.ErrorIs(t, p.spoil(t, n, n, instead(answer[:1])), hw.ErrRemoved)
			for _, end := range []string{"\x00\x00", "\x90\x00", "\x91\x00", "\x91\xAF", "\x91\xAE"} {
				p.spoil(t, n, n, instead(append(huge[:len(huge):len(huge)], end...)))
			}
		}
	})
}

// Ensure that a card that never comes to an end is left, in time and in memory.
func TestEndless(t *testing.T) {
	everySpeech(t, func(t *testing.T, p speech) {
		for n := range p.honest().answers {
			for _, size := range []int{0, 1, 59, 254, 1 << 16} {
				p.spoil(t, n, len(p.honest().answers)+100, endless(make([]byte, size)))
			}
		}
	})
}

// Ensure that any status in place of any answer ends the conversation.
func TestStatusInPlaceOfAnswer(t *testing.T) {
	everySpeech(t, func(t *testing.T, p speech) {
		for n, answer := range p.honest().answers {
			for status := range 256 {
				if said := bare(desfire.Status(status)); !bytes.Equal(said, answer) {
					p.spoil(t, n, n, instead(said))
				}
			}
		}
	})
}

// Ensure that an error of the reader comes through as it is.
func TestReaderFails(t *testing.T) {
	everySpeech(t, func(t *testing.T, p speech) {
		for n := range p.honest().answers {
			for _, why := range []error{hw.ErrRemoved, hw.ErrReader, errOdd} {
				err := p.spoil(t, n, n, failing(why))
				require.ErrorIs(t, err, why)
				err = p.spoil(t, n, n, func(answer []byte) ([]byte, error) { return answer, why })
				require.ErrorIs(t, err, why, "an answer beside an error counts for nothing")
			}
		}
	})
}

// Ensure that a commit that failed in any way at all is in doubt, and says why.
func TestCommitInDoubt(t *testing.T) {
	n := len(honest().answers) - 1
	answer := honest().answers[n]
	wrongMAC := bytes.Clone(answer)
	wrongMAC[13] ^= 1
	for name, c := range map[string]struct {
		fault fault
		want  error
	}{
		"status":        {instead(bare(desfire.EEPROMError)), desfire.EEPROMError},
		"no changes":    {instead(bare(desfire.NoChanges)), desfire.NoChanges},
		"wrong MAC":     {instead(wrongMAC), desfire.ErrForged},
		"no MAC":        {instead(bare(desfire.OK)), desfire.ErrAnswer},
		"receipt only":  {instead(append(answer[:12:12], 0x91, 0x00)), desfire.ErrForged},
		"truncated":     {instead(answer[:7]), nil},
		"ISO status":    {instead([]byte{0x6F, 0x00}), desfire.ErrAnswer},
		"more to come":  {endless(nil), desfire.ErrAnswer},
		"removed":       {failing(hw.ErrRemoved), hw.ErrRemoved},
		"nothing":       {instead(nil), hw.ErrRemoved},
		"reader failed": {failing(hw.ErrReader), hw.ErrReader},
		"odd error":     {failing(errOdd), errOdd},
	} {
		err := speechEV2.spoil(t, n, n+100, c.fault)
		require.ErrorIs(t, err, desfire.ErrCommitUnknown, name)
		if c.want != nil {
			require.ErrorIs(t, err, c.want, name)
		}
		require.ErrorContains(t, err, "committing: "+desfire.ErrCommitUnknown.Error())
	}
}

// Ensure that a card torn away at any moment is as it was unless a commit was sent,
// and that the caller is told when it was.
func TestTorn(t *testing.T) {
	everySpeech(t, func(t *testing.T, p speech) {
		card := p.card(t)
		before := memory(t, card)
		var k talk
		contact := emu.Air{}.Present(card)
		_, err := p.had(&k, contact)
		require.NoError(t, err)
		committed := memory(t, card)
		for exchange := 1; exchange <= contact.Stats().Exchanges; exchange++ {
			for _, side := range []emu.Side{emu.Before, emu.After} {
				card := p.card(t)
				air := emu.Air{Tear: emu.Tear{Exchange: exchange, Side: side}}
				w := &wire{card: air.Present(card)}
				var k talk
				s, err := p.had(&k, w)
				require.ErrorIs(t, err, hw.ErrRemoved)
				p.checkFailed(t, w, s, k, err)
				checkUnchanged(t, card, w, before, committed)
			}
		}
	})
}

// checkUnchanged checks that the card is as it was unless a commit was sent.
func checkUnchanged(t *testing.T, card *emu.Card, w *wire, before, committed string) {
	t.Helper()
	now := memory(t, card)
	require.True(t, now == before || w.asked(commit) && now == committed)
}

// Ensure that a real card, too, whose answers are spoiled on the way is left as it
// was before the commit, and refuses what the client goes on to say.
func TestSpoiledOnTheWay(t *testing.T) {
	everySpeech(t, func(t *testing.T, p speech) {
		var saved bytes.Buffer
		require.NoError(t, p.card(t).Save(&saved))
		before := saved.String()
		try := func(n int, f fault) {
			card, err := emu.Load(bytes.NewReader(saved.Bytes()))
			require.NoError(t, err)
			w := &wire{card: emu.Air{}.Present(card)}
			w.change = func(at int, answer []byte, err error) ([]byte, error) {
				if at == n {
					return f(answer)
				}
				return answer, err
			}
			var k talk
			s, err := p.had(&k, w)
			p.checkFailed(t, w, s, k, err)
			if !w.asked(commit) {
				require.Equal(t, before, memory(t, card))
			}
		}
		for n, answer := range p.honest().answers {
			for at := range answer {
				try(n, func(answer []byte) ([]byte, error) { return answer[:at], nil })
				try(n, func(answer []byte) ([]byte, error) { answer[at] ^= 0x80; return answer, nil })
			}
		}
	})
}
