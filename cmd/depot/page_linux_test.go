package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/cmd/internal/chromium"
	"leima/fare"
	"leima/fare/sale"
	"leima/validator"
	"leima/validator/depot/depottest"
	"leima/validator/upload"
)

// sideways is what runs over the edge of the screen, except tables, which can be moved.
const sideways = `[document.documentElement, document.querySelector("main")].filter((e) =>
	e.scrollWidth > e.clientWidth + 1).map((e) => e.tagName)`

// look checks what a tab shows, on a desk's screen and a phone's.
func look(t *testing.T, tab *chromium.Tab, name string) {
	t.Helper()
	for _, width := range []int{360, 1280} {
		tab.Size(width, 800)
		require.Empty(t, chromium.Eval[[]string](tab, sideways), "%s at %d", name, width)
		tab.Accessible()
		tab.Keep(fmt.Sprintf("%s-%d", name, width))
	}
}

// persons adds a person of each role, with the PIN 482915.
func (p *process) persons() {
	p.t.Helper()
	pin := filepath.Join(p.t.TempDir(), "pin")
	require.NoError(p.t, os.WriteFile(pin, []byte("482915\n"), 0o600))
	for n, role := range []string{"operator", "service", "finance"} {
		code, _, says := start(p.t, "person", "add", p.folder, "--number", fmt.Sprint(n+1), "--role",
			role, "--pin-file", pin)
		require.Zero(p.t, code, says)
	}
}

// paged has a depot's configuration serve the page.
func (p *process) paged(listen string) {
	p.t.Helper()
	path := filepath.Join(p.folder, configFile)
	was, err := os.ReadFile(path)
	require.NoError(p.t, err)
	was = append(was, fmt.Appendf(nil, "[page]\nlisten = %q\n", listen)...)
	require.NoError(p.t, os.WriteFile(path, was, 0o600))
}

// signOn signs a person on in a tab.
func signOn(tab *chromium.Tab, address, number string) {
	tab.Go(address)
	tab.Type(`[name="number"]`, number)
	tab.Type(`[name="pin"]`, "482915")
	tab.Click("main button")
	tab.Sees("nav")
}

// rides has a fleet ride, with a sale and a copied disk, and waits until all of it was sent.
func (p *process) rides(f *city, authorities *x509.CertPool) {
	copied := f.devices[0].Copy()
	copied.Record(2, 1)
	for range 300 {
		f.tap()
	}
	d := f.devices[1]
	require.NoError(p.t, d.Journal.Record(validator.Event{
		ID: d.Journal.Next(), At: time.Now(), Reason: fare.SingleSold, Persons: 1,
		Place: validator.Place{Line: "550", Stop: "tori", Zone: 2, Trip: 1},
		List:  12, ListMade: time.Now(), Tariff: "mikkeli-2025", Synchronized: true,
		Shift:   validator.Shift{Driver: 7, Begun: cardlayout.EventID{Device: 2, Sequence: 1}},
		Receipt: sale.Lines{{Payer: fare.PayerCustomer, Amount: 350}},
	}))
	ctx, cancel := context.WithCancel(p.t.Context())
	var sending sync.WaitGroup
	for _, d := range append([]*depottest.Device{copied}, f.devices...) {
		link, err := upload.NewHTTP(d.Number, d.Key(), authorities)
		require.NoError(p.t, err)
		sender := upload.Client{
			Device: d.Number, URL: p.address, HTTP: link, Journal: d.Journal,
			Log: slog.New(slog.DiscardHandler), Now: time.Now,
		}
		sending.Go(func() { sender.Run(ctx) })
	}
	f.arrived()
	cancel()
	sending.Wait()
}

// Ensure that what each role sees in a browser is what devices have sent to a depot, that everybody
// can use it, on a desk and on a phone, and that no role has more of it.
func TestPageInABrowser(t *testing.T) {
	p, authorities := newDepot(t)
	p.paged("127.0.0.1:0")
	p.persons()
	f := newCity(t, p, 4)
	p.starts()
	defer func() { p.killed() }()
	p.rides(f, authorities)

	tab := chromium.Open(t, 1280, 800)
	tab.Go(p.page)
	look(t, tab, "sign-on")
	tab.Type(`[name="number"]`, "1")
	tab.Type(`[name="pin"]`, "111111")
	tab.Click("main button")
	tab.Sees(".refused")
	look(t, tab, "refused")

	signOn(tab, p.page, "1")
	tab.Says("#device-2", "550")
	look(t, tab, "fleet")
	tab.Click(`[name="language"][value="sv"]`)
	tab.Says("h1", "Vagnpark")
	tab.Click(`[name="language"][value="en"]`)
	tab.Says("h1", "Fleet")
	tab.Says("#device-1", "two journals")
	tab.Click(`[action="/sign-off"] button`)
	tab.Misses("nav")

	signOn(tab, p.page, "2")
	tab.Says(".cases", "two journals")
	look(t, tab, "work")
	tab.Click(`a[href="/card"]`)
	tab.Type(`[name="number"]`, f.cards[0].number.String())
	tab.Click("main button")
	tab.Says(".story", "Value ticket")
	look(t, tab, "story")
	tab.Click(`[action="/sign-off"] button`)
	tab.Misses("nav")

	signOn(tab, p.page, "3")
	tab.Says("#driver-7-2", "3,50")
	tab.Type("#driver-7-2 [name=cash]", "3,00")
	tab.Click("#driver-7-2 button")
	tab.Says("#driver-7-2", "-0,50")
	look(t, tab, "takings")
}

// Ensure that beyond this machine the page is served with the depot's own certificate, and that
// plain HTTP gets nothing there.
func TestPageElsewhereNeedsTLS(t *testing.T) {
	p, authorities := newDepot(t)
	p.paged("0.0.0.0:0")
	p.persons()
	p.starts()
	defer func() { p.killed() }()
	port := p.page[strings.LastIndex(p.page, ":")+1:]
	require.True(t, strings.HasPrefix(p.page, "https://"), p.page)
	client := http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: authorities, MinVersion: tls.VersionTLS13},
	}}
	a, err := client.Get("https://127.0.0.1:" + port)
	require.NoError(t, err)
	require.NoError(t, a.Body.Close())
	require.Equal(t, http.StatusOK, a.StatusCode)
	for _, c := range a.Cookies() {
		require.True(t, c.Secure)
	}
	a, err = client.Get("http://127.0.0.1:" + port)
	require.NoError(t, err)
	require.NoError(t, a.Body.Close())
	require.Equal(t, http.StatusBadRequest, a.StatusCode)
}

// Ensure that a book that is damaged keeps the page shut, and no journal from being received.
func TestDamagedBook(t *testing.T) {
	p, _ := newDepot(t)
	p.paged("127.0.0.1:0")
	require.NoError(t, os.WriteFile(filepath.Join(p.folder, "page.book"), []byte("rubbish\nrubbish\n"), 0o600))
	p.starts()
	defer func() { p.killed() }()
	require.Empty(t, p.page)
	require.NotEmpty(t, p.address)
}
