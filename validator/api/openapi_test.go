package api

import (
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// A schema of the description, as far as we use it.
type schema struct {
	Ref        string            `yaml:"$ref"`
	Type       string            `yaml:"type"`
	Required   []string          `yaml:"required"`
	Properties map[string]schema `yaml:"properties"`
	Items      *schema           `yaml:"items"`
	Values     *schema           `yaml:"additionalProperties"`
}

type description struct {
	Paths map[string]map[string]struct {
		Responses map[string]any `yaml:"responses"`
	} `yaml:"paths"`
	Components struct {
		Schemas map[string]yaml.Node `yaml:"schemas"`
	} `yaml:"components"`
}

func described(t *testing.T) (d description) {
	t.Helper()
	require.NoError(t, yaml.Unmarshal(openAPI, &d))
	return d
}

// Ensure that the description has every path that is answered, and no other.
func TestOpenAPIPaths(t *testing.T) {
	var said, answered []string
	for path, methods := range described(t).Paths {
		for method, m := range methods {
			said = append(said, strings.ToUpper(method)+" "+path)
			require.Contains(t, m.Responses, "200", path)
			require.Contains(t, m.Responses, "401", path)
		}
	}
	for pattern := range (&server{}).paths() {
		answered = append(answered, pattern)
	}
	require.ElementsMatch(t, said, answered)
}

// Ensure that the description has every field of every message by its type, that those
// which are always there are required, and that it has no other.
func TestOpenAPISchemas(t *testing.T) {
	types := map[string]reflect.Type{}
	for _, v := range []any{
		State{},
		Offer{},
		[]Tap{},
		Message{},
		Order{},
		Answer{},
		Question{},
		Advice{},
		Tally{},
		Refused{},
		Departures{},
	} {
		collect(reflect.TypeOf(v), types)
	}
	schemas := described(t).Components.Schemas
	require.Len(t, schemas, len(types))
	for name, typ := range types {
		node, known := schemas[name]
		require.True(t, known, name)
		var s schema
		node.Content = slices.Clone(node.Content)
		for n := 0; n < len(node.Content); n += 2 { // of a struct it is only false
			if node.Content[n].Value == "additionalProperties" {
				require.Equal(t, "false", node.Content[n+1].Value, name)
				node.Content = slices.Delete(node.Content, n, n+2)
			}
		}
		require.NoError(t, node.Decode(&s))
		var fields, required []string
		for _, f := range reflect.VisibleFields(typ) {
			tag, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			if f.Anonymous || tag == "-" {
				continue
			}
			fields = append(fields, tag)
			if options == "" {
				required = append(required, tag)
			}
			require.Equal(t, schemaOf(f.Type), short(s.Properties[tag]), "%s.%s", name, tag)
		}
		require.Len(t, s.Properties, len(fields), name)
		require.ElementsMatch(t, required, s.Required, name)
	}
}

// collect finds the structs that a type is made of.
func collect(t reflect.Type, all map[string]reflect.Type) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		collect(t.Elem(), all)
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() || all[t.Name()] != nil {
			return
		}
		if t != reflect.TypeFor[Benefit]() { // part of Funding
			all[t.Name()] = t
		}
		for n := range t.NumField() {
			collect(t.Field(n).Type, all)
		}
	}
}

// schemaOf is a type in a word.
func schemaOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem())
	case reflect.Slice:
		return "array of " + schemaOf(t.Elem())
	case reflect.Map:
		return "map of " + schemaOf(t.Elem())
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			return "string"
		}
		return t.Name()
	}
	return "integer"
}

func short(s schema) string {
	switch {
	case s.Ref != "":
		return s.Ref[strings.LastIndex(s.Ref, "/")+1:]
	case s.Type == "array":
		return "array of " + short(*s.Items)
	case s.Values != nil:
		return "map of " + short(*s.Values)
	}
	return s.Type
}

// Ensure that anyone who has the address gets the description.
func TestOpenAPIIsServed(t *testing.T) {
	w := httptest.NewRecorder()
	newHandler(nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/openapi.yaml", nil))
	require.Equal(t, openAPI, w.Body.Bytes())
}
