package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"
	"github.com/stretchr/testify/require"

	"leima/cmd/internal/program"
	"leima/cmd/internal/programs"
	"leima/validator/depot"
	"leima/validator/depot/depottest"
	"leima/validator/depot/embedded"
	"leima/validator/depot/settlement"
)

func TestMain(m *testing.M) { os.Exit(programs.Tests{M: m}.Run()) }

func start(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, &out, &errs)
	return code, out.String(), errs.String()
}

// Public keys of devices.
const (
	key   = "1Spam6zROakmXibl3sPiEfbpNi11ed/EoOkKQtYx0go="
	other = "2Spam6zROakmXibl3sPiEfbpNi11ed/EoOkKQtYx0go="
)

// Ensure that a depot is made once, that its register is changed by a person's commands, and that
// each mistake says what to do.
func TestDepotsFolder(t *testing.T) {
	at := filepath.Join(t.TempDir(), "depot")
	code, _, says := start(t, "device", "add", at, "9", "--key", key)
	require.Equal(t, program.UsageCode, code)
	require.Contains(t, says, "\"depot init\" makes one")

	for _, name := range []string{"https://depot.example", "depot.example:8443", "a b", "", "-a"} {
		code, _, says := start(t, "init", at, "--name="+name)
		require.Equal(t, program.UsageCode, code, name)
		require.Contains(t, says, "--name", name)
		require.NoDirExists(t, at)
	}
	code, out, says := start(t, "init", at+"6", "--name", "2001:db8::1")
	require.Zero(t, code, says)
	require.Contains(t, out, "https://[2001:db8::1]:8443")

	code, out, says = start(t, "init", at, "--name", "depot.example", "--name", "127.0.0.1")
	require.Zero(t, code, says)
	_, table, _ := strings.Cut(out, "[depot]") // as it is, for a device's configuration
	var named map[string]string
	require.NoError(t, toml.Unmarshal([]byte(table), &named))
	require.Equal(t, map[string]string{
		"url": "https://depot.example:8443", "certificate": "depot.pem",
	}, named)
	certificate, err := os.ReadFile(filepath.Join(at, certificateFile))
	require.NoError(t, err)
	code, _, says = start(t, "init", at, "--name", "other.example")
	require.Equal(t, program.UsageCode, code)
	require.Contains(t, says, "is a depot's folder already")
	still, err := os.ReadFile(filepath.Join(at, certificateFile))
	require.NoError(t, err)
	require.Equal(t, certificate, still)

	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"device", "add", at, "9", "--key", key}, 0, "device 9 may send its journal"},
		{[]string{"device", "add", at, "10", "--key", "secret"}, 78, "as \"validator commission\""},
		{[]string{"device", "add", at, "0", "--key", key}, 78, "want a device's number, 1 to 16383"},
		{[]string{"device", "add", at, "16384", "--key", key}, 78, "number, 1 to 16383"},
		{[]string{"device", "add", at, "8", "--key", key}, 78, "device 9 has this key"},
		{[]string{"device", "add", at, "9", "--key", other}, 78, "withdraw it first"},
		{[]string{"device", "add", at, "70000", "--key", key}, 78, "of at most 16 bits"},
		{[]string{"device", "add", at, "9", "--key", " " + key + "\n"}, 0, "may send its journal"},
		{[]string{"device", "withdraw", at, "8"}, 78, "device 8 is not in the register"},
		{[]string{"device", "list", at}, 0, "    9  " + key + "\n"},
		{[]string{"device", "list", at, "--json"}, 0, "[\n  {\n    \"device\": 9,\n    \"key\": \"" + key + "\"\n  }\n]\n"},
		{[]string{"device", "withdraw", at, "9"}, 0, "device 9 may send no more"},
		{[]string{"device", "withdraw", at, "9"}, 78, "was withdrawn at"},
		{[]string{"device", "list", at}, 0, "    9  " + key + "  withdrawn 20"},
		{[]string{"device", "list", at, "--json"}, 0, "\"withdrawn\": \"20"},
		{[]string{"device", "add", at, "9", "--key", other}, 0, "give it another number"},
		{[]string{"device", "withdraw", at, "9"}, 0, "device 9 may send no more"},
		{[]string{"person", "list", at, "--json"}, 0, "[]\n"},
		{[]string{"settlement", at}, 78, "the depot has no ledger"},
		{[]string{"settlement", at, "--schema"}, 0, "http://www.w3.org/ns/csvw"},
		{[]string{"settlement", at, "--booked", "today"}, 78, "want a day as"},
		{[]string{"export", at, "9"}, 0, "depot: device 9 has sent nothing\n"},
		{[]string{"export", at}, 0, "depot: device 9 has sent nothing\n"},
		{[]string{"export", at, "77"}, 78, "device 77 is not in the register"},
		{[]string{"backup", at, filepath.Join(at, "none", "copy")}, 78, "name a folder in which"},
		{[]string{"backup", at, at + ".copy"}, 0, "is a copy of the store"},
		{[]string{"backup", at, at + ".copy"}, 78, "exists: give it another name"},
		{[]string{"--help"}, 0, "Exit codes"},
	} {
		code, out, says := start(t, c.args...)
		require.Equal(t, c.code, code, "%v: %s", c.args, says)
		require.Contains(t, out+says, c.says, "%v", c.args)
	}
	register := filepath.Join(at, registerFile)
	require.NoError(t, os.WriteFile(register, []byte("[9]\nkey = \"secret\"\n"), 0o600))
	code, _, says = start(t, "serve", at)
	require.Equal(t, program.UsageCode, code)
	require.Contains(t, says, "[9]: want a device's number, 1 to 16383, and its key")
	require.NoError(t, os.Remove(register))
	for name, broken := range map[string]string{
		"listen = \"nowhere\"": "want host:port",
		"listen = \"127.0.0.1:0\"\n[metrics]\nlisten = \"0.0.0.0:9465\"": "an address of this machine alone",
		"liste = \"0.0.0.0:1\"": "liste is not a setting",
		"\xEF\xBB\xBFlisten = \"127.0.0.1:0\"\r\n[ledger]\r\noffice = [\"none\"]": "ledger.zone",
		"listen = \"127.0.0.1:0\"\n[ledger]\noffice = [\"none\"]\nzone = \"UTC\"": "none cannot be read",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(at, configFile), []byte(name), 0o600))
		code, _, says := start(t, "serve", at)
		require.Equal(t, program.UsageCode, code, says)
		require.Contains(t, says, broken)
	}
}

