package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/validator"
	"leima/validator/journal"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares a text with the file of this name.
func golden(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(repository, "cmd/bench/testdata", name+".golden")
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), text)
}

// A session is a sequence of calls in one folder. Its golden file is what a person sees
// who types them.
type session struct {
	name  string
	files []string
	calls []string
}

const mikkeli = " --tariff testdata/tariffs/mikkeli-2025.toml --at 2026-03-02T06:00:00Z"

var sessions = []session{
	{"issue", []string{"aino.txt", "matti.txt", "matti.toml"}, []string{
		"issue aino.txt --out aino.img",
		"issue matti.txt --out matti.img --profile readable --holder matti.toml --frame 256",
		"issue aino.txt --out other.img --uid 04112233445566",
		"inspect other.img",
		"issue aino.txt --out aino.img",
		"issue aino.txt --out aino.img --force",
	}},
	{"inspect", []string{"all.txt", "matti.txt", "matti.toml"}, []string{
		"issue all.txt --out all.img",
		"inspect all.img --raw",
		"inspect all.img --json --raw",
		"issue matti.txt --out matti.img --profile readable --holder matti.toml",
		"inspect matti.img",
		"inspect matti.img --holder",
		"inspect matti.img --holder --json",
		"inspect all.img --holder",
	}},
	{"inspect-travelled", []string{"ride.img"}, []string{
		"inspect ride.img",
		"inspect ride.img --json",
	}},
	{"load", []string{"aino.img", "kotka.img"}, []string{
		"load aino.img value 20.00" + mikkeli,
		"load aino.img value 20,00 --json --channel bus --organisation 55 --device 77" + mikkeli,
		"load aino.img value 4.99" + mikkeli,
		"load aino.img value 15 --channel bus" + mikkeli,
		"load aino.img season 30 A" + mikkeli,
		"load kotka.img value 20" + mikkeli,
		"load kotka.img season 30 A-B --tariff testdata/tariffs/kotka-2025.toml " +
			"--at 2026-03-02T06:00:00Z",
		"load kotka.img season 90 A --tariff testdata/tariffs/kotka-2025.toml " +
			"--at 2026-03-02T06:00:00Z",
		"load aino.img value 20 --tariff testdata/tariffs/mikkeli-2025.toml " +
			"--at 2024-12-31T21:59:00Z",
		"inspect aino.img",
		"inspect kotka.img",
	}},
	{"list", []string{"blocked.txt"}, []string{
		strings.Join(buildList, " "),
		"list show blocklist.db",
		"list show blocklist.db --card 924699001123456787",
		"list show blocklist.db --card 924699000000000015",
		"list show blocklist.db --card 924699001123456787 --json",
		"list show blocklist.db --card 924699000000000015 --json",
	}},
	{"bundle", []string{"blocklist.db", "later.db", "lists.pem"}, []string{
		"list key show lists.pem",
		"list delta blocklist.db later.db --out delta.db",
		"list show delta.db",
		"list show delta.db --json",
		"list sign blocklist.db --key lists.pem --out 3.bundle --expires 2036-04-01T01:00:00Z",
		"list sign delta.db --key lists.pem --out 5.bundle --expires 2026-04-01T01:00:00Z " +
			"--adding 20000",
		"list open 5.bundle",
		"list open 3.bundle --out list.db --public " + testPublic,
		"list show list.db",
		"list open 5.bundle --at 2026-03-30T01:00:00Z --public " + testPublic,
		"list open 5.bundle --at 2026-05-30T01:00:00Z --public " + testPublic,
		"list open 5.bundle --area 217 --public " + testPublic,
		"list apply lists 3.bundle 5.bundle --area 227 --at 2026-03-30T01:00:00Z " +
			"--public " + testPublic,
		"list apply lists 3.bundle --area 227 --public " + testPublic,
		"list apply lists 5.bundle --area 227 --public " + testPublic,
		"list apply others 5.bundle --area 227 --at 2026-03-30T01:00:00Z " +
			"--public " + testPublic,
		"list apply lists 5.bundle --area 227 --at 2026-03-30T01:00:00Z " +
			"--public " + testPublic,
		"list show lists/full-3",
	}},
	{"actions", []string{"sales.txt", "blocklist.db", "lists.pem"}, []string{
		"list actions sales.txt --area 227 --version 7 --made 2026-03-02T06:00:00Z --out actions.cbor",
		"list show actions.cbor",
		"list show actions.cbor --card 924699001123456787",
		"list show actions.cbor --card 924699001123456787 --json",
		"list show actions.cbor --card 924699000000000023",
		"list sign actions.cbor --key lists.pem --out 7.bundle --expires 2026-03-16T04:00:00Z",
		"list sign actions.cbor --key lists.pem --out 7.bundle --adding 3",
		"list open 7.bundle --at 2026-03-03T06:00:00Z --out list.cbor --public " + testPublic,
		"list show list.cbor",
		"list apply lists 7.bundle --area 227 --at 2026-03-03T06:00:00Z --public " + testPublic,
		"list apply lists 7.bundle --area 227 --at 2026-03-03T06:00:00Z --public " + testPublic,
		"list apply lists 7.bundle --area 217 --at 2026-03-03T06:00:00Z --public " + testPublic,
		"list apply others 7.bundle --area 227 --at 2026-03-17T06:00:00Z --public " + testPublic,
		"list actions blocked.txt --area 227 --version 7 --out actions.cbor",
	}},
	{"changed", []string{"actions.cbor", "later.cbor", "lists.pem"}, []string{
		"list delta actions.cbor later.cbor --out delta.cbor",
		"list show delta.cbor",
		"list show delta.cbor --json",
		"list sign actions.cbor --key lists.pem --out 7.bundle --expires 2026-03-16T04:00:00Z",
		"list sign delta.cbor --key lists.pem --out 8.bundle --expires 2026-03-16T04:00:00Z",
		"list open 8.bundle --at 2026-03-03T06:00:00Z --out list.cbor --public " + testPublic,
		"list show list.cbor",
		"list apply lists 8.bundle --area 227 --at 2026-03-03T06:00:00Z --public " + testPublic,
		"list apply lists 7.bundle 8.bundle 8.bundle 7.bundle --area 227 --at 2026-03-03T06:00:00Z " +
			"--public " + testPublic,
	}},
	{"keys", []string{"own.toml", "passphrase.txt", "wrong.txt"}, []string{
		"keys show own.toml",
		"keys bus own.toml --out bus.toml",
		"keys show bus.toml",
		"keys roll own.toml --out next.toml",
		"keys show next.toml",
		"keys roll own.toml --out next.toml",
		"keys seal next.toml --passphrase passphrase.txt --out next.sealed",
		"keys show next.sealed --passphrase passphrase.txt",
		"keys show next.sealed --passphrase wrong.txt",
		"keys show next.sealed",
		"keys roll next.sealed --passphrase passphrase.txt --out third.sealed",
		"keys show third.sealed --passphrase passphrase.txt",
		"keys seal third.sealed --passphrase passphrase.txt --out again.sealed",
		"keys open third.sealed --passphrase passphrase.txt --out third.toml",
		"keys show third.toml",
		"keys test test.toml",
		"keys show test.toml",
	}},
	{"rekey", []string{"own.toml", "aino.txt"}, []string{
		"issue aino.txt --out aino.img --keys own.toml",
		"keys roll own.toml --out next.toml",
		"rekey aino.img --keys next.toml",
		"rekey aino.img --keys next.toml",
		"inspect aino.img --keys own.toml",
		"keys bus next.toml --out bus.toml",
		"rekey aino.img --keys bus.toml",
	}},
	{"migrate", []string{"own.toml", "older.txt"}, []string{
		"issue older.txt --out older.img",
		"inspect older.img --raw",
		"migrate older.img",
		"migrate older.img",
		"inspect older.img --raw",
		"issue older.txt --out other.img --keys own.toml",
		"keys bus own.toml --out bus.toml",
		"migrate other.img --keys bus.toml",
	}},
	{"tariffsign", []string{"lists.pem", "mikkeli.toml"}, []string{
		"tariff sign mikkeli.toml testdata/tariffs/kotka-2025.toml --version 3 --key lists.pem --out 3.bundle",
		"tariff sign mikkeli.toml mikkeli.toml --version 3 --key lists.pem --out 3.bundle",
		"tariff sign mikkeli.toml --version 0 --key lists.pem --out 3.bundle",
		"tariff sign mikkeli.toml --version 3 --key lists.pem --out 3.bundle --expires \"2025-01-01 00:00\"",
		"tariff sign mikkeli.toml --version 3 --key mikkeli.toml --out 3.bundle",
	}},
	{"tariff", []string{"wrong.toml", "odd.toml"}, []string{
		"tariff check testdata/tariffs/mikkeli-2025.toml testdata/tariffs/kotka-2025.toml",
		"tariff check odd.toml",
		"tariff check wrong.toml",
		"tariff check wrong.toml --json",
		"tariff check testdata/tariffs/kotka-2025.toml --json",
		"tariff check odd.toml testdata/tariffs/mikkeli-2025.toml",
		"tariff save testdata/tariffs/mikkeli-2025.toml testdata/tariffs/kotka-2025.toml " +
			"--out tariffs.db",
		"tariff save wrong.toml --out tariffs.db",
		"tariff save odd.toml testdata/tariffs/mikkeli-2025.toml --out tariffs.db",
	}},
	{"stops", nil, []string{
		"stops testdata/gtfs --stop 200 --trip t101",
		"stops testdata/gtfs --trip t2 --json",
		"stops testdata/gtfs --stop 999",
		"stops testdata/gtfs --trip lost",
		"stops testdata/taps",
	}},
	{"fare", []string{"mikkeli.toml"}, []string{
		`fare --tariff mikkeli.toml --at 2026-03-02T06:00:00Z --explain`,
		`fare "kind company, purse 20.00" --tariff mikkeli.toml --zones A-C --at 2026-03-02T06:00:00Z --explain --language fi`,
		`fare "group child, purse 1.00" --tariff mikkeli.toml --zones A-C --at 2026-03-02T06:00:00Z --explain --language sv`,
		`fare --tariff mikkeli.toml --at 2026-03-02T06:00:00Z --driver "2 adult" --json`,
		`fare "purse 20.00, group senior" --tariff testdata/tariffs/jyvaskyla-2018.toml ` +
			`--at "2019-03-02 09:00" --explain`,
		`fare --tariff testdata/tariffs/jyvaskyla-2018.toml ` +
			`--at "2019-03-02 23:30" --driver "2 persons" --explain --language fi`,
		`fare --tariff testdata/tariffs/oulu-2023.toml ` +
			`--at "2024-03-04 23:30" --explain --language sv`,
		`fare "purse 20.00, today day=2024-03-04 spent=3.50" --at "2024-03-04 08:00" --explain ` +
			`--tariff testdata/tariffs/oulu-2023.toml --json`,
		`fare purse --tariff mikkeli.toml`,
		`fare --tariff mikkeli.toml --zones Q`,
		`fare --tariff mikkeli.toml --driver 2`,
	}},
	{"office", []string{"kotka.toml", "terms.toml", "season.txt"}, []string{
		`single --tariff kotka.toml --zones A-B --at "2026-03-02 08:00"`,
		`single --tariff kotka.toml --group student --at "2026-03-02 08:00" --json`,
		`single --tariff terms.toml --at "2026-03-02 23:30" --language fi`,
		`single --tariff kotka.toml --zones C`,
		`single --tariff kotka.toml --zones C --language fi`,
		`single --tariff kotka.toml --group king`,
		`claim season.txt --tariff terms.toml ` +
			`--from 2016-09-10 --to 2016-09-24`,
		`claim season.txt --tariff terms.toml ` +
			`--from 2016-09-11 --to 2016-09-24 --language fi`,
		`claim season.txt --tariff terms.toml ` +
			`--from 2016-09-10 --to 2016-09-24 --json`,
		`claim kotka.toml --tariff terms.toml --from 2016-09-10 --to 2016`,
	}},
	{"counter", []string{"matti.img", "aino.img", "mikkeli.toml", "terms.toml", "oulu.toml", "new.img", "old.txt"}, []string{
		"load matti.img value 20 --keep load.json" + counterTime,
		"load matti.img value 20 --keep nowhere/load.json" + counterTime,
		"reverse matti.img load.json --device 2" + counterTime,
		"reverse matti.img load.json" + counterTime,
		"reverse matti.img load.json" + counterTime,
		"reverse matti.img old.txt" + counterTime,
		"load matti.img value 20 --employer" + counterTime,
		"load matti.img value 20 --share 5" + counterTime,
		"load matti.img value 20 --benefit commute --paid 20 --reference R-1" + counterTime,
		"load matti.img value 20 --benefit commute --paid 2x" + counterTime,
		"load matti.img season 30 A --days 4" + otherTerms,
		`load matti.img season 24 A --days 4 --tariff oulu.toml --at "2026-03-02 08:00"`,
		"correct matti.img 12.51 --noticed 2026-03-01 --identity --receipt" + counterTime,
		"correct matti.img 2.51 --noticed 2026-03-01 --identity --receipt --not-to-card --json" +
			counterTime,
		"correct matti.img 2.51 --noticed 2025-03-01 --identity --receipt" + counterTime,
		"correct matti.img 2.51 --noticed 2025-03-01 --identity --receipt --language fi" + counterTime,
		"correct matti.img 2.51 --noticed 2025-03-01 --identity --receipt --language sv" + counterTime,
		"correct matti.img much --noticed today" + counterTime,
		"refund matti.img" + counterTime,
		"refund matti.img --identity --language fi" + counterTime,
		"refund matti.img --identity" + counterTime,
		"replace old.txt --cause lost --bought 2024-01-02" + counterTime,
		"replace old.txt --cause neglected --bought 2024-01-02" + otherTerms,
		"replace old.txt new.img --cause lost --bought 2024-01-02 --content-unknown" + otherTerms,
		"replace old.txt new.img --cause lost --bought 2024-01-02" + otherTerms,
		"replace old.txt new.img --cause lost --list blocked.txt --bought 2024-01-02" + otherTerms,
		"replace old.txt new.img --cause broken --bought 2024-01-02 --json" + otherTerms,
		"replace old.txt --cause stolen --bought 2024-01-02" + counterTime,
		"group matti.img senior --seen adult" + counterTime,
		"group matti.img senior" + counterTime,
		"group matti.img student --certificate 2026-01-02" + counterTime,
		"group matti.img student --until 2026-05-30" + counterTime,
		"group matti.img student --until 2026-05-30 --part-time" + counterTime,
		"group matti.img student --until 2026-05-30 --excluded apprenticeship" + counterTime,
		"group matti.img adult --json" + counterTime,
		"group aino.img youth" + counterTime,
		"group matti.img grown" + counterTime,
	}},
	{"terms", []string{"terms.toml", "oulu.toml"}, []string{
		`terms --issued 2015-01-07 --tariff oulu.toml --at "2026-03-02 08:00"`,
		`terms --issued 2015-01-07 --tariff terms.toml --at "2026-03-02 08:00"`,
		`terms --ended 2025-02-01 --tariff terms.toml --at "2026-02-01 08:00"`,
		`terms --ended 2025-02-01 --tariff terms.toml --at "2026-02-02 08:00"`,
		`terms --tariff terms.toml --at "2026-02-02 08:00"`,
		`terms --proof identity --tariff terms.toml --at "2026-02-02 08:00"`,
		`terms --kind bearer --proof identity --tariff terms.toml --at "2026-02-02 08:00"`,
		`terms --kind bearer --proof card --tariff terms.toml --at "2026-02-02 08:00" --json`,
		`terms --travel 5.00 --tariff terms.toml --at "2026-02-02 08:00"`,
		`terms --travel 50.00 --tariff terms.toml --at "2026-02-02 08:00"`,
		`terms --travel much --tariff terms.toml --at "2026-02-02 08:00"`,
	}},
	{"faulty", []string{"rides", "oulu.toml", "terms.toml"}, []string{
		"faulty 924699001123456787 rides --tariff oulu.toml --at \"2026-03-04 08:00\"",
		"faulty 924699001123456787 rides --tariff oulu.toml --at \"2026-03-05 08:00\"",
		"faulty 924699001123456787 rides --tariff oulu.toml --at \"2026-03-12 08:00\" --json",
		"faulty 924699000000000015 rides --tariff oulu.toml --at \"2026-03-05 08:00\" --language fi",
		"faulty 924699000000000015 rides --tariff terms.toml --at \"2026-03-05 08:00\"",
		"faulty 924699001123456788 rides --tariff oulu.toml",
		"faulty 924699001123456787 nothing --tariff oulu.toml",
	}},
	{"tariffdiff", []string{"wrong.toml"}, []string{
		"tariff show testdata/tariffs/kotka-2025.toml",
		"tariff show wrong.toml",
		"tariff diff testdata/tariffs/mikkeli-2025.toml testdata/tariffs/kotka-2025.toml",
		"tariff diff testdata/tariffs/mikkeli-2025.toml testdata/tariffs/mikkeli-2025.toml",
		"tariff diff testdata/tariffs/oulu-2023.toml testdata/tariffs/oulu-2024-12.toml",
		"tariff diff testdata/tariffs/mikkeli-2025.toml wrong.toml",
	}},
	{"journal", []string{"journal"}, []string{
		"journal show journal",
		"journal show journal --verify",
		"journal show journal --json",
		"journal verify journal",
		"journal export journal --after 1 --most 2",
		"journal export journal --after 7",
		"journal ack journal 8",
		"journal ack journal 5",
		"journal ack journal 3",
		"journal verify journal",
		"verify journal",
		"verify journal --event 99",
		"reconcile journal",
		"reconcile journal --all",
		"reconcile journal --all --json",
	}},
	{"run", []string{"good.tap", "differs.tap", "broken.tap"}, []string{
		"run good.tap",
		"run good.tap --verbose --frame 128",
		"run differs.tap",
		"run good.tap differs.tap broken.tap missing.tap",
		"run missing.tap broken.tap differs.tap good.tap",
		"run good.tap differs.tap broken.tap --json",
		"run good.tap differs.tap --update",
		"run good.tap differs.tap",
	}},
}

