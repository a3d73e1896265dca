package tariff

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// small is a tariff with one of everything; each mistake is one change to it.
const small = `id = "small"
name = { fi = "Pieni", sv = "Liten", en = "Small" }
area = 227
zones = 2
time_zone = "Europe/Helsinki"
valid_from = "2025-01-01T00:00"
source = "a page, 2025"
[groups]
source = "a page, 2025"
as = { assumed = "a guess", pay = { youth = "adult", student = "adult", senior = "adult", special = "adult" } }
names.adult = { fi = "Aikuinen", sv = "Vuxen", en = "Adult" }
names.child = { fi = "Lapsi", sv = "Barn", en = "Child" }
[value]
name = { fi = "Arvolippu", sv = "Värdebiljett", en = "Value ticket" }
source = "a page, 2025"
code = { is = 1, assumed = "our own" }
[value.prices]
adult = ["2.00", "3.00"]
child = [
  "1.00",
  "1.50",
]
[value.prices_for.adult]
B = "1.90"
[[season]]
name = { fi = "Kuukausi", sv = "Månad", en = "Month" }
days = 30
holder = "personal"
source = "a page, 2025"
code = { is = 2, assumed = "our own" }
[season.prices]
adult = ["50.00", "60.00"]
child = ["-", "30.00"]
[[season]]
name = { fi = "Vuosi", sv = "År", en = "Year" }
days = 360
holder = "any"
source = "a page, 2025"
code = { is = 3, assumed = "our own" }
[season.prices]
adult = ["500.00", "600.00"]
child = ["250.00", "300.00"]
[transfer]
times = ["1h", "90m"]
source = "a page, 2025"
[load]
least = "5.00"
most = "150.00"
source = "a page, 2025"
[rules]
service_day_starts = { is = "04:30", assumed = "a guess" }
again = { is = "20m", assumed = "a guess" }
limit = { is = "excluded", assumed = "a guess" }
party = { is = "lower groups", assumed = "a guess" }
order = { is = [["child"], ["adult"]], assumed = "a guess" }
season_first_day = { is = "not counted", assumed = "a guess" }
`

// changed is small with the n-th occurrence of a text replaced.
func changed(t *testing.T, n int, old, new string) string {
	at := 0
	for ; n > 0; n-- {
		next := strings.Index(small[at:], old)
		require.GreaterOrEqual(t, next, 0, "%q is not in the source", old)
		at += next + len(old)
	}
	return small[:at-len(old)] + new + small[at:]
}

func faultsOf(source string) error {
	_, err := Compile("t.toml", []byte(source), time.LoadLocation)
	return err
}

// mistake is one change and all that is said of it.
type mistake struct {
	n        int // which occurrence of old
	old, new string
	want     string
}

func requireTold(t *testing.T, mistakes []mistake) {
	require.NoError(t, faultsOf(small))
	for _, m := range mistakes {
		err := faultsOf(changed(t, m.n, m.old, m.new))
		require.EqualError(t, err, m.want, "%q for %q", m.new, m.old)
	}
}

// Ensure that a mistake in the form is told with its line and in the words of a
// tariff.
func TestMistakesOfForm(t *testing.T) {
	requireTold(t, []mistake{
		{
			1, `area =`, `aera =`,
			`t.toml:1: area: "": want a whole number from 1 to 255` + "\n" +
				"t.toml:3: aera: not a field of a tariff: check its spelling",
		},
		{1, `least =`, `lest =`, "t.toml:47: load.lest: not a field of a tariff: check " +
			"its spelling"},
		{1, `[load]`, `[laod]`, "t.toml:46: laod: not a field of a tariff: check its spelling"},
		{
			1, `area = 227`, "area = 227\n\"a\\nb\" = 1",
			`t.toml:4: a\nb: not a field of a tariff: check its spelling`,
		},
		{
			1, `area = 227`, `area = 227 228`,
			"t.toml:3: this cannot be understood: want each field once, and each line like " +
				"name = \"text\", name = 12, or a table's name in brackets",
		},
		{
			1, `"2.00", "3.00"]`, `"2.00", "3.00"]` + "\nadult = []",
			"t.toml:19: adult stands there twice, or as another kind of thing: take one away",
		},
		{
			1, `adult = ["2.00", "3.00"]`, `adult = "2.00"`,
			`t.toml:18: value.prices.adult: a value of another kind belongs here, not string: ` +
				`names, times and amounts are written "so", rows ["so", "so"]`,
		},
		{
			1, `"2025-01-01T00:00"`, `2025-01-01T00:00:00`,
			`t.toml:6: valid_from: a value of another kind belongs here, not local datetime: ` +
				`names, times and amounts are written "so", rows ["so", "so"]`,
		},
	})
}

