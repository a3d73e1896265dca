package tariff

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
)

// areas are the tariffs of testdata, by the name of their file.
func areas(t testing.TB) map[string]*fare.Tariff {
	files, err := filepath.Glob(filepath.Join(folder, "*.toml"))
	require.NoError(t, err)
	all := map[string]*fare.Tariff{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".toml")
		all[name] = compile(t, name+".toml")
	}
	require.Len(t, all, 7)
	return all
}

// Ensure that the tariff of each area and date is a whole one: it is called as its file,
// says what the terms say at the counter, and gives no cause for warnings; and that all of
// them stand in one set.
func TestAreas(t *testing.T) {
	var whole []*fare.Tariff
	for name, tariff := range areas(t) {
		require.Equal(t, name, tariff.ID)
		require.True(t, tariff.Terms.Stated, name)
		require.NotZero(t, tariff.Ages, name)
		require.Empty(t, Warnings(tariff), name)
		whole = append(whole, tariff)
	}
	set, err := newSet(whole...)
	require.NoError(t, err)
	for at, id := range map[string]string{
		"2024-12-16T23:59:59": "oulu-2023", "2024-12-17T00:00:00": "oulu-2024-12",
	} {
		tariff, err := set.At(229, helsinki(t, at))
		require.NoError(t, err)
		require.Equal(t, id, tariff.ID, at)
	}
}

var aYear = regexp.MustCompile(`\b(19|20)\d\d\b`)

// notPublished are the words of a source that is none for some of its figures.
var notPublished = regexp.MustCompile(`assumed|not published|(no|nothing)\b.* published|as the desk`)

// Ensure that whatever is published has its page and year and is all of it published, that
// whatever is assumed has a reason, and that no tariff is all of one or the other: bench tariff show tells them
// apart by these.
func TestGroundsOfTheAreas(t *testing.T) {
	for name := range areas(t) {
		grounds, err := Grounds(source(t, name+".toml"))
		require.NoError(t, err)
		published, assumed := 0, 0
		for _, g := range grounds {
			at := []any{"%s:%d: %s", name, g.Line, g.Path}
			if g.Source != "" {
				published++
				require.Regexp(t, aYear, g.Source, at...)
				require.NotRegexp(t, notPublished, g.Source, at...)
				continue
			}
			assumed++
			require.Greater(t, len(strings.Fields(g.Assumed)), 1, at...)
		}
		require.Greater(t, published, 3, name)
		require.Greater(t, assumed, 3, name)
	}
}

// A figure is a price that was published, by the card's letters of the zones.
type figure struct {
	group cardlayout.Group
	zones string
	want  cardlayout.Cents
}

// figures are those of a row of a table, a zone more in each column.
func figures(group cardlayout.Group, zones []string, row ...cardlayout.Cents) (all []figure) {
	for n, want := range row {
		all = append(all, figure{group, zones[n], want})
	}
	return all
}

func requireFigures(t *testing.T, prices *fare.Prices, all ...[]figure) {
	t.Helper()
	for _, row := range all {
		for _, f := range row {
			require.Equal(t, f.want, prices[f.group][zones(t, f.zones)], "%v, %s", f.group, f.zones)
		}
	}
}

// Oulu's tables have a column for L and for one to four zones. Each is read with and
// without L, which is A on the card.
var ouluColumns = [][]string{
	{"A", "B", "B-C", "B-D", "B-E"}, {"A", "A-B", "A-C", "A-D", "A-E"}, {"A", "E", "D-E", "C-E", "B-E"},
}

