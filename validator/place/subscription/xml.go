package subscription

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Unmarshal decodes what a service has sent. Names count without their namespaces. What a text says
// of its own encoding is not believed: some say UTF-16 and send UTF-8 (github.com/frutabruta/
// VDV301publisher). What is no UTF-8 is taken for Latin-1. Its error shows nothing of the text.
func Unmarshal(text []byte, v any) error {
	if !utf8.Valid(text) {
		letters := make([]rune, len(text))
		for n, b := range text {
			letters[n] = rune(b)
		}
		text = []byte(string(letters))
	}
	decoder := xml.NewDecoder(bytes.NewReader(text))
	decoder.CharsetReader = func(_ string, text io.Reader) (io.Reader, error) { return text, nil }
	if err := decoder.Decode(v); err != nil {
		return errors.New("is no XML, or has a value of a wrong type")
	}
	return nil
}

// Time is a time by a service's clock, zero if the text is none. One without its zone, as many are,
// tells a repetition from news all the same, which is all that it is for.
func Time(text string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05"} {
		if at, err := time.Parse(layout, strings.TrimSpace(text)); err == nil {
			return at
		}
	}
	return time.Time{}
}
