package signon

import (
	"encoding/binary"
	"net/http"
	"sync"
	"time"

	"leima/fare"
	"leima/validator/api"
)

// The numbers of wrong PINs in a lane before the first wait: for one number, and for all numbers of
// the lane together.
const (
	freeAttempts    = 5
	freeAttemptsAll = 200
)

// The first wait, and the longest: each further wrong PIN doubles the wait.
const (
	firstWait   = time.Minute
	longestWait = 24 * time.Hour
)

// attemptLifetime is the time after which wrong attempts no longer count.
const attemptLifetime = 30 * 24 * time.Hour

// The lanes that browsers share. A browser at which a number has signed on before has a separate
// lane for it, so that the attempts of others do not make it wait.
const (
	unknownBrowsers = "strangers" // no sign-on there yet
	knownBrowsers   = "known"     // a sign-on there with another number
)

// allNumbers stands for all numbers of a lane together.
const allNumbers = 0

// Attempts are the wrong PINs of each lane, and the browsers that have signed on.
type Attempts struct {
	path   string
	now    func() time.Time
	pepper Pepper
	turns  [3]sync.Mutex // one PIN at a time: of unknown, known, and a number's own browsers

	mu       sync.Mutex
	Browsers []browserUse                       `json:"browsers"`
	Wrong    map[string]map[uint32]attemptCount `json:"wrong"` // by lane and hash of the number

	// refused is called after every wrong PIN, with the wait before the next attempt; 0: none.
	refused func(number uint32, wait time.Duration)
}

type attemptCount struct {
	Count int       `json:"count"`
	Last  time.Time `json:"last"`
}

// A LockedError refuses an attempt that comes too soon.
type LockedError struct {
	*api.Refused
	Seconds int `json:"retry_seconds"`
}

// Open reads what is kept at a path. refused is called after every wrong PIN, with the wait before
// the next attempt; 0: none.
func (a *Attempts) Open(path string, now func() time.Time, pepper Pepper,
	refused func(uint32, time.Duration),
) error {
	a.path, a.now, a.pepper, a.refused = path, now, pepper, refused
	a.Wrong = map[string]map[uint32]attemptCount{}
	return ReadJSON(path, a)
}

// SignOn finds the person with a number and a PIN, if an attempt is allowed at a browser now.
func (a *Attempts) SignOn(register func() ([]Person, error), number uint32, pin, browser string) (
	Person, error,
) {
	lane := a.lane(number, browser)
	turn := a.turn(lane)
	turn.Lock()
	defer turn.Unlock()
	all, err := register()
	if err != nil {
		return Person{}, err
	}
	hashed := a.hashed(all, number)
	if err := a.begin(lane, hashed); err != nil {
		return Person{}, err
	}
	person, ok := Find(all, number, pin, a.pepper)
	if ok {
		return person, a.forgive(lane, hashed)
	}
	wait, why := a.afterWrongPIN(lane, hashed)
	a.refused(number, wait)
	return Person{}, api.Refuse(http.StatusUnauthorized, "%v", why)
}

// hashed is the key under which wrong PINs of a number are stored: the typed number may itself be a
// PIN. It goes with the salt, so that a new PIN begins without what was tried before.
func (a *Attempts) hashed(register []Person, number uint32) uint32 {
	text := binary.BigEndian.AppendUint32([]byte("wrong PINs "), number)
	for _, p := range register {
		if p.Number == number {
			text = append(text, p.Salt...)
		}
	}
	return max(binary.BigEndian.Uint32(a.pepper.mac(text)), allNumbers+1)
}

func (a *Attempts) turn(lane string) *sync.Mutex {
	switch lane {
	case unknownBrowsers:
		return &a.turns[0]
	case knownBrowsers:
		return &a.turns[1]
	}
	return &a.turns[2]
}

