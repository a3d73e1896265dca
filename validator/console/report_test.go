package console_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/validator/api"
	"leima/validator/console"
)

// A busy device has a card presented while it is added up.
type busy struct {
	api.Device
	meanwhile func()
}

func (b *busy) Tally(ctx context.Context, shift api.Shift) (api.Tally, error) {
	tally, err := b.Device.Tally(ctx, shift)
	if b.meanwhile != nil {
		b.meanwhile()
	}
	return tally, err
}

// loads is a load of 20.00 that the bus waits for a card with.
var loads = api.Command{Kind: "load", Load: &api.LoadOrder{Amount: 2000}}

// Ensure that nothing is loaded in a shift whose report was made before: the devices end the
// shift, and then it is added up.
func TestReportIsMadeAtTheEnd(t *testing.T) {
	t.Parallel()
	way := new(busy)
	d := aConsole(t, func(d *consoleFixture) {
		way.Device = d.console.Bus
		d.console.Bus = way
	})
	d.up()
	b := d.driver(7)
	b.do("bus", loads)
	loaded := fare.Reason(0)
	way.meanwhile = func() { loaded = d.tap(d.Bus, "Aino").Decision.Reason }
	var ended struct{ Report console.Report }
	code, why := b.post("/api/sign-off", struct{}{}, &ended)
	require.Equal(t, http.StatusOK, code, why)
	require.Equal(t, fare.Value, loaded, "the shift was over, and what it had asked for with it")
	require.Zero(t, ended.Report.Total.Cash)
	require.Empty(t, ended.Report.Missing)
}

// Ensure that all that was loaded up to the end of a shift is in its report, also where the
// bus cannot be asked: its part is said to be missing, and a supplement follows, after a
// restart too.
func TestSupplement(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.up()
	b := d.driver(7)
	b.do("own", single)
	b.do("bus", loads)
	require.Equal(t, fare.ValueLoaded, d.tap(d.Bus, "Aino").Decision.Reason)
	d.down()
	var ended struct{ Report console.Report }
	code, why := b.post("/api/sign-off", struct{}{}, &ended)
	require.Equal(t, http.StatusOK, code, why)
	require.Nil(t, ended.Report.Bus)
	require.NotEmpty(t, ended.Report.Missing)
	require.EqualValues(t, 540, ended.Report.Total.Cash)

	d.restart()
	d.up()
	b = d.driver(6)
	require.Eventually(t, func() bool {
		var receipts []console.Receipt
		if b.get("/api/receipts", &receipts) != http.StatusOK {
			return false
		}
		for _, r := range receipts {
			if r.Kind == "report" && r.Total == 2540 {
				return true
			}
		}
		return false
	}, 10*time.Second, 10*time.Millisecond)
}

// Ensure that a driver who hands over sees what was loaded up to the last moment as cash of
// their own, signs for it by their own PIN, and that the journal has it.
func TestHandOver(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.up()
	b := d.driver(6)
	b.do("bus", loads)
	require.Equal(t, fare.ValueLoaded, d.tap(d.Bus, "Aino").Decision.Reason)
	next := d.browser()
	code, why := next.signOn(console.SignOnRequest{Driver: 7, PIN: "1234", Departure: 202, TakeOver: true})
	require.Equal(t, http.StatusOK, code, why)
	var session console.Session
	require.Equal(t, http.StatusOK, next.get("/api/session", &session))
	require.EqualValues(t, 6, session.HandedOver.Driver)
	var report console.Report
	require.Equal(t, http.StatusOK, next.get("/api/handed", &report))
	require.EqualValues(t, 2000, report.Total.Cash)

	code, _ = next.post("/api/handed", map[string]string{"pin": "4321"}, nil)
	require.Equal(t, http.StatusUnauthorized, code)
	session = console.Session{}
	code, why = next.post("/api/handed", map[string]string{"pin": "1234"}, &session)
	require.Equal(t, http.StatusOK, code, why)
	require.Nil(t, session.HandedOver)
	all := events(t, d.own, 0)
	require.Contains(t, all[len(all)-1].Command, "driver 6 has signed for 20.00 of shift 10-")
	require.EqualValues(t, 7, all[len(all)-1].Shift.Driver)
	code, _ = next.post("/api/handed", map[string]string{"pin": "1234"}, nil)
	require.Equal(t, http.StatusConflict, code, "once")
}