// Ensure that a register that was read between an editor's emptying it and writing it is read again,
// also if both have happened within one tick; and so is one that has taken its place.
func TestRegisterWithinOneTick(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), registerFile)
	tick := time.Date(2026, 11, 29, 9, 0, 0, 0, time.UTC)
	writes := func(path, text string) {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		require.NoError(t, os.Chtimes(path, tick, tick))
	}
	r := register{path: path, log: slog.New(slog.DiscardHandler)}
	writes(path, "")
	require.Empty(t, r.waited())
	writes(path, "\xEF\xBB\xBF[9]\r\nkey = \""+key+"\"\r\n")
	require.Equal(t, []uint16{9}, r.waited())
	writes(path+".new", "\xEF\xBB\xBF[8]\r\nkey = \""+key+"\"\r\n")
	require.NoError(t, os.Rename(path+".new", path))
	require.Equal(t, []uint16{8}, r.waited())
}

// Ensure that in a register that a person has edited no device has two entries and no key two devices:
// one of them could write the other's journal. The key of one that was withdrawn may have another.
func TestEditedRegister(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), registerFile)
	entry := func(name, key, more string) string { return "[" + name + "]\nkey = \"" + key + "\"\n" + more }
	for text, says := range map[string]string{
		entry("9", key, "") + entry("10", key, ""):                                   "has this key: each device has its own",
		entry("9", key, "") + entry("09", other, ""):                                 "[09]: want a device's number",
		entry("9", key, "") + entry("9", other, ""):                                  "9 stands there twice",
		entry("9", key, "withdrawn = 2026-11-29T09:00:00Z\n") + entry("10", key, ""): "",
		entry("9", key, "") + entry("10", key, "withdrawn = 2026-11-29T09:00:00Z\n"): "",
		entry("9", key, "") + entry("10", strings.TrimSuffix(key, "o=")+"p=", ""):    "want a device's number",
	} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := readRegister(path)
		if says == "" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, says)
		}
	}
}

// Ensure that of devices which are added at once each is in the register.
func TestAddedAtOnce(t *testing.T) {
	t.Parallel()
	at := filepath.Join(t.TempDir(), "depot")
	code, _, says := start(t, "init", at, "--name", "depot.example")
	require.Zero(t, code, says)
	var adding sync.WaitGroup
	for n := range 20 {
		public, _, err := ed25519.GenerateKey(rand.Reader)
		require.NoError(t, err)
		key := base64.StdEncoding.EncodeToString(public)
		adding.Go(func() {
			code, _, says := start(t, "device", "add", at, strconv.Itoa(n+1), "--key", key)
			require.Zero(t, code, says)
		})
	}
	adding.Wait()
	_, listed, _ := start(t, "device", "list", at)
	require.Equal(t, 20, strings.Count(listed, "\n"))
}

// Ensure that where devices send to can be copied into a configuration, also where the depot
// listens at every address of its machine.
func TestReached(t *testing.T) {
	address := func(ip net.IP) net.Addr { return &net.TCPAddr{IP: ip, Port: 8443} }
	v6 := []net.IP{net.ParseIP("2001:db8::1")}
	for want, is := range map[string]struct {
		at net.Addr
		of x509.Certificate
	}{
		"depot.example:8443": {address(net.IPv6zero), x509.Certificate{DNSNames: []string{"depot.example"}, IPAddresses: v6}},
		"[2001:db8::1]:8443": {address(net.IPv4zero), x509.Certificate{IPAddresses: v6}},
		"192.0.2.1:8443":     {address(net.ParseIP("192.0.2.1")), x509.Certificate{IPAddresses: v6}},
		"[::]:8443":          {address(net.IPv6zero), x509.Certificate{}},
	} {
		require.Equal(t, want, reached(is.at, &is.of))
	}
}

