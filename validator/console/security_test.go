package console_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/api"
	"leima/validator/console"
)

// posts are all paths that tell something, with a request that is well formed.
var posts = map[string]any{
	"/api/sign-off": struct{}{}, "/api/lock": struct{}{}, "/api/unlock": map[string]string{"pin": "1234"},
	"/api/command":  pressed("own", single),
	"/api/question": api.Question{Companions: &api.Companions{Infants: 1}},
	"/api/handed":   map[string]string{"pin": "1234"},
	"/api/print":    map[string]string{"id": "x"},
	"/api/emulated": console.Operation{Reader: "own", Kind: "put", Card: "Aino"},
}

// Ensure that nothing is told by anybody who is not signed on, or without the token.
func TestNobody(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	for path, body := range posts {
		code, _ := d.browser().post(path, body, nil)
		require.Equal(t, http.StatusUnauthorized, code, path)
	}
	b := d.driver(7)
	position := d.own.Journal.Extent().Last
	for _, token := range []string{"", "wrong", strings.Repeat("0", 64)} {
		thief := *b
		thief.token = token
		for path, body := range posts {
			code, _ := thief.post(path, body, nil)
			require.Equal(t, http.StatusForbidden, code, path)
		}
	}
	forged := d.browser()
	forged.token = b.token
	for path, body := range posts {
		code, _ := forged.post(path, body, nil)
		require.Equal(t, http.StatusUnauthorized, code, path)
	}
	require.Equal(t, position, d.own.Journal.Extent().Last)
	for _, path := range []string{"/api/receipts", "/api/report"} {
		require.Equal(t, http.StatusUnauthorized, d.browser().get(path, nil), path)
	}
}

// Ensure that nothing which would command a terminal or a printer gets in by any request: the
// line that a driver types is printed on receipts, and kept for the next start.
func TestHostileRequestsAreRefused(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	b := d.driver(7)
	for _, hostile := range []string{"2\x1b[31m", "2\u202e", "2\u0085"} {
		code, why := d.browser().signOn(console.SignOnRequest{
			Driver: 7, PIN: "1234", Line: hostile,
			Departure: 201, TakeOver: true,
		})
		require.Equal(t, http.StatusBadRequest, code)
		require.Contains(t, why, "line: character 2 is U+")
		for path, body := range map[string]any{
			"/api/unlock":   map[string]string{"pin": hostile},
			"/api/handed":   map[string]string{"pin": hostile},
			"/api/print":    map[string]string{"id": hostile},
			"/api/emulated": console.Operation{Reader: "own", Kind: "put", Card: hostile},
		} {
			code, _ := b.post(path, body, nil)
			require.Equal(t, http.StatusBadRequest, code, path)
		}
	}
}

// Ensure that a request of another page's, or by another name, is refused, however well it
// is signed on.
func TestOtherPages(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	b := d.driver(7)
	position := d.own.Journal.Extent().Last
	for name, value := range map[string]string{
		"Sec-Fetch-Site": "cross-site",
		"Origin":         "http://evil.example", "Host": "evil.example:8080",
	} {
		b.header = http.Header{name: {value}}
		code, _ := b.post("/api/command", pressed("own", single), nil)
		require.Equal(t, http.StatusForbidden, code, name)
	}
	require.Equal(t, position, d.own.Journal.Extent().Last)
	b.header = http.Header{"Host": {"evil.example"}}
	for _, path := range []string{"/", "/api/session", "/api/events"} {
		require.Equal(t, http.StatusForbidden, b.get(path, nil), path)
	}
}

