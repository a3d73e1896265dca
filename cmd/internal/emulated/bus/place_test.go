package bus

import (
	"fmt"
	"net"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/cmd/internal/emulated"
	"leima/validator"
	"leima/validator/api"
	"leima/validator/journal"
	"leima/validator/place/mqtt/mqtttest"
)

// A wayfarer is a running bus with the timetable on board that hears sources of its place.
type wayfarer struct {
	*api.Client
	t      *testing.T
	config string
	stop   func() string
	taps   int
}

// aWayfarer starts a bus with settings of its sources, and waits until the timetable is read.
func aWayfarer(t *testing.T, sources string) *wayfarer {
	t.Helper()
	feed, err := filepath.Abs("../../../../testdata/feed")
	require.NoError(t, err)
	config := aBusConfig(t, `tariffs = [`, fmt.Sprintf("stops = %q\ntariffs = [", feed), "trip = 201",
		"trip = 5", "[emulated]", "[place]\n"+sources+"\n\n[emulated]")
	w := &wayfarer{
		Client: api.NewClient("unix:"+state(config, "api.sock"), "", nil), t: t, config: config,
	}
	w.stop = running(t, config, w.Client)
	w.located(func(s *api.State) bool { return len(s.Located.Calls) > 0 })
	return w
}

// located waits until the bus is where it should be.
func (w *wayfarer) located(is func(*api.State) bool) (now api.State) {
	w.t.Helper()
	require.Eventually(w.t, func() bool {
		var err error
		now, err = w.State(w.t.Context())
		return err == nil && now.Located != nil && is(&now)
	}, time.Minute, 20*time.Millisecond)
	return now
}

// tap lays a card on the reader and takes it away.
func (w *wayfarer) tap(card string) {
	w.t.Helper()
	stage := emulated.RemoteControl{Send: w.Send}
	require.Eventually(w.t, func() bool { // the passengers come after the doors are open
		_, err := stage.Do(w.t.Context(), emulated.Operation{Kind: "put", Card: card})
		return err == nil
	}, time.Minute, 20*time.Millisecond)
	w.taps++
	require.Eventually(w.t, func() bool {
		taps, err := w.Taps(w.t.Context())
		return err == nil && len(taps) == w.taps
	}, time.Minute, 20*time.Millisecond)
	_, err := stage.Do(w.t.Context(), emulated.Operation{Kind: "take"})
	require.NoError(w.t, err)
}

// end stops the bus, and gives the events of its taps.
func (w *wayfarer) end() (events []validator.Event) {
	w.t.Helper()
	require.Empty(w.t, w.stop())
	kept, err := journal.OpenToRead(state(w.config, journalFile))
	require.NoError(w.t, err)
	require.NoError(w.t, kept.Entries(0, func(e journal.Entry) error {
		if e.Kind == journal.Intent {
			events = append(events, e.Event)
		}
		return nil
	}))
	require.NoError(w.t, kept.Close())
	return events
}

// Ensure that the bus is where its satellites say, along the departure that it is on; that a tap
// says by whom and how sure its zone is known; and that after the receiver is gone the cheapest of
// the zones in question is charged.
func TestTapKnowsWhereItIs(t *testing.T) {
	t.Parallel()
	receiver, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer receiver.Close()
	bus := aWayfarer(t, fmt.Sprintf("gpsd = %q", receiver.Addr()))
	conn, err := receiver.Accept()
	require.NoError(t, err)
	for _, at := range [][2]float64{ // the stops in zone A, and on towards zone B
		{62.23560, 25.75560},
		{62.24230, 25.74650},
		{62.23640, 25.73450},
		{62.21900, 25.75880},
		{62.20480, 25.71520},
		{62.19842, 25.71774},
	} {
		_, err := fmt.Fprintf(conn, `{"class":"TPV","mode":3,"lat":%v,"lon":%v,"speed":0}`+"\n",
			at[0], at[1])
		require.NoError(t, err)
	}
	here := bus.located(func(s *api.State) bool { return s.Located.Between && s.Located.Call == 4 })
	require.Equal(t, []string{"gnss", "", "KEL", "A", "B"}, []string{
		here.Located.Source, here.Located.Doubt, here.Place.Stop, here.Place.Zone,
		here.Place.NextZone,
	})
	bus.tap("Aino")
	require.NoError(t, receiver.Close())
	require.NoError(t, conn.Close())
	here = bus.located(func(s *api.State) bool { return s.Located.Doubt == "stale" })
	require.Equal(t, "AB", here.Located.Question)
	bus.tap("Helmi")
	events := bus.end()
	require.Len(t, events, 2)
	for n, e := range events {
		require.Equal(t, "gnss", e.From)
		require.Equal(t, n == 1, e.Unsure)
		require.Less(t, e.PlaceAge, uint32(60))
	}
	require.Equal(t, cardlayout.ZonesOf(2), events[1].Also)
}

