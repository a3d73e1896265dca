package drive_test

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/place"
	"leima/validator/place/drive"
	"leima/validator/place/itxpt"
	"leima/validator/place/placetest"
	"leima/validator/place/subscription"
	"leima/validator/place/vdv301"
)

// loop is a trip that calls at its first stop twice, in three zones.
var loop = place.Trip{ID: "t-9", Line: "9", Calls: []place.Call{
	{Stop: place.Stop{
		ID: "a", Name: "Tori", Zones: []uint8{1},
		Position: &place.Position{Latitude: 62.60, Longitude: 29.76},
	}},
	{Planned: 2 * time.Minute, Stop: place.Stop{
		ID: "b", Name: "Rantakylä & co <1>", Zones: []uint8{1, 2},
		Position: &place.Position{Latitude: 62.61, Longitude: 29.78},
	}},
	{Planned: 4 * time.Minute, Stop: place.Stop{
		ID: "a", Name: "Tori", Zones: []uint8{1},
		Position: &place.Position{Latitude: 62.60, Longitude: 29.76},
	}},
	{Planned: 7 * time.Minute, Stop: place.Stop{
		ID: "c", Name: "Utra", Zones: []uint8{3},
		Position: &place.Position{Latitude: 62.61, Longitude: 29.81},
	}},
}}

var noon = time.Date(2026, time.November, 28, 12, 0, 0, 0, time.UTC)

// talkOf begins to speak with the service whose name begins so.
func talkOf(t *testing.T, d *vdv301.Dialect, service string) subscription.Talk {
	t.Helper()
	offers, err := d.Find("127.0.0.1:1")(t.Context())
	require.NoError(t, err)
	for _, offer := range offers {
		if strings.Contains(offer.Base, "/"+service) {
			return offer.Talk()
		}
	}
	require.Fail(t, "no such service", service)
	return nil
}

// plan has the loop only, and the zones of its stops.
type plan struct{}

func (plan) Trip(id string) (place.Trip, bool)         { return loop, id == loop.ID }
func (plan) Numbered(uint16) (none place.Trip, _ bool) { return none, false }
func (plan) Stop(string) (none place.Stop, _ bool)     { return none, false }

// follow drives the loop and has an arbiter hear what is said of it, by what reads that.
func follow(t *testing.T, arbiter *place.Arbiter,
	says func(m, last drive.Moment) []drive.Message, read func(drive.Message) place.Report,
	source place.Source,
) {
	t.Helper()
	last := drive.Moment{Call: -1}
	drive.Moments(loop, time.Second, func(m drive.Moment) bool {
		at := m.After + time.Hour
		for _, said := range says(m, last) {
			report := read(said)
			report.Heard = at
			if report.Source == place.NoSource {
				report.Source = source
			}
			arbiter.Hear(report)
		}
		last = m
		r := arbiter.Where(at)
		require.True(t, r.Sure(), "%v: %v", m.After, r.Doubt)
		require.Equal(t, "t-9", r.Trip.ID)
		require.Equal(t, "9", r.Trip.Line)
		require.Equal(t, loop.Calls[m.Call].ID, r.Stop.ID, "%v", m.After)
		require.Equal(t, source, r.StopFrom.Source)
		require.Equal(t, loop.Calls[m.Call].Zones, r.Stop.Zones)
		require.Equal(t, m.At, r.At, "%v", m.After)
		if m.Call+1 < len(loop.Calls) {
			require.Equal(t, loop.Calls[m.Call+1].ID, r.Next.ID)
		}
		return true
	})
}

// Ensure that what a service of VDV 301 says of a trip, one as the other, tells an arbiter that
// hears nothing else at each moment where the bus is, on a trip that calls at a stop twice.
func TestVDV301(t *testing.T) {
	t.Parallel()
	dialect := &vdv301.Dialect{Vehicle: 7}
	for _, service := range []string{"TicketValidationService/", "CustomerInformationService/"} {
		t.Run(service, func(t *testing.T) {
			t.Parallel()
			talk := talkOf(t, dialect, service)
			follow(t, &place.Arbiter{Expected: true}, func(m, last drive.Moment) (of []drive.Message) {
				for _, said := range drive.VDV301(loop, m, last, 7, noon.Add(m.After)) {
					if strings.HasPrefix(said.Topic, service) {
						of = append(of, said)
					}
				}
				return of
			}, func(said drive.Message) place.Report { return heard(t, talk, said) }, place.VDV301)
		})
	}
}

// heard is what a talk makes of a message.
func heard(t *testing.T, talk subscription.Talk, said drive.Message) place.Report {
	t.Helper()
	h, err := talk.Hear(said.Payload)
	require.NoError(t, err, "%s", said.Payload)
	return h.Report
}

