package onboard

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/validator"
	"leima/validator/api"
	"leima/validator/sim/simtest"
)

// Ensure that a tap is said in FRAM's words as its holder sees it: one who has paid already has a
// valid card, and one whose tap has to be repeated is warned.
func TestTapInFRAMsWords(t *testing.T) {
	bus := simtest.NewBus(t)
	c := &Config{}
	c.Device, c.Sources.MQTT = 9, "mqtt://127.0.0.1"
	speaker := c.fram(&api.Local{Terminal: bus.Terminal, Journal: bus.Journal})
	traces := map[string]bool{}
	for _, row := range []struct {
		ending   validator.Ending
		reason   fare.Reason
		validity string
	}{
		{validator.Accepted, fare.Recovered, "VALID"},
		{validator.Refused, fare.AlreadyStamped, "VALID"},
		{validator.Refused, fare.Blocked, "INVALID"},
		{validator.TryAgain, 0, "WARNING"},
		{validator.Uncertain, fare.Recovered, "WARNING"},
		{validator.Fault, 0, "ERROR"},
	} {
		outcome := validator.Outcome{Ending: row.ending}
		outcome.Decision.Reason = row.reason
		said := 0
		say := func(topic string, payload []byte, retain bool) {
			said++
			var m struct {
				Trace  string `json:"traceId"`
				Result struct{ Validity, Title string }
			}
			require.NoError(t, json.Unmarshal(payload, &m))
			require.Equal(t, []any{"validators/9/response", false}, []any{topic, retain})
			require.Equal(t, row.validity, m.Result.Validity, "%v %v", row.ending, row.reason)
			require.NotEmpty(t, m.Result.Title)
			require.NotContains(t, m.Result.Title, "%")
			require.False(t, traces[m.Trace], "each message has an id of its own")
			traces[m.Trace] = true
		}
		require.NoError(t, bus.Validator.Do(func() error { // as a tap does
			speaker.tapped(say, &outcome)
			return nil
		}))
		require.Equal(t, 1, said)
	}
}

// Ensure that how the validator is, is said when it has changed or others ask, and not otherwise, and
// that nothing else is said in Ruter's words.
func TestConditionIsNews(t *testing.T) {
	bus := simtest.NewBus(t)
	local := &api.Local{Terminal: bus.Terminal, Journal: bus.Journal}
	c := &Config{}
	c.Device = 9
	for name, make := range dialects {
		speaker := make(c, local)
		said := map[string]int{}
		say := func(topic string, _ []byte, _ bool) { said[topic]++ }
		speaker.condition(say, condition{}, true)
		all := len(said)
		require.Positive(t, all, name)
		speaker.condition(say, condition{}, false)
		speaker.condition(say, condition{ready: true}, false)
		speaker.condition(say, condition{ready: true}, false)
		speaker.condition(say, condition{ready: true}, true)
		for topic, times := range said {
			require.Equal(t, 3, times, topic)
		}
		if name == "ruter" {
			speaker.tapped(say, &validator.Outcome{Ending: validator.Accepted})
			speaker.doubt(say, "", "")
			require.Len(t, said, all)
		}
	}
}
