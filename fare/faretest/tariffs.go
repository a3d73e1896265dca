package faretest

import (
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/fare/tariff"
	"leima/testdata"
)

// Source is a published tariff of testdata.
func Source(name string) (tariff.Source, error) {
	text, err := testdata.Files.ReadFile("tariffs/" + name + ".toml")
	return tariff.Source{File: name + ".toml", TOML: text}, err
}

// Names are those of all published tariffs.
func Names(t testing.TB) (names []string) {
	t.Helper()
	files, err := fs.Glob(testdata.Files, "tariffs/*.toml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		names = append(names, strings.TrimSuffix(strings.TrimPrefix(file, "tariffs/"), ".toml"))
	}
	return names
}

// Published is a tariff with its published prices.
func Published(t testing.TB, name string) *fare.Tariff {
	t.Helper()
	source, err := Source(name)
	require.NoError(t, err)
	return compiled(t, source)
}

// terms are the files of the cities' terms.
var terms = map[string]string{
	"oulu": "oulu-2015", "lappeenranta": "lappeenranta-2016",
	"jyvaskyla": "jyvaskyla-2018", "mikkeli": "mikkeli-2021",
}

// Cities are those whose terms are in testdata.
var Cities = []string{"oulu", "lappeenranta", "jyvaskyla", "mikkeli"}

// Terms are those of a city, under one made-up price list.
func Terms(t testing.TB, city string) *fare.Tariff {
	t.Helper()
	source := tariff.Source{File: terms[city]}
	for _, name := range []string{"pricelist", terms[city]} {
		text, err := testdata.Files.ReadFile("terms/" + name + ".toml")
		require.NoError(t, err)
		source.TOML = append(append(source.TOML, text...), '\n')
	}
	return compiled(t, source)
}

func compiled(t testing.TB, source tariff.Source) *fare.Tariff {
	t.Helper()
	compiled, err := tariff.Compile(source.File, source.TOML, time.LoadLocation)
	require.NoError(t, err)
	return compiled
}

// EveryTariff are all of testdata by their names: whole ones, and the terms of the cities.
func EveryTariff(t testing.TB) map[string]*fare.Tariff {
	t.Helper()
	all := map[string]*fare.Tariff{}
	for _, name := range Names(t) {
		all[name] = Published(t, name)
	}
	for _, city := range Cities {
		all["terms of "+city] = Terms(t, city)
	}
	return all
}
