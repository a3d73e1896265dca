package console_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/validator/api"
	"leima/validator/console"
)

// Ensure that a press whose answer was lost with the console's program sells nothing again
// when its driver has signed on anew, and that its receipt comes.
func TestPressOutlivesTheProgram(t *testing.T) {
	d := aDesk(t)
	d.up()
	b := d.driver(7)
	press := pressed("own", single)
	var first console.Done
	code, why := b.post("/api/command", press, &first)
	require.Equal(t, http.StatusOK, code, why)
	d.restart()
	d.await(func(s console.States) bool { return s.Link && s.Own.Tariff != "" })
	for range 2 { // at another browser, too
		b = d.browser()
		code, why = b.signOn(console.SigningOn{Driver: 7, PIN: "1234", Over: true})
		require.Equal(t, http.StatusOK, code, why)
		var again console.Done
		code, why = b.post("/api/command", press, &again)
		require.Equal(t, http.StatusOK, code, why)
		require.Equal(t, first.Answer, again.Answer)
		require.Equal(t, first.Receipt.Text, again.Receipt.Text)
		var receipts []console.Receipt
		require.Equal(t, http.StatusOK, b.get("/api/receipts", &receipts))
		require.Len(t, receipts, 1)
	}
	sold := 0
	for _, e := range events(t, d.own, 0) {
		if e.Reason == fare.SingleSold {
			sold++
		}
	}
	require.Equal(t, 1, sold)
	other := press
	other.Command.Sell = &api.Selling{Group: "child", Persons: 1}
	code, _ = b.post("/api/command", other, nil)
	require.Equal(t, http.StatusConflict, code, "another command by the same id")
}

// Ensure that wrong PINs leave a trace: each in the log, and in the journal that signing on
// was locked, and by whose number.
func TestWrongPINsAreKept(t *testing.T) {
	d := aDesk(t)
	b := d.browser()
	for n := range 5 {
		code, _ := b.signOn(console.SigningOn{Driver: 7, PIN: "9999"})
		require.Equal(t, http.StatusUnauthorized, code)
		require.Equal(t, n+1, strings.Count(d.log.String(), "a PIN was wrong"))
	}
	code, _ := b.signOn(console.SigningOn{Driver: 7, PIN: "9999"})
	require.Equal(t, http.StatusTooManyRequests, code)
	var locks []string
	for _, e := range events(t, d.own, 0) {
		if strings.Contains(e.Driver, "locked") {
			locks = append(locks, e.Driver)
		}
	}
	require.Equal(t, []string{"signing on was locked for 1m0s: wrong PINs, the last of driver 7"}, locks)
	require.NotContains(t, d.log.String(), "9999")
}
