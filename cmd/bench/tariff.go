package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"leima/fare"
	"leima/fare/tariff"
)

type tariffCommands struct {
	Check tariffCheckCommand `cmd:"" help:"Check tariffs and show their prices."`
	Show  tariffShowCommand  `cmd:"" help:"Show what a tariff's figures rest on."`
	Diff  tariffDiffCommand  `cmd:"" help:"Tell who pays more and less under another tariff."`
	Save  tariffSaveCommand  `cmd:"" help:"Save tariffs in a file for validators of a bench."`
	Sign  tariffSignCommand  `cmd:"" help:"Sign tariffs: make the bundle that validators take."`
}

type tariffCheckCommand struct {
	Files []string `arg:"" name:"file" help:"The tariffs, in TOML."`

	JSON bool `name:"json" help:"Write JSON."`
}

func (*tariffCheckCommand) examples() string {
	return "bench tariff check testdata/tariffs/mikkeli-2025.toml"
}

func (*tariffCheckCommand) Help() string {
	return `Tells what is wrong with a tariff as file:line: reason, with exit code 1. What is
allowed and likely a mistake of typing is a warning. Then the prices follow, by customer
group and number of zones; a run of zones with a price of its own stands below the table.

The JSON is a list with file, errors, warnings, and of a tariff without errors id, name,
area, valid_from, and prices: for each ticket its name, product, days, and prices_cents by
customer group and zones; and bands: at which hours, on which kinds of day or in which
campaign a ticket has other prices, or a supplement.`
}

// A checked is the result for one tariff.
type checked struct {
	File      string        `json:"file"`
	Errors    []string      `json:"errors"`
	Warnings  []string      `json:"warnings"`
	ID        string        `json:"id,omitempty"`
	Name      string        `json:"name,omitempty"`
	Area      uint8         `json:"area,omitempty"`
	ValidFrom string        `json:"valid_from,omitempty"`
	Prices    []priceAnswer `json:"prices,omitempty"`
	Bands     []bandAnswer  `json:"bands,omitempty"`

	tariff *fare.Tariff
	source tariff.Source
}

// Run checks each tariff, and that all of them can be in use together.
func (c *tariffCheckCommand) Run(ctx context.Context, b *bench) error {
	var all []checked
	var sources []tariff.Source
	var tariffs []*fare.Tariff
	faulty := false
	for _, path := range c.Files {
		one, err := check(ctx, b, path)
		if err != nil {
			return err
		}
		if one.tariff != nil {
			sources, tariffs = append(sources, one.source), append(tariffs, one.tariff)
		}
		faulty = faulty || one.tariff == nil
		all = append(all, one)
	}
	if err := show(b, all, c.JSON); err != nil {
		return err
	}
	if _, err := tariff.SetOf(sources, tariffs); err != nil {
		return refusal(err)
	}
	if faulty {
		return failure{exitRefused, errReported}
	}
	return nil
}

// check compiles a tariff. An error means that it could not be read.
func check(ctx context.Context, b *bench, path string) (checked, error) {
	name, text, err := b.read(ctx, path)
	one := checked{File: name, Errors: []string{}, Warnings: []string{}}
	if err != nil {
		return one, err
	}
	one.source = tariff.Source{File: name, TOML: text}
	t, err := tariff.Compile(name, text, time.LoadLocation)
	if err != nil {
		one.Errors = strings.Split(err.Error(), "\n")
		return one, nil
	}
	one.tariff, one.ID, one.Name, one.Area = t, t.ID, t.Name, uint8(t.Area)
	one.ValidFrom = t.From.Format(time.RFC3339)
	one.Warnings = append(one.Warnings, tariff.Warnings(t)...)
	one.Prices = pricesOf(t)
	one.Bands = append(bandsOf("value ticket", t.ValueBands),
		bandsOf("single ticket", t.SingleBands)...)
	return one, nil
}

func show(b *bench, all []checked, asJSON bool) error {
	if asJSON {
		return b.json(all)
	}
	for n := range all {
		if n > 0 {
			b.say("")
		}
		all[n].say(b)
	}
	return nil
}

func (c *checked) say(b *bench) {
	for _, fault := range c.Errors {
		b.say("%s", fault)
	}
	t := c.tariff
	if t == nil {
		return
	}
	b.say("%s: %s, %s, area %d, from %s", c.File, t.ID, t.Name, t.Area, t.From.Format(timeLayout))
	for _, warning := range c.Warnings {
		b.say("warning: %s", warning)
	}
	for _, p := range c.Prices {
		b.say("")
		p.table(b)
	}
	for n := range c.Bands {
		c.Bands[n].tell(b)
	}
	b.say("")
	transferTable(b, t)
	sayLoad(b, t.Load)
}

type tariffSaveCommand struct {
	Files []string `arg:"" name:"file" help:"The tariffs, in TOML."`

	Out string `required:"" placeholder:"FILE" help:"The file to be made."`
}

func (*tariffSaveCommand) examples() string {
	return "bench tariff save testdata/tariffs/*.toml --out tariffs.db"
}

func (*tariffSaveCommand) Help() string {
	return `All tariffs must be without errors, and no two of an area may begin at the same
time. A file that is there already is replaced at once, or stays when there is a mistake.`
}

// Run saves the tariffs, and reads them back.
func (c *tariffSaveCommand) Run(ctx context.Context, b *bench) error {
	sources, err := tariffSources(ctx, b, c.Files)
	if err != nil {
		return err
	}
	if err := tariff.Save(c.Out, sources, time.LoadLocation); err != nil {
		return fmt.Errorf("%w: check the folder and its free space", err)
	}
	set, err := tariff.Load(c.Out, time.LoadLocation)
	if err != nil {
		return err
	}
	b.say("%s:", c.Out)
	for _, t := range set.All() {
		b.say("area %d from %s: %s, %s", t.Area, t.From.Format(timeLayout), t.ID, t.Name)
	}
	return nil
}

// tariffSources reads tariffs and reports all mistakes in all of them.
func tariffSources(ctx context.Context, b *bench, files []string) ([]tariff.Source, error) {
	var sources []tariff.Source
	var tariffs []*fare.Tariff
	var faults []error
	for _, path := range files {
		name, text, err := b.read(ctx, path)
		if err != nil {
			return nil, err
		}
		t, err := tariff.Compile(name, text, time.LoadLocation)
		sources = append(sources, tariff.Source{File: name, TOML: text})
		tariffs, faults = append(tariffs, t), append(faults, err)
	}
	if err := errors.Join(faults...); err != nil {
		return nil, mistake(err)
	}
	if _, err := tariff.SetOf(sources, tariffs); err != nil {
		return nil, mistake(err)
	}
	return sources, nil
}
