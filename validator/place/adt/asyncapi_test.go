package adt_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"

	"leima/validator/place"
	"leima/validator/place/adt"
	"leima/validator/place/placetest"
)

// stamp is that of the examples in asyncapi.yaml.
var stamp = adt.Stamp{
	Now:    time.Date(2026, time.November, 28, 12, 0, 10, 0, time.FixedZone("", 7200)),
	Random: [16]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
}

func ruter() *adt.Dialect { return &adt.Dialect{Device: placetest.Device} }

func fram() *adt.FRAM {
	return &adt.FRAM{Dialect: *ruter(), Version: "1.2.3", Address: "192.168.99.11", Start: stamp}
}

// Ensure that the description has every topic and message of both.
func TestAsyncAPI(t *testing.T) {
	said := map[string][]byte{}
	say := func(topic string, text []byte, _ bool) { said[topic] = text }
	say(ruter().Sales(stamp, adt.Sales{
		Reader: true, Driver: true, Journey: "4-2026-11-28T09:58:00Z", Stop: "207", Version: "1.2.3",
	}))
	say(ruter().CardReader(true))
	placetest.Try(t, "ruter", func() placetest.Dialect { return ruter() }, said)

	say(fram().Diagnostics(stamp, adt.Diagnostics{Condition: adt.Fault, Text: "The reader is gone"}))
	say(fram().Response(stamp, adt.Result{Validity: adt.Valid, Title: "Hyvää matkaa"}))
	placetest.Try(t, "fram", func() placetest.Dialect { return fram() }, said)
}

// Ensure that what is said has the form that is described, whatever it is; that a broker keeps how
// the validator is, and says that it has gone; and that a tap is said once.
func TestSaid(t *testing.T) {
	kept := map[string]bool{}
	say := func(dialect string) func(string, []byte, bool) {
		messages := placetest.Described(t, dialect)
		return func(topic string, text []byte, retain bool) {
			kept[topic] = retain
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
			require.NoError(t, err)
			require.NoError(t, messages[topic].Schema.Validate(v), "%s", text)
		}
	}
	long := strings.Repeat("\x1b", 300)
	say("ruter")(ruter().Sales(stamp, adt.Sales{Journey: long, Stop: long}))
	say("ruter")(ruter().Absent())
	say("fram")(fram().Diagnostics(stamp, adt.Diagnostics{Condition: adt.OK, Text: long}))
	for _, validity := range []adt.Validity{adt.Valid, adt.Invalid, adt.Warning, adt.Error} {
		say("fram")(fram().Response(stamp, adt.Result{Validity: validity, Title: long}))
	}
	say("fram")(fram().Absent())
	require.Equal(t, map[string]bool{
		"pe/sales/diagnostics": true, "pe/cardreader_diagnostics/leima/9": true,
		"device/9/diagnostics": true, "validators/9/response": false,
	}, kept)
	_, gone, _ := ruter().Absent()
	require.JSONEq(t, `{"deviceRef":"9","inService":false}`, string(gone))
	_, gone, _ = fram().Absent()
	require.Contains(t, string(gone), `"status":"ERROR","statusText":"not connected"`)
}

// published are the schemas and examples of Ruter and FRAM, which are not part of the project.
const published = "../../../../shared/data/schemas/"

// Ensure that the published examples are read, that those which must fail do not pass, and that what
// is said is what the published schemas allow.
func TestPublished(t *testing.T) {
	examples, _ := filepath.Glob(published + "ruter/*.example.json")
	if len(examples) == 0 {
		t.Skip("the schemas of Ruter and FRAM are not beside the project: " +
			"the examples here are what is tested")
	}
	read := map[string]string{
		"sales-current_stop": "pe/sales/current_stop", "dpi-journey": "pe/dpi/journey",
		"dpi-nextstop": "pe/dpi/nextstop", "door-01": "sensors/door",
		"doors-individually": "pe/doors_individually", "location-01": "sensors/location",
		"assignment-status-signon-planned": "operational/assignment/status",
	}
	for name, topic := range read {
		text, err := os.ReadFile(published + "ruter/" + name + ".example.json")
		require.NoError(t, err)
		var example struct{ Payload json.RawMessage }
		require.NoError(t, json.Unmarshal(text, &example))
		report, err := ruter().Decode(topic, example.Payload)
		require.NoError(t, err, name)
		require.NotZero(t, report.Source)
	}
	for name, fails := range map[string]bool{"example": false, "fail": true} {
		text, err := os.ReadFile(published + "fram/location." + name + ".json")
		require.NoError(t, err)
		report, err := fram().Decode("sensors/location", text)
		require.Equal(t, fails, err != nil, name)
		require.Equal(t, fails, report.Source != place.GNSS)
	}
	for topic, schema := range map[string]string{
		"pe/sales/diagnostics":  "ruter/sales-diagnostics.json",
		"device/9/diagnostics":  "fram/diagnostics.schema.json",
		"validators/9/response": "fram/response.schema.json",
	} {
		dialect, _, _ := strings.Cut(schema, "/")
		m := placetest.Described(t, dialect)[topic]
		compiled, err := placetest.Schemas(t, placetest.AsJSON(t, published+schema)).Compile("file.json")
		require.NoError(t, err)
		require.NoError(t, compiled.Validate(m.Examples[0].Payload), topic)
	}
}
