package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"leima/cmd/internal/feed"
	"leima/fare/tariff"
	"leima/hw/disk"
	"leima/validator/gtfs"
	"leima/validator/sim"
)

type runCommand struct {
	Scenarios []string `arg:"" name:"scenario" help:"The scenarios to be played."`

	Tariffs string `placeholder:"DIR" help:"Where the tariffs are; see above."`
	Update  bool   `help:"Write what comes out into the scenarios."`
	Frame   int    `enum:"64,128,256" default:"64" help:"Longest frame in bytes, or 128 or 256."`
	Verbose bool   `help:"Show every statement as it is played."`
	JSON    bool   `name:"json" help:"Write JSON."`
}

func (*runCommand) examples() string {
	return `
bench run testdata/taps/transfer.tap --verbose
bench run testdata/taps/*.tap`
}

func (*runCommand) Help() string {
	return `Plays each scenario on a bus of its own, with emulated cards and the test keys, and
compares what comes out with what stands behind the dashes. Where it differs, the
difference is shown, - what stands there and + what came out, and the exit code is 1.

The tariffs are looked for in testdata/tariffs, and where there is no such folder in
../tariffs beside the scenario; --tariffs names another folder. Every bus begins with
mikkeli-2025.

The JSON is a list with scenario, result (ok, differs, updated or failed), diff and error.`
}

// defaultTariffs is the default folder of tariffs.
const defaultTariffs = "testdata/tariffs"

// A played is the result of one scenario.
type played struct {
	Scenario string `json:"scenario"`
	Result   string `json:"result"`
	Diff     string `json:"diff,omitempty"`
	Error    string `json:"error,omitempty"`
	code     int
}

// Run plays all scenarios, even after one that fails.
func (c *runCommand) Run(ctx context.Context, b *bench) error {
	all := []played{}
	for n, path := range c.Scenarios {
		result := c.play(ctx, b, path)
		if ctx.Err() != nil {
			break
		}
		all = append(all, result)
		if !c.JSON {
			result.show(b, n+1, len(c.Scenarios))
		}
	}
	if c.JSON {
		if err := b.json(all); err != nil {
			return err
		}
	}
	if err := stopped(ctx); err != nil {
		return fmt.Errorf("%w: %d of %d scenarios were played", err, len(all), len(c.Scenarios))
	}
	return c.sum(b, all)
}

// play plays one scenario and returns its result.
func (c *runCommand) play(ctx context.Context, b *bench, path string) played {
	p := played{Scenario: path}
	if err := c.compare(ctx, b, &p); err != nil {
		p.Result, p.Error, p.code = "failed", err.Error(), codeOf(err)
	}
	return p
}

func (c *runCommand) compare(ctx context.Context, b *bench, p *played) error {
	text, err := readText(p.Scenario)
	if err != nil {
		return err
	}
	got, err := c.bus(ctx, b, sim.Parse(p.Scenario, string(text)))
	if err != nil {
		return err
	}
	p.Result = "ok"
	if got == string(text) {
		return nil
	}
	if c.Update {
		p.Result = "updated"
		return rewrite(p.Scenario, got)
	}
	p.Result, p.code = "differs", exitRefused
	p.Diff = unified(p.Scenario, p.Scenario+" as played", string(text), got)
	return nil
}

// rewrite keeps the mode of the file.
func rewrite(path, text string) error {
	info, err := os.Stat(path)
	if err != nil {
		return unwritable(path, err)
	}
	return replace(path, info.Mode().Perm(), disk.Bytes([]byte(text)))
}

// bus plays a script on a new bus in a temporary folder.
func (c *runCommand) bus(ctx context.Context, b *bench, s *sim.Script) (text string, err error) {
	folder, err := os.MkdirTemp("", "bench-*")
	if err != nil {
		return "", fmt.Errorf("the bus has no folder: %w: check TMPDIR and its free space", err)
	}
	defer os.RemoveAll(folder)
	bus, err := sim.NewBus(folder, sim.Setup{
		Prices: c.prices(s.Name), Feed: beside(s.Name), Frame: c.Frame,
	})
	if err != nil {
		return "", fmt.Errorf("%s: no bus can be had: %w", s.Name, err)
	}
	after, err := bus.Play(ctx, s, c.follow(b))
	err = scenarioError(ctx, err)
	if closed := bus.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return "", err
	}
	return after.String(), nil
}

// scenarioError distinguishes a mistake in the script from Ctrl-C and from a bus that has stopped.
func scenarioError(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return errStopped
	case errors.Is(err, sim.ErrStopped):
		return err
	}
	return mistake(err)
}

// prices finds tariffs for a scenario.
func (c *runCommand) prices(scenario string) func(string) (tariff.Source, error) {
	folder := c.Tariffs
	if folder == "" {
		folder = defaultTariffs
		if info, err := os.Stat(folder); err != nil || !info.IsDir() {
			folder = filepath.Join(filepath.Dir(scenario), "..", "tariffs")
		}
	}
	return func(name string) (tariff.Source, error) {
		path := filepath.Join(folder, name+".toml")
		text, err := readText(path)
		if err != nil {
			return tariff.Source{}, fmt.Errorf("tariff %s: %w: name the folder that has it "+
				"(--tariffs)", name, err)
		}
		return tariff.Source{File: path, TOML: text}, nil
	}
}

// follow shows each statement with its output.
func (c *runCommand) follow(b *bench) func(sim.Statement, []string) {
	if !c.Verbose || c.JSON {
		return nil
	}
	return func(st sim.Statement, lines []string) {
		b.say("%s:%d: %s", st.Script, st.Line, strings.TrimSpace(st.Verb+" "+st.Text))
		for _, line := range lines {
			b.say("\t%s", line)
		}
	}
}

func (p *played) show(b *bench, n, of int) {
	count := ""
	if of > 1 {
		count = fmt.Sprintf("%*d/%d  ", len(fmt.Sprint(of)), n, of)
	}
	b.say("%s%-7s  %s", count, p.Result, p.Scenario)
	if p.Error != "" {
		b.remark("bench: %s", p.Error)
	}
	if p.Diff != "" {
		fmt.Fprint(b.out, p.Diff)
	}
}

// sum sums up the results. The worst exit code counts.
func (c *runCommand) sum(b *bench, all []played) error {
	count, code := map[string]int{}, exitOK
	for _, p := range all {
		count[p.Result]++
		code = max(code, p.code)
	}
	if len(all) > 1 && !c.JSON {
		line := fmt.Sprintf("%d scenarios: %d ok", len(all), count["ok"])
		for _, result := range []string{"updated", "differs", "failed"} {
			if count[result] > 0 {
				line += fmt.Sprintf(", %d %s", count[result], result)
			}
		}
		b.say("%s", line)
	}
	if code == exitOK {
		return nil
	}
	return failure{code, errReported}
}

// beside finds a feed in the folder of the scenario.
func beside(scenario string) func(string) (*gtfs.Stops, error) {
	return func(name string) (*gtfs.Stops, error) {
		stops, _, err := feed.Stops(filepath.Join(filepath.Dir(scenario), "..", name))
		return stops, err
	}
}
