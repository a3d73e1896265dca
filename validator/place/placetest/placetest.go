// Package placetest holds what dialects hear and say to asyncapi.yaml, for their tests.
//
// Its one rule: a message that is described has a good and a bad example, and both are tried.
package placetest

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"leima/validator/place"
)

// A description is asyncapi.yaml as far as the tests read it.
type description struct {
	Channels map[string]struct {
		Address  string                       `json:"address"`
		Messages map[string]map[string]string `json:"messages"`
	} `json:"channels"`
	Operations map[string]struct {
		Action  string            `json:"action"`
		Channel map[string]string `json:"channel"`
		Tags    []struct {
			Name string `json:"name"`
		} `json:"tags"`
	} `json:"operations"`
	Components struct {
		Messages map[string]*Message `json:"messages"`
	} `json:"components"`
}

// A Message is one that is described.
type Message struct {
	ContentType string    `json:"contentType"`
	Examples    []Example `json:"examples"`
	BadExamples []Example `json:"x-bad-examples"`

	Address, Action string // "receive" or "send"
	Schema          *jsonschema.Schema
}

// An Example is one of a message.
type Example struct {
	Name    string `json:"name"`
	Payload any    `json:"payload"`
}

// Bytes is an example as a broker carries it.
func (m *Message) Bytes(t testing.TB, e Example) []byte {
	t.Helper()
	if m.ContentType == "text/plain" {
		return []byte(e.Payload.(string))
	}
	text, err := json.Marshal(e.Payload)
	require.NoError(t, err)
	return text
}

// AsJSON reads YAML, or JSON, as JSON.
func AsJSON(t testing.TB, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var v any
	require.NoError(t, yaml.Unmarshal(text, &v))
	text, err = json.Marshal(v)
	require.NoError(t, err)
	return text
}

// Schemas are those of a file of JSON, which is file.json then.
func Schemas(t testing.TB, text []byte) *jsonschema.Compiler {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	require.NoError(t, err)
	delete(document.(map[string]any), "$schema")
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft7) // that of AsyncAPI
	c.AssertFormat()
	require.NoError(t, c.AddResource("file.json", document))
	return c
}

// Device is the validator's number in the tests.
const Device = "9"

// Described are the messages of a dialect in asyncapi.yaml, by their addresses.
func Described(t testing.TB, dialect string) map[string]*Message {
	t.Helper()
	text := AsJSON(t, "../asyncapi.yaml")
	var d description
	require.NoError(t, json.Unmarshal(text, &d))
	compiler, described := Schemas(t, text), map[string]*Message{}
	require.Len(t, d.Operations, len(d.Channels))
	for operation, o := range d.Operations {
		require.NotEmpty(t, o.Tags, operation)
		channel := d.Channels[strings.TrimPrefix(o.Channel["$ref"], "#/channels/")]
		require.Len(t, channel.Messages, 1)
		for name, to := range channel.Messages {
			require.Equal(t, "#/components/messages/"+name, to["$ref"])
			m := *d.Components.Messages[name]
			require.NotEmpty(t, m.Examples, name)
			require.NotEmpty(t, m.BadExamples, name)
			m.Address = strings.ReplaceAll(channel.Address, "{device}", Device)
			m.Action = o.Action
			var err error
			m.Schema, err = compiler.Compile("file.json#/components/messages/" + name + "/payload")
			require.NoError(t, err)
			for _, tag := range o.Tags {
				if tag.Name == dialect {
					described[m.Address] = &m
				}
			}
		}
	}
	return described
}

// A Dialect is what is tested.
type Dialect interface {
	Topics() []string
	Requests() []string
	Decode(topic string, payload []byte) (place.Report, error)
}

// Try tries the description of a dialect: it has every topic; of each message a good example is
// read, or said so; and a bad one neither the schema allows nor the dialect reads. Each example
// meets a dialect that has heard nothing yet.
func Try(t *testing.T, name string, newDialect func() Dialect, said map[string][]byte) {
	t.Helper()
	var heard []string
	for address, m := range Described(t, name) {
		for _, e := range m.Examples {
			require.NoError(t, m.Schema.Validate(e.Payload), address)
		}
		for _, e := range m.BadExamples {
			require.Error(t, m.Schema.Validate(e.Payload), "%s %s", address, e.Name)
		}
		if m.Action == "send" {
			require.JSONEq(t, string(m.Bytes(t, m.Examples[0])), string(said[address]), address)
			delete(said, address)
			continue
		}
		heard = append(heard, address)
		if slices.Contains(newDialect().Requests(), address) {
			continue // whatever they hold
		}
		for _, e := range m.Examples {
			_, err := newDialect().Decode(address, m.Bytes(t, e))
			require.NoError(t, err, address)
		}
		for _, e := range m.BadExamples {
			_, err := newDialect().Decode(address, m.Bytes(t, e))
			require.Error(t, err, "%s %s", address, e.Name)
		}
	}
	require.Empty(t, said)
	d := newDialect()
	require.ElementsMatch(t, append(d.Topics(), d.Requests()...), heard)
}
