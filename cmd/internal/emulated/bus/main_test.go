package bus

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/journal"
	"leima/validator/lists/bundle"
)

var update = flag.Bool("update", false, "write the golden files")

// aDevice is the demo's configuration with a state folder of its own; edit changes its
// text.
func aDevice(t *testing.T, edit ...string) (config string) {
	t.Helper()
	root, err := filepath.Abs("../../../../testdata")
	require.NoError(t, err)
	text, err := os.ReadFile(root + "/demo.toml")
	require.NoError(t, err)
	changed := strings.NewReplacer(append(edit, `"../state/day"`, `"state"`, `pace = "1s"`, `pace = "0s"`,
		`"tariffs/`, `"`+root+`/tariffs/`, `"taps/`, `"`+root+`/taps/`)...).Replace(string(text))
	config = filepath.Join(t.TempDir(), "validator.toml")
	require.NoError(t, os.WriteFile(config, []byte(changed), 0o644))
	return config
}

func state(config, name string) string { return filepath.Join(filepath.Dir(config), "state", name) }

// feedFolder holds a timetable.
var feedFolder = func() string {
	path, err := filepath.Abs("../../../../testdata/gtfs")
	if err != nil {
		panic(err)
	}
	return path
}()

// start runs the program and returns what it wrote.
func start(t *testing.T, ctx context.Context, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(ctx, args, &out, &errs)
	return code, out.String(), errs.String()
}

// Ensure that the demo shows what it should, and that the next start goes on where the
// last one ended: another day, the same cards, one journal.
func TestDemo(t *testing.T) {
	t.Parallel()
	config := aDevice(t)
	code, monday, errs := start(t, context.Background(), "run", "--config", config)
	require.Zero(t, code, errs)
	golden(t, "monday.txt", monday)

	code, tuesday, errs := start(t, context.Background(), "run", "--config", config)
	require.Zero(t, code, errs)
	golden(t, "tuesday.txt", tuesday)

	j, err := journal.Open(state(config, journalFile))
	require.NoError(t, err)
	defer j.Close()
	require.NoError(t, j.Verify(nil))
	require.Zero(t, j.Unresolved())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// atWork starts a device whose passengers take their time; stop returns its exit code.
func atWork(t *testing.T, edit ...string) (config string, stop func() int) {
	t.Helper()
	config = aDevice(t, append(edit, `pace = "1s"`, `pace = "1h"`)...)
	return config, working(t, config)
}

// working starts a device with a configuration.
func working(t *testing.T, config string) (stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan int)
	go func() {
		code, _, _ := start(t, ctx, "run", "--config", config)
		ended <- code
	}()
	return func() int {
		cancel()
		return <-ended
	}
}

// logged waits until the device's log says something.
func logged(t *testing.T, config, text string) {
	t.Helper()
	require.Eventually(t, func() bool {
		log, _ := os.ReadFile(state(config, "log"))
		return bytes.Contains(log, []byte(text))
	}, 10*time.Second, 10*time.Millisecond, text)
}

// Ensure that anyone who stops the program finds everything kept, and that two cannot use
// one state.
func TestStopAndSecondStart(t *testing.T) {
	t.Parallel()
	config, stop := atWork(t)
	logged(t, config, "there is no block list")
	code, _, errs := start(t, context.Background(), "run", "--config", config)
	require.Equal(t, exitState, code)
	require.Contains(t, errs, "another validator uses it")

	require.Zero(t, stop())
	j, err := journal.Open(state(config, journalFile))
	require.NoError(t, err)
	require.NoError(t, j.Close())
}

func hangup(t *testing.T) {
	t.Helper()
	self, err := os.FindProcess(os.Getpid())
	require.NoError(t, err)
	require.NoError(t, self.Signal(syscall.SIGHUP))
}

