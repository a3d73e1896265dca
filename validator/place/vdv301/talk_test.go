package vdv301

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/place"
	"leima/validator/place/dnssd"
	"leima/validator/place/subscription"
)

// tickets begins to speak with a TicketValidationService on a known trip.
func tickets(t *testing.T) *Talk {
	t.Helper()
	talk := &Talk{
		Dialect: &Dialect{Zones: place.TariffZones{"RUT:1": "A"}, Vehicle: 7}, service: ticketValidation,
	}
	_, err := talk.Hear([]byte(tariffStop("<CurrentTripRef><Value>t-1</Value></CurrentTripRef>")))
	require.NoError(t, err)
	return talk
}

// tariffStop is where the bus is, with more behind it.
func tariffStop(more string) string {
	return `<GetCurrentTariffStopResponse><CurrentTariffStopData>
		<TimeStamp><Value>2026-11-28T12:00:00+02:00</Value></TimeStamp>
		<CurrentTariffStop><StopIndex><Value>2</Value></StopIndex><StopRef><Value>b</Value></StopRef>
		<FareZone><Value>RUT:1</Value></FareZone><FareZone><Value>B</Value></FareZone>
		</CurrentTariffStop>` + more + `</CurrentTariffStopData></GetCurrentTariffStopResponse>`
}

// Ensure that what can be read is, with whatever is wrong around it, and that the rest says what is
// wrong with it.
func TestHear(t *testing.T) {
	t.Parallel()
	const stop = "<a><CurrentTariffStopData>"
	for name, c := range map[string]struct {
		text, says string
		want       place.Report
	}{
		"a line": {
			`<r><CurrentLineData><CurrentLine><LineRef><Value>x2</Value></LineRef><LineShortName>` +
				`<Value>2</Value></LineShortName></CurrentLine></CurrentLineData></r>`, "",
			place.Report{Trip: &place.Trip{ID: "t-1", Line: "2"}},
		},
		"an estimated value": {
			`<r><CurrentLineData><CurrentLine><LineRef><Value>2</Value><ErrorCode>DataEstimated` +
				`</ErrorCode></LineRef></CurrentLine></CurrentLineData></r>`, "",
			place.Report{Trip: &place.Trip{ID: "t-1", Line: "2"}},
		},
		"a wrong value": {
			text: `<r><CurrentLineData><CurrentLine><LineRef><Value>2</Value><ErrorCode>FaultData` +
				`</ErrorCode></LineRef></CurrentLine></CurrentLineData></r>`,
			says: "has no LineRef",
		},
		"doors, in a namespace, with another encoding than it says": {
			`<?xml version="1.0" encoding="utf-16"?><v:r xmlns:v="urn:x"><v:VehicleData>` +
				`<v:DoorOpenState>SingleDoorOpen</v:DoorOpenState><v:RouteDeviation>offroute` +
				`</v:RouteDeviation></v:VehicleData></v:r>`, "",
			place.Report{Door: place.DoorOpen, State: place.Diverted},
		},
		"one door closed says nothing of the others": {
			`<r><VehicleData><DoorOpenState>SingleDoorClosed</DoorOpenState></VehicleData></r>`, "",
			place.Report{},
		},
		"a zone eleven times, zone 11, and none": {
			stop + `<CurrentTariffStop><StopRef><Value>b</Value></StopRef>` +
				strings.Repeat(`<FareZone><Value>C</Value></FareZone>`, 11) + `<FareZone><Value>11` +
				`</Value></FareZone><FareZone/></CurrentTariffStop></CurrentTariffStopData></a>`, "",
			place.Report{Stop: &place.Stop{ID: "b", Zones: []uint8{3}}},
		},
		"no zones, in Latin-1": {
			stop + "<CurrentTariffStop><StopRef><Value>b</Value></StopRef><StopName><Value>\xe4\x00" +
				"</Value></StopName></CurrentTariffStop></CurrentTariffStopData></a>", "no XML",
			place.Report{},
		},
		"a clock of 1970": {
			stop + `<TimeStamp><Value>1970-01-01T00:00:05</Value></TimeStamp><CurrentTariffStop>` +
				`<StopRef><Value>b</Value></StopRef></CurrentTariffStop></CurrentTariffStopData></a>`, "",
			place.Report{Stop: &place.Stop{ID: "b"}, Said: time.Unix(5, 0).UTC()},
		},
		"no value": {
			text: stop + `<CurrentTariffStop><StopRef/></CurrentTariffStop></CurrentTariffStopData></a>`,
			says: "has no StopRef",
		},
		"another bus": {
			text: `<r><VehicleData><VehicleRef><Value>0008</Value></VehicleRef></VehicleData></r>`,
			says: "another bus's: it is vehicle 8, and this validator is configured for 7",
		},
		"another trip": {
			text: `<r><TripData><TripInformation><TripRef><Value>t-2</Value></TripRef>` +
				`</TripInformation></TripData></r>`,
			says: "another trip",
		},
		"it cannot say": {
			text: "<r><OperationErrorMessage><Value>no\ntrip</Value></OperationErrorMessage></r>",
			says: `it says "no trip"`,
		},
		"no trip at all": {`<r><AllData></AllData></r>`, "", place.Report{State: place.OutOfService}},
		"an index of nothing": {
			text: `<r><AllData><TripInformation/><CurrentStopIndex/></AllData></r>`,
			says: "none of its stops'",
		},
		"inspectors":  {text: `<r><RazziaData/></r>`, says: "nothing that is read"},
		"half":        {text: tariffStop("")[:200], says: "no XML"},
		"nothing":     {text: "", says: "no XML"},
		"an entity":   {text: `<!DOCTYPE r [<!ENTITY a "b">]><r>&a;</r>`, says: "no XML"},
		"two of them": {text: `<r><CurrentLineData/></r><r>`, says: "has no LineRef"},
		"very deep":   {text: strings.Repeat("<r>", 80_000), says: "no XML"},
	} {
		heard, err := tickets(t).Hear([]byte(c.text))
		if c.says != "" {
			require.ErrorContains(t, err, c.says, name)
			continue
		}
		require.NoError(t, err, name)
		require.Equal(t, c.want, heard.Report, name)
	}
}