// Ensure that a bus knows by its on-board computer, over a broker, where it is: what the broker has
// kept since yesterday is not sure, what is live is; and a broker that dies and comes back takes
// nothing away. Others hear how the validator is and what a tap came to, without the card's number.
func TestBusOverABroker(t *testing.T) {
	t.Parallel()
	broker := mqtttest.Start(t)
	computer, display := broker.Peer(), broker.Peer("service/v1/Validate/#")
	journey := `{"serviceId":"ALL","tripId":"2-0800-0","blockId":"1"}`
	at := func(stop, zone string) string {
		return fmt.Sprintf(`{"version":"1.0.0","stopAreaId":%q,"stopAreaName":"x","zones":[{"zoneId":%q}]}`,
			stop, zone)
	}
	computer.Keep("service/v1/journey", journey)
	computer.Keep("service/v1/lastStop", at("KOR", "3"))
	bus := aWayfarer(t, fmt.Sprintf("mqtt = %q", broker.URL))
	here := bus.located(func(s *api.State) bool { return s.Located.Doubt == "kept" })
	require.Equal(t, "KOR", here.Place.Stop)

	computer.Say("service/v1/journey", journey)
	computer.Say("service/v1/lastStop", at("KEL", "1"))
	computer.Say("service/v1/atStop", `{"atStop":true}`)
	here = bus.located(func(s *api.State) bool { return s.Located.Doubt == "" })
	require.Equal(t, []string{"bob", "KEL", "A"},
		[]string{here.Located.Source, here.Place.Stop, here.Place.Zone})
	bus.tap("Aino")
	said := map[string]string{}
	for said["latestticket"] == "" || !strings.Contains(said["status"], `"eventQueueLength":2`) {
		m := display.Hears()
		said[path.Base(m.Topic)] = m.Payload
		require.NotContains(t, m.Payload, "9246", "a card's number")
	}
	require.Contains(t, said["latestticket"], `"validTicket":true`)
	require.Contains(t, said["status"], `"ready":true`)

	broker.Kill()
	bus.tap("Helmi")
	broker.Restart()
	computer = broker.Peer("service/v1/Validate/status")
	for computer.Hears().Retain { // until the validator itself is back
	}
	computer.Say("service/v1/lastStop", at("SAY", "2"))
	here = bus.located(func(s *api.State) bool { return s.Place.Stop == "SAY" })
	require.Equal(t, []string{"", "B"}, []string{here.Located.Doubt, here.Place.Zone})
	bus.tap("Venla")
	events := bus.end()
	require.Len(t, events, 3)
	for n, zone := range []uint8{1, 1, 2} {
		require.Equal(t, zone, events[n].Zone)
		require.Equal(t, "bob", events[n].From)
		require.False(t, events[n].Unsure)
	}
}

// wholeTrip is a departure of the feed as Ruter's computer describes it, with a name of its own for
// zone A.
const wholeTrip = `{"eventTimestamp":"2026-03-02T06:00:00Z","traceId":"1","journeyId":"2-0800-0",
	"journeyRef":"2-0600Z","route":{"line":{"publicCode":"2"},"stopPlaces":[
	{"id":"SAT","tariffZones":["ours"]},{"id":"KEL","tariffZones":["ours"]},
	{"id":"SAY","tariffZones":["2"]}]}}`

