package console

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"leima/validator/api"
)

// free is how many wrong PINs there may be before one has to wait.
const free = 5

// The first wait, which doubles with every further wrong PIN up to the longest: a thousand
// PINs a week, of ten thousand.
const (
	firstWait   = time.Minute
	longestWait = 15 * time.Minute
)

// forgotten is after how long wrong attempts no longer count.
const forgotten = 24 * time.Hour

// attempts are the wrong PINs: of each number, and of 0 for the whole device.
type attempts struct {
	mu    sync.Mutex // held while a PIN is tried: one after the other
	path  string
	now   func() time.Time
	wrong map[uint32]tried

	// refused is told of every wrong PIN, and how long nobody may try then; 0: not at all.
	refused func(number uint32, wait time.Duration)
}

type tried struct {
	Count int       `json:"count"`
	Last  time.Time `json:"last"`
}

// A waiting is the refusal of an attempt that comes too soon.
type waiting struct {
	Why     string `json:"error"`
	Seconds int    `json:"retry_seconds"`
}

func (w *waiting) Error() string { return w.Why }

func (a *attempts) open(path string, now func() time.Time,
	refused func(uint32, time.Duration),
) error {
	a.path, a.now, a.refused, a.wrong = path, now, refused, map[uint32]tried{}
	return readJSON(path, &a.wrong)
}

// try has a number's PIN tried, if it may be tried now. Whoever is signed on waits for no
// one else's attempts.
func (a *attempts) try(number uint32, signedOn bool, right func() (bool, error)) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	wait := a.wait(number)
	if !signedOn {
		wait = max(wait, a.wait(0))
	}
	if wait > 0 {
		seconds := int((wait + time.Second - 1) / time.Second)
		return &waiting{fmt.Sprintf("too many wrong attempts: wait %d seconds", seconds), seconds}
	}
	// It is wrong until it has proved right: who pulls the plug gains no attempt.
	a.count(number, 1)
	a.count(0, 1)
	if err := writeJSON(a.path, a.wrong); err != nil {
		return fmt.Errorf("nobody can sign on: %w: make room in the state folder", err)
	}
	ok, err := right()
	if err != nil {
		a.count(number, -1)
		a.count(0, -1)
		return err
	}
	if !ok {
		a.refused(number, max(a.wait(number), a.wait(0)))
		return &api.Refused{Code: http.StatusUnauthorized, Why: a.left(number)}
	}
	a.count(0, -a.wrong[number].Count) // of others' attempts nothing is forgiven
	delete(a.wrong, number)
	return writeJSON(a.path, a.wrong)
}

// count notes attempts, and forgets those of another day.
func (a *attempts) count(number uint32, more int) {
	now := a.now()
	for n, t := range a.wrong {
		if now.Sub(t.Last) > forgotten {
			delete(a.wrong, n)
		}
	}
	t := a.wrong[number]
	t.Count = max(t.Count+more, 0)
	if more > 0 || t.Last.After(now) {
		t.Last = now
	}
	a.wrong[number] = t
}

// wait is how long a number must wait. A clock that was put back makes nobody wait longer.
func (a *attempts) wait(number uint32) time.Duration {
	t := a.wrong[number]
	if t.Count < free {
		return 0
	}
	wait := longestWait
	if doubled := t.Count - free; doubled < 4 {
		wait = min(firstWait<<doubled, longestWait)
	}
	return min(t.Last.Add(wait).Sub(a.now()), wait)
}

func (a *attempts) left(number uint32) string {
	left := free - max(a.wrong[number].Count, a.wrong[0].Count)
	if left <= 0 {
		return "the number or the PIN is wrong: wait a minute and more before the next attempt"
	}
	return fmt.Sprintf("the number or the PIN is wrong: %d attempts left", left)
}