// Ensure that each mistake above the tables, in the groups and in the rules is
// told.
func TestMistakesOfSettings(t *testing.T) {
	requireTold(t, []mistake{
		{1, `"small"`, `"Small tariff"`, `t.toml:1: id: "Small tariff": want 1 to 32 ` +
			`small letters, digits and hyphens, for example "mikkeli-2025"`},
		{1, `, sv = "Liten"`, ``, `t.toml:2: name: a name is missing: ` +
			`want { fi = "…", sv = "…", en = "…" }`},
		{1, `227`, `256`, `t.toml:3: area: "256": want a whole number from 1 to 255`},
		{1, `Europe/Helsinki`, `Finland/Helsinki`, `t.toml:5: time_zone: "Finland/Helsinki" ` +
			`is not known: want for example "Europe/Helsinki"`},
		{1, `2025-01-01T00:00`, `1.1.2025`, `t.toml:6: valid_from: "1.1.2025": want the ` +
			`first local minute of validity, for example "2025-01-01T00:00"`},
		{1, `2025-01-01T00:00`, `2025-03-30T03:30`, `t.toml:6: valid_from: ` +
			`2025-03-30T03:30 does not exist that night: want a time outside the change of clocks`},
		{1, `2025-01-01T00:00`, `2025-10-26T03:30`, `t.toml:6: valid_from: ` +
			`2025-10-26T03:30 comes twice that night: want a time outside the change of clocks`},
		{2, "source = \"a page, 2025\"\n", ``, `t.toml:8: groups: the figures have no source: ` +
			`want source = "public page, year", or assumed = "why" for our own`},
		{
			1, "source = \"a page, 2025\"\n", "source = \"a\"\nassumed = \"b\"\n",
			"t.toml:8: assumed: figures are either published or assumed: " +
				"want two tables, or one of the two",
		},
		{1, `, en = "Child"`, ``, `t.toml:12: groups.names.child: a name is missing: ` +
			`want { fi = "…", sv = "…", en = "…" }`},
		{
			1, `again = { is = "20m", assumed = "a guess" }`, ``,
			`t.toml:50: rules.again: missing: want is = "…" and where it comes from`,
		},
		{1, `is = "20m", `, ``, `t.toml:52: rules.again: it says nothing: want is = "…"`},
		{1, `20m`, `20`, `t.toml:52: rules.again.is: "20": want whole minutes from "1m" ` +
			`to "1439m", for example "90m" or "2h"`},
		{1, `"04:30", assumed = "a guess"`, `"04:30"`, `t.toml:51: rules.service_day_starts: ` +
			`the figures have no source: want source = "public page, year", ` +
			`or assumed = "why" for our own`},
		{1, `04:30`, `4.30`, `t.toml:51: rules.service_day_starts.is: "4.30": ` +
			`want a time before noon, for example "04:30"`},
		{1, `04:30`, `12:00`, `t.toml:51: rules.service_day_starts.is: "12:00": ` +
			`want a time before noon, for example "04:30"`},
		{1, `excluded`, `perhaps`, `t.toml:53: rules.limit.is: "perhaps": ` +
			`want "excluded" or "included"`},
		{1, `lower groups`, `anyone`, `t.toml:54: rules.party.is: "anyone": ` +
			`want "same group" or "lower groups"`},
		{1, `not counted`, `maybe`, `t.toml:56: rules.season_first_day.is: "maybe": ` +
			`want "not counted" or "counted"`},
		{1, `["child"], `, ``, `t.toml:55: rules.order.is: child has no place in the order: ` +
			`want every group once, lowest first, for example [["child"], ["adult"]]`},
		{
			1, `["adult"]]`, `["adult", "child"]]`,
			`t.toml:55: rules.order.is: child stands in the order twice: take one away`,
		},
		{1, `["adult"]]`, `["adult", "youth"]]`, `t.toml:55: rules.order.is: "youth" is ` +
			`no customer group of this file: want adult, child`},
	})
}

