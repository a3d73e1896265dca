package cmd_test

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/emulated"
	"leima/cmd/internal/programs"
	"leima/validator/api"
	"leima/validator/journal"
)

// aBusConfig is the configuration of an emulated validator, with files of its own.
func aBusConfig(t *testing.T, edit ...string) (config, state string) {
	t.Helper()
	root, err := filepath.Abs("../testdata")
	require.NoError(t, err)
	text, err := os.ReadFile(root + "/bus.toml")
	require.NoError(t, err)
	folder := t.TempDir()
	changed := strings.NewReplacer(append(edit, `"../state/street"`, `"state"`,
		`"127.0.0.1:8081"`, `"127.0.0.1:0"`,
		`"tariffs/`, `"`+root+`/tariffs/`, `"taps/`, `"`+root+`/taps/`)...).Replace(string(text))
	config = filepath.Join(folder, "validator.toml")
	require.NoError(t, os.WriteFile(config, []byte(changed), 0o600))
	return config, filepath.Join(folder, "state")
}

// Ensure that nothing from outside ends a validator but what asks it to: a reader of what
// it writes may go or stand still, and a terminal may be closed. Asked to end, it ends well.
func TestNothingOutsideEndsIt(t *testing.T) {
	t.Parallel()
	config, state := aBusConfig(t, `log = "log"`, ``)
	validator := exec.Command(programs.Folder(t)+"/bench", "bus", "validator", "--config", config)
	out, err := validator.StdoutPipe()
	require.NoError(t, err)
	log, err := validator.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, validator.Start())
	t.Cleanup(func() { _ = validator.Process.Kill() })
	ended := make(chan error, 1)

	shown, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	require.NotEmpty(t, shown)
	require.NoError(t, out.Close())
	require.NoError(t, log.Close())
	for _, signal := range []os.Signal{
		syscall.SIGPIPE, syscall.SIGHUP, syscall.SIGUSR1,
		syscall.SIGUSR2, syscall.SIGALRM,
	} {
		require.NoError(t, validator.Process.Signal(signal))
	}
	at := socket(state + "/api.sock")
	for n, name := range []string{"Aino", "Helmi"} {
		at.lay(t, name)
		require.Eventually(t, func() bool { return at.taps(t) == n+1 }, 10*time.Second,
			10*time.Millisecond, "it serves the next card too")
	}
	go func() { ended <- validator.Wait() }()
	require.NoError(t, validator.Process.Signal(syscall.SIGTERM))
	require.NoError(t, validator.Process.Signal(syscall.SIGTERM), "asked twice is asked once")
	require.NoError(t, <-ended, "and nothing is wrong")
}

// Ensure that a validator whose output nobody reads any more, though it is open, or whose
// disk is full, serves all the same, and ends well when it is asked to.
func TestStalledOutputDelaysNoTap(t *testing.T) {
	read, stalled, err := os.Pipe()
	require.NoError(t, err)
	defer read.Close()
	fill(t, stalled)
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	require.NoError(t, err)
	for name, write := range map[string]*os.File{"stalled": stalled, "full": full} {
		t.Run(name, func(t *testing.T) { servesInto(t, write) })
	}
}

// servesInto holds that a validator serves which writes into a file.
func servesInto(t *testing.T, write *os.File) {
	config, state := aBusConfig(t, `log = "log"`, ``)
	validator := exec.Command(programs.Folder(t)+"/bench", "bus", "validator", "--config", config)
	validator.Stdout, validator.Stderr = write, write
	require.NoError(t, validator.Start())
	t.Cleanup(func() { _ = validator.Process.Kill() })
	at := socket(state + "/api.sock")
	at.lay(t, "Aino")
	require.Eventually(t, func() bool { return at.taps(t) == 1 }, 10*time.Second, 10*time.Millisecond)
	require.NoError(t, validator.Process.Signal(syscall.SIGTERM))
	require.NoError(t, validator.Wait())
	require.NoError(t, write.Close())
	j, err := journal.Open(filepath.Join(state, "journal"))
	require.NoError(t, err)
	defer j.Close()
	require.NoError(t, j.Verify(nil))
}

// fill fills a pipe until it takes nothing more.
func fill(t *testing.T, pipe *os.File) {
	t.Helper()
	fd := int(pipe.Fd())
	require.NoError(t, syscall.SetNonblock(fd, true))
	for n := len(page4k); n > 0; {
		if _, err := syscall.Write(fd, page4k[:n]); err != nil {
			require.ErrorIs(t, err, syscall.EAGAIN)
			n /= 2
		}
	}
	require.NoError(t, syscall.SetNonblock(fd, false))
}

var page4k = make([]byte, 4096)

// A bus is a running emulated validator, as others on the bus reach it.
type bus struct{ *api.Client }

func socket(path string) bus { return bus{api.NewClient("unix:"+path, "", nil)} }

// ready waits until it answers.
func (b bus) ready(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool { _, err := b.State(t.Context()); return err == nil },
		10*time.Second, 10*time.Millisecond)
}

func (b bus) stage() emulated.Control { return emulated.RemoteControl{Send: b.Send} }

func (b bus) lay(t *testing.T, name string) {
	t.Helper()
	b.ready(t)
	require.Eventually(t, func() bool {
		_, err := b.stage().Do(t.Context(), emulated.Operation{Kind: "put", Card: name})
		return err == nil
	}, 10*time.Second, 10*time.Millisecond, "there is a passenger of that name")
}

func (b bus) taps(t *testing.T) int {
	t.Helper()
	taps, err := b.Taps(t.Context())
	require.NoError(t, err)
	return len(taps)
}

// Ensure that no signal makes a program write out what it holds in memory: it ends well, or
// goes on.
func TestNoSignalTellsTheMemory(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{
		syscall.SIGQUIT, syscall.SIGABRT, syscall.SIGTRAP,
		syscall.SIGSYS, syscall.SIGSTKFLT, syscall.SIGILL, syscall.SIGBUS, syscall.SIGFPE,
		syscall.SIGSEGV,
	} {
		t.Run(signal.String(), func(t *testing.T) {
			config, state := aBusConfig(t, `log = "log"`, ``)
			var out, log bytes.Buffer
			validator := exec.Command(programs.Folder(t)+"/bench", "bus", "validator", "--config", config)
			validator.Stdout, validator.Stderr = &out, &log
			require.NoError(t, validator.Start())
			t.Cleanup(func() { _ = validator.Process.Kill() })
			at := socket(state + "/api.sock")
			at.lay(t, "Aino")
			require.NoError(t, validator.Process.Signal(signal))
			require.NoError(t, validator.Wait(), "%.200s", log.String())
			require.NotContains(t, out.String()+log.String(), "goroutine")
		})
	}
}
