package itxpt

import (
	"context"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/place"
	"leima/validator/place/dnssd"
	"leima/validator/place/dnssd/dnssdtest"
	"leima/validator/place/drive"
	"leima/validator/place/drive/computer"
	"leima/validator/place/subscription"
)

// soon is how long a test waits for what must come.
const soon = 20 * time.Second

const journey = `<JourneyMonitoringDelivery><MonitoredJourney>
	<RecordedAtTime>2026-11-28T12:00:00</RecordedAtTime><JourneyRef>9</JourneyRef>`

// Ensure that what can be read is, with whatever is wrong around it, and that the rest says what is
// wrong with it.
func TestHear(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, time.November, 28, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		text, says string
		want       place.Report
	}{
		"at a stop": {
			journey + `<MonitoredCall><StopPointRef> b </StopPointRef><VehicleAtStop>true</VehicleAtStop>` +
				`</MonitoredCall></MonitoredJourney></JourneyMonitoringDelivery>`, "",
			place.Report{
				Trip: &place.Trip{ID: "9"}, Stop: &place.Stop{ID: "b"}, At: place.AtStop, Said: noon,
			},
		},
		"on the way from the last of the calls before, in any order": {
			journey + `<PreviousCalls><PreviousCall><StopPointRef>b</StopPointRef><Order>2</Order>` +
				`</PreviousCall><PreviousCall><StopPointRef>a</StopPointRef><Order>1</Order></PreviousCall>` +
				`</PreviousCalls><MonitoredCall><StopPointRef>c</StopPointRef></MonitoredCall>` +
				`</MonitoredJourney></JourneyMonitoringDelivery>`, "",
			place.Report{
				Trip: &place.Trip{ID: "9"}, Stop: &place.Stop{ID: "b"}, At: place.Between, Said: noon,
				Next: &place.Stop{ID: "c"}, Onward: []place.Stop{{ID: "c"}},
			},
		},
		"a diversion": {
			`<RunMonitoringDelivery><MonitoredRunState><CurrentRunInfo><RunState>RunPattern</RunState>` +
				`</CurrentRunInfo><RunningPatternState>OnDiversion</RunningPatternState>` +
				`</MonitoredRunState></RunMonitoringDelivery>`, "",
			place.Report{State: place.Diverted},
		},
		"a dead run, in a namespace": {
			`<a:RunMonitoringDelivery xmlns:a="urn:a"><a:MonitoredRunState><a:MonitoredBlockRef>7` +
				`</a:MonitoredBlockRef><a:CurrentRunInfo><a:RunState>DeadRun</a:RunState>` +
				`</a:CurrentRunInfo></a:MonitoredRunState></a:RunMonitoringDelivery>`, "",
			place.Report{State: place.DeadRun},
		},
		"an empty delivery": {
			`<VehicleMonitoringDelivery version="2.2.0"/>`, "",
			place.Report{State: place.OutOfService},
		},
		"no stop": {
			text: journey + `<MonitoredCall/></MonitoredJourney></JourneyMonitoringDelivery>`,
			says: "has no StopPointRef",
		},
		"an empty run":     {text: `<RunMonitoringDelivery/>`, says: "nothing that is read"},
		"another delivery": {text: `<GeneralMessageDelivery/>`, says: "nothing that is read"},
		"half":             {text: journey, says: "no XML"},
		"nothing":          {says: "no XML"},
		"very deep":        {text: strings.Repeat("<r>", 80_000), says: "no XML"},
		"an entity":        {text: `<!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>`, says: "no XML"},
	} {
		heard, err := new(Talk).Hear([]byte(c.text))
		if c.says != "" {
			require.ErrorContains(t, err, c.says, name)
			continue
		}
		require.NoError(t, err, name)
		require.Equal(t, c.want, heard.Report, name)
	}
}

