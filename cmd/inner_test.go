package cmd_test

import (
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/programs"
)

// inner are words of Go and of libraries, which say nothing to anyone who reads a message.
var inner = regexp.MustCompile(`strconv|bufio|token too long|invalid character|` +
	`unexpected (EOF|end|newline)|bbolt|` +
	`(^|[^.\w])(toml|json|cbor|pem|zip|hex|tls|x509|asn1): |syscall|goroutine|%!|dial (tcp|unix)|listen tcp|` +
	`bind:|lookup |: (open|read|stat|lstat|mkdir|rename|write|unlink|chmod) \S+: |runtime error|` +
	`panic|\bEOF\b|unmarshal|cannot decode|cannot be stored|u?int(8|16|32|64)|\d+ bit u?int|` +
	`float64|struct|interface|nil pointer|strict mode|encoding/|base64|parsing time|main\.|<nil>|` +
	`mmap|flock|context (canceled|deadline)|expected (u?int|a valid)`)

// wrongFiles are what somebody may give a program in the place of another file.
var wrongFiles = map[string]string{
	"empty": "", "object": `{"a": [1, 2`, "armour": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
	"kinds": "state = 5\ndevice = \"x\"\narea = \"y\"\nid = 7\nname = 3\nsystem = 5\ndriver = 3\n[bus]\ntransport = 1\n",
	"large": "device = 70000\n", "less": "device = -1\n", "half": "device = 1.5\n", "day": "device = 2026-03-02\n",
	"list": "device = [1]\n", "twice": "area = 1\narea = 2\n", "broken": "state = \"a\narea ==\n[x\n",
	"packed": "PK\x03\x04" + strings.Repeat("\x00", 50), "binary": strings.Repeat("\x00\xFF\x80abc", 3000),
	"long": strings.Repeat("a", 100_000), "huge": "device = 99999999999999999999999\n",
}

// commands take a file in the place of FILE.
var fileCommands = strings.Split(strings.TrimSpace(`
bench issue FILE --out out
bench issue aino.txt --holder FILE --out out
bench issue aino.txt --keys FILE --out out
bench inspect FILE
bench inspect FILE --public
bench load FILE value 10 --tariff tariff.toml
bench load aino.img value 10 --tariff FILE
bench erase FILE
bench check FILE --zone A --tariff tariff.toml
bench run FILE
bench run aino.txt --tariffs FILE
bench fare --tariff FILE
bench list build FILE --area 227 --version 9 --out out
bench list show FILE
bench list delta FILE FILE --out out
bench list sign FILE --key FILE --out out
bench list open FILE
bench list key show FILE
bench list actions FILE --area 227 --version 9 --out out
bench tariff check FILE
bench tariff show FILE
bench tariff diff FILE tariff.toml
bench tariff save FILE --out out
bench single --tariff FILE
bench refund FILE --tariff tariff.toml
bench reverse FILE
bench replace FILE --tariff tariff.toml --cause broken
bench stops FILE
bench drive --feed FILE --trip t1
bench fleet out --feed FILE
bench keys show FILE
bench keys bus FILE --out out
bench keys open FILE --out out
bench keys seal FILE --out out
bench journal show FILE
bench journal verify FILE
bench journal export FILE
bench journal ack FILE 1
bench verify FILE
bench reconcile FILE
bench replay FILE
bench emulate FILE
validator run --config FILE
validator commission --config FILE
console run --config FILE
console commission --config FILE
console driver add --drivers FILE --number 7 --pin-file pin
console driver add --drivers out --number 7 --pin-file FILE
console driver add --drivers out --number 7 --keys FILE --pin-file pin
`), "\n")

// settings are put into the configuration of an emulated validator or console, in the place of
// the line that begins alike.
var wrongSettings = map[string][]string{
	"validator": {
		`tariffs = ["nowhere"]`, `tariffs = ["folder"]`, `tariffs = ["binary"]`,
		`state = "aino.txt"`, `log = "nowhere/log"`, `keys = "nowhere"`, `keys = "binary"`,
		`script = "nowhere"`, `script = "binary"`, `stops = "nowhere"`, `stops = "packed"`,
		`stops = "folder"`, `budget = "x"`, `listen = ["unix:nowhere/sock"]`, `listen = ["BUSY"]`,
		`listen = "BUSY"`, `listen = "nothing"`, `reader = "pcsc"`, `passphrase = "nowhere"`,
		`listen = ["127.0.0.1:0"]`, `listen = ["x:y:z"]`,
	},
	"console": {
		`drivers = "nowhere"`, `drivers = "folder"`, `drivers = "kinds"`, `drivers = "object"`,
		`state = "aino.txt"`, `log = "nowhere/log"`, `keys = "nowhere"`, `listen = "BUSY"`,
		`address = "https://[::1"`, `address = "unix:"`, `ca = "nowhere"`, `ca = "binary"`,
		`cards = "aino.txt"`, `title = 5`, `idle = 7`, `listen = "127.0.0.1:99999"`,
		`certificate = "armour"` + "\n" + `key = "armour"`, `certificate = "nowhere"` + "\n" + `key = "armour"`,
	},
}