// Ensure that the cookie is out of the page's reach, and that the browser is told to load
// nothing but the page.
func TestHeaders(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	text, err := json.Marshal(console.SignOnRequest{Driver: 7, PIN: "1234", Departure: 201})
	require.NoError(t, err)
	answer, _ := d.browser().send(http.MethodPost, "/api/sign-on", bytes.NewReader(text))
	require.Len(t, answer.Cookies(), 2)
	cookie := answer.Cookies()[1]
	require.Equal(t, "leima", cookie.Name)
	require.True(t, cookie.HttpOnly)
	require.Equal(t, http.SameSiteStrictMode, cookie.SameSite)
	require.Equal(t, "/", cookie.Path)
	require.Len(t, cookie.Value, 64)
	for _, path := range []string{"/", "/api/session", "/api/nothing"} {
		answer, _ := d.browser().send(http.MethodGet, path, nil)
		require.Contains(t, answer.Header.Get("Content-Security-Policy"), "default-src 'self'")
		require.Equal(t, "nosniff", answer.Header.Get("X-Content-Type-Options"))
		require.Equal(t, "no-store", answer.Header.Get("Cache-Control"))
	}
}

// Ensure that a page that is locked tells nothing, goes on looking, and is unlocked by its
// driver's PIN alone; and that it locks itself when nobody touches it.
func TestLock(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	b := d.driver(7)
	var s console.Session
	code, _ := b.post("/api/lock", struct{}{}, &s)
	require.Equal(t, http.StatusOK, code)
	require.True(t, s.Locked)
	for _, path := range []string{"/api/command", "/api/sign-off", "/api/print"} {
		code, _ := b.post(path, posts[path], nil)
		require.Equal(t, http.StatusForbidden, code, path)
	}
	require.Equal(t, http.StatusOK, b.get("/api/taps", nil))
	code, _ = b.post("/api/unlock", map[string]string{"pin": "4321"}, nil)
	require.Equal(t, http.StatusUnauthorized, code)
	code, _ = b.post("/api/unlock", map[string]string{"pin": "1234"}, nil)
	require.Equal(t, http.StatusOK, code)
	b.do("own", api.Command{Kind: "free", Free: &api.Free{Reason: "veteran", Persons: 1}})
	d.Clock.Set(d.Clock.Now().Add(9 * time.Minute))
	b.do("own", api.Command{Kind: "free", Free: &api.Free{Reason: "veteran", Persons: 1}})
	d.Clock.Set(d.Clock.Now().Add(10 * time.Minute))
	code, why := b.post("/api/command", pressed("own", single), nil)
	require.Equal(t, http.StatusForbidden, code)
	require.Contains(t, why, "PIN")
	require.Equal(t, http.StatusOK, b.get("/api/session", &s))
	require.True(t, s.Locked)
}

// Ensure that everybody does what their role allows, and nothing else.
func TestRoles(t *testing.T) {
	t.Parallel()
	check := api.Command{Kind: "next_tap", NextTap: &api.NextTap{Check: true}}
	group := api.Command{Kind: "next_tap", NextTap: &api.NextTap{Persons: map[string]uint8{"holder": 2}}}
	voids := api.Command{Kind: "take_back", TakeBack: "provider"}
	back := api.Command{Kind: "take_back", TakeBack: "driver"}
	move := api.Command{Kind: "move", Move: &api.Place{Line: "2", Trip: 3, Zone: "A", Zones: "A"}}
	mark := api.Command{Kind: "mark_error", Mark: &api.Mark{Event: 1, Said: "x"}}
	free := api.Command{Kind: "free", Free: &api.Free{Reason: "devices", Persons: 1}}
	inspects := api.Command{Kind: "judge", Misuse: &api.MisuseReport{CardUse: api.CardUse{
		Kind:  "personal",
		Other: true, Age: "equal", Inspector: true,
	}}}
	desks := map[uint32]*browser{}
	for _, number := range []uint32{7, 8, 9} {
		d := aConsole(t)
		d.up()
		desks[number] = d.driver(number)
	}
	for _, c := range []struct {
		device  string
		command api.Command
		refused map[uint32]bool
	}{
		{"bus", check, nil},
		{"bus", group, map[uint32]bool{8: true}},
		{"own", mark, nil},
		{"own", voids, map[uint32]bool{7: true, 8: true}},
		{"own", back, map[uint32]bool{8: true}},
		{"both", move, map[uint32]bool{8: true}},
		{"own", single, map[uint32]bool{8: true}},
		{"own", free, map[uint32]bool{8: true}},
		{"own", tenEuros, map[uint32]bool{8: true}},
		{"bus", api.Command{Kind: "pause"}, map[uint32]bool{8: true}},
		{"own", inspects, map[uint32]bool{7: true, 9: true}},
		{"own", paidBy(api.Funding{By: "employer"}), map[uint32]bool{7: true, 8: true}},
		{"bus", paidBy(api.Funding{By: "benefit", Share: 4999}), map[uint32]bool{7: true, 8: true}},
		{"own", paidBy(api.Funding{By: "benefit", Employer: 5}), map[uint32]bool{7: true, 8: true}},
	} {
		for number, b := range desks {
			code, why := b.post("/api/command", pressed(c.device, c.command), nil)
			said := fmt.Sprint(number, " ", c.command.Kind, ": ", why)
			if c.refused[number] {
				require.Equal(t, http.StatusForbidden, code, said)
				continue
			}
			require.Contains(t, []int{http.StatusOK, http.StatusUnprocessableEntity}, code, said)
		}
	}
}

