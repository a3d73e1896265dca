package mqtt_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/place"
	"leima/validator/place/bob"
	"leima/validator/place/mqtt"
	"leima/validator/place/mqtt/mqtttest"
)

const (
	journey  = "service/v1/journey"
	lastStop = "service/v1/lastStop"
	atStop   = "service/v1/atStop"
	status   = "service/v1/Validate/status"
	ticket   = "service/v1/Validate/latestticket"

	trip4   = `{"serviceId":"4","tripId":"t-4","blockId":"b"}`
	stopA   = `{"stopAreaId":"a","stopAreaName":"","zones":[{"zoneId":"A"}]}`
	stopB   = `{"stopAreaId":"b","stopAreaName":"","zones":[{"zoneId":"B"}]}`
	noStops = `{"remainingStops":[]}`
)

var dialect = &bob.Dialect{Validator: "9"}

// patience bounds the wait for anything that must come.
const patience = 30 * time.Second

// An ear is what a client under test has heard.
type ear struct {
	t       testing.TB
	client  *mqtt.Client
	reports chan place.Report
	lost    chan place.Source
	log     *text
	end     func() // of listening, and waits for it
}

// text is a log, which is the first to say that a client is connected and has subscribed.
type text struct {
	mu        sync.Mutex
	b         bytes.Buffer
	connected chan struct{}
}

func newText() *text { return &text{connected: make(chan struct{})} }

func (l *text) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("is connected")) {
		close(l.connected)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *text) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func config(broker *url.URL, log io.Writer) mqtt.Config {
	start := time.Now()
	return mqtt.Config{
		Broker: broker, Device: "9", Dialect: dialect, Log: slog.New(slog.NewTextHandler(log, nil)),
		Elapsed: func() time.Duration { return time.Since(start) },
	}
}

// listen starts a client, and waits until it is connected.
func listen(t testing.TB, broker *mqtttest.Broker, more ...func(*mqtt.Config)) *ear {
	t.Helper()
	log := newText()
	c := config(broker.URL, log)
	for _, f := range more {
		f(&c)
	}
	e := listenWith(t, c)
	e.log = log
	<-log.connected
	return e
}