// Ensure that every command says what it has always said.
func TestSessions(t *testing.T) {
	t.Setenv("LEIMA_PASSPHRASE", "")
	t.Setenv("CREDENTIALS_DIRECTORY", "")
	for _, s := range sessions {
		t.Run(s.name, func(t *testing.T) {
			folder(t, s.files...)
			var b strings.Builder
			for _, call := range s.calls {
				came := tool(t, "", wordsOf(call)...)
				fmt.Fprintf(&b, "$ bench %s\n%s", call, came.out)
				for line := range strings.Lines(came.err) {
					b.WriteString("! " + line)
				}
				if came.code != exitOK {
					fmt.Fprintf(&b, "[exit code %d]\n", came.code)
				}
				b.WriteString("\n")
			}
			golden(t, s.name, b.String())
		})
	}
}

// The service point of the sessions, and one of another area.
const (
	counterTime = ` --tariff mikkeli.toml --at "2026-03-02 08:00"`
	otherTerms  = ` --tariff terms.toml --at "2026-03-02 08:00"`
)

func init() {
	makers["matti.img"] = func(t testing.TB) {
		prepared(t, "issue", "matti.txt", "--out", "matti.img")
	}
	makers["new.img"] = func(t testing.TB) {
		write(t, "new.txt", strings.NewReplacer("0000 0000 0015", "0011 2345 6787").
			Replace(texts["matti.txt"]))
		prepared(t, "issue", "new.txt", "--out", "new.img")
	}
	makers["old.txt"] = func(t testing.TB) {
		write(t, "old.txt", texts["matti.txt"]+"purse 12.50, counter 9\n")
	}
	makers["oulu.toml"] = func(t testing.TB) {
		write(t, "oulu.toml", read(t, "testdata/terms/pricelist.toml")+
			read(t, "testdata/terms/oulu-2015.toml"))
	}
	makers["loaded.img"] = func(t testing.TB) {
		provide(t, "matti.img", "mikkeli.toml")
		done(t, wordsOf("load matti.img value 20 --keep load.json"+counterTime)...)
		require.NoError(t, os.Rename("matti.img", "loaded.img"))
	}
	makers["rides"] = func(t testing.TB) {
		require.NoError(t, journal.Create("rides", 9))
		j, err := journal.Open("rides")
		require.NoError(t, err)
		for n, at := range []string{"2026-03-02T06:00:00Z", "2026-03-03T06:00:00Z", "2026-03-04T16:00:00Z"} {
			when, err := time.Parse(time.RFC3339, at)
			require.NoError(t, err)
			for _, printed := range []cardlayout.Number{924699001123456787, 0} {
				event := validator.Event{
					ID: j.Next(), At: when, Reason: fare.FreeCard, PrintedNumber: printed,
					Persons: uint8(n + 1), Rules: []fare.RuleID{58},
				}
				require.NoError(t, j.Record(event))
			}
		}
		require.NoError(t, j.Close())
	}
	makers["rich.img"] = func(t testing.TB) {
		provide(t, "loaded.img")
		require.NoError(t, os.Rename("loaded.img", "rich.img"))
	}
	makers["load.json"] = func(t testing.TB) { provide(t, "loaded.img") }
	makers["ride.img"] = func(t testing.TB) {
		travel(t, "aino.img")
		require.NoError(t, os.Rename("aino.img", "ride.img"))
	}
	makers["wrong.toml"] = func(t testing.TB) {
		text := read(t, "testdata/tariffs/mikkeli-2025.toml")
		text = strings.Replace(text, `"2.51", "3.38"`, `"2.5l", "3.38"`, 1)
		write(t, "wrong.toml", strings.Replace(text, `most = "150.00"`, `most = "1.00"`, 1))
	}
	makers["odd.toml"] = func(t testing.TB) {
		text := read(t, "testdata/tariffs/mikkeli-2025.toml")
		text = strings.Replace(text, `"3.38", "4.15"`, `"33.80", "4.15"`, 1)
		write(t, "odd.toml", strings.Replace(text, "[value.prices] ",
			"[value.prices_for.adult]\nB-C = \"3.00\"\n[value.prices] ", 1))
	}
	makers["keys.toml"] = func(t testing.TB) { done(t, "keys", "new", "keys.toml") }
	makers["bus.toml"] = func(t testing.TB) {
		provide(t, "keys.toml")
		done(t, "keys", "bus", "keys.toml", "--out", "bus.toml")
	}
	makers["bus.sealed"] = func(t testing.TB) {
		provide(t, "bus.toml", "passphrase.txt")
		done(t, "keys", "seal", "bus.toml", "--passphrase", "passphrase.txt", "--out", "bus.sealed")
		require.NoError(t, os.Remove("bus.toml"))
	}
	makers["test.toml"] = func(t testing.TB) { done(t, "keys", "test", "test.toml") }
	makers["carried.img"] = func(t testing.TB) {
		provide(t, "aino.txt", "keys.toml")
		done(t, "issue", "aino.txt", "--out", "carried.img", "--keys", "keys.toml")
	}
	makers["next.toml"] = func(t testing.TB) {
		provide(t, "keys.toml")
		done(t, "keys", "roll", "keys.toml", "--out", "next.toml")
	}
	makers["own.toml"] = func(t testing.TB) { done(t, "keys", "new", "own.toml") }
	for name, text := range map[string]string{
		"passphrase.txt": "correct horse battery\n", "wrong.txt": "another horse battery\n",
	} {
		makers[name] = func(t testing.TB) { require.NoError(t, os.WriteFile(name, []byte(text), 0o600)) }
	}
	texts["all.txt"] = all
	texts["good.tap"] = goodTap
	texts["differs.tap"] = strings.ReplaceAll(goodTap, "7.49", "7.94")
	texts["broken.tap"] = "at 2026-03-02 08:00\ntap Nobody\n"
}

const goodTap = `# Aino pays once.
card Aino  group adult, purse 10.00
at 2026-03-02 08:00
tap Aino
----
accepted  value  charge 2.51  balance 7.49  until 09:30  R-004
`
