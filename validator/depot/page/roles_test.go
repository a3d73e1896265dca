package page_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/depot/page"
	"leima/validator/signon"
)

// Ensure that each path answers the role that it is for and no other one, and nobody who has not
// signed on; and that the table here has all paths.
func TestRoles(t *testing.T) {
	t.Parallel()
	d := newDepot(t)
	const anybody, refused = signon.Role("anybody"), http.StatusForbidden
	all := []signon.Role{page.Operator, page.Service, page.Finance}
	table := map[string]struct {
		role signon.Role // "": it needs none
		form []string
		code int // for who may
	}{
		"GET /{$}":            {"", nil, 200},
		"GET /style.css":      {"", nil, 200},
		"POST /language":      {"", []string{"language", "sv"}, 200},
		"POST /sign-on":       {"", []string{"number", "9", "pin", "111111"}, 401},
		"GET /fleet":          {page.Operator, nil, 200},
		"GET /card":           {page.Service, nil, 200},
		"POST /card":          {page.Service, []string{"number", "924699001100000004"}, 200},
		"GET /work":           {page.Service, nil, 200},
		"POST /work":          {page.Service, []string{"case", "event-3-9-1", "note", "x"}, 409},
		"GET /takings":        {page.Finance, nil, 200},
		"POST /takings":       {page.Finance, []string{"day", "2026-03-02", "driver", "7"}, 400},
		"GET /settlement.csv": {page.Finance, nil, 200},
		"POST /sign-off":      {anybody, nil, 200},
	}
	require.ElementsMatch(t, d.page.Paths(), keys(table))
	for pattern, row := range table {
		method, path, _ := strings.Cut(strings.TrimSuffix(pattern, "{$}"), " ")
		ask := func(b *browser) int {
			if method == http.MethodGet {
				code, _ := b.get(path)
				return code
			}
			code, _ := b.post(path, row.form...)
			return code
		}
		want := row.code
		if row.role != "" {
			want = http.StatusUnauthorized
		}
		require.Equal(t, want, ask(d.browser()), "%s by nobody", pattern)
		for _, role := range all {
			want := row.code
			if row.role != "" && row.role != anybody && row.role != role {
				want = refused
			}
			require.Equal(t, want, ask(d.as(role)), "%s by %s", pattern, role)
			if method == http.MethodPost && row.role == role {
				b := d.as(role)
				b.token = "guessed"
				require.Equal(t, refused, ask(b), "%s without the token", pattern)
			}
		}
	}
}

func keys[V any](m map[string]V) (all []string) {
	for k := range m {
		all = append(all, k)
	}
	return all
}

// Ensure that who is removed, or has another role or PIN, is signed off at once; that a session
// ends when it is not used, and when its person signs off.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*depotFixture, *browser){
		"removed":  func(d *depotFixture, _ *browser) { d.register = nil },
		"promoted": func(d *depotFixture, _ *browser) { d.register = []signon.Person{person(1, page.Service)} },
		"another PIN": func(d *depotFixture, _ *browser) {
			d.register = []signon.Person{person(1, page.Operator)}
		},
		"idle":       func(d *depotFixture, _ *browser) { d.now = d.now.Add(16 * time.Minute) },
		"signed off": func(_ *depotFixture, b *browser) { b.post("/sign-off") },
	} {
		d := newDepot(t)
		b := d.as(page.Operator)
		d.now = d.now.Add(14 * time.Minute)
		code, _ := b.get("/fleet")
		require.Equal(t, http.StatusOK, code, name)
		change(d, b)
		code, _ = b.get("/fleet")
		require.Equal(t, http.StatusUnauthorized, code, name)
	}
}

// Ensure that a wrong PIN signs nobody on, that after five of them a number waits, and that no PIN
// is told.
func TestWrongPINs(t *testing.T) {
	t.Parallel()
	d := newDepot(t)
	b := d.browser()
	for range 5 {
		code, _ := b.post("/sign-on", "number", "2", "pin", "770077")
		require.Equal(t, http.StatusUnauthorized, code)
	}
	code, says := b.post("/sign-on", "number", "2", "pin", "482915")
	require.Equal(t, http.StatusTooManyRequests, code, says)
	d.now = d.now.Add(2 * time.Minute)
	code, _ = b.post("/sign-on", "number", "2", "pin", "482915")
	require.Equal(t, http.StatusOK, code)
	for _, name := range []string{"page.attempts", "page.book"} {
		raw, err := os.ReadFile(filepath.Join(d.folder, name))
		require.NoError(t, err)
		require.NotContains(t, string(raw)+d.log.String(), "770077")
	}
}

