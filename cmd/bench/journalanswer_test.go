package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/validator/journal"
)

// A leaf is a field of an entry, however deep, that can be set.
type leaf struct {
	name  string
	value reflect.Value
}

// leavesOf are all that a value has; of a slice those of its first element.
func leavesOf(name string, v reflect.Value) (all []leaf) {
	switch _, moment := v.Interface().(time.Time); {
	case v.Kind() == reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		return leavesOf(name, v.Elem())
	case v.Kind() == reflect.Struct && !moment:
		for n := range v.NumField() {
			if v.Type().Field(n).Name == "_" {
				continue
			}
			all = append(all, leavesOf(name+"."+v.Type().Field(n).Name, v.Field(n))...)
		}
		return all
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() != reflect.Uint8:
		if v.Len() == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		}
		return leavesOf(name+"[0]", v.Index(0))
	}
	return []leaf{{name, v}}
}

// set gives a leaf a value by a number from 1 on: the same for the same.
func (l leaf) set(t *testing.T, number int) {
	switch v := l.value; {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Date(2026, 3, 2, 8, number, 0, 0, time.UTC)))
	case v.CanUint():
		v.SetUint(uint64(number))
	case v.CanInt():
		v.SetInt(int64(number))
	case v.Kind() == reflect.Bool:
		v.SetBool(number == 2)
	case v.Kind() == reflect.String:
		v.SetString(fmt.Sprint("word ", number))
	case v.Kind() == reflect.Array:
		v.Index(0).SetUint(uint64(number))
	case v.Kind() == reflect.Slice:
		v.SetBytes([]byte{byte(number)})
	default:
		t.Fatalf("%s: nobody here can set a %v", l.name, v.Type())
	}
}

// full is an entry with every field set by a number, and its fields.
func full(t *testing.T, kind journal.Kind, number int) (*journal.Entry, []leaf) {
	e := &journal.Entry{}
	leaves := leavesOf("Entry", reflect.ValueOf(e).Elem())
	for _, l := range leaves {
		l.set(t, number)
	}
	e.Kind = kind
	return e, leaves
}

// Ensure that whatever an entry has the JSON has, too: no field of it can change and the JSON
// stay as it is. And that the CBOR, which is where an entry is read from, has every field.
func TestJSONHasAll(t *testing.T) {
	text := func(e *journal.Entry) string {
		text, err := json.Marshal(exportedAnswer{e.Event.ID.Device, entryOf(*e)})
		require.NoError(t, err)
		return string(text)
	}
	changed := func(kind journal.Kind) (all map[string]bool) {
		e, leaves := full(t, kind, 1)
		all = map[string]bool{}
		for _, l := range leaves {
			if l.name == "Entry.Kind" {
				continue
			}
			before := text(e)
			l.set(t, 2)
			all[l.name] = text(e) != before
			l.set(t, 1)
		}
		return all
	}
	begun, closed := changed(journal.Intent), changed(journal.Settle)
	require.Greater(t, len(begun), 50)
	for name := range begun {
		if name != "Entry.Of.Device" { // the journal's own, like the event's
			require.True(t, begun[name] || closed[name], "the JSON has nothing of %s", name)
		}
	}
	folder(t)
	e, _ := full(t, journal.Intent, 2)
	d := newDevice(t, "whole", 1)
	e.Event.ID = cardlayout.EventID{Device: 1, Sequence: 1}
	require.NoError(t, d.Begin(e.Event))
	require.NoError(t, d.Settle(e.Event.ID, e.TMAC))
	var kept []journal.Entry
	require.NoError(t, d.Entries(0, func(e journal.Entry) error {
		kept = append(kept, e)
		return nil
	}))
	require.Equal(t, e.Event, kept[0].Event)
	require.Equal(t, e.TMAC, kept[1].TMAC)
}

// Ensure that a person is shown who has paid what, and to whom.
func TestShowTellsTheDriversPart(t *testing.T) {
	folder(t)
	d := newDevice(t, "j", 2)
	e, _ := full(t, journal.Intent, 2)
	e.Event.ID.Sequence, e.Event.Added, e.Event.Employer = 1, 2000, 77
	require.NoError(t, d.Begin(e.Event))
	require.NoError(t, d.Close())
	line := tool(t, "", "journal", "show", "j").out
	for _, said := range []string{
		"driver 2's shift 2-2", "added 20.00", "balance not read",
		"season 2 0.02 word 2 (R-002)", "reference word 2", "employer 77", "alike to a load before",
	} {
		require.Contains(t, line, said)
	}
	require.NotContains(t, line, "balance 0.02", "what is not known is not said")
}
