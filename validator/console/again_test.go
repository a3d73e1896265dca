package console_test

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/validator/api"
	"leima/validator/console"
	"leima/validator/signon"
)

// Ensure that a press whose answer was lost with the console's program sells nothing again
// when its driver has signed on anew, and that its receipt comes.
func TestPressOutlivesTheProgram(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.up()
	b := d.driver(7)
	press := pressed("own", single)
	var first console.CommandResult
	code, why := b.post("/api/command", press, &first)
	require.Equal(t, http.StatusOK, code, why)
	d.restart()
	d.await(func(s console.States) bool { return s.Link && s.Own.Tariff != "" })
	for range 2 { // at another browser, too
		b = d.browser()
		code, why = b.signOn(console.SignOnRequest{Driver: 7, PIN: "1234", TakeOver: true})
		require.Equal(t, http.StatusOK, code, why)
		var again console.CommandResult
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
	other.Command.Sell = &api.TicketSale{Group: "child", Persons: 1}
	code, _ = b.post("/api/command", other, nil)
	require.Equal(t, http.StatusConflict, code, "another command by the same id")
}

// Ensure that wrong PINs leave a trace: each in the log, and in the journal that signing on
// was locked, and by whose number.
func TestWrongPINsAreKept(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	b := d.browser()
	for n := range 5 {
		code, _ := b.signOn(console.SignOnRequest{Driver: 7, PIN: "9999"})
		require.Equal(t, http.StatusUnauthorized, code)
		require.Equal(t, n+1, strings.Count(d.log.String(), "a PIN was wrong"))
	}
	code, _ := b.signOn(console.SignOnRequest{Driver: 7, PIN: "9999"})
	require.Equal(t, http.StatusTooManyRequests, code)
	var locks []string
	for _, e := range events(t, d.own, 0) {
		if strings.Contains(e.Command, "locked") {
			locks = append(locks, e.Command)
		}
	}
	require.Equal(t, []string{"signing on was locked for 1m0s: wrong PINs, the last of driver 7"}, locks)
	require.NotContains(t, d.log.String(), "9999")
}

// Ensure that a driver who was given a new PIN need not wait for the wrong ones.
func TestNewPINBeginsAnew(t *testing.T) {
	t.Parallel()
	drivers := register()
	d := aConsole(t, func(d *consoleFixture) {
		d.console.Drivers = func() ([]signon.Person, error) { return drivers, nil }
	})
	b := d.browser()
	for range 5 {
		b.signOn(console.SignOnRequest{Driver: 7, PIN: "9999"})
	}
	asked := console.SignOnRequest{Driver: 7, PIN: "5678", Departure: 201}
	code, _ := b.signOn(asked)
	require.Equal(t, http.StatusTooManyRequests, code)
	again, err := quickDriver(7, console.RoleDriver, "5678", pepper)
	require.NoError(t, err)
	drivers = []signon.Person{again}
	code, why := b.signOn(asked)
	require.Equal(t, http.StatusOK, code, why)
}

// Ensure that a PIN which was typed where the number belongs is kept nowhere, neither in the log
// nor in the journal nor among the attempts; and that no wrong PIN of it is forgotten by that.
func TestPINInThePlaceOfTheNumber(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	b := d.browser()
	for range 5 {
		code, _ := b.signOn(console.SignOnRequest{Driver: 80751234, PIN: "7"})
		require.Equal(t, http.StatusUnauthorized, code)
	}
	code, _ := b.signOn(console.SignOnRequest{Driver: 80751234, PIN: "7"})
	require.Equal(t, http.StatusTooManyRequests, code)
	require.NoError(t, filepath.WalkDir(d.folder, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			var kept []byte
			kept, err = os.ReadFile(path)
			require.NotContains(t, string(kept), "80751234", path)
		}
		return err
	}))
	require.Contains(t, d.log.String(), "a PIN was wrong")
	require.NotContains(t, d.log.String(), "80751234")
	said := ""
	for _, e := range events(t, d.own, 0) {
		said += e.Command
	}
	require.Contains(t, said, "wrong PINs, the last of nobody's number")
}
