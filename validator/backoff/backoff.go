// Package backoff says how long to wait after failures. Its one rule: a city's buses that come back
// at once do not ask at once.
package backoff

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// A Pause grows with the failures that follow each other. Its zero value never waits.
type Pause struct {
	Longest  time.Duration
	failures int
}

// Next is how long to wait after another failure: a random part of a second, then of two, and so
// on to the longest.
func (p *Pause) Next() time.Duration {
	longest := min(time.Second<<min(p.failures, 16), p.Longest)
	p.failures++
	return time.Duration(rand.Int64N(max(int64(longest), 1)))
}

// Reset ends a row of failures.
func (p *Pause) Reset() { p.failures = 0 }

// Asked is how long an answer asks its client to wait (Retry-After, RFC 9110, 10.2.3), in seconds;
// 0 if it asks for nothing.
func Asked(a *http.Response) time.Duration {
	const most = 1 << 20 // seconds
	seconds, err := strconv.ParseInt(a.Header.Get("Retry-After"), 10, 64)
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(min(seconds, most)) * time.Second
}