// paidBy is a load that somebody else than the customer pays for.
func paidBy(f api.Funding) api.Command {
	return api.Command{Kind: "load", Load: &api.LoadOrder{Amount: 5000, Funding: &f}}
}

// Ensure that a command that is sent again is done once, and gets the same answer; that its
// id is of no use for another one, and none of them after the session.
func TestReplay(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.up()
	b := d.driver(7)
	sale := pressed("own", single)
	var first, second console.CommandResult
	code, _ := b.post("/api/command", sale, &first)
	require.Equal(t, http.StatusOK, code)
	position := d.own.Journal.Extent().Last
	d.Clock.Set(d.Clock.Now().Add(5 * time.Minute)) // long after the order has expired
	code, _ = b.post("/api/command", sale, &second)
	require.Equal(t, http.StatusOK, code)
	require.Equal(t, first, second)
	require.Equal(t, position, d.own.Journal.Extent().Last)

	other := sale
	other.Command = tenEuros
	code, _ = b.post("/api/command", other, nil)
	require.Equal(t, http.StatusConflict, code)

	code, _ = b.post("/api/sign-off", struct{}{}, nil)
	require.Equal(t, http.StatusOK, code)
	code, _ = b.post("/api/command", sale, nil)
	require.Equal(t, http.StatusUnauthorized, code)
}

// Ensure that what is no request, or too long, changes nothing.
func TestMalformed(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	b := d.driver(7)
	position := d.own.Journal.Extent().Last
	for text, want := range map[string]int{
		"": 400, "{": 400, "[]": 400, `{"id":1}`: 400, `{"unknown":1}`: 400, "null": 400,
		`{"id":"12345678","device":"own","command":{"kind":"sell"}}`:         400,
		`{"id":"12345678","device":"own","command":{"kind":"sign_off"}}`:     400,
		`{"id":"1234567","device":"own","command":{"kind":"take_back"}}`:     400,
		`{"id":"12345678","device":"bus","command":{"kind":"sell"}}`:         400,
		`{"id":"12345678","device":"else","command":{"kind":"load"}}`:        400,
		`{"id":"12345678","device":"both","command":{"kind":"move"}}`:        400,
		`{"id":"` + strings.Repeat("x", 1<<16) + `"}`:                        413,
		`{"id":"12345678","device":"own","command":{"kind":"take_back"}} {}`: 400,
	} {
		answer, body := b.send(http.MethodPost, "/api/command", strings.NewReader(text))
		require.Equal(t, want, answer.StatusCode, "%.80s: %s", text, body)
	}
	for _, path := range []string{"/api/nothing", "/api/", "/../drivers.toml", "/%2e%2e/attempts"} {
		require.Contains(t, []int{http.StatusNotFound, http.StatusBadRequest}, b.get(path, nil), path)
	}
	require.Equal(t, position, d.own.Journal.Extent().Last)
}

