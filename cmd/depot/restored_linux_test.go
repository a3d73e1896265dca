package main

import (
	"context"
	"crypto/x509"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/upload"
)

// Ensure that with the copy of the store and the files that "depot backup" names, and nothing else,
// a depot goes on in an empty folder: its devices know it and send, persons sign on, and the
// settlement is what the books say.
func TestRestoredInAnEmptyFolder(t *testing.T) {
	p, authorities := newDepot(t)
	p.paged("127.0.0.1:0")
	p.persons()
	f := newCity(t, p, 3)
	office := filepath.Join(t.TempDir(), "office.pem")
	require.NoError(t, os.Rename(filepath.Join(p.folder, "office.pem"), office))
	config, err := os.ReadFile(filepath.Join(p.folder, configFile))
	require.NoError(t, err)
	config = []byte(strings.Replace(string(config), "office.pem", office, 1))
	require.NoError(t, os.WriteFile(filepath.Join(p.folder, configFile), config, 0o600))
	p.starts()
	defer func() { p.killed() }()
	end := p.sends(f, authorities)
	rides := func() {
		for range 60 {
			f.tap()
		}
		f.arrived()
	}
	rides()
	p.signsOn()
	store := filepath.Join(t.TempDir(), "copy")
	code, says, failed := start(t, "backup", p.folder, store)
	require.Zero(t, code, failed)
	rides()
	p.killed()

	restored := filepath.Join(t.TempDir(), "restored")
	require.NoError(t, os.Mkdir(restored, 0o700))
	for _, line := range strings.Split(strings.TrimSpace(says), "\n")[1:] {
		path := strings.TrimSpace(line)
		if path == office {
			continue // it is where it was
		}
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(restored, filepath.Base(path)), raw, 0o600))
	}
	require.Contains(t, says, "  "+office+"\n")
	require.NoError(t, os.Rename(store, filepath.Join(restored, storeFile)))
	require.NoError(t, os.RemoveAll(p.folder))
	p.folder = restored
	p.starts()
	rides()
	end()
	p.signsOn()
	f.settled(p)
}

// sends has a fleet send until end is called.
func (p *process) sends(f *city, authorities *x509.CertPool) (end func()) {
	ctx, cancel := context.WithCancel(p.t.Context())
	var sending sync.WaitGroup
	for _, d := range f.devices {
		link, err := upload.NewHTTP(d.Number, d.Key(), authorities)
		require.NoError(p.t, err)
		sender := upload.Client{
			Device: d.Number, URL: p.address, HTTP: link, Journal: d.Journal,
			Log: slog.New(slog.DiscardHandler), Now: time.Now,
		}
		sending.Go(func() { sender.Run(ctx) })
	}
	return func() {
		cancel()
		sending.Wait()
	}
}

// Ensure that a damaged ledger, or one whose end is missing, keeps no device from sending; and that
// one that is made anew in its place settles what has come meanwhile.
func TestDamagedLedger(t *testing.T) {
	p, authorities := newDepot(t)
	f := newCity(t, p, 2)
	rides := func() {
		p.starts()
		for range 60 {
			f.tap()
		}
		end := p.sends(f, authorities)
		f.arrived()
		end()
		p.killed()
	}
	rides()
	ledger := filepath.Join(p.folder, ledgerFile)
	for _, size := range []int64{100, 3 * 4096} {
		require.NoError(t, os.Truncate(ledger, size))
		rides()
		require.NoError(t, os.Rename(ledger, ledger+".damaged"))
		p.starts()
		f.settled(p)
		p.killed()
	}
}

// signsOn has a person sign on at the page.
func (p *process) signsOn() {
	p.t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(p.t, err)
	client := http.Client{Jar: jar}
	a, err := client.PostForm(p.page+"/sign-on", url.Values{"number": {"1"}, "pin": {"482915"}})
	require.NoError(p.t, err)
	require.NoError(p.t, a.Body.Close())
	require.Equal(p.t, http.StatusOK, a.StatusCode)
	require.Equal(p.t, "/fleet", a.Request.URL.Path)
}
