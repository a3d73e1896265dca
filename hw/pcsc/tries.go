package pcsc

import "time"

// tries spaces out the attempts to connect to a card that cannot be connected: because
// it is mute, another program has it, or it has just left. Another card begins anew.
type tries struct {
	sight sight // of the last attempt
	pause time.Duration
	last  time.Time
	err   error // why it failed
}

// firstTry and lastTry bound the pause between two attempts. The first is also the least
// time between attempts at two cards: it is we who connect and let go that may look like
// another card.
const (
	firstTry = 50 * time.Millisecond
	lastTry  = time.Second
)

// due returns how long to wait before the next attempt; 0 is now.
func (t *tries) due(s sight) time.Duration {
	if t.err == nil {
		return 0
	}
	if s.name != t.sight.name || (s.flags^t.sight.flags)&matter != 0 {
		t.sight, t.pause = s, firstTry
	}
	return max(0, time.Until(t.last.Add(t.pause)))
}

// failed notes an attempt, and returns how long to wait before the next.
func (t *tries) failed(s sight, err error) time.Duration {
	t.sight, t.last, t.err = s, time.Now(), err
	t.pause = min(max(2*t.pause, firstTry), lastTry)
	return t.pause
}

// hold gives a card that has just left as long as pcscd takes to see it: connecting
// meanwhile fails, and pcscd 1.9.9 then does not see the next card if that comes soon.
func (t *tries) hold(s sight) {
	t.sight, t.last, t.err, t.pause = s, time.Now(), codeNoCard, settle
}
