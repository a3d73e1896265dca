package page_test

import (
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/faretest"
	"leima/fare/sale"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/depot"
	"leima/validator/depot/depottest"
	"leima/validator/depot/page"
	"leima/validator/journal"
	"leima/validator/signon"
	"leima/validator/sim"
)

var update = flag.Bool("update", false, "write the golden file")

// aDay is a day of Aino's card on a bus.
const aDay = `card Aino  group adult, purse 20.00
at 2026-03-02 08:00
bus line=550 trip=1
tap Aino
at 2026-03-02 08:20
bus trip=2
tap Aino
at 2026-03-02 12:00
bus trip=3
tap Aino
tap Aino
at 2026-03-02 14:00
bus trip=4
tear Aino before commit
tap Aino
tap Aino
at 2026-03-02 17:00
bus trip=5
tear Aino after commit
tap Aino`

// plays plays a day on a bus whose journal is sealed, and sends it to a depot.
func (d *depotFixture) plays(script string) (card cardlayout.Number) {
	d.t.Helper()
	b, err := sim.NewBus(d.t.TempDir(), sim.Setup{Device: 9, Prices: faretest.Source})
	require.NoError(d.t, err)
	defer func() { require.NoError(d.t, b.Close()) }()
	_, err = b.Play(d.t.Context(), sim.Parse("a day", script), nil)
	require.NoError(d.t, err)
	require.NoError(d.t, b.Entries(0, func(e journal.Entry) error {
		if e.Event.Card != 0 {
			card = e.Event.Card
		}
		return nil
	}))
	var items []journal.Item
	require.NoError(d.t, b.Journal.Export(0, func(_ uint64, raw []byte) error {
		some, err := depot.Items(raw)
		items = append(items, some...)
		return err
	}))
	d.devices = append(d.devices, 9)
	d.receives(9, items, true)
	return card
}

// Ensure that a card's story is told in plain words of each language, with each event and what it
// comes to; that it shows who has looked before; and that the book, which only grows, says who has
// looked, and does not say at which number.
func TestStory(t *testing.T) {
	t.Parallel()
	d := newDepot(t)
	card := d.plays(aDay)
	b := d.as(page.Service)
	code, says := b.post("/card", "number", card.String())
	require.Equal(t, http.StatusOK, code)
	require.Contains(t, text(says), "Ei kukaan", "nobody has looked before")
	before, err := os.ReadFile(filepath.Join(d.folder, "page.book"))
	require.NoError(t, err)
	var golden strings.Builder
	for _, in := range []string{"fi", "sv", "en"} {
		b.post("/language", "language", in)
		_, says = b.post("/card", "number", card.String())
		golden.WriteString(text(regexp.MustCompile(`(?s)<ol class="story">.*?</ol>`).FindString(says)))
	}
	if *update {
		require.NoError(t, os.WriteFile("testdata/story.golden", []byte(golden.String()), 0o644))
	}
	want, err := os.ReadFile("testdata/story.golden")
	require.NoError(t, err)
	require.Equal(t, string(want), golden.String())

	after, err := os.ReadFile(filepath.Join(d.folder, "page.book"))
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(after), string(before)))
	require.NotContains(t, string(after)+d.log.String(), strings.ReplaceAll(card.String(), " ", ""))
	lines := strings.Split(strings.TrimSpace(string(after)), "\n")
	require.Len(t, lines, 4)
	marks := map[string]bool{}
	for _, line := range lines {
		var e struct {
			At        time.Time
			Person    uint32
			Did, Card string
		}
		require.NoError(t, json.Unmarshal([]byte(line), &e))
		require.Equal(t, persons[page.Service], e.Person)
		require.Equal(t, "looked", e.Did)
		require.Equal(t, d.now, e.At)
		marks[e.Card] = true
	}
	require.Len(t, marks, 1)
	_, says = b.post("/card", "number", card.String())
	require.Equal(t, 4, strings.Count(text(says), "person 2"))
}