func listenWith(t testing.TB, c mqtt.Config) *ear {
	t.Helper()
	e := &ear{
		t: t, client: mqtt.New(c), reports: make(chan place.Report), lost: make(chan place.Source),
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() {
		ended <- e.client.Listen(ctx, func(r place.Report) {
			select {
			case e.reports <- r:
			case <-ctx.Done():
			}
		}, func(s place.Source) {
			select {
			case e.lost <- s:
			case <-ctx.Done():
			}
		})
	}()
	e.end = sync.OnceFunc(func() {
		cancel()
		require.ErrorIs(t, <-ended, context.Canceled)
	})
	t.Cleanup(e.end)
	return e
}

// hears waits for a report.
func (e *ear) hears() place.Report {
	e.t.Helper()
	select {
	case r := <-e.reports:
		return r
	case <-e.lost:
		e.t.Fatal("the connection has ended")
	case <-time.After(patience):
		e.t.Fatal("nothing was heard")
	}
	return place.Report{}
}

// loses waits for the end of the connection.
func (e *ear) loses() {
	e.t.Helper()
	select {
	case r := <-e.reports:
		e.t.Fatalf("heard: %+v", r)
	case s := <-e.lost:
		require.Equal(e.t, e.client.Dialect.Source(), s)
	case <-time.After(patience):
		e.t.Fatal("the connection does not end")
	}
}

// Ensure that what is said live is heard as live, when it came.
func TestLive(t *testing.T) {
	broker := mqtttest.Start(t)
	e := listen(t, broker)
	computer := broker.Peer()
	computer.Say(journey, trip4)
	first := e.hears()
	require.Equal(t, &place.Trip{ID: "t-4", Line: "4", Block: "b"}, first.Trip)
	require.Equal(t, place.BoB, first.Source)
	require.False(t, first.Kept)
	computer.Say(lastStop, stopA)
	second := e.hears()
	require.Equal(t, &place.Stop{ID: "a", Zones: []uint8{1}}, second.Stop)
	require.Greater(t, second.Heard, first.Heard)
}

// Ensure that a broker that dies in the middle of a trip is found to be gone, that the client comes
// back by itself, and that it says then how the validator is.
func TestBrokerDiesInMidTrip(t *testing.T) {
	broker := mqtttest.Start(t)
	e := listen(t, broker)
	broker.Peer().Say(lastStop, stopA)
	require.Equal(t, "a", e.hears().Stop.ID)
	broker.Kill()
	e.loses()
	e.client.Publish(dialect.Status(bob.Status{Ready: true, Queue: 3})) // nobody is there
	e.client.Publish(dialect.Ticket(bob.Ticket{Product: "missed"}))
	broker.Restart()

	display := broker.Peer(status, ticket)
	for !strings.Contains(display.Hears().Payload, `"eventQueueLength":3`) {
	}
	broker.Peer().Keep(lastStop, stopB)
	require.Equal(t, "b", e.hears().Stop.ID)
	e.client.Publish(dialect.Ticket(bob.Ticket{Product: "next"}))
	for m := display.Hears(); ; m = display.Hears() {
		require.NotContains(t, m.Payload, "missed", "a ticket of long ago is of no use")
		if strings.Contains(m.Payload, "next") {
			break
		}
	}
}

// Ensure that a trip of yesterday that the broker has kept is known as kept, and makes nothing
// younger when it comes again after the broker's end. What is live does.
func TestKeptOfYesterday(t *testing.T) {
	broker := mqtttest.Start(t)
	computer := broker.Peer()
	computer.Keep(journey, trip4)
	arbiter := &place.Arbiter{Expected: true}
	e := listen(t, broker)

	first := e.hears()
	require.True(t, first.Kept)
	require.Equal(t, "t-4", first.Trip.ID)
	arbiter.Hear(first)
	since := arbiter.Where(first.Heard).TripFrom
	require.True(t, since.Kept)

	broker.Kill()
	e.loses()
	broker.Restart()
	again := e.hears()
	require.True(t, again.Kept)
	require.Greater(t, again.Heard, first.Heard)
	arbiter.Hear(again)
	require.Equal(t, since, arbiter.Where(again.Heard).TripFrom, "no younger")

	broker.Peer().Keep(journey, trip4) // said now, to be kept
	live := e.hears()
	require.False(t, live.Kept)
	arbiter.Hear(live)
	require.Equal(t, place.Origin{Source: place.BoB, Since: live.Heard},
		arbiter.Where(live.Heard).TripFrom)
}

// Ensure that what was kept with a time of its own has it.
func TestKeptWithItsTime(t *testing.T) {
	broker := mqtttest.Start(t)
	broker.Peer().Keep("service/itxpt/v2/avms/runmonitoring", `{"monitoredRunState":{
		"recordedAtTime":"2026-11-28T12:00:00Z","currentRunInfo":{"runState":"DeadRun"}}}`)
	got := listen(t, broker).hears()
	require.True(t, got.Kept)
	require.Equal(t, "2026-11-28T12:00:00Z", got.Said.Format(time.RFC3339))
}

// Ensure that a flood neither fills the memory nor delays another topic: while nothing is taken,
// only the last message of each topic waits.
func TestFlood(t *testing.T) {
	const flood = 10_000
	broker := mqtttest.Start(t)
	log := newText()
	c := config(broker.URL, log)
	arrived, all := new(atomic.Int32), make(chan struct{})
	now := c.Elapsed
	c.Elapsed = func() time.Duration { // is asked for each message
		if arrived.Add(1) == flood+1 {
			close(all)
		}
		return now()
	}
	e := listenWith(t, c)
	<-log.connected
	computer := broker.Peer()
	arrived.Store(0)
	computer.Shout(atStop, `{"atStop":true}`)
	for n := range flood {
		computer.Shout(lastStop, fmt.Sprintf(`{"stopAreaId":"%d","stopAreaName":""}`, n))
	}
	select {
	case <-all:
	case <-time.After(patience):
		t.Fatalf("only %d messages have come", arrived.Load())
	}
	computer.Shout(journey, trip4)
	var heard []place.Report
	for r := e.hears(); r.Trip == nil; r = e.hears() {
		heard = append(heard, r)
	}
	require.LessOrEqual(t, len(heard), 3, "one in hand and one of each topic")
	require.True(t, slices.ContainsFunc(heard, func(r place.Report) bool { return r.At == place.AtStop }))
	require.Equal(t, strconv.Itoa(flood-1), heard[len(heard)-1].Stop.ID)
}

// Ensure that lies change nothing, are logged once each with their topic, and do not end the
// connection.
func TestLies(t *testing.T) {
	broker := mqtttest.Start(t)
	e := listen(t, broker)
	computer := broker.Peer()
	for range 3 {
		computer.Say(journey, `{"tripId":`)
	}
	computer.Say(lastStop, `{"stopAreaName":"of nowhere"}`)
	computer.Say(atStop, `{"atStop":true}`+strings.Repeat(" ", 64<<10-13)) // a byte too many
	computer.Say(atStop, `{"atStop":true}`+strings.Repeat(" ", 1<<20))     // the broker keeps it back
	computer.Say("service/v1/remainingStops", noStops)
	require.NotNil(t, e.hears().Onward, "nothing else was heard")
	log := e.log.String()
	for _, line := range []string{
		`error="service/v1/journey: is no JSON"`,
		`error="service/v1/lastStop: has no stopAreaId or stopAreaName"`,
		`error="service/v1/atStop: has 65538 bytes: want at most 65536"`,
	} {
		require.Equal(t, 1, strings.Count(log, line), log)
	}
}

// dying is the environment of a program that dies, with its broker's address.
const dying = "LEIMA_MQTT_TEST_DYING"

// Ensure that the others on the bus hear that the validator has gone, whether it ends or dies, and
// also when they come later.
func TestWill(t *testing.T) {
	if address := os.Getenv(dying); address != "" {
		client := mqtt.New(config(&url.URL{Scheme: "mqtt", Host: address}, io.Discard))
		client.Publish(dialect.Status(bob.Status{Ready: true}))
		_ = client.Listen(context.Background(), nil, nil)
	}
	broker := mqtttest.Start(t)
	display := broker.Peer(status)
	_, gone, _ := dialect.Absent()

	e := listen(t, broker)
	e.client.Publish(dialect.Status(bob.Status{Ready: true}))
	require.Contains(t, display.Hears().Payload, `"ready":true`)
	e.end()
	require.Equal(t, string(gone), display.Hears().Payload)

	program := exec.Command(os.Args[0], "-test.run=^TestWill$")
	program.Env = append(os.Environ(), dying+"="+broker.URL.Host)
	require.NoError(t, program.Start())
	require.Contains(t, display.Hears().Payload, `"ready":true`)
	require.NoError(t, program.Process.Kill())
	_ = program.Wait()
	require.Equal(t, string(gone), display.Hears().Payload)
	require.Equal(t, mqtttest.Message{Topic: status, Payload: string(gone), Retain: true},
		broker.Peer(status).Hears())
}

// Ensure that a URL that names no MQTT broker, or has a password that would be logged, is refused.
func TestBrokerURL(t *testing.T) {
	for _, address := range []string{"http://bus", "bus:1883", "mqtt://leima:secret@bus"} {
		broker, err := url.Parse(address)
		require.NoError(t, err)
		err = mqtt.New(config(broker, io.Discard)).Listen(t.Context(), nil, nil)
		require.ErrorContains(t, err, "want mqtt://host or mqtts://host, with no password")
		require.NotContains(t, err.Error(), "secret")
	}
}
