// Package payload reads what messages on a bus hold, whatever their dialect: a table of topics with
// what reads each, JSON, and text that people see.
//
// Its rules: a payload over 64 KiB is not read; fields that are not known are passed over; an error
// names the topic, and shows nothing of the payload but a field's name.
package payload

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"leima/cardlayout/plain"
	"leima/validator/place"
)

// The limits of what is taken from outside.
const (
	Largest   = 64 << 10 // bytes of a message
	Longest   = 100      // characters of a text
	MostStops = 200      // of a trip
)

// Topics are the messages that a dialect reads, by their topics.
type Topics[Dialect any] map[string]func(Dialect, []byte, *place.Report) error

// Names are the topics, below a prefix that some buses have.
func (t Topics[Dialect]) Names(prefix string) (names []string) {
	for topic := range t {
		names = append(names, prefix+topic)
	}
	slices.Sort(names)
	return names
}

// Decode is what a message says. A dialect's reader may give the report another source.
func (t Topics[Dialect]) Decode(d Dialect, by place.Source, topic, prefix string, payload []byte) (
	place.Report, error,
) {
	decode, known := t[strings.TrimPrefix(topic, prefix)]
	report := place.Report{Source: by}
	var err error
	switch {
	case !known:
		err = fmt.Errorf("is no topic of %v", by)
	case len(payload) > Largest:
		err = fmt.Errorf("has %d bytes: want at most %d", len(payload), Largest)
	default:
		err = decode(d, payload, &report)
	}
	if err != nil {
		return place.Report{}, fmt.Errorf("%s: %w", Text(topic), err)
	}
	return report, nil
}

// JSON reads an object.
func JSON(payload []byte, m any) error {
	err := json.Unmarshal(payload, m)
	if wrong, is := errors.AsType[*json.UnmarshalTypeError](err); is {
		return fmt.Errorf("%s is of a wrong type: %s", cmp.Or(Text(wrong.Field), "the message"),
			Text(wrong.Value))
	} else if err != nil {
		return errors.New("is no JSON")
	}
	return nil
}

// Text is a text that commands nothing, of one line and at most Longest characters.
func Text(text string) string { return plain.Line(text, Longest) }