// Ensure that nothing is shown of a card if the book cannot be written.
func TestNoLookWithoutTheBook(t *testing.T) {
	t.Parallel()
	d := newDepot(t)
	card := d.plays(aDay)
	b := d.as(page.Service)
	require.NoError(t, d.page.Close())
	code, says := b.post("/card", "number", card.String())
	require.Equal(t, http.StatusInternalServerError, code)
	require.NotContains(t, says, "story")
	require.NoError(t, d.page.Open())
}

// Ensure that neither the settlement's rows nor the ledger's file say a card's number.
func TestRowsNameNoCard(t *testing.T) {
	t.Parallel()
	d := newDepot(t)
	card := d.plays(aDay)
	code, rows := d.as(page.Finance).get("/settlement.csv")
	require.Equal(t, http.StatusOK, code)
	require.Greater(t, strings.Count(rows, "\n"), 1)
	file, err := os.ReadFile(filepath.Join(d.folder, "ledger"))
	require.NoError(t, err)
	for _, number := range []string{
		strconv.FormatUint(uint64(card), 10), string(binary.BigEndian.AppendUint64(nil, uint64(card))),
		string(binary.LittleEndian.AppendUint64(nil, uint64(card))),
	} {
		require.NotContains(t, rows, number)
		require.False(t, strings.Contains(string(file), number))
	}
}

// Ensure that the book that was cut by a power cut is read up to there, that a damaged one is none,
// and that what was handed over is still known after a restart.
func TestBook(t *testing.T) {
	t.Parallel()
	d := newDepot(t)
	d.plays(aDay)
	d.as(page.Finance).get("/settlement.csv")
	path := filepath.Join(d.folder, "page.book")
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, d.page.Close())
	require.NoError(t, os.WriteFile(path, append(whole, `{"at":"20`...), 0o600))
	require.NoError(t, d.page.Open())
	is, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, whole, is)
	require.NoError(t, d.page.Close())
	require.NoError(t, os.WriteFile(path, append([]byte("x\n"), whole...), 0o600))
	require.ErrorContains(t, d.page.Open(), "line 1")
	require.NoError(t, os.WriteFile(path, whole, 0o600))
	require.NoError(t, d.page.Open())
}

// tapped is an event of a card.
func tapped(d *depottest.Device, counter uint32) validator.Event {
	return validator.Event{
		ID: d.Journal.Next(), At: time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), Reason: fare.Value,
		Card: cardlayout.WithCheckDigit(92469900110000000), Counter: counter, Charge: 251,
		Place: validator.Place{Line: "550", Stop: "tori", Zone: 2, Trip: 1}, Synchronized: true,
		List: 12, ActionList: 34, ListMade: time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC), Tariff: "mikkeli-2025",
	}
}

// Ensure that forks, gaps, and what is missing, in doubt or late are cases; that a case leads to
// the card's story; that it is done once somebody says what they did, and comes back for nobody.
func TestWork(t *testing.T) {
	t.Parallel()
	d := newDepot(t)
	b := d.as(page.Service)
	b.post("/language", "language", "en")
	one, two := depottest.NewDevice(t, 1), depottest.NewDevice(t, 2)
	_, says := b.get("/work")
	require.Contains(t, says, "Nothing has to be looked at")
	require.Contains(t, says, "Nothing was ever heard of device 2")

	copied := one.Copy()
	one.Record(2, 1)
	copied.Record(3, 2)
	d.sent(one)
	d.sent(copied)
	two.Record(5, 1)
	for _, counter := range []uint32{4, 9} {
		e := tapped(two, counter)
		require.NoError(t, two.Journal.Begin(e))
		require.NoError(t, two.Journal.Settle(e.ID, desfire.TMAC{}))
	}
	d.receives(2, two.Items(3), true)
	_, says = b.get("/work")
	for _, want := range []string{
		"Device 1 has two journals", "Device 2 does not have entries 1 to 3", "Late: some device",
		"transactions 6 to 9",
	} {
		require.Contains(t, text(says), want)
	}
	d.now = d.now.Add(3 * time.Hour)
	d.sent(one)
	b = d.as(page.Service)
	b.post("/language", "language", "en")
	_, says = b.get("/work")
	require.Contains(t, says, "Device 2 has been silent since 2.3.2026 22.00")
	d.sent(two)
	d.sent(one)
	_, says = b.get("/work")
	require.NotContains(t, says, "silent")
	require.Contains(t, text(says), "Missing: all devices")

	card := regexp.MustCompile(`name="case" value="([0-9a-f]{32})"`).FindStringSubmatch(says)[1]
	code, story := b.post("/card", "case", card)
	require.Equal(t, http.StatusOK, code)
	require.Contains(t, text(story), "The card has done 4 things that no journal here knows of.")

	for _, key := range regexp.MustCompile(`<li id="([^"]+)"`).FindAllStringSubmatch(says, -1) {
		code, _ = b.post("/work", "case", key[1], "note", " ")
		require.Equal(t, http.StatusBadRequest, code)
		code, _ = b.post("/work", "case", key[1], "note", strings.Repeat("x", 201))
		require.Equal(t, http.StatusBadRequest, code)
		code, _ = b.post("/work", "case", key[1], "note", "asked the workshop")
		require.Equal(t, http.StatusOK, code)
		code, _ = b.post("/work", "case", key[1], "note", "asked the workshop")
		require.Equal(t, http.StatusConflict, code)
	}
	_, says = b.get("/work")
	require.Contains(t, says, "Nothing has to be looked at")
}