// Ensure that run monitoring tells the trip with its block, and the others where there is none.
func TestTrip(t *testing.T) {
	t.Parallel()
	talk := new(Talk)
	trip := func(text string) *place.Trip {
		heard, err := talk.Hear([]byte(text))
		require.NoError(t, err)
		return heard.Report.Trip
	}
	vehicle := func(ref string) string {
		return `<VehicleMonitoringDelivery><VehicleActivity><VehicleJourneyRef>` + ref +
			`</VehicleJourneyRef><ProgressBetweenStops><MonitoredCallRef><StopPointRef>a</StopPointRef>` +
			`</MonitoredCallRef></ProgressBetweenStops></VehicleActivity></VehicleMonitoringDelivery>`
	}
	require.Nil(t, trip(vehicle("")))
	require.Equal(t, "1", trip(vehicle("1")).ID)
	require.Equal(t, "2", trip(vehicle("2")).ID)
	require.Equal(t, &place.Trip{ID: "3", Block: "b"}, trip(`<RunMonitoringDelivery><MonitoredRunState>`+
		`<MonitoredBlockRef>b</MonitoredBlockRef><CurrentRunInfo><VehicleJourneyRef>3`+
		`</VehicleJourneyRef></CurrentRunInfo></MonitoredRunState></RunMonitoringDelivery>`))
	require.Equal(t, "3", trip(vehicle("4")).ID)
}

// located is a delivery of a position.
func located(more string) []byte {
	return []byte(`<GNSSLocationDelivery><GNSSLocation>` + more + `</GNSSLocation></GNSSLocationDelivery>`)
}

func degrees(latitude, north, longitude, east string) string {
	return `<Latitude><Degree>` + latitude + `</Degree><Direction>` + north + `</Direction></Latitude>` +
		`<Longitude><Degree>` + longitude + `</Degree><Direction>` + east + `</Direction></Longitude>`
}

// Ensure that a position has its sign from its direction, and speed and time from the receiver's
// sentence if that is there.
func TestPosition(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text                       string
		latitude, longitude, speed float64
		said                       string
	}{
		"north and east": {degrees("62.6", "N", "29.76", "E"), 62.6, 29.76, unknownSpeed, "0001-01-01T00:00:00Z"},
		"south and west, with a time": {
			degrees("62.6", "S", "29.76", "W") + `<Time>12:00:01</Time><Date>2026-11-28</Date>` +
				`<SpeedOverGround>0</SpeedOverGround>`, -62.6, -29.76, 0, "2026-11-28T12:00:01Z",
		},
		"a sign besides": {degrees("-62.6", "S", "-29.76", "W"), -62.6, -29.76, unknownSpeed, "0001-01-01T00:00:00Z"},
		"a sentence": {
			`<Data>$GPGSV,1*00</Data><Data>` +
				`$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A</Data>` +
				degrees("1", "N", "1", "E") + `<SpeedOverGround>99</SpeedOverGround>`,
			48.1173, 11.5167, 11.52, "1994-03-23T12:35:19Z",
		},
	} {
		r, err := Position(located(c.text))
		require.NoError(t, err, name)
		require.Equal(t, place.GNSS, r.Source, name)
		require.InDelta(t, c.latitude, r.Position.Latitude, 1e-4, name)
		require.InDelta(t, c.longitude, r.Position.Longitude, 1e-4, name)
		require.InDelta(t, c.speed, r.Position.Speed, 0.01, name)
		require.Equal(t, c.said, r.Said.Format(time.RFC3339), name)
	}
	for name, text := range map[string]string{
		"no direction": degrees("62.6", "", "29.76", "E"), "on both sides": degrees("-62.6", "N", "1", "E"),
		"beyond the pole": degrees("90.1", "N", "1", "E"), "no number": degrees("NaN", "N", "1", "E"),
		"nothing": "",
	} {
		r, err := Position(located(text))
		require.Error(t, err, name)
		require.Nil(t, r.Position, name)
	}
	for _, none := range []string{"<Fix>NoFix</Fix>", "<SignalQuality>NotValid</SignalQuality>"} {
		r, err := Position(located(degrees("1", "N", "1", "E") + none))
		require.NoError(t, err)
		require.Nil(t, r.Position)
	}
}

// Ensure that any bytes give a place on the earth or none, and any text a stop with a name or none.
func FuzzDeliveries(f *testing.F) {
	f.Add(located(degrees("62.6", "N", "29.76", "E")))
	f.Add([]byte(journey + `<MonitoredCall><StopPointRef>b</StopPointRef></MonitoredCall>` +
		`</MonitoredJourney></JourneyMonitoringDelivery>`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if r, err := Position(text); err == nil && r.Position != nil {
			require.LessOrEqual(t, math.Abs(r.Position.Latitude), 90.)
			require.LessOrEqual(t, math.Abs(r.Position.Longitude), 180.)
		}
		if heard, err := new(Talk).Hear(text); err == nil && heard.Report.Stop != nil {
			require.NotEmpty(t, heard.Report.Stop.ID)
		}
	})
}

