package bus

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/onboard"
	"leima/validator/api"
	"leima/validator/place"
	"leima/validator/place/drive"
	"leima/validator/place/drive/computer"
)

// Ensure that a bus whose configuration names a computer that is heard over HTTP charges for the
// zone where that says that it is, and that the event names it.
func TestBusFollowsAComputer(t *testing.T) {
	t.Parallel()
	plan, err := onboard.ReadPlan("../../../../testdata/feed")
	require.NoError(t, err)
	trip, known := plan.Trip("2-0800-0")
	require.True(t, known)
	at := drive.Moment{Call: len(trip.Calls) - 1, At: place.AtStop, Door: place.DoorOpen}
	last, first := trip.Calls[at.Call], drive.Moment{Call: -1}
	for name, said := range map[string][]drive.Message{
		"vdv301": drive.VDV301(trip, at, first, 42, time.Now()),
		"itxpt":  drive.ITxPT(trip, at, first, time.Now()),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &computer.Computer{Bare: name == "itxpt"}
			for _, one := range said {
				c.Say(t.Context(), one)
			}
			server := httptest.NewServer(c)
			defer server.Close()
			bus := aWayfarer(t, fmt.Sprintf("%s = %q", name, server.Listener.Addr()))
			bus.located(func(s *api.State) bool {
				return s.Located.Doubt == "" && s.Located.Source == name && s.Place.Stop == last.ID
			})
			bus.tap("Aino")
			events := bus.end()
			require.Len(t, events, 1)
			require.Equal(t, name, events[0].From)
			require.False(t, events[0].Unsure)
			require.Equal(t, last.Zones[0], events[0].Zone)
		})
	}
}
