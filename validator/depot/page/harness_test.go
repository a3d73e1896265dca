package page_test

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/depot"
	"leima/validator/depot/depottest"
	"leima/validator/depot/embedded"
	"leima/validator/depot/page"
	"leima/validator/depot/settlement"
	"leima/validator/journal"
	"leima/validator/signon"
	"leima/validator/sim"
)

// pepper is that of the page's PINs.
var pepper = signon.Pepper("of the depot")

// The persons, all with the PIN 482915.
var persons = map[signon.Role]uint32{page.Operator: 1, page.Service: 2, page.Finance: 3}

func person(number uint32, role signon.Role) signon.Person {
	p := signon.Person{Number: number, Role: role, Salt: make(signon.Hex, 16), Rounds: 1_000}
	_, _ = rand.Read(p.Salt)
	p.SetPIN("482915", pepper)
	return p
}

// A depotFixture is a depot with a page.
type depotFixture struct {
	t        *testing.T
	folder   string
	now      time.Time
	devices  []uint16
	register []signon.Person
	log      strings.Builder

	store    *counted
	receiver *depot.Receiver
	ledger   *settlement.Ledger
	page     *page.Page
	server   *httptest.Server
}

func newDepot(t *testing.T, prepare ...func(*depotFixture)) *depotFixture {
	d := &depotFixture{
		t: t, folder: t.TempDir(), now: time.Date(2026, 3, 2, 20, 0, 0, 0, time.UTC),
		devices: []uint16{1, 2},
	}
	for role, number := range persons {
		d.register = append(d.register, person(number, role))
	}
	store, err := embedded.Open(filepath.Join(d.folder, "store"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	d.store = &counted{Store: store}
	d.receiver = &depot.Receiver{
		Store: d.store, Now: func() time.Time { return d.now }, Alarm: func(depot.Alarm) {},
	}
	office, err := journal.NewBackOffice(sim.TestBackOffice())
	require.NoError(t, err)
	zone, err := time.LoadLocation("Europe/Helsinki")
	require.NoError(t, err)
	d.ledger = &settlement.Ledger{
		Office: office, Zone: zone, Log: slog.New(slog.NewTextHandler(&d.log, nil)),
		Waited: func() []uint16 { return d.devices },
	}
	require.NoError(t, d.ledger.Open(filepath.Join(d.folder, "ledger")))
	t.Cleanup(func() { require.NoError(t, d.ledger.Close()) })
	d.page = &page.Page{
		Receiver: d.receiver, Ledger: d.ledger, Pepper: pepper, Folder: d.folder, Zone: zone,
		Devices: func() []uint16 { return d.devices },
		Known:   func() []uint16 { return []uint16{1, 2} },
		Persons: func() ([]signon.Person, error) { return d.register, nil },
		Names:   []string{"depot.example"}, Now: d.receiver.Now, Log: d.ledger.Log,
	}
	for _, change := range prepare {
		change(d)
	}
	require.NoError(t, d.page.Open())
	t.Cleanup(func() { require.NoError(t, d.page.Close()) })
	d.server = httptest.NewServer(d.page.Handler())
	t.Cleanup(d.server.Close)
	return d
}

// receives keeps items of a device.
func (d *depotFixture) receives(device uint16, items []journal.Item, oldest bool) {
	d.t.Helper()
	_, err := d.receiver.Receive(d.t.Context(), device, items, oldest)
	require.NoError(d.t, err)
	d.page.Heard(device, items[len(items)-1].IsHead(), 0)
	d.follow()
}

// sent receives all that a device has, and that this is all.
func (d *depotFixture) sent(of *depottest.Device) {
	d.t.Helper()
	d.receives(of.Number, append(of.Items(0), of.Report()), true)
}

// sentByTwo receives two journals of one number.
func (d *depotFixture) sentByTwo(number uint16) {
	d.t.Helper()
	one := depottest.NewDevice(d.t, number)
	copied := one.Copy()
	one.Record(2, 1)
	copied.Record(3, 2)
	d.sent(one)
	d.sent(copied)
}

// counted is a store that counts what is appended.
type counted struct {
	depot.Store
	appended uint64
}

func (s *counted) Append(ctx context.Context, b *depot.Batch) error {
	err := s.Store.Append(ctx, b)
	if err == nil {
		s.appended++
	}
	return err
}

// follow has the ledger follow all that is kept.
func (d *depotFixture) follow() {
	d.t.Helper()
	ctx, cancel := context.WithCancel(d.t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- d.ledger.Run(ctx, d.store) }()
	require.Eventually(d.t, func() bool { return d.ledger.Cursor() == d.store.appended }, time.Minute,
		time.Millisecond)
	cancel()
	<-ended
}

// A browser keeps cookies, and follows redirections.
type browser struct {
	d      *depotFixture
	client *http.Client
	token  string
}

func (d *depotFixture) browser() *browser {
	jar, err := cookiejar.New(nil)
	require.NoError(d.t, err)
	return &browser{d: d, client: &http.Client{Jar: jar}}
}

// as is a browser at which a person of a role has signed on; "": nobody.
func (d *depotFixture) as(role signon.Role) *browser {
	d.t.Helper()
	b := d.browser()
	if role == "" {
		return b
	}
	code, says := b.post("/sign-on", "number", "000"+string(rune('0'+persons[role])), "pin", "482915")
	require.Equal(d.t, http.StatusOK, code, says)
	b.token = token.FindStringSubmatch(says)[1]
	return b
}

var token = regexp.MustCompile(`name="token" value="(\w+)"`)

func (b *browser) get(path string) (code int, says string) { return b.do("GET", path, nil) }

// post posts a form of names and values, with the session's token.
func (b *browser) post(path string, pairs ...string) (code int, says string) {
	form := url.Values{"token": {b.token}}
	for n := 0; n < len(pairs); n += 2 {
		form.Set(pairs[n], pairs[n+1])
	}
	return b.do("POST", path, form)
}

func (b *browser) do(method, path string, form url.Values) (code int, says string) {
	b.d.t.Helper()
	q, err := http.NewRequestWithContext(b.d.t.Context(), method, b.d.server.URL+path,
		strings.NewReader(form.Encode()))
	require.NoError(b.d.t, err)
	if form != nil {
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	a, err := b.client.Do(q)
	require.NoError(b.d.t, err)
	defer a.Body.Close()
	raw, err := io.ReadAll(a.Body)
	require.NoError(b.d.t, err)
	return a.StatusCode, string(raw)
}

// text is what a page says without its marks.
func text(page string) string {
	page = regexp.MustCompile(`(?s)<header>.*?</header>|<style.*?</style>|<head>.*?</head>`).
		ReplaceAllString(page, "")
	page = regexp.MustCompile(`\s+`).ReplaceAllString(page, " ")
	page = regexp.MustCompile(`</(p|li|tr|h1|h2|form)>`).ReplaceAllString(page, "\n")
	page = regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")
	page = regexp.MustCompile(`[ \t]+`).ReplaceAllString(page, " ")
	page = regexp.MustCompile(`(?m)^ +| +$`).ReplaceAllString(page, "")
	return regexp.MustCompile(`\n+`).ReplaceAllString(page, "\n")
}