// A lost output is one that cannot be written.
type lost struct{}

func (lost) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// Ensure that an answer that cannot be written is not taken for a whole one.
func TestLostOutput(t *testing.T) {
	t.Parallel()
	at := filepath.Join(t.TempDir(), "depot")
	code, _, says := start(t, "init", at, "--name", "depot.example")
	require.Zero(t, code, says)
	code, _, says = start(t, "device", "add", at, "9", "--key", key)
	require.Zero(t, code, says)
	for _, args := range [][]string{
		{"device", "list", at},
		{"device", "list", at, "--json"},
		{"person", "list", at, "--json"},
		{"settlement", at, "--schema"},
	} {
		var errs bytes.Buffer
		require.Equal(t, codeState, run(t.Context(), args, lost{}, &errs), args)
		require.Contains(t, errs.String(), "depot: the answer is not complete: no space left", args)
	}
}

// settling is the folder of a depot that keeps a ledger.
func settling(t *testing.T) (at string) {
	t.Helper()
	at = filepath.Join(t.TempDir(), "depot")
	code, _, says := start(t, "init", at, "--name", "depot.example")
	require.Zero(t, code, says)
	newOffice(t, filepath.Join(at, "office.pem"))
	require.NoError(t, os.WriteFile(filepath.Join(at, configFile), []byte("listen = \"127.0.0.1:0\"\n"+
		"[ledger]\noffice = [\"office.pem\"]\nzone = \"UTC\"\n"), 0o600))
	return at
}

// Ensure that a store or a ledger that is not there is said, and not taken for an empty one, and
// that reading makes none.
func TestMissingStore(t *testing.T) {
	t.Parallel()
	at := settling(t)
	code, _, says := start(t, "device", "add", at, "9", "--key", key)
	require.Zero(t, code, says)
	require.NoError(t, os.Remove(filepath.Join(at, storeFile)))
	for says, args := range map[string][]string{
		"put the last backup there": {"export", at, "9"}, "the last backup": {"backup", at, at + ".copy"},
		"makes it from the store": {"settlement", at},
	} {
		code, _, said := start(t, args...)
		require.Equal(t, codeState, code, args)
		require.Contains(t, said, says)
	}
	require.NoFileExists(t, filepath.Join(at, storeFile))
	require.NoFileExists(t, filepath.Join(at, ledgerFile))
	require.NoFileExists(t, at+".copy")
}

// Ensure that rows which are written while the depot does not run say that the ledger does not have
// all of the store.
func TestLedgerIsBehind(t *testing.T) {
	t.Parallel()
	at := settling(t)
	l := &settlement.Ledger{Zone: time.UTC}
	require.NoError(t, l.Open(filepath.Join(at, ledgerFile)))
	require.NoError(t, l.Close())
	code, _, says := start(t, "settlement", at)
	require.Zero(t, code, says)
	require.Empty(t, says)
	store, err := embedded.Open(filepath.Join(at, storeFile))
	require.NoError(t, err)
	d := depottest.NewDevice(t, 9)
	d.Record(1, 1)
	require.NoError(t, store.Append(t.Context(), &depot.Batch{
		Device: 9, Received: depottest.Now(), Entries: d.Items(0),
	}))
	require.NoError(t, store.Close())
	code, out, says := start(t, "settlement", at)
	require.Zero(t, code, says)
	require.Contains(t, out, "number,booked")
	require.Contains(t, says, "what came last is not in these rows")
}

// Ensure that the depot says at its start which address it cannot serve, by the setting's name, and
// that nobody can sign on by a register that cannot be read.
func TestSaysAtTheStart(t *testing.T) {
	t.Parallel()
	at := filepath.Join(t.TempDir(), "depot")
	code, _, says := start(t, "init", at, "--name", "depot.example")
	require.Zero(t, code, says)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	require.NoError(t, os.WriteFile(filepath.Join(at, personsFile), []byte("[[persons]]\n"), 0o600))
	newPepper := strings.Repeat("00", pepperSize)
	require.NoError(t, os.WriteFile(filepath.Join(at, pepperFile), []byte(newPepper), 0o600))
	for setting, config := range map[string]string{
		"listen":         "listen = %q\n[page]\nlisten = \"127.0.0.1:0\"\n[ledger]\nzone = \"UTC\"\n",
		"page.listen":    "listen = \"127.0.0.1:0\"\n[page]\nlisten = %q\n[ledger]\nzone = \"UTC\"\n",
		"metrics.listen": "listen = \"127.0.0.1:0\"\n[metrics]\nlisten = %q\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(at, configFile),
			fmt.Appendf(nil, config, taken.Addr()), 0o600))
		code, _, says = start(t, "serve", at)
		require.Equal(t, codeFault, code, says)
		require.Contains(t, says, setting+" in depot.toml: ")
		require.Contains(t, says, "that no other program serves")
		if setting != "metrics.listen" {
			require.Contains(t, says, "nobody can sign on at the page")
		}
	}
}
