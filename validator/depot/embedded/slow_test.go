package embedded_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/depot"
	"leima/validator/depot/depottest"
	"leima/validator/depot/embedded"
)

// stuck is somebody who takes a copy and does not go on.
type stuck struct{ begun, goes chan struct{} }

func (s stuck) Write(p []byte) (int, error) {
	select {
	case s.begun <- struct{}{}:
	default:
	}
	<-s.goes
	return len(p), nil
}

// Ensure that somebody who takes a copy slowly keeps no device waiting, however much comes.
func TestSlowBackup(t *testing.T) {
	store, err := embedded.Open(filepath.Join(t.TempDir(), "store"))
	require.NoError(t, err)
	defer store.Close()
	r := depot.Receiver{Store: store, Now: depottest.Now}
	device := depottest.NewDevice(t, 9)
	device.Record(1000, 1)
	items := device.Items(0)
	to := stuck{make(chan struct{}, 1), make(chan struct{})}
	copied := make(chan error, 1)
	go func() { copied <- store.Backup(to) }()
	<-to.begun
	kept := make(chan error, 1)
	go func() {
		for n := 0; n < len(items) && err == nil; n += 100 {
			_, err = r.Receive(t.Context(), 9, items[n:n+100], false)
		}
		kept <- err
	}()
	select {
	case err := <-kept:
		require.NoError(t, err)
	case <-time.After(time.Minute):
		t.Error("a device waits for somebody who takes a copy")
	}
	close(to.goes)
	require.NoError(t, <-copied)
}
