package console_test

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/console"
)

// tries has somebody try wrong PINs, until they have to wait; and tells how many.
func tries(d *consoleFixture, b *browser, number uint32, most int) (tried int) {
	d.t.Helper()
	for ; tried < most; tried++ {
		code, why := b.signOn(console.SignOnRequest{Driver: number, PIN: "9999", Departure: 201})
		if code == http.StatusTooManyRequests {
			return tried
		}
		require.Equal(d.t, http.StatusUnauthorized, code, why)
	}
	return tried
}

// Ensure that a stranger's wrong PINs keep neither the driver who is signed on from unlocking
// and signing on again, nor others from signing on where they never did; also after a restart.
func TestStrangersLockOutNobody(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	b := d.driver(7)
	require.Equal(t, 5, tries(d, d.browser(), 7, 99))
	code, _ := b.post("/api/lock", struct{}{}, nil)
	require.Equal(t, http.StatusOK, code)
	code, why := b.post("/api/unlock", map[string]string{"pin": "1234"}, nil)
	require.Equal(t, http.StatusOK, code, why)
	d.restart()
	code, why = b.signOn(console.SignOnRequest{Driver: 7, PIN: "1234", Departure: 201})
	require.Equal(t, http.StatusOK, code, why)
	code, _ = d.browser().signOn(console.SignOnRequest{Driver: 7, PIN: "1234", Departure: 201, TakeOver: true})
	require.Equal(t, http.StatusTooManyRequests, code, "where nobody signed on before")
	for number := range uint32(100) { // a stranger who cycles through the numbers
		tries(d, d.browser(), 100+number, 1)
	}
	code, why = d.browser().signOn(console.SignOnRequest{Driver: 6, PIN: "1234", Departure: 202, TakeOver: true})
	require.Equal(t, http.StatusOK, code, why)
	code, why = b.signOn(console.SignOnRequest{Driver: 7, PIN: "1234", Departure: 201, TakeOver: true})
	require.Equal(t, http.StatusOK, code, why)
}

// Ensure that the tries at a number are bounded however many browsers a stranger has, whatever
// they say they are, and however many of them have signed on by another PIN; that a colleague's
// browser waits for no stranger's; and that the tries at all numbers are.
func TestGuessesAreBounded(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	guessed := 0
	for n := range 20 {
		b := d.browser()
		b.header.Set("Cookie", fmt.Sprintf("leima-browser=%064x", n)) // forged
		guessed += tries(d, b, 6, 1)
	}
	require.Equal(t, 5, guessed)
	for range 12 {
		b := d.browser()
		code, why := b.signOn(console.SignOnRequest{Driver: 7, PIN: "1234", Departure: 201, TakeOver: true})
		require.Equal(t, http.StatusOK, code, why)
		guessed += tries(d, b, 6, 1)
	}
	require.Equal(t, 10, guessed, "as strangers, and as colleagues")

	stranger, all := d.browser(), 0
	for number := uint32(1000); all < 1000; number++ {
		n := tries(d, stranger, number, 1)
		if all += n; n == 0 {
			break
		}
	}
	require.Equal(t, 200-5, all)
	mine := d.browser()
	code, _ := mine.signOn(console.SignOnRequest{Driver: 7, PIN: "1234", Departure: 201, TakeOver: true})
	require.Equal(t, http.StatusTooManyRequests, code)
	kept, err := os.ReadFile(d.folder + "/attempts")
	require.NoError(t, err)
	require.Less(t, len(kept), 1<<15)
	d.Clock.Set(d.Clock.Now().Add(31 * 24 * time.Hour))
	require.Equal(t, 1, tries(d, stranger, 1, 1))
	kept, err = os.ReadFile(d.folder + "/attempts")
	require.NoError(t, err)
	require.Less(t, len(kept), 1<<11, "what no longer counts is not kept")
}

// Ensure that what is kept of a browser that has signed on makes nobody one, that one which
// somebody else has prepared becomes none, and that a driver has eight of them at most.
func TestKnownBrowsers(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	prepared := strings.Repeat("ab", 32)
	b := d.browser()
	b.header.Set("Cookie", "leima-browser="+prepared)
	code, why := b.signOn(console.SignOnRequest{Driver: 7, PIN: "1234", Departure: 201})
	require.Equal(t, http.StatusOK, code, why)
	tries(d, d.browser(), 7, 99)
	kept, err := os.ReadFile(d.folder + "/attempts")
	require.NoError(t, err)
	require.NotContains(t, string(kept), prepared)
	forged := d.browser()
	forged.header.Set("Cookie", "leima-browser="+prepared)
	require.Zero(t, tries(d, forged, 7, 1))
	hash := string(kept)[strings.Index(string(kept), `"browser":"`)+11:][:64]
	forged.header.Set("Cookie", "leima-browser="+hash)
	require.Zero(t, tries(d, forged, 7, 1))

	d = aConsole(t)
	first, other := d.driver(7), d.browser()
	code, why = other.signOn(console.SignOnRequest{Driver: 6, PIN: "1234", Departure: 201, TakeOver: true})
	require.Equal(t, http.StatusOK, code, why)
	for range 8 {
		code, why := d.browser().signOn(console.SignOnRequest{
			Driver: 7, PIN: "1234", Departure: 201,
			TakeOver: true,
		})
		require.Equal(t, http.StatusOK, code, why)
	}
	for _, number := range []uint32{6, 7} {
		tries(d, d.browser(), number, 99)
	}
	require.Zero(t, tries(d, first, 7, 1), "the oldest of nine is forgotten")
	require.Equal(t, 1, tries(d, other, 6, 1), "and nobody else's")
}

// Ensure that sixteen strangers' streams, and more, neither take the place of the driver's
// page nor end its stream, whether it watches from before the signing on or after.
func TestStrangersStreams(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.up()
	b := d.browser()
	require.Equal(t, http.StatusOK, b.get("/", nil))
	before, stop := b.listen()
	defer stop()
	code, why := b.signOn(console.SignOnRequest{Driver: 7, PIN: "1234", Departure: 201})
	require.Equal(t, http.StatusOK, code, why)
	for range 40 {
		_, stop := d.browser().listen()
		defer stop()
	}
	after, stop := b.listen()
	defer stop()
	require.NotEmpty(t, next(t, after, "session")["session"].(map[string]any)["signed_on"])
	d.tap(d.own, "Aino")
	for _, heard := range []<-chan map[string]any{before, after} {
		require.Equal(t, "own", next(t, heard, "tap")["device"])
	}
}