// Ensure that Oulu's zone tariff has the published figures: single tickets and day tickets
// of adults and children, and the times for changing; and that L comes free with
// A (ouka.fi, about 2023).
func TestOuluByZones(t *testing.T) {
	tariff := compile(t, "oulu-2023.toml")
	day, sold := tariff.Season(60)
	require.True(t, sold)
	require.Equal(t, fare.DayTicket, day.Kind)
	for _, c := range ouluColumns {
		requireFigures(t, &tariff.Single, figures(cardlayout.Adult, c, 150, 330, 580, 830, 1010),
			figures(cardlayout.Child, c, 150, 170, 290, 420, 510))
		requireFigures(t, &day.Prices,
			figures(cardlayout.Adult, c, fare.NoPrice, 800, 1250, 1800, 2200),
			figures(cardlayout.Child, c, fare.NoPrice, 400, 625, 900, 1100))
		requireFigures(t, &tariff.Value, figures(cardlayout.Adult, c, 120, 205, 405, 625, 820))
		for n, minutes := range []uint16{60, 60, 80, 80, 120} {
			require.Equal(t, minutes, tariff.Transfer[zones(t, c[n])], c[n])
		}
	}
	for right, good := range map[string]string{"B": "A-B", "B-C": "A-C", "B-E": "A-E", "C": "-", "A": "-"} {
		require.Equal(t, good, tariff.Included[zones(t, right)].String(), right)
	}
	require.Len(t, tariff.SingleBands, 1)
	require.Equal(t, fare.Hours{From: 23 * 60, To: 4*60 + 30}, tariff.SingleBands[0].Hours)
	require.EqualValues(t, 100, tariff.SingleBands[0].Percent)
	require.Empty(t, tariff.ValueBands, "R-059: none on value")
}

// Ensure that Oulu's flat tariff has the published figures, the same everywhere (rantapohja.fi,
// 6/2024).
func TestOuluFlat(t *testing.T) {
	tariff := compile(t, "oulu-2024-12.toml")
	night, noon := helsinki(t, "2025-01-07T23:00:00"), helsinki(t, "2025-01-07T12:00:00")
	for z := zones(t, "A"); z <= cardlayout.MaxZones; z++ {
		if z.Last() > 5 {
			require.Equal(t, fare.NoPrice, tariff.Value[cardlayout.Adult][z])
			continue
		}
		row := figures(cardlayout.Adult, []string{z.String()}, 250)
		requireFigures(t, &tariff.Value, row, figures(cardlayout.Child, []string{z.String()}, 125))
		for group, want := range map[cardlayout.Group]cardlayout.Cents{
			cardlayout.Adult: 400, cardlayout.Child: 200,
		} {
			price, _ := tariff.SinglePrice(group, z, noon)
			require.Equal(t, want, price)
			price, _ = tariff.SinglePrice(group, z, night)
			require.Equal(t, 2*want, price, "double for cash at night")
			value, _ := tariff.ValuePrice(group, z, noon)
			atNight, _ := tariff.ValuePrice(group, z, night)
			require.Equal(t, value, atNight, "and not for value")
		}
		require.EqualValues(t, 90, tariff.Transfer[z])
		require.True(t, z == zones(t, "A-E") || tariff.Included[z] == zones(t, "A-E"), z)
	}
	require.EqualValues(t, 360, tariff.Terms.CardFee[fare.ServicePoint])
	require.Zero(t, tariff.Terms.CardFee[fare.WebShop])
}

// Ensure that Jyväskylä's tariff has what was published: the mobile tickets of 2018, the
// supplement of a euro, an adult's value of 4/2020 and the seasons of 9/2022 for one zone.
func TestJyvaskyla(t *testing.T) {
	tariff := compile(t, "jyvaskyla-2018.toml")
	columns := []string{"A", "A-B", "B-D", "A-D"}
	requireFigures(t, &tariff.Single, figures(cardlayout.Adult, columns, 270, 420, 550, 740),
		figures(cardlayout.Child, columns, 135, 210, 275, 370))
	require.EqualValues(t, 210, tariff.Value[cardlayout.Adult][zones(t, "C")])
	for code, prices := range map[uint16]map[cardlayout.Group][2]cardlayout.Cents{
		30: {cardlayout.Adult: {5400}, cardlayout.Youth: {3800}, cardlayout.Child: {2700}},
		32: {cardlayout.Student: {3800}},
		60: {cardlayout.Adult: {800, 1400}, cardlayout.Youth: {600, 1000}, cardlayout.Child: {400, 700}},
	} {
		product, sold := tariff.Season(code)
		require.True(t, sold)
		for group, want := range prices {
			require.Equal(t, want[0], product.Prices[group][zones(t, "A")], "%d, %v", code, group)
			if want[1] != 0 {
				require.Equal(t, want[1], product.Prices[group][zones(t, "A-D")], "%d, %v", code, group)
			}
		}
	}
	for _, bands := range [][]fare.Band{tariff.ValueBands, tariff.SingleBands} {
		night := bands[len(bands)-1]
		require.Equal(t, fare.Hours{From: 23 * 60, To: 4 * 60}, night.Hours)
		require.EqualValues(t, 100, night.Supplement)
	}
	for days, minutes := range map[string]uint16{"A": 60, "A-B": 60, "A-C": 120, "A-D": 120} {
		require.Equal(t, minutes, tariff.Transfer[zones(t, days)])
	}
	require.EqualValues(t, 500, tariff.Terms.CardFee[fare.ServicePoint])
}