// Ensure that each mistake in what is sold is told at its own line, also within a
// row of several lines and in the second season.
func TestMistakesOfPrices(t *testing.T) {
	requireTold(t, []mistake{
		{1, `"1.50",`, `"1.505",`, `t.toml:21: value.prices.child: amount "1.505": ` +
			`want euros and cents, for example 2.51`},
		{1, `"1.50",`, `-1.50,`, `t.toml:21: value.prices.child: amount "-1.50": ` +
			`want euros and cents, for example 2.51`},
		{1, `"1.50",`, `0.00,`, `t.toml:21: value.prices.child: 0.00 is too low: want ` +
			`0.01 or more`},
		{1, `"3.00"`, `"163.84"`, `t.toml:18: value.prices.adult: 163.84 is too high: ` +
			`want 163.83 or less, which is what the card can hold`},
		{1, `"600.00"`, `"655.36"`, `t.toml:41: season.prices.adult: 655.36 is too high: ` +
			`want 655.35 or less, which is what the card can hold`},
		{1, `"2.00", `, ``, `t.toml:18: value.prices.adult: the row has 1 entries: ` +
			`want 2, for 1 zone and more`},
		{1, "adult = [\"50.00\", \"60.00\"]\n", ``, `t.toml:31: season.prices: no prices ` +
			`for adult: want a row of 2, for 1 zone and more, with "-" where none is sold`},
		{
			1, `adult = ["2.00", "3.00"]`, `adult = ["2.00", "3.00"]` + "\nyouth = [\"1.00\"]",
			`t.toml:19: value.prices.youth: no customer group of this file: want adult, child`,
		},
		{
			1, `prices_for.adult`, `prices_for.youth`,
			`t.toml:23: value.prices_for.youth: no customer group of this file: want adult, child`,
		},
		{
			1, `B = "1.90"`, `C = "1.90"`,
			`t.toml:24: value.prices_for.adult.C: zones C: the area has 2, A to B`,
		},
		{1, `B = "1.90"`, `BA = "1.90"`, `t.toml:24: value.prices_for.adult.BA: zones "BA": ` +
			`want neighbouring zones, for example A, AB or A-C`},
		{
			1, `B = "1.90"`, "AB = \"2.90\"\nA-B = \"2.80\"",
			`t.toml:24: value.prices_for.adult.AB: zones A-B stand here twice: take one away`,
		},
		{
			1, `is = 3,`, `is = 2,`,
			`t.toml:39: season.code.is: code 2 stands in line 30 already: want another`,
		},
		{
			1, `is = 1,`, `is = 16384,`,
			`t.toml:16: value.code.is: "16384": want a whole number from 1 to 16383`,
		},
		{1, `360`, `512`, `t.toml:36: season.days: "512": want a whole number from 1 to 511`},
		{1, `"any"`, `"bearer"`, `t.toml:37: season.holder: "bearer": want "any" or "personal"`},
		{1, `"90m"`, `"1440m"`, `t.toml:44: transfer.times: "1440m": ` +
			`want whole minutes from "1m" to "1439m", for example "90m" or "2h"`},
		{1, `, "90m"`, ``, `t.toml:44: transfer.times: the row has 1 entries: ` +
			`want 2, for 1 zone and more`},
		{1, `"5.00"`, `"500.00"`, `t.toml:47: load.least: 500.00 is more than the most, 150.00: ` +
			`want it the other way round`},
	})
}

