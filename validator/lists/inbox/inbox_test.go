package inbox_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/lists/bundle"
	"leima/validator/lists/inbox"
)

var errRubbish = errors.New("rubbish")

// A place is a device's state folder with an inbox.
type place struct{ state, inbox, aside string }

func aPlace(t *testing.T) place {
	t.Helper()
	state := t.TempDir()
	p := place{state, filepath.Join(state, "inbox"), filepath.Join(state, "refused")}
	require.NoError(t, os.Mkdir(p.inbox, 0o755))
	for _, name := range []string{"journal", "log", "tariffs", "token.bundle", "lists/full"} {
		path := filepath.Join(state, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(name), 0o600))
	}
	return p
}

// scan refuses everything, after meanwhile has happened to the inbox.
func (p place) scan(meanwhile func(path string)) []inbox.Arrival {
	taker := inbox.Taker{Largest: 1 << 10, Refusal: func(err error) bool {
		return errors.Is(err, errRubbish)
	}, Apply: func(path string, _ time.Time, _ inbox.Exchange) error {
		if meanwhile != nil {
			meanwhile(path)
		}
		return errRubbish
	}}
	return inbox.Scan(p.inbox, p.aside, time.Now(), inbox.AtOnce, bundle.BlockList,
		map[bundle.Purpose]inbox.Taker{bundle.BlockList: taker})
}

func (p place) put(t *testing.T, name string) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(p.inbox, name), []byte(name), 0o644))
}

// untouched holds that nothing of the device's own has gone or changed.
func (p place) untouched(t *testing.T) {
	t.Helper()
	for _, name := range []string{"journal", "log", "tariffs", "token.bundle", "lists/full"} {
		text, err := os.ReadFile(filepath.Join(p.state, name))
		require.NoError(t, err)
		require.Equal(t, name, string(text))
	}
}

// Ensure that who fills the inbox, with what they like, at what moment they like, neither
// removes nor reads anything else of the device, nor keeps it waiting.
func TestHostileInbox(t *testing.T) {
	for name, prepare := range map[string]func(p place){
		"a link for the folder of the refused": func(p place) {
			_ = os.Symlink("..", filepath.Join(p.inbox, "refused"))
		},
		"links to files": func(p place) {
			for n, to := range []string{"../journal", "../lists/full", "/etc/passwd", "../token.bundle", "0.bundle"} {
				_ = os.Symlink(to, filepath.Join(p.inbox, fmt.Sprintf("link%d.bundle", n)))
			}
		},
		"links to folders": func(p place) {
			_ = os.Symlink("..", filepath.Join(p.inbox, "up.bundle"))
			_ = os.Symlink("../lists", filepath.Join(p.inbox, "lists.bundle"))
		},
		"a hard link":   func(p place) { _ = os.Link(p.state+"/tariffs", p.inbox+"/hard.bundle") },
		"a pipe":        func(p place) { _ = syscall.Mkfifo(p.inbox+"/pipe.bundle", 0o644) },
		"a folder":      func(p place) { _ = os.MkdirAll(p.inbox+"/folder.bundle/x.bundle", 0o755) },
		"a large file":  func(p place) { _ = os.WriteFile(p.inbox+"/large.bundle", make([]byte, 1<<20), 0o644) },
		"other names":   func(p place) { _ = os.WriteFile(p.inbox+"/bundle", nil, 0o644) },
		"a hidden name": func(p place) { _ = os.WriteFile(p.inbox+"/.bundle", nil, 0o644) },
		"a strange name": func(p place) {
			_ = os.WriteFile(p.inbox+"/\x1b[2J\n..\\..bundle.bundle", nil, 0o644)
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := aPlace(t)
			prepare(p)
			for n := range 6 {
				p.put(t, fmt.Sprintf("%d.bundle", n))
			}
			p.scan(nil)
			p.scan(nil)
			p.untouched(t)
			left, err := os.ReadDir(p.aside)
			require.NoError(t, err)
			require.LessOrEqual(t, len(left), 4)
			for n := range 6 {
				require.NoFileExists(t, filepath.Join(p.inbox, fmt.Sprintf("%d.bundle", n)))
			}
		})
	}
}

// Ensure that a bundle which is exchanged while it is looked at is the one that was copied.
func TestExchangedBundle(t *testing.T) {
	p := aPlace(t)
	p.put(t, "1.bundle")
	p.scan(func(path string) {
		require.NoError(t, os.Remove(filepath.Join(p.inbox, "1.bundle")))
		require.NoError(t, os.Symlink("../journal", filepath.Join(p.inbox, "1.bundle")))
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, "1.bundle", string(text))
	})
	p.untouched(t)
	require.FileExists(t, filepath.Join(p.aside, "1.bundle"))
}

// Ensure that a bundle whose taking failed for another reason stays, and that no copies stay
// behind, after a power cut neither.
func TestWhatStays(t *testing.T) {
	p := aPlace(t)
	p.put(t, "1.bundle")
	require.NoError(t, os.Mkdir(p.aside, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(p.aside, "taking-1"), nil, 0o600))
	full := inbox.Taker{
		Largest: 1 << 10, Refusal: func(error) bool { return false },
		Apply: func(string, time.Time, inbox.Exchange) error { return syscall.ENOSPC },
	}
	all := inbox.Scan(p.inbox, p.aside, time.Now(), inbox.AtOnce, bundle.BlockList,
		map[bundle.Purpose]inbox.Taker{bundle.BlockList: full})
	require.True(t, slices.ContainsFunc(all, func(a inbox.Arrival) bool {
		return errors.Is(a.Err, syscall.ENOSPC)
	}))
	require.FileExists(t, filepath.Join(p.inbox, "1.bundle"))
	left, err := os.ReadDir(p.aside)
	require.NoError(t, err)
	require.Empty(t, left)
}
