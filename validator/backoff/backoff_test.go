package backoff_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/backoff"
)

// Ensure that pauses grow to the longest and no further, that they are spread, and that a success
// ends them.
func TestPauses(t *testing.T) {
	longest := make([]time.Duration, 12)
	for range 2000 {
		p := backoff.Pause{Longest: time.Minute}
		for n := range longest {
			pause := p.Next()
			require.Less(t, pause, min(time.Second<<n, time.Minute), n)
			longest[n] = max(longest[n], pause)
		}
		p.Reset()
		require.Less(t, p.Next(), time.Second)
	}
	for n, pause := range longest {
		require.Greater(t, pause, min(time.Second<<n, time.Minute)*9/10, n)
	}
	p := backoff.Pause{Longest: time.Minute}
	for range 1000 { // a year without a depot
		require.Less(t, p.Next(), time.Minute)
	}
	require.Zero(t, new(backoff.Pause).Next())
}

// Ensure that an answer that asks for a pause is understood, whatever it says.
func TestAsked(t *testing.T) {
	for says, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "-1": 0, "soon": 0, "Wed, 21 Oct 2026 07:28:00 GMT": 0,
		"999999999999": (1 << 20) * time.Second, "99999999999999999999": 0,
	} {
		a := &http.Response{Header: http.Header{"Retry-After": {says}}}
		require.Equal(t, want, backoff.Asked(a), says)
	}
}