// Ensure that a mistake in the passengers' script is one of the configuration.
func TestMistakeInTheScript(t *testing.T) {
	t.Parallel()
	script := filepath.Join(t.TempDir(), "wrong.tap")
	require.NoError(t, os.WriteFile(script, []byte("card Aino  group adult\ntap Aino Leo\n"), 0o600))
	config := aDevice(t, `"taps/demo.tap"`, strconv.Quote(script))
	code, _, says := start(t, t.Context(), "run", "--config", config)
	require.Equal(t, exitUsage, code)
	require.Contains(t, says, "wrong.tap:2: tap: want 1 words after it, not 2")
}

// Ensure that wrong input is one clear message and the right exit code, and that
// nothing is lost by it.
func TestWrongInput(t *testing.T) {
	t.Parallel()
	rows := []struct {
		name string
		edit []string
		code int
		says string
	}{
		{
			"a setting that is none",
			[]string{"budget =", "buget ="},
			exitUsage,
			"validator.toml:11: buget is not a setting: check its spelling",
		},
		{"a time that is none", []string{`"800ms"`, `"soon"`}, exitUsage, `want a time such as "1.5s"`},
		{"no TOML", []string{"device = 9", "device = ="}, exitUsage, "validator.toml:4:"},
		{"no device", []string{"device = 9", ""}, exitUsage, "device is 0: want its number, 1 to 16383"},
		{"another reader", []string{`reader = "emulated"`, `reader = "magic"`}, exitUsage, `reader is "magic"`},
		{
			"a reader on a cable",
			[]string{`reader = "emulated"`, `reader = "pcsc"`},
			exitUsage,
			"bench bus has an emulated one",
		},
		{"tariffs of both kinds", []string{"[service]", fmt.Sprintf("[tariff_list]\nkeys = [%q]\n[service]",
			bundle.Public(tariffKey))}, exitUsage, "want one of the two"},
		{
			"a back office that is none",
			[]string{`back_office = "1Spam`, `back_office = "Spam`},
			exitUsage,
			"validator.toml:10: want the 44 characters",
		},
		{"a back office that everybody is", []string{
			`"1Spam6zROakmXibl3sPiEfbpNi11ed/EoOkKQtYx0go="`,
			`"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="`,
		}, exitUsage, "validator.toml:10: this is no public key"},
		{
			"a journal of no size",
			[]string{"[service]", "[journal]\nsize = -1\n[service]"},
			exitUsage,
			"journal: size is 0 to 1048576 MiB",
		},
		{"a zone that is none", []string{`zone = "A"`, `zone = "Z"`}, exitUsage, "zone of the first stop"},
		{"a script that is not there", []string{"demo.tap", "none.tap"}, exitUsage, "none.tap: no such file"},
		{"a tariff that is not there", []string{"mikkeli-2025.toml", "none.toml"}, exitUsage, "none.toml: no such file"},
		{"no tariff for the area", []string{"area = 227", "area = 226"}, exitState, "no tariff covers this area and time"},
		{"a state that is a file", []string{`"../state/day"`, `"validator.toml/state"`}, exitState, "making the state folder"},
		{"a state where nothing can be written", []string{`"../state/day"`, `"/proc/leima"`}, exitState, "making the state folder"},
		{
			"a feed that is not there",
			[]string{"device = 9", "device = 9\nstops = \"none\"", `zone = "A"`, ""},
			exitUsage,
			"none cannot be read: no such file",
		},
		{
			"a stop that the feed does not know",
			[]string{"device = 9", "device = 9\nstops = \"" + feedFolder + "\"", `zone = "A"`, ""},
			exitUsage, `service.stop is "Graani": the feed`,
		},
		{
			"a key that is none",
			[]string{"required = false", "required = false\nkeys = [\"abc\"]"},
			exitUsage,
			"validator.toml:15: ",
		},
		{
			"lists of no size",
			[]string{"required = false", "required = false\nlargest = 0"},
			exitUsage,
			"block_list.largest is 0 and cap 10000: want 1 to 65536 MiB",
		},
		{
			"action lists of no size",
			[]string{"[service]", "[action_list]\nlargest = 65\n[service]"},
			exitUsage,
			"action_list.largest is 65: want 1 to 64 MiB",
		},
		{
			"an inbox that is a file",
			[]string{"required = false", "required = false\ninbox = \"validator.toml\""},
			exitState,
			"making the inbox of the block lists",
		},
		{"keys that are not there", []string{"device = 9", "device = 9\nkeys = \"none\""}, exitUsage, "none"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			code, out, errs := start(t, context.Background(), "run", "--config", aDevice(t, row.edit...))
			require.Equal(t, row.code, code, errs)
			require.Contains(t, errs, row.says)
			require.Empty(t, out)
			require.Equal(t, 1, strings.Count(errs, "\n"), errs)
		})
	}
	for _, args := range [][]string{{}, {"run"}, {"fly"}, {"run", "--config", "/none"}} {
		code, _, errs := start(t, context.Background(), args...)
		require.Equal(t, exitUsage, code, "%v", args)
		require.NotEmpty(t, errs)
	}
}