// Ensure that withdrawing a device with two journals, which is what a person does first, takes its
// case off nobody's list; and that it is not waited for.
func TestWorkOfAWithdrawnDevice(t *testing.T) {
	t.Parallel()
	d := newDepot(t)
	d.sentByTwo(1)
	d.devices = nil
	d.now = d.now.Add(3 * time.Hour)
	b := d.as(page.Service)
	b.post("/language", "language", "en")
	_, says := b.get("/work")
	require.Contains(t, says, "Device 1 has two journals")
	require.NotContains(t, says, "silent")
	key := regexp.MustCompile(`<li id="([^"]+)"`).FindStringSubmatch(says)
	code, _ := b.post("/work", "case", key[1], "note", "asked the workshop")
	require.Equal(t, http.StatusOK, code)
	_, says = b.get("/work")
	require.NotContains(t, says, "Device 1 has two journals")
}

// Ensure that a second copy of a device is a case of its own, also if it parts from the device where
// the first one did, and that one is done.
func TestSecondCopyIsACase(t *testing.T) {
	t.Parallel()
	d := newDepot(t)
	b := d.as(page.Service)
	one := depottest.NewDevice(t, 1)
	copies := []*depottest.Device{one, one.Copy(), one.Copy()}
	for n, c := range copies {
		c.Record(1, uint32(n+1))
		d.sent(c)
		_, says := b.get("/work")
		cases := regexp.MustCompile(`<li id="([^"]+)"`).FindAllStringSubmatch(says, -1)
		require.Len(t, cases, min(n, 1))
		for _, key := range cases {
			code, _ := b.post("/work", "case", key[1], "note", "asked the workshop")
			require.Equal(t, http.StatusOK, code)
		}
	}
}

// Ensure that what a device says is text, and that amounts and times that cannot be stop no page.
func TestDeviceThatLies(t *testing.T) {
	t.Parallel()
	d := newDepot(t)
	two := depottest.NewDevice(t, 2)
	e := tapped(two, math.MaxUint32-1)
	e.Line, e.Stop = "<script>alert(1)</script>", `"><img src=x onerror=x>`+"\u202e\x1b"
	e.Tariff = strings.Repeat("{{.Token}}", 5000)
	e.At, e.Charge = time.Date(12026, 3, 2, 8, 0, 0, 0, time.UTC), math.MinInt32
	e.Receipt = sale.Lines{{Payer: fare.PayerCustomer, Amount: math.MinInt32}}
	require.NoError(t, two.Journal.Begin(e))
	require.NoError(t, two.Journal.Settle(e.ID, desfire.TMAC{}))
	d.sent(two)
	for role, ask := range map[signon.Role]func(*browser) (int, string){
		page.Operator: func(b *browser) (int, string) { return b.get("/fleet") },
		page.Service: func(b *browser) (int, string) {
			return b.post("/card", "number", e.Card.String())
		},
		page.Finance: func(b *browser) (int, string) { return b.get("/takings?day=2026-03-02") },
	} {
		code, says := ask(d.as(role))
		require.Equal(t, http.StatusOK, code, role)
		require.NotContains(t, says, "<script>")
		require.NotContains(t, says, "<img")
		require.NotContains(t, says, "\u202e")
		require.NotContains(t, says, "\x1b")
		require.Less(t, len(says), 10_000)
	}
	_, says := d.as(page.Operator).get("/fleet")
	require.Contains(t, says, "&lt;script&gt;alert(1)&lt;/script&gt;")
}