// Ensure that Lappeenranta's tariff has what was published: value is cheaper on weekday
// evenings from 17.30, on weekends and on mid-week holidays, single tickets never; the day
// ticket, the load on the bus, the card, and the hour for changing.
func TestLappeenranta(t *testing.T) {
	tariff := compile(t, "lappeenranta-2019.toml")
	price := func(at string) cardlayout.Cents {
		value, sold := tariff.ValuePrice(cardlayout.Adult, zones(t, "A"), helsinki(t, at))
		require.True(t, sold)
		single, _ := tariff.SinglePrice(cardlayout.Adult, zones(t, "A"), helsinki(t, at))
		require.EqualValues(t, 330, single, at)
		return value
	}
	usual, quiet := price("2021-03-01T12:00:00"), price("2021-03-01T18:00:00")
	require.Less(t, quiet, usual)
	for at, want := range map[string]cardlayout.Cents{
		"2021-03-01T17:29:59": usual, "2021-03-01T17:30:00": quiet, "2021-03-02T04:29:59": quiet,
		"2021-03-02T06:00:00": usual, "2021-03-06T12:00:00": quiet, "2021-03-07T12:00:00": quiet,
		"2021-05-13T12:00:00": quiet, // Ascension Day, a Thursday
		"2021-06-25T12:00:00": usual, // Midsummer Eve, a Friday
		"2021-06-25T17:30:00": quiet,
	} {
		require.Equal(t, want, price(at), at)
	}
	day, _ := tariff.Season(60)
	require.EqualValues(t, 1000, day.Prices[cardlayout.Adult][zones(t, "A-D")])
	require.EqualValues(t, 200, tariff.Terms.Value.Commission[fare.OnBoard])
	require.EqualValues(t, 500, tariff.Terms.CardFee[fare.ServicePoint])
	for z := zones(t, "A"); z <= cardlayout.MaxZones; z++ {
		if z.Last() <= 4 {
			require.EqualValues(t, 60, tariff.Transfer[z])
		}
	}
}

// Ensure that Joensuu's tariff has what was published: an adult's value for A, Hilja's
// prices of July 2024, the seasons, and the school days of the feed.
func TestJoensuu(t *testing.T) {
	tariff := compile(t, "joensuu-2023.toml")
	two := []string{"A", "A-B"}
	require.EqualValues(t, 290, tariff.Value[cardlayout.Adult][zones(t, "A")])
	for at, want := range map[string]string{
		"2024-06-30": "2.90", "2024-07-01": "2.00",
		"2024-07-31": "2.00", "2024-08-01": "2.90",
	} {
		price, _ := tariff.ValuePrice(cardlayout.Adult, zones(t, "A"), helsinki(t, at+"T12:00:00"))
		require.Equal(t, want, price.String(), at)
	}
	for days, prices := range map[uint16]map[cardlayout.Group][]cardlayout.Cents{
		30: {
			cardlayout.Adult: {6600, 7700}, cardlayout.Child: {3300, 3850},
			cardlayout.Youth: {4950, 5500}, cardlayout.Student: {4950, 5500},
		},
		90: {
			cardlayout.Adult: {13200, 15400}, cardlayout.Child: {6600, 7700},
			cardlayout.Youth: {9900, 11000}, cardlayout.Student: {9900, 11000},
		},
	} {
		season, _ := tariff.Season(days)
		for group, row := range prices {
			requireFigures(t, &season.Prices, figures(group, two, row...))
		}
	}
	school, count := tariff.SchoolDays[0].Days, map[string]int{}
	for at := helsinki(t, "2024-08-01T12:00:00"); at.Year() < 2026; at = at.AddDate(0, 0, 1) {
		if school.Has(cardlayout.DayOf(at)) {
			count[at.Format("2006")]++
		}
	}
	require.Equal(t, map[string]int{"2024": 89, "2025": 54}, count)
}

