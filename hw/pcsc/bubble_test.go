package pcsc

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"leima/hw"
)

// use runs a test in virtual time with a reader at a fake. The bubble also holds that
// nothing is left running soon after Close.
func use(t *testing.T, f func() *fake, test func(t *testing.T, f *fake, r *Reader)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := f()
		r := open(Options{}, f, newMonitor(f))
		test(t, f, r)
		require.NoError(t, r.Close())
		time.Sleep(lastRetry)
	})
}

// one is a fake with one reader, called "one".
func one() *fake { return newFake("one") }

// waiting starts to wait and returns what will come.
func waiting(t *testing.T, wait func() error) chan error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- wait() }()
	synctest.Wait()
	return done
}

// blocked holds that a wait has not ended.
func blocked(t *testing.T, done chan error) {
	t.Helper()
	select {
	case err := <-done:
		require.FailNow(t, "it did not wait", "%v", err)
	default:
	}
}

func found(t *testing.T, r *Reader) hw.Card {
	t.Helper()
	card, err := r.Wait(t.Context())
	require.NoError(t, err)
	return card
}
