package download_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/download"
	"leima/validator/lists/bundle"
)

// roundTripper is a function as one.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(q *http.Request) (*http.Response, error) { return f(q) }

// A slow body gives two kilobytes a second.
type slow struct {
	io.Reader
	ctx context.Context
}

func (s *slow) Read(p []byte) (int, error) {
	select {
	case <-time.After(time.Second):
		return s.Reader.Read(p[:min(len(p), 2<<10)])
	case <-s.ctx.Done():
		return 0, s.ctx.Err()
	}
}

func (s *slow) Close() error { return nil }

// Ensure that a long block list on a slow link keeps no load waiting that was bought meanwhile: it
// is there within two minutes, and the block list in the end.
func TestLongListKeepsNoLoadWaiting(t *testing.T) {
	depot := newDepot(t)
	long, load := signed(t, bundle.BlockList, 1, 0, 500_000), signed(t, bundle.Actions, 1, 0, 500)
	name := depot.publish(long).Objects[0].Name()
	synctest.Test(t, func(t *testing.T) {
		bus := newBus(depot)
		bus.HTTP = &http.Client{Transport: roundTripper(func(q *http.Request) (*http.Response, error) {
			w := httptest.NewRecorder()
			depot.shelf.Handler().ServeHTTP(w, q)
			a := w.Result()
			if strings.HasSuffix(q.URL.Path, name) {
				a.Body = &slow{a.Body, q.Context()}
			}
			return a, nil
		})}
		var came time.Time
		bus.Arrived = func() { came = time.Now() }
		bus.Tell = func(s download.Status) { require.Empty(t, s.Trouble) }
		require.NoError(t, bus.Open())
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			bus.Run(ctx)
		}()
		time.Sleep(20 * time.Second)
		depot.publish(load)
		bought := time.Now()
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		require.False(t, came.IsZero())
		require.LessOrEqual(t, came.Sub(bought), 2*time.Minute)
		time.Sleep(10 * time.Minute)
		cancel()
		<-ended
		bus.holds(long, load)
	})
}
