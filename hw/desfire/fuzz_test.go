package desfire_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/hw"
	"leima/hw/desfire"
)

// A puppet is a card that answers what a script says. Each answer is a byte that
// says how it lies, a length, and so many bytes; how it tells the truth has neither.
// When the script is at its end the puppet is honest.
type puppet struct {
	speech
	script  []byte
	at      int
	counter uint16

	lied   bool // an answer was not the honest one
	sealed bool // a lie had a good MAC: only the card itself could tell it
}

// The ways of answering.
const (
	truth      = iota
	anything   // any bytes, with or without a status word
	status     // a status, and data
	maced      // data under a good MAC
	full       // data enciphered and padded, under a good MAC
	unpadded   // whole blocks enciphered, whatever their padding
	removed    // the card has left
	readerGone // the reader has failed
	ways
)

func (p *puppet) Transmit(command []byte) ([]byte, error) {
	n := p.at
	p.at++
	if n >= opening && command[1] != byte(desfire.AdditionalFrame) {
		p.counter++
	}
	how, data := p.next()
	answer, err := p.answer(n, how, data)
	if how == truth {
		return answer, err
	}
	if answers := p.honest().answers; n < len(answers) && bytes.Equal(answer, answers[n]) {
		return answer, err
	}
	p.lied = true
	p.sealed = p.sealed || how == maced || how == full || how == unpadded
	return answer, err
}

// next takes the next answer from the script.
func (p *puppet) next() (how int, data []byte) {
	if len(p.script) == 0 {
		return truth, nil
	}
	how = int(p.script[0]) % ways
	if p.name != speechEV2.name && (how == maced || how == full || how == unpadded) {
		how = anything // these lies are EV2's
	}
	p.script = p.script[1:]
	if how == truth || len(p.script) == 0 {
		return how, nil
	}
	n := min(int(p.script[0]), len(p.script)-1)
	data = p.script[1 : 1+n]
	p.script = p.script[1+n:]
	return how, data
}

func (p *puppet) answer(n, how int, data []byte) ([]byte, error) {
	r := p.honest()
	switch how {
	case truth:
		if n < len(r.answers) {
			return bytes.Clone(r.answers[n]), nil
		}
		return nil, hw.ErrRemoved
	case status:
		if len(data) > 0 {
			return bare(desfire.Status(data[0]), data[1:]...), nil
		}
	case maced:
		return seal(r.keys, p.counter, desfire.MAC, data), nil
	case full:
		return seal(r.keys, p.counter, desfire.Full, pad(data)), nil
	case unpadded:
		return seal(r.keys, p.counter, desfire.Full, data[:len(data)/16*16]), nil
	case removed:
		return nil, hw.ErrRemoved
	case readerGone:
		return nil, hw.ErrReader
	}
	return bytes.Clone(data), nil
}

// seeds are scripts in which the card lies once, in every way.
func (p speech) seeds(add func(script []byte)) {
	add([]byte{})
	for n, answer := range p.honest().answers {
		before := make([]byte, n) // the truth so far
		lie := func(more ...byte) { add(append(bytes.Clone(before), more...)) }
		lie(append([]byte{anything, byte(len(answer))}, answer...)...)
		lie(append([]byte{anything, byte(len(answer) - 1)}, answer[1:]...)...)
		lie(anything, 2, 0x90, 0x00)
		lie(status, 1, 0xAE)
		lie(bytes.Repeat([]byte{status, 2, 0xAF, 0x00}, 40)...)
		lie(append([]byte{maced, 48}, answer...)...)
		lie(append([]byte{full, 30}, make([]byte, 30)...)...)
		lie(append([]byte{unpadded, 32}, make([]byte, 32)...)...)
		lie(removed)
		lie(readerGone)
	}
}

// FuzzAnswers holds the whole conversation with a card that answers what it likes.
// The client may never panic, nor go on for ever; it comes to a good end only with
// the honest answers or such as only the card itself can give; only a commit that
// was sent is in doubt; and after an error the session is over.
func FuzzAnswers(f *testing.F) {
	speechEV2.seeds(func(script []byte) { f.Add(script) })
	f.Add([]byte{0, 0, 0, 0, maced, 28, 0, 0, 0, maced, 48})
	f.Fuzz(func(t *testing.T, script []byte) { checkPuppet(t, speechEV2, script) })
}

// FuzzOlderAnswers does the same with older cards. Under D40, which leaves most answers
// without a MAC, the client need only stay sane.
func FuzzOlderAnswers(f *testing.F) {
	for n, p := range older {
		p.seeds(func(script []byte) { f.Add(n == 1, script) })
	}
	f.Fuzz(func(t *testing.T, oldest bool, script []byte) {
		if !oldest {
			checkPuppet(t, speechEV1, script)
			return
		}
		w := &wire{card: &puppet{speech: speechD40, script: script}}
		var k talk
		_, err := speechD40.had(&k, w)
		require.True(t, err == nil || known(err), "%v", err)
		require.LessOrEqual(t, len(w.sent), 33*len(speechD40.honest().answers))
		require.Equal(t, err != nil && w.asked(commit), errors.Is(err, desfire.ErrCommitUnknown))
	})
}

func checkPuppet(t *testing.T, p speech, script []byte) {
	card := &puppet{speech: p, script: script}
	w := &wire{card: card}
	var k talk
	s, err := p.had(&k, w)
	honest := p.honest()
	require.LessOrEqual(t, len(w.sent), 33*len(honest.answers))
	require.Equal(t, err != nil && w.asked(commit), errors.Is(err, desfire.ErrCommitUnknown))
	if !card.sealed {
		require.True(t, k.agrees(honest.talk))
	}
	if err == nil {
		require.True(t, card.sealed || k == honest.talk)
		return
	}
	require.True(t, card.lied)
	require.True(t, known(err), "%v", err)
	require.Zero(t, k.receipt)
	if s != nil {
		checkOver(t, s, desfire.ErrSession, func() int { return len(w.sent) })
	}
}
