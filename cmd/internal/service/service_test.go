package service

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// aManager is a service manager that hears a program.
func aManager(t *testing.T) (hear func() string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	require.NoError(t, err)
	t.Cleanup(func() { _ = socket.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	return func() string {
		message := make([]byte, 1024)
		n, err := socket.Read(message)
		require.NoError(t, err)
		return string(message[:n])
	}
}

// Ensure that the service manager hears what a program says of itself, and of a reload how long it
// takes.
func TestSaid(t *testing.T) {
	hear := aManager(t)
	Ready()
	require.Equal(t, "READY=1", hear())
	Reload(func() { require.Regexp(t, `^RELOADING=1\nMONOTONIC_USEC=\d+\n$`, hear()) })
	require.Equal(t, "READY=1", hear())
	Stopping()
	require.Equal(t, "STOPPING=1", hear())
}

// Ensure that the watchdog is fed only with a program that is alive, and hears its status.
func TestWatchdog(t *testing.T) {
	hear := aManager(t)
	t.Setenv("WATCHDOG_USEC", "2000")
	t.Setenv("WATCHDOG_PID", "")
	calls := 0
	stop := Watch(func(context.Context) (string, error) {
		if calls++; calls <= 3 {
			return "", errors.New("it hangs")
		}
		return "waiting", nil
	}, slog.New(slog.DiscardHandler))
	require.Equal(t, "STATUS=waiting\nWATCHDOG=1", hear())
	stop()
	require.Greater(t, calls, 3, "before that it was not fed")
}

// Ensure that without a service manager nothing is asked.
func TestUnwatched(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	Ready()
	Watch(func(context.Context) (string, error) {
		t.Error("nobody has asked")
		return "", nil
	}, nil)()
}

// Ensure that a failure is found after the program has ended, also where the state folder cannot be
// used, and that the newest counts and a good start ends it.
func TestFailureIsKept(t *testing.T) {
	state, missing := t.TempDir(), filepath.Join(t.TempDir(), "missing")
	t.Setenv("RUNTIME_DIRECTORY", t.TempDir())
	at := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for _, folder := range []string{state, missing, "", state} {
		require.Nil(t, Kept(folder, Validator))
		for _, cause := range []string{"the disk", "the keys"} {
			f := Failure{at, 74, cause}
			Keep(folder, Validator, f)
			require.Equal(t, &f, Kept(folder, Validator))
		}
		Forget(folder, Validator)
	}
	Keep(missing, Validator, Failure{at, 74, "the disk"})
	Keep(state, Validator, Failure{at, 78, "the keys"})
	require.Equal(t, "the keys", Kept(state, Validator).Text())
	Forget(state, Validator)
	require.Empty(t, Kept(state, Validator).Text())
	require.NoError(t, os.WriteFile(filepath.Join(state, File), []byte("{"), 0o600))
	require.Nil(t, Kept(state, Validator))
}