// Ensure that the zone of the first stop is that of the feed, unless another is written.
func TestZoneOfTheFirstStop(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string]uint8{"": 2, `zone = "C"`: 3} {
		c, err := read(aDevice(t, "device = 9", "device = 9\nstops = \""+feedFolder+"\"",
			`zone = "A"`, zone, `stop = "Graani"`, `stop = "200"`))
		require.NoError(t, err)
		require.Equal(t, want, c.Place().Zone)
	}
}

// Ensure that a tariff with a mistake is named with its line, and stops the start.
func TestTariffThatDoesNotCompile(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../../../../testdata/tariffs/mikkeli-2025.toml")
	require.NoError(t, err)
	config := aDevice(t, `["tariffs/mikkeli-2025.toml"]`, `["wrong.toml"]`)
	wrong := bytes.Replace(source, []byte(`"2.51", "3.38"`), []byte(`"2,51 €", "3.38"`), 1)
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(config), "wrong.toml"), wrong, 0o644))
	code, _, errs := start(t, context.Background(), "run", "--config", config)
	require.Equal(t, exitState, code)
	require.Regexp(t, `wrong\.toml:\d+: `, errs)
}

// Ensure that a damaged journal is never replaced by an empty one.
func TestDamagedJournal(t *testing.T) {
	t.Parallel()
	config := aDevice(t)
	require.NoError(t, os.MkdirAll(state(config, cardFolder), 0o755))
	rubbish := []byte("this is no journal")
	require.NoError(t, os.WriteFile(state(config, journalFile), rubbish, 0o644))
	code, _, errs := start(t, context.Background(), "run", "--config", config)
	require.Equal(t, exitState, code)
	require.Contains(t, errs, "keep the file, never delete it")
	kept, err := os.ReadFile(state(config, journalFile))
	require.NoError(t, err)
	require.Equal(t, rubbish, kept)
}

// Ensure that commissioning makes a state once, and that a state is one device's.
func TestCommission(t *testing.T) {
	t.Parallel()
	config := aDevice(t)
	code, out, errs := start(t, context.Background(), "commission", "--config", config)
	require.Zero(t, code, errs)
	require.Contains(t, out, "device 9 is commissioned")
	key, err := journal.DeviceKey(state(config, keyFile))
	require.NoError(t, err)
	require.Contains(t, out, "wants its public key: "+journal.PublicText(key))
	code, _, errs = start(t, context.Background(), "commission", "--config", config)
	require.Equal(t, exitState, code)
	require.Contains(t, errs, "there is a journal already")

	text, err := os.ReadFile(config)
	require.NoError(t, err)
	other := bytes.Replace(text, []byte("device = 9"), []byte("device = 10"), 1)
	require.NoError(t, os.WriteFile(config, other, 0o644))
	code, _, errs = start(t, context.Background(), "run", "--config", config)
	require.Equal(t, exitState, code)
	require.Contains(t, errs, "belongs to device 9")
}

