package bob_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"leima/validator/place/bob"
	"leima/validator/place/placetest"
)

// Ensure that the description has every topic, and of each message a good example that is read or
// written so, and a bad one that neither its schema allows nor the decoder reads.
func TestAsyncAPI(t *testing.T) {
	said := map[string][]byte{}
	say := func(topic string, payload []byte, _ bool) { said[topic] = payload }
	say(bus.Status(bob.Status{Ready: true, Message: "waits for cards", Queue: 42}))
	say(bus.Ticket(bob.Ticket{
		Valid: true, Product: "30 days", Travellers: []bob.Travellers{{Category: "adult", Number: 1}},
		Expires: time.Date(2026, time.December, 24, 23, 59, 59, 0, time.FixedZone("", 7200)),
		Zones:   []bob.Zone{{Name: "A"}, {Name: "B"}},
	}))
	say(bus.Notification(bob.Notification{
		ID: "9-1", Title: "The place is not sure", Priority: bob.Warning,
		Message: "Nothing was heard for 12 minutes: pick the stop",
	}))
	placetest.Try(t, "bob", func() placetest.Dialect { return bus }, said)
}

// Ensure that what is said has the form that is described whatever it is, and that a broker keeps the
// status alone. When the validator has gone, its queue is not known.
func TestSaid(t *testing.T) {
	kept := map[string]bool{}
	messages := placetest.Described(t, "bob")
	say := func(topic string, payload []byte, retain bool) {
		kept[topic] = retain
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(payload))
		require.NoError(t, err)
		require.NoError(t, messages[topic].Schema.Validate(v), "%s", payload)
	}
	long := strings.Repeat("\x1b", 300)
	for _, d := range []*bob.Dialect{{}, bus} {
		say(d.Status(bob.Status{Message: long}))
		say(d.Ticket(bob.Ticket{Result: 7, Reason: long, Product: long, Graced: true}))
		say(d.Notification(bob.Notification{Title: long, Message: long, Priority: bob.Error}))
		say(d.Absent())
	}
	require.Equal(t, map[string]bool{
		"service/v1/Validate/status":       true,
		"service/v1/Validate/latestticket": false,
		"service/v1/Validate/notification": false,
	}, kept)
	_, gone, _ := bus.Absent()
	require.JSONEq(t, `{"version":"1.0.0","validator":{"validatorId":"9","location":"712"},`+
		`"ready":false,"statusMessageTerse":"not connected"}`, string(gone))
}

// published are VALS's own schemas and examples, which are not part of the project.
const published = "../../../../shared/data/schemas/vals/"

// Ensure that VALS's own examples are read, and that what is said is what VALS allows.
func TestPublished(t *testing.T) {
	examples, _ := filepath.Glob(published + "*.json")
	if len(examples) == 0 {
		t.Skip("VALS's schemas are not beside the project: the examples here are what is tested")
	}
	topics := map[string]string{
		"journey": "service/v1/journey", "last_stop": "service/v1/lastStop",
		"next_stop": "service/v1/nextStop", "remaining_stops": "service/v1/remainingStops",
		"at_stop": "service/v1/atStop", "vehicle": "service/v1/vehicle",
		"run_monitoring": "service/itxpt/v2/avms/runmonitoring",
	}
	for _, file := range examples {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		topic, in := topics[strings.TrimSuffix(filepath.Base(file), ".json")]
		if !in {
			continue
		}
		_, err = bus.Decode(topic, text)
		require.NoError(t, err, file)
	}
	for address, m := range placetest.Described(t, "bob") {
		if m.Action == "send" {
			name := map[string]string{"latestticket": "latest_ticket"}[filepath.Base(address)]
			if name == "" {
				name = filepath.Base(address)
			}
			text := placetest.AsJSON(t, published+name+".yaml")
			schema, err := placetest.Schemas(t, text).Compile("file.json")
			require.NoError(t, err)
			require.NoError(t, schema.Validate(m.Examples[0].Payload), address)
		}
	}
}
