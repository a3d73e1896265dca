//go:build pcsc && linux

// Package pcscdtest gives tests their own pcscd, with two virtual readers into which emulated cards
// can be put.
//
// It runs in its own namespaces: it does not disturb the machine's pcscd, vpcd's ports are hidden,
// and nothing is left when the test program ends, however it does. For this the test program starts
// itself again. If namespaces are denied, as in many containers, pcscd runs without them, unless
// one runs there already, and for one test program after the other.
//
// Its one rule: a test that cannot have its pcscd is skipped with the reason, and in CI it fails.
package pcscdtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/require"

	"leima/hw/pcsc"
)

const inside = "LEIMA_PCSC_TEST_INSIDE"

// unable is the reason why the tests cannot have their own pcscd.
var unable error

// Main is TestMain: it runs the tests, a testing.M, with a pcscd and ends the program.
func Main(m interface{ Run() int }) {
	prepare := furnish
	if os.Getenv(inside) == "" {
		code, err := again()
		if err == nil {
			os.Exit(code)
		}
		prepare = func() error { return alone(err) }
	}
	if unable = prepare(); unable == nil {
		unable = pcscd.start()
	}
	code := m.Run()
	pcscd.end()
	os.Exit(code)
}

// alone prepares for pcscd without namespaces, and waits for other test programs that do the same.
// It returns an error if that is not allowed.
func alone(why error) error {
	lock, err := os.OpenFile(filepath.Join(os.TempDir(), "leima-pcscd.lock"),
		os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	pcscd.lock = lock
	conn, err := net.Dial("unix", "/run/pcscd/pcscd.comm")
	if err != nil {
		return nil
	}
	_ = conn.Close()
	return fmt.Errorf("a pcscd runs here already, and this machine gives no namespaces "+
		"for another: %w: stop it, or run the tests as root", why)
}

// again runs this test program in new namespaces and returns its exit code. The PID namespace kills
// all its processes when the first one ends.
func again() (int, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.Command(self, os.Args[1:]...)
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID,
		Pdeathsig:  syscall.SIGKILL,
	}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	err = cmd.Wait()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return max(1, exit.ExitCode()), nil
	}
	return 0, err
}

// furnish puts into the namespaces what pcscd needs: a folder for its socket and the loopback
// interface.
func furnish() error {
	if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("parting the mounts from the machine's: %w", err)
	}
	if err := syscall.Mount("tmpfs", "/run", "tmpfs", 0, ""); err != nil {
		return fmt.Errorf("mounting /run: %w", err)
	}
	if err := os.Mkdir("/run/pcscd", 0o755); err != nil {
		return err
	}
	return loopback()
}

// loopback brings the interface up, with multicast, which some tests use (netdevice(7),
// SIOCSIFFLAGS: what is not named is taken away).
func loopback() error {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("bringing the loopback interface up: %w", err)
	}
	defer syscall.Close(fd)
	request := struct {
		name  [syscall.IFNAMSIZ]byte
		flags uint16
		_     [22]byte
	}{
		name:  [syscall.IFNAMSIZ]byte{'l', 'o'},
		flags: syscall.IFF_UP | syscall.IFF_RUNNING | syscall.IFF_MULTICAST,
	}
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.SIOCSIFFLAGS,
		uintptr(unsafe.Pointer(&request)))
	if errno != 0 {
		return fmt.Errorf("bringing the loopback interface up: %w", errno)
	}
	return nil
}

// pcscd is the pcscd of the tests.
var pcscd daemonProcess

type daemonProcess struct {
	mu     sync.Mutex
	cmd    *exec.Cmd
	config string
	lock   *os.File // without namespaces: held until the end
	log    bytes.Buffer
}

// stanza configures a reader of the vpcd driver (vsmartcard, reader.conf): it has two slots, on
// this port and the next.
const stanza = `FRIENDLYNAME "Virtual PCD"
DEVICENAME   /dev/null:0x8C7B
LIBPATH      %s
CHANNELID    0x8C7B
`

// The names of the two readers.
const (
	First  = "Virtual PCD 00 00"
	Second = "Virtual PCD 00 01"
)

// address is where each virtual reader listens for a card.
var address = map[string]string{
	First: pcsc.VPCDAddress, Second: "127.0.0.1:35964",
}

// start starts pcscd and waits until it has its readers.
func (d *daemonProcess) start() error {
	if err := d.launch(); err != nil {
		return err
	}
	until := time.Now().Add(10 * time.Second)
	for {
		names, err := pcsc.Readers()
		switch {
		case slices.Contains(names, First) && slices.Contains(names, Second):
			return nil
		case time.Now().After(until):
			return fmt.Errorf("pcscd has readers %q: %w\n%s", names, err, d.log.String())
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func (d *daemonProcess) launch() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	path, err := exec.LookPath("pcscd")
	if err != nil {
		return fmt.Errorf("%w: apt install pcscd", err)
	}
	if err := d.configure(); err != nil {
		return err
	}
	d.cmd = exec.Command(path, "--foreground", "--config", d.config)
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	d.cmd.Stdout, d.cmd.Stderr = &d.log, &d.log
	return d.cmd.Start()
}

// configure writes a configuration with only the virtual readers.
func (d *daemonProcess) configure() (err error) {
	if d.config != "" {
		return nil
	}
	drivers, _ := filepath.Glob("/usr/lib/pcsc/drivers/serial/libifdvpcd.so*")
	if len(drivers) == 0 {
		return errors.New("there is no driver of virtual readers: apt install vsmartcard-vpcd")
	}
	if d.config, err = os.MkdirTemp("", "pcscd"); err != nil {
		return err
	}
	text := fmt.Sprintf(stanza, drivers[0])
	return os.WriteFile(filepath.Join(d.config, "vpcd"), []byte(text), 0o644)
}

// Kill kills pcscd as a fault would.
func Kill() { pcscd.signal(syscall.SIGKILL) }

// Start starts it again and waits until it has its readers.
func Start() error { return pcscd.start() }

// end ends pcscd and removes its files.
func (d *daemonProcess) end() {
	d.signal(syscall.SIGTERM)
	if d.config != "" {
		_ = os.RemoveAll(d.config)
	}
	if d.lock != nil {
		_ = d.lock.Close()
	}
}

func (d *daemonProcess) signal(s os.Signal) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.cmd != nil && d.cmd.Process != nil {
		_ = d.cmd.Process.Signal(s)
		_ = d.cmd.Wait()
		d.cmd = nil
	}
}

// Log is the output of pcscd.
func Log() string { return pcscd.log.String() }

// Need skips a test without pcscd; in CI it fails instead.
func Need(t testing.TB) {
	t.Helper()
	if unable != nil {
		without(t, unable.Error())
	}
}

// Program skips a test that needs a program of Debian's which is not installed.
func Program(t testing.TB, name, debian string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		without(t, name+" is not installed: apt install "+debian)
	}
}

func without(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		require.FailNow(t, "CI must run everything", why)
	}
	t.Skip(why)
}

// Dial connects to a virtual reader, which listens a moment after pcscd has started.
func Dial(t testing.TB, reader string) net.Conn {
	t.Helper()
	until := time.Now().Add(5 * time.Second)
	for {
		conn, err := pcsc.DialVPCD(context.Background(), address[reader])
		if err == nil {
			return conn
		}
		require.True(t, time.Now().Before(until), "%v\n%s", err, pcscd.log.String())
		time.Sleep(20 * time.Millisecond)
	}
}

// Run runs a program and returns what it printed.
func Run(t testing.TB, stdin, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return string(out)
}