// Ensure that the same stop, when the trip calls at it twice, has the stops behind it that come
// next, and that a stop of another trip has none.
func TestSameStopTwice(t *testing.T) {
	t.Parallel()
	talk := tickets(t)
	point := func(index, ref string) string {
		return `<StopPoint><StopIndex><Value>` + index + `</Value></StopIndex><StopRef><Value>` + ref +
			`</Value></StopRef></StopPoint>`
	}
	heard, err := talk.Hear([]byte(`<r><TripData><TripInformation><TripRef><Value>t-1</Value></TripRef>
		<StopSequence>` + point("1", "b") + point("2", "b") + point("3", "c") + `</StopSequence>
		<LocationState>AfterStop</LocationState></TripInformation></TripData></r>`))
	require.NoError(t, err)
	require.Equal(t, place.Between, heard.Report.At)
	require.Equal(t, []place.Stop{{ID: "c"}}, heard.Report.Onward)
	require.Equal(t, "c", heard.Report.Next.ID)
	other := tariffStop("<CurrentTripRef><Value>t-2</Value></CurrentTripRef>")
	heard, err = talk.Hear([]byte(other))
	require.NoError(t, err)
	require.Nil(t, heard.Report.Onward)
	require.Nil(t, heard.Report.Next)
}

// Ensure that of all services that announce themselves those are taken that say where the bus is,
// the better one first.
func TestOffers(t *testing.T) {
	t.Parallel()
	at := netip.MustParseAddrPort("192.0.2.7:8080")
	text := func(path string) map[string]string { return map[string]string{"path": path} }
	offers := new(Dialect).offers([]dnssd.Instance{
		{Name: "CustomerInformationService", Address: at, Text: text("")},
		{Name: "DeviceManagementService", Address: at},
		{Name: "TicketValidationService_1", Address: at, Text: text("/v2/TicketValidationService/")},
		{Name: "TicketValidationService", Address: at, Text: text("../../v3")},
	})
	var bases []string
	for _, offer := range offers {
		bases = append(bases, offer.Base)
	}
	require.Equal(t, []string{
		"http://192.0.2.7:8080/v2/TicketValidationService/",
		"http://192.0.2.7:8080/v3/TicketValidationService/",
		"http://192.0.2.7:8080/CustomerInformationService/",
	}, bases)
}

// Ensure that the answer to a subscription reports whether it was taken, and how often the service
// sends.
func TestSubscribed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		heartbeat time.Duration
		says      string
	}{
		`<SubscribeResponse><Active><Value>true</Value></Active></SubscribeResponse>`: {},
		`<r><Active><Value>false</Value></Active></r>`:                                {says: "takes no"},
		`<r><OperationErrorMessage><Value>full</Value></OperationErrorMessage></r>`:   {says: `"full"`},
		`<r><Heartbeat><Value>PT1M30.5S</Value></Heartbeat></r>`:                      {heartbeat: 90 * time.Second},
		`<r><Heartbeat><Value>P1DT1H</Value></Heartbeat></r>`:                         {heartbeat: 25 * time.Hour},
		`<r><Heartbeat><Value>PT99999999999999999999S</Value></Heartbeat></r>`:        {},
		`<r><Heartbeat><Value>-PT5S</Value><ErrorCode>x</ErrorCode></Heartbeat></r>`:  {},
		`<html>`: {says: "no XML"},
	} {
		heartbeat, err := new(Talk).Subscribed([]byte(text))
		if want.says != "" {
			require.ErrorContains(t, err, want.says, text)
			continue
		}
		require.NoError(t, err, text)
		require.Equal(t, want.heartbeat, heartbeat, text)
	}
}

// Ensure that any text is read or refused, and says no more than the area has.
func FuzzHear(f *testing.F) {
	f.Add([]byte(tariffStop("<CurrentTripRef><Value>t-2</Value></CurrentTripRef>")))
	f.Add([]byte(`<r><AllData><TripInformation><StopSequence><StopPoint/></StopSequence>` +
		`</TripInformation><CurrentStopIndex><Value>1</Value></CurrentStopIndex></AllData></r>`))
	f.Add([]byte(`<r><TripData><TripInformation><TripRef><Value>t-1</Value></TripRef>` +
		`<LocationState>AtStop</LocationState></TripInformation></TripData></r>`))
	f.Fuzz(func(t *testing.T, text []byte) {
		talk := &Talk{Dialect: &Dialect{Vehicle: 7}, service: ticketValidation}
		for range 2 {
			heard, err := talk.Hear(text)
			if err == nil && heard.Report.Stop != nil {
				require.NotEmpty(t, heard.Report.Stop.ID)
				for _, zone := range heard.Report.Stop.Zones {
					require.LessOrEqual(t, zone, uint8(10))
				}
			}
			for _, asked := range talk.Ask(false) {
				require.NoError(t, subscription.Unmarshal(asked.Body, new(answer)))
			}
		}
	})
}
