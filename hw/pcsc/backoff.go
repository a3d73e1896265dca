package pcsc

import "time"

// backoff spaces out the attempts to connect to a card that cannot be connected: it is mute,
// another program has it, or it has just left. Another card begins again.
type backoff struct {
	status readerStatus // of the last attempt
	pause  time.Duration
	last   time.Time
	err    error // its error
}

// firstTry and lastTry bound the pause between two attempts. firstTry is also the least time
// between attempts at two cards: our own connecting and disconnecting may look like another card.
const (
	firstTry = 50 * time.Millisecond
	lastTry  = time.Second
)

// due returns how long to wait before the next attempt; 0 is now.
func (b *backoff) due(s readerStatus) time.Duration {
	if b.err == nil {
		return 0
	}
	if s.name != b.status.name || (s.flags^b.status.flags)&cardMask != 0 {
		b.status, b.pause = s, firstTry
	}
	return max(0, time.Until(b.last.Add(b.pause)))
}

// failed records an attempt, and returns how long to wait before the next.
func (b *backoff) failed(s readerStatus, err error) time.Duration {
	b.status, b.last, b.err = s, time.Now(), err
	b.pause = min(max(2*b.pause, firstTry), lastTry)
	return b.pause
}

// suspend gives pcscd time to notice that a card has just left: connecting before fails, and pcscd
// 1.9.9 then misses the next card if it comes soon.
func (b *backoff) suspend(s readerStatus) {
	b.status, b.last, b.err, b.pause = s, time.Now(), codeNoCard, settleTime
}