// Ensure that what a city's tariff says at the counter is what its terms say, but for what
// was published later.
func TestOfficeOfTheAreas(t *testing.T) {
	for name, terms := range map[string]string{
		"oulu-2023": "oulu-2015", "oulu-2024-12": "oulu-2015",
		"lappeenranta-2019": "lappeenranta-2016", "jyvaskyla-2018": "jyvaskyla-2018",
		"mikkeli-2025": "mikkeli-2021",
	} {
		document, err := compileTerms(termsOf(t, terms), t)
		require.NoError(t, err)
		want, got := document.Terms, compile(t, name+".toml").Terms
		want.Products, got.Products = nil, nil // by the codes of each price list
		if name == "oulu-2024-12" {
			want.CardFee[fare.ServicePoint] = 360 // osl.fi, 2024
		}
		require.Equal(t, want, got, name)
	}
}

// Ensure that a tariff says the same of single tickets at night where it prices them by the
// hour and where the driver sells them.
func TestSinglesAtNight(t *testing.T) {
	for name, tariff := range areas(t) {
		for at := helsinki(t, "2026-03-02T12:00:00"); at.Day() < 4; at = at.Add(7 * time.Minute) {
			price, sold := tariff.SinglePrice(cardlayout.Adult, zones(t, "A"), at)
			ticket, err := sale.SellSingle(at, cardlayout.Adult, zones(t, "A"), tariff)
			require.Equal(t, sold, err == nil, name)
			require.Equal(t, max(0, price), ticket.Lines.Total(), "%s at %s", name, at)
		}
	}
}

// Ensure that zones which come free with others are read, for every run that holds them,
// and that mistakes in them are told.
func TestIncluded(t *testing.T) {
	const head = "[zones_included]\nassumed = \"a guess\"\n[zones_included.with]\n"
	tariff := compiled(t, with(head+"B = \"A\"\n", ""))
	require.Equal(t, zones(t, "A-B"), tariff.Included[zones(t, "B")])
	require.Equal(t, zones(t, "A-B"), tariff.Included[zones(t, "A-B")])
	require.Zero(t, tariff.Included[zones(t, "A")])
	require.Equal(t, zones(t, "A-C"), tariff.Included[zones(t, "B-C")], "also beyond the area")
	require.Zero(t, compiled(t, small).Included)
	told(t, with(head+"B = \"C\"\n", ""), `t.toml:46: zones_included.with.B: zones C: the area has 2, A to B`)
	told(t, with(head+"AB = \"A\"\n", ""),
		`t.toml:46: zones_included.with.AB: zones A are paid for anyway: take them away`)
	three := strings.NewReplacer("zones = 2", "zones = 3", `"2.00", "3.00"]`, `"2.00", "3.00", "4.00"]`,
		"\"1.00\",\n  \"1.50\",", "\"1.00\",\n  \"1.50\", \"2.00\",", `"50.00", "60.00"]`,
		`"50.00", "60.00", "70.00"]`, `"-", "30.00"]`, `"-", "30.00", "40.00"]`, `"500.00", "600.00"]`,
		`"500.00", "600.00", "600.00"]`, `"250.00", "300.00"]`, `"250.00", "300.00", "300.00"]`,
		`["1h", "90m"]`, `["1h", "90m", "90m"]`)
	told(t, three.Replace(with(head+"A = \"C\"\n", "")),
		`t.toml:46: zones_included.with.A: zones C do not touch zones A: want neighbours`)
	told(t, with("[zones_included]\n[zones_included.with]\nB = \"A\"\n", ""),
		`t.toml:43: zones_included: the figures have no source: want source = "public page, year", `+
			`or assumed = "why" for our own`)
}

// Ensure that no day has a cap on a guess: what is published of contactless payment is not said
// of the travel card.
func TestNoCapOnAGuess(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(folder, "*.toml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		grounds, err := Grounds(source)
		require.NoError(t, err)
		for _, g := range grounds {
			require.False(t, g.Path == "day_cap" && g.Source == "", "%s: %s", file, g.Assumed)
		}
	}
}
