package console_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/validator"
	"leima/validator/api"
	"leima/validator/journal"
	"leima/validator/sim"
)

// events are those of a journal after a position.
func events(t *testing.T, b *sim.Bus, after uint64) (all []validator.Event) {
	t.Helper()
	require.NoError(t, b.Journal.Entries(after+1, func(e journal.Entry) error {
		if e.Kind == journal.Record || e.Kind == journal.Intent {
			all = append(all, e.Event)
		}
		return nil
	}))
	return all
}

// Ensure that whatever the driver does is in the journal of the device that did it, with the
// shift and the time. The clock stands: what the bus has said before would set the console's back.
func TestEverythingIsRecorded(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.up()
	position := map[*sim.Bus]uint64{d.own: d.own.Journal.Extent().Last, d.Bus: d.Bus.Journal.Extent().Last}
	b := d.driver(7)
	shift := d.own.Terminal.State().Shift
	recorded := func(what string, at *sim.Bus, reason fare.Reason) {
		t.Helper()
		all := events(t, at, position[at])
		require.NotEmpty(t, all, what)
		last := all[len(all)-1]
		require.Equal(t, reason, last.Reason, what)
		require.Equal(t, shift, last.Shift, what)
		require.WithinDuration(t, d.Clock.Now(), last.At, time.Second, what)
		position[at] = at.Journal.Extent().Last
	}
	recorded("sign on", d.own, fare.CommandGiven) // the move to the departure comes last
	recorded("sign on", d.Bus, fare.CommandGiven)

	for _, c := range []struct {
		device  string
		command api.Command
		reason  fare.Reason
		tap     fare.Reason // of the card that is presented then
	}{
		{"both", api.Command{Kind: "move", Move: &api.Place{Line: "3", Trip: 7, Zone: "A"}}, fare.CommandGiven, 0},
		{"bus", api.Command{Kind: "pause"}, fare.CommandGiven, 0},
		{"bus", api.Command{Kind: "resume"}, fare.CommandGiven, 0},
		{"bus", api.Command{Kind: "next_tap", NextTap: &api.NextTap{Zones: "A-B"}}, fare.CommandGiven, fare.Value},
		{"own", api.Command{Kind: "next_tap", NextTap: &api.NextTap{Check: true}}, fare.CommandGiven, fare.Checked},
		{"own", api.Command{Kind: "mark_error", Mark: &api.Mark{Event: 1, Said: "twice"}}, fare.ErrorMarked, 0},
		{"own", api.Command{Kind: "identify", Birth: "1980-05-17"}, fare.CommandGiven, 0},
		{"own", tenEuros, 0, fare.ValueLoaded},
		{"own", api.Command{Kind: "take_back", TakeBack: "driver"}, 0, fare.LoadTakenBack},
		{"bus", tenEuros, 0, fare.ValueLoaded},
		{"own", single, fare.SingleSold, 0},
		{"own", api.Command{Kind: "free", Free: &api.Free{Reason: "devices", Persons: 2}}, fare.FreeDevices, 0},
		{"own", api.Command{Kind: "judge", Misuse: &api.MisuseReport{
			Group: "adult", Charge: true,
			CardUse: api.CardUse{Kind: "personal", Other: true, Personal: true, Age: "equal"},
		}}, fare.Misused, 0},
	} {
		at := map[string]*sim.Bus{"bus": d.Bus, "own": d.own, "both": d.Bus}[c.device]
		b.do(c.device, c.command)
		if c.reason != 0 {
			recorded(c.command.Kind, at, c.reason)
		}
		if c.tap != 0 {
			o := d.tap(at, "Aino")
			require.NoError(t, o.Err)
			recorded(c.command.Kind, at, c.tap)
		}
	}
	code, why := b.post("/api/sign-off", struct{}{}, nil)
	require.Equal(t, 200, code, why)
	recorded("sign off", d.own, fare.ShiftEnded)
	recorded("sign off", d.Bus, fare.ShiftEnded)
	require.NotContains(t, d.log.String(), "1980")
}
