package main

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"

	"leima/cmd/internal/text"
	"leima/fare/tariff"
	"leima/validator/sim"
)

// A benchBus is a bus in a temporary folder, which is removed at the end unless its journal is
// still needed.
type benchBus struct {
	*sim.Bus
	bench  *bench
	folder string
	others bool // issued with an issuer's keys: the journal is the only record of what was paid
}

// newBenchBus makes a bus with the keys of a file, for a card at a location; "": none. A bus that
// issues and inspects needs the issuer's keys.
func newBenchBus(b *bench, tariffs string, path keyPath, at cardLocation) (*benchBus, error) {
	keys, err := path.read(b, at)
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "leima-bench-")
	if err != nil {
		return nil, err
	}
	bus, err := sim.NewBus(folder, sim.Setup{
		Keys: &keys, Rand: rand.Reader, Prices: pricesIn(tariffs),
	})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return &benchBus{bus, b, folder, !keys.Test}, nil
}

// pricesIn finds tariffs in a folder.
func pricesIn(folder string) func(name string) (tariff.Source, error) {
	return func(name string) (tariff.Source, error) {
		path := filepath.Join(folder, name+".toml")
		text, err := text.Read(path)
		return tariff.Source{File: path, TOML: text}, err
	}
}

// end takes the bus out of service. Its journal is kept if something is wrong, and always with an
// issuer's keys.
func (b *benchBus) end(wrong bool) {
	travelled := b.Journal.Next().Sequence > 1
	err := b.Close()
	if travelled && (wrong || b.others) {
		b.bench.remark("the journal of these taps is kept in %s", b.folder)
		return
	}
	if err := errors.Join(err, os.RemoveAll(b.folder)); err != nil {
		b.bench.remark("%s is left behind: %v", b.folder, err)
	}
}

// confirmCard requires --yes before a card is changed that was not issued with the test keys.
func confirmCard(path keyPath, yes bool) error {
	if path == "" || yes {
		return nil
	}
	if keys, err := keySource(string(path), "", false).Read(); err == nil && keys.Test {
		return nil
	}
	return refusal(errors.New("a card that was not issued with the test keys may be in use, " +
		"with value on it: add --yes if it may be charged, loaded or erased"))
}