// Ensure that the fleet's table says of each device when it was heard, whether it has more, its
// clock, lists and place, and what is wrong, the ones with alarms first.
func TestFleetTable(t *testing.T) {
	t.Parallel()
	d := newDepot(t)
	b := d.as(page.Operator)
	b.post("/language", "language", "en")
	two := depottest.NewDevice(t, 2)
	require.NoError(t, two.Journal.Record(tapped(two, 1)))
	d.receives(2, two.Items(0), true)
	row := func(device int) string {
		_, says := b.get("/fleet")
		return text(regexp.MustCompile(fmt.Sprintf(`(?s)<tr id="device-%d".*?</tr>`, device)).FindString(says))
	}
	require.Equal(t, "1 Never\n", row(1))
	require.Equal(t, "2 2.3.2026 22.00 Not known 2.3.2026 10.00 Kept right "+
		"Block list 12, 1.3.2026 22.00 Action list 34 mikkeli-2025 line 550, stop tori, zone B\n", row(2))
	d.now = d.now.Add(10 * time.Minute)
	d.receives(2, append(two.Items(0), two.Report()), true)
	require.Contains(t, row(2), "2 2.3.2026 22.10 None")
	d.page.Heard(2, false, 41)
	require.Contains(t, row(2), "2 2.3.2026 22.10 41")
	d.page.Heard(2, true, 0)

	_, says := b.get("/fleet")
	require.Contains(t, text(says), "Alarm: 0\nSilent for over two hours: 1\n"+
		"Perhaps not all sent: 0\nIn order: 1")

	other := depottest.NewDevice(t, 2)
	other.Record(1, 5)
	d.sent(other)
	_, says = b.get("/fleet")
	require.Contains(t, text(says), "Alarm: 1")
	require.Less(t, strings.Index(says, "device-2"), strings.Index(says, "device-1"))
	require.Contains(t, row(2), "Device 2 has two journals, which part at entry 1")
}

// Ensure that what a device said before the depot was started is not taken for what it has now: the
// store may be a copy, and the device has sent more.
func TestNotKnownSinceTheStart(t *testing.T) {
	t.Parallel()
	d := newDepot(t)
	of := depottest.NewDevice(t, 2)
	of.Record(1, 1)
	_, err := d.receiver.Receive(t.Context(), 2, append(of.Items(0), of.Report()), true)
	require.NoError(t, err)
	b := d.as(page.Operator)
	b.post("/language", "language", "en")
	_, says := b.get("/fleet")
	require.Contains(t, text(says), "2 2.3.2026 22.00 Not known")
	require.Contains(t, text(says), "Perhaps not all sent: 1")
	d.page.Heard(2, true, 0)
	_, says = b.get("/fleet")
	require.Contains(t, text(says), "2 2.3.2026 22.00 None")
}

// Ensure that a device that was heard while the depot's clock was years ahead is silent, for the
// operator and as work, until it is heard again.
func TestHeardByAWrongClock(t *testing.T) {
	t.Parallel()
	d := newDepot(t)
	right := d.now
	d.now = time.Date(2038, 1, 19, 3, 14, 8, 0, time.UTC)
	d.page.Heard(1, true, 0)
	d.now = right
	d.page.Heard(2, true, 0)
	b, work := d.as(page.Operator), d.as(page.Service)
	b.post("/language", "language", "en")
	work.post("/language", "language", "en")
	silent := func() string {
		_, says := b.get("/fleet")
		_, cases := work.get("/work")
		return regexp.MustCompile(`Silent for over two hours: \d`).FindString(text(says)) +
			regexp.MustCompile(`Device \d`).FindString(text(cases))
	}
	require.Equal(t, "Silent for over two hours: 1Device 1", silent())
	d.page.Heard(1, true, 0)
	require.Equal(t, "Silent for over two hours: 0", silent())
}