// Ensure that the configuration reaches the device: a list that is required, and a time
// that no card can keep.
func TestConfigurationCounts(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ from, to, says string }{
		{"required = false", "required = true", "The reader is out of order"},
		{`budget = "800ms"`, `budget = "1ns"`, "Present the card again"},
		{`language = "en"`, `language = "fi"`, "Arvolippu"},
		{"vehicle = 42", "vehicle = 41", "Value ticket"},
	} {
		code, out, errs := start(t, context.Background(), "run", "--config", aDevice(t, row.from, row.to))
		require.Zero(t, code, errs)
		require.Contains(t, out, row.says)
	}
}

// Ensure that a device whose feed cannot be read begins in the zone of its configuration, and
// says so; and that one which would not know its zone says what to do.
func TestFeedThatCannotBeRead(t *testing.T) {
	t.Parallel()
	config := aDevice(t, `language = "en"`, "language = \"en\"\nstops = \"nowhere.zip\"", `pace = "1s"`, `pace = "0s"`)
	code, _, errs := start(t, context.Background(), "run", "--config", config)
	require.Zero(t, code, errs)
	logged(t, config, "the timetable feed cannot be read")

	config = aDevice(t, `language = "en"`, "language = \"en\"\nstops = \"nowhere.zip\"", `zone = "A"`, "")
	code, _, errs = start(t, context.Background(), "run", "--config", config)
	require.Equal(t, exitUsage, code)
	require.Contains(t, errs, "say in service.zone where the bus begins")
}

// Ensure that a device goes on with what its feed has said, when that is emptied, gone, or has
// lost the stop; and with nothing that it has said of another stop.
func TestFeedThatIsLost(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"gone": "-", "empty": "",
		"emptied": "stop_id,zone_id\n", "no such stop": "stop_id,zone_id\n1,1\n",
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			stops := filepath.Join(folder, "stops.txt")
			require.NoError(t, os.WriteFile(stops, []byte("stop_id,zone_id\nGraani,2\n"), 0o600))
			config := aDevice(t, `language = "en"`, "language = \"en\"\nstops = \""+folder+"\"",
				`zone = "A"`, "")
			code, _, errs := start(t, context.Background(), "run", "--config", config)
			require.Zero(t, code, errs)
			require.NoError(t, os.WriteFile(stops, []byte(text), 0o600))
			if text == "-" {
				require.NoError(t, os.Remove(stops))
			}
			code, _, errs = start(t, context.Background(), "run", "--config", config)
			require.Zero(t, code, errs)
			logged(t, config, "the timetable feed cannot be read")
			logged(t, config, "zone=B")

			other, err := os.ReadFile(config)
			require.NoError(t, err)
			other = bytes.Replace(other, []byte(`stop = "Graani"`), []byte(`stop = "Tori"`), 1)
			require.NoError(t, os.WriteFile(config, other, 0o600))
			code, _, errs = start(t, context.Background(), "run", "--config", config)
			require.Equal(t, exitUsage, code)
			require.Contains(t, errs, "say in service.zone where the bus begins")
		})
	}
}

// Ensure that nobody but its owner reads or changes what a device keeps, also what an older
// program or a person has left open.
func TestStateIsItsOwners(t *testing.T) {
	t.Parallel()
	config := aDevice(t)
	folder := filepath.Join(filepath.Dir(config), "state")
	open := func() (all []string) {
		require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			require.NoError(t, err)
			info, err := entry.Info()
			require.NoError(t, err)
			if info.Mode().Perm()&0o077 != 0 {
				all = append(all, path)
			}
			return nil
		}))
		return all
	}
	code, _, errs := start(t, context.Background(), "run", "--config", config)
	require.Zero(t, code, errs)
	require.Empty(t, open())
	require.NoError(t, os.Chmod(filepath.Join(folder, "lists"), 0o755))
	require.NoError(t, os.Chmod(filepath.Join(folder, "tariffs"), 0o644))
	code, _, errs = start(t, context.Background(), "run", "--config", config)
	require.Zero(t, code, errs)
	require.Empty(t, open())
}