// Ensure that a number that waits since the clock was ten years ahead waits as long as any other once
// it is right, also over a restart, and not until it is ten years later.
func TestWrongPINsByAWrongClock(t *testing.T) {
	t.Parallel()
	d := newDepot(t)
	b := d.browser()
	right := d.now
	d.now = right.AddDate(10, 0, 0)
	for range 5 {
		b.post("/sign-on", "number", "2", "pin", "770077")
	}
	d.now = right
	code, _ := b.post("/sign-on", "number", "2", "pin", "482915")
	require.Equal(t, http.StatusTooManyRequests, code)
	require.NoError(t, d.page.Close())
	require.NoError(t, d.page.Open())
	d.now = right.Add(2 * time.Minute)
	code, _ = b.post("/sign-on", "number", "2", "pin", "482915")
	require.Equal(t, http.StatusOK, code)
}

// Ensure that who was given a new PIN need not wait for their wrong ones, and that others still do.
func TestNewPINBeginsAnew(t *testing.T) {
	t.Parallel()
	d := newDepot(t)
	signOn := func(number string) int {
		code, _ := d.browser().post("/sign-on", "number", number, "pin", "482915")
		return code
	}
	for _, number := range []string{"2", "3"} {
		for range 5 {
			d.browser().post("/sign-on", "number", number, "pin", "770077")
		}
		require.Equal(t, http.StatusTooManyRequests, signOn(number))
	}
	for n := range d.register {
		if d.register[n].Number == 2 {
			d.register[n] = person(2, d.register[n].Role)
		}
	}
	require.Equal(t, http.StatusOK, signOn("2"))
	require.Equal(t, http.StatusTooManyRequests, signOn("3"))
}

// Ensure that another page, another host's name, and a page in a frame get nothing done, and that
// what is typed is text.
func TestHostile(t *testing.T) {
	t.Parallel()
	d := newDepot(t)
	b := d.as(page.Finance)
	ask := func(change func(*http.Request)) *http.Response {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, d.server.URL+"/sign-off",
			strings.NewReader(url.Values{"token": {b.token}}.Encode()))
		require.NoError(t, err)
		q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		change(q)
		a, err := b.client.Do(q)
		require.NoError(t, err)
		require.NoError(t, a.Body.Close())
		return a
	}
	for name, change := range map[string]func(*http.Request){
		"another origin": func(q *http.Request) { q.Header.Set("Origin", "https://elsewhere.example") },
		"another site":   func(q *http.Request) { q.Header.Set("Sec-Fetch-Site", "cross-site") },
		"another name":   func(q *http.Request) { q.Host = "elsewhere.example" },
	} {
		require.Equal(t, http.StatusForbidden, ask(change).StatusCode, name)
	}
	code, _ := b.get("/takings")
	require.Equal(t, http.StatusOK, code, "nobody has signed them off")
	a := ask(func(q *http.Request) { q.Host = "depot.example" })
	require.Equal(t, http.StatusUnauthorized, a.StatusCode, "its name, which has no session yet")
	require.Contains(t, a.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'")
	require.Equal(t, "no-store", a.Header.Get("Cache-Control"))

	for _, typed := range []string{"<script>alert(1)</script>", "\x00", strings.Repeat("9", 1<<20)} {
		code, says := d.as(page.Service).post("/card", "number", typed)
		require.Contains(t, []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge}, code)
		require.NotContains(t, says, "<script>")
		code, _ = d.as(page.Finance).get("/takings?day=" + url.QueryEscape(typed[:min(len(typed), 99)]))
		require.Equal(t, http.StatusBadRequest, code)
		code, _ = d.browser().post("/sign-on", "number", "1", "pin", typed)
		require.Contains(t, []int{http.StatusUnauthorized, http.StatusRequestEntityTooLarge}, code)
	}
}

// Ensure that cookies are kept from scripts and other sites, and go over TLS alone where the page
// is served with it.
func TestCookies(t *testing.T) {
	t.Parallel()
	for _, secure := range []bool{false, true} {
		d := newDepot(t, func(d *depotFixture) { d.page.Secure = secure })
		jar, err := cookiejar.New(nil)
		require.NoError(t, err)
		client := http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}}
		a, err := client.PostForm(d.server.URL+"/sign-on", url.Values{
			"number": {"1"}, "pin": {"482915"},
		})
		require.NoError(t, err)
		require.NoError(t, a.Body.Close())
		require.Len(t, a.Cookies(), 3)
		for _, c := range a.Cookies() {
			require.True(t, c.HttpOnly)
			require.Equal(t, http.SameSiteStrictMode, c.SameSite)
			require.Equal(t, secure, c.Secure)
		}
	}
}

// Ensure that without the private key only the fleet is shown.
func TestWithoutThePrivateKey(t *testing.T) {
	t.Parallel()
	d := newDepot(t, func(d *depotFixture) { d.page.Ledger = nil })
	for role, path := range map[signon.Role]string{
		page.Service: "/work", page.Finance: "/settlement.csv",
	} {
		code, _ := d.as(page.Operator).get("/fleet")
		require.Equal(t, http.StatusOK, code)
		b := d.browser()
		code, _ = b.post("/sign-on", "number", string(rune('0'+persons[role])), "pin", "482915")
		require.Equal(t, http.StatusNotFound, code)
		code, _ = b.get(path)
		require.Equal(t, http.StatusNotFound, code)
	}
}