// all collects what is heard.
type all struct {
	mu      sync.Mutex
	reports []place.Report
}

func (a *all) hear(r place.Report) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.reports = append(a.reports, r)
}

func (a *all) last() (r place.Report) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.reports) > 0 {
		r = a.reports[len(a.reports)-1]
	}
	return r
}

var trip = place.Trip{ID: "t", Calls: []place.Call{
	{Stop: place.Stop{ID: "a"}}, {Stop: place.Stop{ID: "b"}}, {Stop: place.Stop{ID: "c"}},
}}

// Ensure that an AVMS that announces itself, among others, is subscribed to at the path that it
// announces, and that positions are heard from who announces them only.
func TestServices(t *testing.T) {
	if !dnssdtest.Alone(t) {
		return
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := &computer.Computer{Bare: true}
	server := httptest.NewServer(http.StripPrefix("/v2", c))
	defer server.Close()
	at := netip.MustParseAddrPort(server.Listener.Addr().String())
	go func() {
		_ = dnssd.Announce(ctx, func() []dnssd.Announcement {
			return []dnssd.Announcement{
				{Name: "x_inventory", Type: TypeHTTP, Port: 1},
				{
					Name: "4711_avms", Type: TypeHTTP, Port: at.Port(),
					Text: []string{"txtvers=1", "path=v2/avms/", "operations=runmonitoring"},
				},
				{Name: "4711_gnsslocation", Type: TypeMulticast, Port: 14006, Text: []string{"multicast=239.255.42.22"}},
			}
		})
	}()
	require.Eventually(t, func() bool {
		found, _ := dnssd.Browse(ctx, TypeMulticast)
		return len(found) > 0
	}, soon, time.Millisecond)
	stops, positions := new(all), new(all)
	client := &subscription.Client{
		Source: place.ITxPT, Find: FindAVMS(dnssd.Anywhere), Log: slog.New(slog.DiscardHandler),
		Elapsed: func() time.Duration { return 7 }, Poll: 10 * time.Millisecond,
	}
	go func() { _ = client.Listen(ctx, stops.hear, func(place.Source) {}) }()
	receiver := &Receiver{Elapsed: func() time.Duration { return 7 }, Log: slog.New(slog.DiscardHandler)}
	go func() { _ = receiver.Listen(ctx, positions.hear, func(place.Source) {}) }()
	require.Eventually(t, func() bool {
		return len(c.Subscribers("avms/vehiclemonitoring")) > 0
	}, soon, time.Millisecond)
	m := drive.Moment{Call: 1, At: place.Between, Position: &place.Position{Latitude: 62, Longitude: -29}}
	for _, said := range drive.ITxPT(trip, m, drive.Moment{Call: -1}, time.Now()) {
		c.Say(ctx, said)
	}
	require.Eventually(t, func() bool {
		r := stops.last()
		return r.Stop != nil && r.Stop.ID == "b" && r.Next.ID == "c" && r.At == place.Between &&
			r.Trip.ID == "t" && r.Heard == 7
	}, soon, time.Millisecond)
	ours, stranger := sender(t, "127.0.0.1"), sender(t, "127.0.0.2")
	require.Eventually(t, func() bool {
		_, _ = stranger.Write(located(degrees("1", "N", "1", "E")))
		_, _ = ours.Write(located(degrees("62", "N", "29", "W")))
		return positions.last().Position != nil
	}, soon, time.Millisecond)
	for _, r := range positions.reports {
		require.InDelta(t, -29, r.Position.Longitude, 1e-9)
		require.Equal(t, time.Duration(7), r.Heard)
	}
}

// sender sends to the group of the test.
func sender(t *testing.T, from string) net.Conn {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.UDPAddr{IP: net.ParseIP(from)}}
	conn, err := dialer.Dial("udp4", "239.255.42.22:14006")
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// Ensure that an answer to a subscription reports whether it was taken.
func TestSubscribed(t *testing.T) {
	t.Parallel()
	for text, taken := range map[string]bool{
		"<SubscribeResponse><Active> true</Active></SubscribeResponse>": true, "<r><Active>1</Active></r>": true,
		"<r><Active>false</Active></r>": false, "<r/>": false, "<html>": false,
	} {
		_, err := new(Talk).Subscribed([]byte(text))
		require.Equal(t, taken, err == nil, text)
	}
}