// Ensure that whatever file, setting, port or number is wrong, no message of the three programs
// shows the inside of Go or of a library, and each says something.
func TestNoMessageShowsTheInside(t *testing.T) {
	t.Parallel()
	bin, folder := programs.Folder(t), t.TempDir()
	put := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	for name, text := range wrongFiles {
		put(name, text)
	}
	for name, from := range map[string]string{
		"aino.txt":    "cards/aino.txt",
		"tariff.toml": "tariffs/jyvaskyla-2018.toml", "drivers.toml": "drivers.toml",
	} {
		text, err := os.ReadFile("../testdata/" + from)
		require.NoError(t, err)
		put(name, string(text))
	}
	put("pin", "482915\n")
	require.NoError(t, os.Mkdir(filepath.Join(folder, "folder"), 0o700))
	says := func(call ...string) {
		t.Helper()
		_ = os.RemoveAll(filepath.Join(folder, "out"))
		command := exec.CommandContext(t.Context(), filepath.Join(bin, call[0]), call[1:]...)
		command.Dir = folder
		var errs strings.Builder
		command.Stderr = &errs
		if command.Run() == nil {
			return // some take it
		}
		said := strings.ReplaceAll(errs.String(), "passphrase.txt", "")
		require.NotRegexp(t, inner, strings.ReplaceAll(said, "openssl rand -base64", ""), "%v", call)
		require.True(t, said != "" || call[1] == "tariff" || call[1] == "run", "%v says nothing", call)
	}
	says("bench", "issue", "aino.txt", "--out", "aino.img")
	files := append(slices.Sorted(maps.Keys(wrongFiles)), "folder", "nowhere", "aino.txt/x")
	for n, call := range fileCommands {
		for k, file := range files {
			if testing.Short() && k%5 != n%5 {
				continue
			}
			says(strings.Fields(strings.ReplaceAll(call, "FILE", file))...)
		}
	}
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer busy.Close()
	for program, settings := range wrongSettings {
		name := map[string]string{"validator": "bus.toml", "console": "console.toml"}[program]
		text, err := os.ReadFile("../testdata/" + name)
		require.NoError(t, err)
		for _, setting := range settings {
			key, _, _ := strings.Cut(setting, " ")
			line := regexp.MustCompile(`(?m)^` + key + ` = .*$`)
			setting = strings.ReplaceAll(setting, "BUSY", busy.Addr().String())
			changed := strings.NewReplacer("../state/street", "state", `"tariffs/jyvaskyla-2018.toml"`,
				`"tariff.toml"`, "127.0.0.1:808", "127.0.0.1:0#").Replace(string(text))
			changed = regexp.MustCompile(`0#\d`).ReplaceAllString(changed, "0")
			if line.MatchString(changed) {
				changed = line.ReplaceAllString(changed, setting)
			} else {
				changed = setting + "\n" + changed
			}
			put("changed.toml", changed)
			_ = os.RemoveAll(filepath.Join(folder, "state"))
			soon(t, folder, bin, program)
		}
	}
	for _, call := range []string{
		"console driver add --drivers out --number x",
		"console driver add --drivers out --number 99999999999", "console run", "console fly",
		"validator run", "validator --nope", "bench nope", "bench list build aino.txt --area x --version 1 --out out",
		"bench list build aino.txt --area 999 --version 1 --out out", "bench journal ack out x",
		"bench list build aino.txt --area 227 --version -1 --out out", "bench soak aino.img --taps x",
		"bench load aino.img value 1e9 --tariff tariff.toml", "bench issue aino.txt --uid zz --out out",
		"bench issue aino.txt --frame x --out out", "bench list open out --public abc",
		"bench single --tariff tariff.toml --at 2026-13-01",
	} {
		says(strings.Fields(call)...)
	}
}

// soon starts a program with the changed configuration, and ends one that starts.
func soon(t *testing.T, folder, bin, program string) {
	t.Helper()
	command := exec.Command(filepath.Join(bin, "bench"), "bus", program, "--config", "changed.toml")
	command.Dir = folder
	out, err := command.StdoutPipe()
	require.NoError(t, err)
	var errs strings.Builder
	command.Stderr = &errs
	require.NoError(t, command.Start())
	if _, err := out.Read(make([]byte, 1)); err == nil { // it runs
		_ = command.Process.Kill()
	}
	_ = command.Wait()
	text, _ := os.ReadFile(filepath.Join(folder, "changed.toml"))
	require.NotRegexp(t, inner, errs.String(), "%s", text)
	log, _ := os.ReadFile(filepath.Join(folder, "state", "log"))
	require.NotRegexp(t, inner, string(log), "%s", text)
}