// Ensure that what was handed over stands beside a day's takings, with the difference; that the
// last entry counts, also after a restart; that a day which was settled with its drivers and to which
// a bus adds cash weeks later is named; and that nothing else is taken for an amount or a day.
func TestTakings(t *testing.T) {
	t.Parallel()
	d := newDepot(t)
	b := d.as(page.Finance)
	two := depottest.NewDevice(t, 2)
	for range 3 {
		require.NoError(t, two.Journal.Record(validator.Event{
			ID: two.Journal.Next(), At: d.now, Reason: fare.SingleSold, Persons: 1,
			Shift:   validator.Shift{Driver: 7, Begun: cardlayout.EventID{Device: 2, Sequence: 1}},
			Receipt: sale.Lines{{Payer: fare.PayerCustomer, Amount: 350}},
		}))
	}
	d.sent(two)
	row := func() string {
		_, says := b.get("/takings?day=2026-03-02")
		return text(regexp.MustCompile(`(?s)<tr id="driver-7-2".*?</tr>`).FindString(says))
	}
	require.Contains(t, row(), "7 2 10,50 €")
	hand := func(cash string) int {
		code, _ := b.post("/takings", "day", "2026-03-02", "driver", "7", "device", "2", "cash", cash)
		return code
	}
	for _, wrong := range []string{"", "-1", "1,2,3", "ten", "99999999999"} {
		require.Equal(t, http.StatusBadRequest, hand(wrong), wrong)
	}
	require.Equal(t, http.StatusOK, hand("12"))
	require.Contains(t, row(), "10,50 € 12,00 € 1,50 €")
	require.Equal(t, http.StatusOK, hand("10,00"))
	require.NoError(t, d.page.Close())
	require.NoError(t, d.page.Open())
	b = d.as(page.Finance)
	require.Contains(t, row(), "10,50 € 10,00 € -0,50 €")
	_, says := b.get("/takings?day=2026-03-03")
	require.NotContains(t, says, "10,50")
	require.Contains(t, text(says), "Päivät, joiden tilitys ei täsmää: 2.3.2026")
	require.Equal(t, http.StatusOK, hand("10,50"))
	_, says = b.get("/takings")
	require.NotContains(t, says, "id=\"differs\"", "all adds up")
	e := validator.Event{
		ID: two.Journal.Next(), At: d.now, Reason: fare.SingleSold, Persons: 1,
		Shift:   validator.Shift{Driver: 7, Begun: cardlayout.EventID{Device: 2, Sequence: 1}},
		Receipt: sale.Lines{{Payer: fare.PayerCustomer, Amount: 350}},
	}
	require.NoError(t, two.Journal.Record(e))
	d.now = d.now.AddDate(0, 0, 21) // the bus was offline
	d.sent(two)
	b = d.as(page.Finance)
	_, says = b.get("/takings")
	require.Contains(t, says, `<a href="/takings?day=2026-03-02">2.3.2026</a>`)

	code, csv := b.get("/settlement.csv?booked=2026-03-02")
	require.Equal(t, http.StatusOK, code)
	require.Contains(t, csv, "number,booked,travelled,card")
	require.Contains(t, csv, ",charged_cents,loaded_cents,")
	code, sheet := b.get("/settlement.csv?booked=2026-03-02&separator=%3B")
	require.Equal(t, http.StatusOK, code)
	require.True(t, strings.HasPrefix(sheet, "\ufeffnumber;booked;"), sheet)
	code, _ = b.get("/settlement.csv?separator=x")
	require.Equal(t, http.StatusBadRequest, code)
	code, _ = b.get("/settlement.csv?booked=today")
	require.Equal(t, http.StatusBadRequest, code)
}