// begin counts an attempt. It counts as wrong until it has proved right: switching the power off
// gains no attempt.
func (a *Attempts) begin(lane string, number uint32) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.forget()
	if err := a.setBack(); err != nil {
		return fare.Say("no sign-on is possible: %v: make room in the state folder", err)
	}
	if wait := a.wait(lane, number); wait > 0 {
		seconds := int((wait + time.Second - 1) / time.Second)
		return &LockedError{api.Refuse(http.StatusTooManyRequests,
			"too many wrong attempts: wait %d s", seconds), seconds}
	}
	a.count(lane, number, 1)
	if err := WriteJSON(a.path, a); err != nil {
		a.count(lane, number, -1) // no PIN is checked
		return fare.Say("no sign-on is possible: %v: make room in the state folder", err)
	}
	return nil
}

// forgive clears a number's attempts in a lane, and no others.
func (a *Attempts) forgive(lane string, number uint32) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.count(lane, number, -a.Wrong[lane][number].Count)
	delete(a.Wrong[lane], number)
	return WriteJSON(a.path, a)
}

// count adds attempts for a number, and for its lane.
func (a *Attempts) count(lane string, number uint32, more int) {
	for _, n := range []uint32{number, allNumbers} {
		t := a.Wrong[lane][n]
		t.Count = max(t.Count+more, 0)
		if more > 0 {
			t.Last = a.now()
		}
		if a.Wrong[lane] == nil {
			a.Wrong[lane] = map[uint32]attemptCount{}
		}
		a.Wrong[lane][n] = t
	}
}

// forget drops attempts that no longer count. This bounds the stored numbers of a lane by the wrong
// PINs that are possible in attemptLifetime.
func (a *Attempts) forget() {
	now := a.now()
	for lane, numbers := range a.Wrong {
		for number, t := range numbers {
			if now.Sub(t.Last) > attemptLifetime {
				delete(numbers, number)
			}
		}
		if len(numbers) == 0 {
			delete(a.Wrong, lane)
		}
	}
}

// setBack has what was counted by a clock that was ahead, and was set back, count from now on: who
// waits for it would wait until that day comes.
func (a *Attempts) setBack() error {
	now, ahead := a.now(), false
	for _, numbers := range a.Wrong {
		for number, t := range numbers {
			if t.Last.After(now) {
				numbers[number], ahead = attemptCount{t.Count, now}, true
			}
		}
	}
	if !ahead {
		return nil
	}
	return WriteJSON(a.path, a)
}

// wait is how long a number must wait in a lane. In a browser's own lane only the number counts.
func (a *Attempts) wait(lane string, number uint32) time.Duration {
	wait := a.waitAfter(a.Wrong[lane][number], freeAttempts)
	if shared(lane) {
		wait = max(wait, a.waitAfter(a.Wrong[lane][allNumbers], freeAttemptsAll))
	}
	return wait
}

func shared(lane string) bool { return lane == unknownBrowsers || lane == knownBrowsers }

// waitAfter is the wait after attempts. A clock that was set back makes no wait longer.
func (a *Attempts) waitAfter(t attemptCount, free int) time.Duration {
	if t.Count < free {
		return 0
	}
	const doublings = 11 // from a minute to more than a day
	wait := min(firstWait<<min(t.Count-free, doublings), longestWait)
	return max(0, min(t.Last.Add(wait).Sub(a.now()), wait))
}

// afterWrongPIN is the wait after a wrong PIN, and its error.
func (a *Attempts) afterWrongPIN(lane string, number uint32) (wait time.Duration, why error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	wait = a.wait(lane, number)
	left := freeAttempts - a.Wrong[lane][number].Count
	if shared(lane) {
		left = min(left, freeAttemptsAll-a.Wrong[lane][allNumbers].Count)
	}
	if left <= 0 {
		return wait, fare.Say("the number or the PIN is wrong: wait a minute and more before " +
			"the next attempt")
	}
	return wait, fare.Say("the number or the PIN is wrong: attempts left: %d", left)
}
