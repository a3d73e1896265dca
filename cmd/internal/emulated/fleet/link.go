package fleet

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// A Link is the link of a bus through a city: of twenty requests it loses one before and one after
// it has arrived, and doubles one; now and then it fails for a while.
type Link struct {
	Next http.RoundTripper
	Gap  time.Duration // the longest while; 0: it does not fail

	mu    sync.Mutex
	until time.Time // it fails
}

// RoundTrip implements http.RoundTripper.
func (l *Link) RoundTrip(q *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return nil, err
	}
	again := func() (*http.Response, error) {
		other := q.Clone(q.Context())
		other.Body = io.NopCloser(bytes.NewReader(body))
		return l.Next.RoundTrip(other)
	}
	lost := func() {
		if a, err := again(); err == nil {
			_ = a.Body.Close()
		}
	}
	if l.fails() {
		return nil, io.ErrUnexpectedEOF
	}
	switch rand.IntN(20) {
	case 0:
		return nil, io.ErrUnexpectedEOF
	case 1:
		lost()
		return nil, io.ErrUnexpectedEOF
	case 2:
		lost()
	}
	return again()
}

// fails reports whether there is no link now.
func (l *Link) fails() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.Gap > 0 && rand.IntN(100) == 0 {
		l.until = now.Add(rand.N(l.Gap))
	}
	return now.Before(l.until)
}