// Ensure that there is one session: a second browser has none, and ends the first one's only
// if it says that it takes over.
func TestSecondConsole(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.up()
	first, second := d.driver(7), d.browser()
	for _, number := range []uint32{7, 6} {
		code, _ := second.signOn(console.SignOnRequest{Driver: number, PIN: "1234"})
		require.Equal(t, http.StatusConflict, code)
	}
	first.do("own", single)
	shift := d.own.Terminal.State().Shift
	code, why := second.signOn(console.SignOnRequest{Driver: 7, PIN: "1234", TakeOver: true})
	require.Equal(t, http.StatusOK, code, why)
	require.Equal(t, shift, d.own.Terminal.State().Shift, "the same driver goes on with the shift")
	code, _ = first.post("/api/command", pressed("own", single), nil)
	require.Equal(t, http.StatusUnauthorized, code)

	third := d.browser()
	code, why = third.signOn(console.SignOnRequest{Driver: 6, PIN: "1234", Departure: 202, TakeOver: true})
	require.Equal(t, http.StatusOK, code, why)
	require.Equal(t, uint32(6), d.Bus.Terminal.State().Shift.Driver, "handed over")
	var receipts []console.Receipt
	require.Equal(t, http.StatusOK, third.get("/api/receipts", &receipts))
	require.Len(t, receipts, 1, "of the driver before, the report alone")
	require.Equal(t, "report", receipts[0].Kind)
}

// Ensure that PINs cannot be tried: after five wrong ones nobody with this number gets in
// where nobody has signed on before, for a minute, then two; and switching off does not help.
func TestAttempts(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	right := console.SignOnRequest{Driver: 7, PIN: "1234", Departure: 201}
	wrong := console.SignOnRequest{Driver: 7, PIN: "9999", Departure: 201}
	b := d.browser()
	for range 5 {
		code, why := b.signOn(wrong)
		require.Equal(t, http.StatusUnauthorized, code, why)
	}
	locked := func(who console.SignOnRequest, most float64) {
		t.Helper()
		var said map[string]any
		text, _ := json.Marshal(who)
		answer, text := b.send(http.MethodPost, "/api/sign-on", bytes.NewReader(text))
		require.Equal(t, http.StatusTooManyRequests, answer.StatusCode)
		require.NoError(t, json.Unmarshal(text, &said))
		require.InDelta(t, most, said["retry_seconds"], 1)
	}
	locked(right, 60)
	d.restart()
	locked(right, 60)
	d.Clock.Set(d.Clock.Now().Add(61 * time.Second))
	code, _ := b.signOn(wrong)
	require.Equal(t, http.StatusUnauthorized, code)
	locked(right, 120)
	d.Clock.Set(d.Clock.Now().Add(121 * time.Second))
	code, _ = b.signOn(right)
	require.Equal(t, http.StatusOK, code)
	require.NotContains(t, d.log.String(), "9999")
	kept, err := os.ReadFile(d.folder + "/attempts")
	require.NoError(t, err)
	require.NotContains(t, string(kept), "9999")
}

// Ensure that markup in a stop's name, or in what a driver types, comes out as the text of
// JSON, and that nothing but JSON says it.
func TestMarkup(t *testing.T) {
	t.Parallel()
	const evil = `<img src=x onerror=alert(1)></script>`
	d := aConsole(t)
	d.up()
	b := d.driver(7)
	b.do("both", api.Command{Kind: "move", Move: &api.Place{Line: "<b>", Stop: evil, Trip: 3, Zone: "A"}})
	var states console.States
	require.Equal(t, http.StatusOK, b.get("/api/state", &states))
	require.Equal(t, evil, states.Own.Place.Stop)
	require.Equal(t, evil, states.Bus.Place.Stop)
	for _, path := range []string{"/api/state", "/api/session", "/api/taps", "/api/receipts", "/"} {
		answer, text := b.send(http.MethodGet, path, nil)
		require.NotContains(t, string(text), "<img", path)
		if path != "/" {
			require.Equal(t, "application/json", answer.Header.Get("Content-Type"))
		}
	}
}