// Ensure that what an AVMS of ITxPT says of a trip, with the zones of the timetable, tells an arbiter
// that hears nothing else but its positions at each moment where the bus is.
func TestITxPT(t *testing.T) {
	t.Parallel()
	offers, err := itxpt.FindAVMS("127.0.0.1:1")(t.Context())
	require.NoError(t, err)
	talk, arbiter := offers[0].Talk(), &place.Arbiter{Expected: true, Plan: plan{}}
	follow(t, arbiter, func(m, last drive.Moment) []drive.Message {
		return drive.ITxPT(loop, m, last, noon.Add(m.After))
	}, func(said drive.Message) place.Report {
		if said.Topic != drive.GNSSLocation {
			return heard(t, talk, said)
		}
		r, err := itxpt.Position(said.Payload)
		require.NoError(t, err)
		return r
	}, place.ITxPT)
	for _, said := range drive.ITxPTDeadRun(noon) {
		r := heard(t, talk, said)
		r.Heard, r.Source = 2*time.Hour, place.ITxPT
		require.Nil(t, r.Stop)
		arbiter.Hear(r)
		require.Contains(t, []place.State{place.DeadRun, place.OutOfService}, r.State)
	}
}

// Ensure that all that is said in the manner of ITxPT is as its schemas have it.
func TestITxPTIsValid(t *testing.T) {
	t.Parallel()
	folder := placetest.Published(t, published+"itxpt")
	texts := map[string][][]byte{}
	last := drive.Moment{Call: -1}
	drive.Moments(loop, 40*time.Second, func(m drive.Moment) bool {
		for _, said := range drive.ITxPT(loop, m, last, noon) {
			texts[said.Topic] = append(texts[said.Topic], said.Payload)
		}
		last = m
		return true
	})
	placetest.Validate(t, folder+"/RunMonitoringDelivery.xsd", texts["avms/runmonitoring"]...)
	placetest.Validate(t, folder+"/JourneyMonitoringDelivery.xsd", texts["avms/journeymonitoring"]...)
	placetest.Validate(t, folder+"/VehicleMonitoringDelivery.xsd", texts["avms/vehiclemonitoring"]...)
	placetest.Validate(t, folder+"/GNSSLocationDelivery.xsd", texts[drive.GNSSLocation]...)
	for _, said := range drive.ITxPTDeadRun(noon) {
		name := map[string]string{
			"avms/runmonitoring": "RunMonitoringDelivery", "avms/journeymonitoring": "JourneyMonitoringDelivery",
			"avms/vehiclemonitoring": "VehicleMonitoringDelivery_DeadRun",
		}[said.Topic]
		placetest.Validate(t, folder+"/"+name+".xsd", said.Payload)
	}
	to, talk := netip.MustParseAddrPort("192.0.2.1:8080"), new(itxpt.Talk)
	placetest.Validate(t, folder+"/SubscribeRequestMessage.xsd", talk.Subscribe("x", to, "a").Body)
	placetest.Validate(t, folder+"/UnsubscribeRequestMessage.xsd", talk.Unsubscribe("x", to, "a").Body)
}

// published are other people's schemas, which are not part of the project.
const published = "../../../../shared/data/schemas/"

// Ensure that all that is said in the manner of VDV 301 is as its schemas have it: the tickets'
// service in version 2.2 and 2.4, of whose common part only 2.3 is public.
func TestVDV301IsValid(t *testing.T) {
	t.Parallel()
	folder := placetest.Published(t, published+"vdv301")
	texts := map[string][][]byte{}
	add := func(said drive.Message) {
		service, _, _ := strings.Cut(said.Topic, "/")
		texts[service] = append(texts[service], said.Payload)
	}
	last := drive.Moment{Call: -1}
	drive.Moments(loop, 40*time.Second, func(m drive.Moment) bool {
		for _, said := range drive.VDV301(loop, m, last, 7, noon) {
			add(said)
		}
		last = m
		return true
	})
	talk := talkOf(t, &vdv301.Dialect{}, "Ticket")
	_, err := talk.Hear(texts["TicketValidationService"][2])
	require.NoError(t, err)
	for _, asked := range talk.Ask(false) {
		texts["TicketValidationService"] = append(texts["TicketValidationService"], asked.Body)
	}
	copied := t.TempDir()
	files, err := filepath.Glob(folder + "/*.xsd")
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		text = bytes.ReplaceAll(text, []byte("common_V2.4"), []byte("common_V2.3"))
		require.NoError(t, os.WriteFile(filepath.Join(copied, filepath.Base(file)), text, 0o600))
	}
	tickets := texts["TicketValidationService"]
	placetest.Validate(t, folder+"/IBIS-IP_TicketValidationService_V2.2.xsd", tickets...)
	placetest.Validate(t, copied+"/IBIS-IP_TicketValidationService_V2.4.xsd", tickets...)
	placetest.Validate(t, folder+"/IBIS-IP_CustomerInformationService_V2.3.xsd",
		texts["CustomerInformationService"]...)
	to := netip.MustParseAddrPort("192.0.2.1:8080")
	for _, operation := range talk.Operations() {
		placetest.Validate(t, folder+"/IBIS-IP_common_V2.2.xsd", talk.Subscribe(operation, to, "a/b").Body,
			talk.Unsubscribe(operation, to, "a/b").Body)
	}
}