// Ensure that zones that are no number leave nothing compiled and nothing panics.
func TestMistakesOfSize(t *testing.T) {
	for _, zones := range []string{"0", "11", "-1", `"two"`, "1e1"} {
		err := faultsOf(changed(t, 1, "zones = 2", "zones = "+zones))
		require.EqualError(t, err, fmt.Sprintf(
			`t.toml:4: zones: %q: want a whole number from 1 to 10`, strings.Trim(zones, `"`)))
	}
}

// Ensure that an empty file says what a tariff needs, and that no part of a good
// one can be cut off unnoticed.
func TestIncomplete(t *testing.T) {
	err := faultsOf("")
	for _, part := range []string{
		"id: ", "name: ", "area: ", "zones: ", "time_zone: ",
		"no [groups]", "no [value]", "no [transfer]", "rules.limit: ", "rules.order: ",
	} {
		require.ErrorContains(t, err, "t.toml:1: "+part)
	}
	for end := range small[:len(small)-1] {
		require.Error(t, faultsOf(small[:end]), "cut to %d bytes", end)
	}
}

// Ensure that all mistakes are told together in the order of their lines, up to a
// bound.
func TestManyMistakes(t *testing.T) {
	bad := strings.NewReplacer(`is = 3`, `is = 0`, `"1.00"`, `"x"`, `area = 227`, `area = 0`).
		Replace(small)
	require.EqualError(t, faultsOf(bad), strings.Join([]string{
		`t.toml:3: area: "0": want a whole number from 1 to 255`,
		`t.toml:20: value.prices.child: amount "x": want euros and cents, for example 2.51`,
		`t.toml:39: season.code.is: "0": want a whole number from 1 to 16383`,
	}, "\n"))

	lines := strings.Split(faultsOf(small+strings.Repeat("[[season]]\n", 10)).Error(), "\n")
	require.Len(t, lines, faultBound+1)
	require.Regexp(t, `^t.toml: and \d+ more$`, lines[faultBound])
}

// FuzzCompile states that whatever the source, compiling does not panic, and that
// every fault has a line of the source.
func FuzzCompile(f *testing.F) {
	f.Add([]byte(small))
	f.Add(source(f, "mikkeli-2025.toml"))
	f.Add(source(f, "jyvaskyla-2018.toml"))
	f.Add([]byte("[[season]]\n[season.prices]\nadult = [[[1]]]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		tariff, err := Compile("t.toml", text, time.LoadLocation)
		require.Equal(t, err == nil, tariff != nil)
		if err == nil {
			Warnings(tariff)
			return
		}
		for _, told := range strings.Split(err.Error(), "\n") {
			require.Regexp(t, `^t\.toml:(\d+: .| and \d+ more$)`, told)
		}
	})
}

// a tariff says for the cards of every group whose price they pay.
func TestGroupsWithoutAPrice(t *testing.T) {
	for old, want := range map[string]string{
		`, special = "adult"`: "t.toml:8: groups: nothing says what cards of group special pay: " +
			`want a line of [groups.as.pay], for example special = "adult"`,
	} {
		_, err := Compile("t.toml", []byte(strings.Replace(small, old, "", 1)), time.LoadLocation)
		require.EqualError(t, err, want)
	}
	_, err := Compile("t.toml", []byte(strings.Replace(small, `special = "adult"`,
		`special = "senior"`, 1)), time.LoadLocation)
	require.ErrorContains(t, err, `"senior" is no customer group of this file: want adult, child`)
	_, err = Compile("t.toml", []byte(strings.Replace(small, `special = "adult"`,
		`special = "adult", child = "adult"`, 1)), time.LoadLocation)
	require.ErrorContains(t, err, "child has prices of its own: take the line away")
}