// arriving is that a bus arrives at a stop, as Ruter's computer says it.
func arriving(n int, stop, zone string) string {
	return fmt.Sprintf(`{"eventTimestamp":"2026-03-02T06:00:%02dZ","traceId":"2-%d","vehicleRef":"V",
		"journeyRef":"2-0600Z","stopPlaceId":%q,"tariffZone":%q}`, n, n, stop, zone)
}

// Ensure that a bus knows by a computer that speaks as Ruter's where it is, and that others hear in
// the same words how the validator is, and that it has gone.
func TestBusInRutersWords(t *testing.T) {
	t.Parallel()
	broker := mqtttest.Start(t)
	computer, office := broker.Peer(), broker.Peer("pe/sales/diagnostics", "pe/cardreader_diagnostics/#")
	bus := aWayfarer(t, fmt.Sprintf(
		"mqtt = %q\ndialect = \"ruter\"\nzones = { \"ours\" = \"A\" }", broker.URL))
	for !strings.Contains(office.Hears().Payload, `"inService":true`) { // it is connected
	}
	computer.Keep("pe/dpi/journey", wholeTrip)
	computer.Say("pe/sales/current_stop", arriving(1, "KEL", "ours"))
	here := bus.located(func(s *api.State) bool { return s.Place.Stop == "KEL" })
	require.Equal(t, []string{"ruter", "", "A"},
		[]string{here.Located.Source, here.Located.Doubt, here.Place.Zone})
	bus.tap("Aino")
	for m := office.Hears(); ; m = office.Hears() {
		require.NotContains(t, m.Payload, "9246", "a card's number")
		if strings.Contains(m.Payload, `"stopPlaceId":"KEL"`) {
			require.Contains(t, m.Payload, `"journeyRef":"2-0600Z"`)
			require.Contains(t, m.Payload, `"nfcReaderConnected":true`)
			break
		}
	}
	computer.Say("pe/sales/current_stop", arriving(2, "SAY", "2"))
	bus.located(func(s *api.State) bool { return s.Place.Zone == "B" })
	bus.tap("Venla")
	events := bus.end()
	require.Len(t, events, 2)
	for n, zone := range []uint8{1, 2} {
		require.Equal(t, []any{zone, "ruter", false}, []any{events[n].Zone, events[n].From, events[n].Unsure})
	}
	require.Equal(t, events[0].Trip, events[1].Trip)
	for !strings.Contains(office.Hears().Payload, `"inService":false`) {
	}
}

// Ensure that with FRAM's words a tap is answered without the card's number, and that who asks hears
// how the validator is.
func TestBusInFRAMsWords(t *testing.T) {
	t.Parallel()
	broker := mqtttest.Start(t)
	seller := broker.Peer("device/9/diagnostics", "validators/9/response")
	bus := aWayfarer(t, fmt.Sprintf("mqtt = %q\ndialect = \"fram\"", broker.URL))
	for !strings.Contains(seller.Hears().Payload, `"status":"OK"`) { // at its start
	}
	seller.Say("device/diagnostics/request", `{}`)
	asked := seller.Hears()
	require.Equal(t, "device/9/diagnostics", asked.Topic)
	require.Contains(t, asked.Payload, `"ipAddress":"127.0.0.1"`)
	bus.tap("Aino")
	answer := seller.Hears()
	for ; answer.Topic != "validators/9/response"; answer = seller.Hears() {
	}
	require.Contains(t, answer.Payload, `"validity":"VALID"`)
	require.NotContains(t, answer.Payload, "9246", "a card's number")
	require.Len(t, bus.end(), 1)
	for !strings.Contains(seller.Hears().Payload, `"status":"ERROR"`) {
	}
}

// Ensure that a dialect that nobody speaks is refused with those that there are.
func TestNoDialect(t *testing.T) {
	t.Parallel()
	config := aBusConfig(t, "[emulated]", "[place]\ndialect = \"vdv\"\n\n[emulated]")
	code, _, says := start(t, t.Context(), "run", "--config", config)
	require.Equal(t, 78, code)
	require.Contains(t, says, `place.dialect is "vdv": want bob, ruter or fram, as the bus's computer speaks`)
}
