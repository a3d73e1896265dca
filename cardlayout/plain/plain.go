// Package plain keeps input from commanding a terminal, a log or a page.
//
// A name in a timetable, a tariff or a configuration may hold control characters: some move a
// cursor, set a title or answer in the user's place, others reverse the direction of letters.
// Readers of text refuse them (Check, Strings); writers that can refuse nothing make them visible
// (Text, Writer).
package plain

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"
)

// commands reports whether a character is not text: C0, DEL and C1; the separators of lines and
// paragraphs; characters that change the direction of text (Unicode UAX #9); interlinear
// annotations; and tags. A tabulator and a line's end are text.
func commands(r rune) bool {
	switch r {
	case '\n', '\t':
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control) ||
		r >= 0xFFF9 && r <= 0xFFFB || r >= 0xE0000 && r <= 0xE007F
}

// Text makes the characters that are not text visible, as \u001b.
func Text(text string) string {
	if strings.IndexFunc(text, commands) < 0 && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for _, r := range text { // a broken byte is U+FFFD here
		if commands(r) {
			writeVisible(&b, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// writeVisible escapes a character as JSON does.
func writeVisible(b *strings.Builder, r rune) {
	if r > 0xFFFF {
		high, low := (r-0x10000)>>10+0xD800, (r-0x10000)&0x3FF+0xDC00
		fmt.Fprintf(b, `\u%04x\u%04x`, high, low)
		return
	}
	fmt.Fprintf(b, `\u%04x`, r)
}

// Check reports the first character that is not text; nil if none.
func Check(text string) error {
	at := strings.IndexFunc(text, commands)
	if at < 0 {
		return nil
	}
	r, _ := utf8.DecodeRuneInString(text[at:])
	return fmt.Errorf("character %d is U+%04X, which commands a terminal: take it out",
		utf8.RuneCountInString(text[:at])+1, r)
}

// CheckLine is Check for a single line without tabulators.
func CheckLine(text string) error {
	if strings.ContainsAny(text, "\n\t") {
		return errors.New("it has more than one line, or a tabulator: want one line")
	}
	return Check(text)
}

// Strings is Check of all strings in a value, at any depth; its error names the field as in TOML or
// JSON.
func Strings(v any) error { return check("", reflect.ValueOf(v)) }

func check(name string, v reflect.Value) error {
	switch v.Kind() {
	case reflect.String:
		if err := Check(v.String()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	case reflect.Pointer, reflect.Interface:
		return check(name, v.Elem())
	case reflect.Slice, reflect.Array:
		for n := range v.Len() {
			if err := check(name, v.Index(n)); err != nil {
				return err
			}
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			if err := check(name, key); err != nil {
				return err
			}
			if err := check(join(name, fmt.Sprint(key)), v.MapIndex(key)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for n := range v.NumField() {
			tag := v.Type().Field(n).Tag
			field, _, _ := strings.Cut(cmp.Or(tag.Get("toml"), tag.Get("json")), ",")
			if err := check(join(name, field), v.Field(n)); err != nil {
				return err
			}
		}
	}
	return nil
}

func join(table, name string) string {
	if table == "" || name == "" {
		return table + name
	}
	return table + "." + name
}

// Writer writes its input as Text, even if a character comes in two parts.
func Writer(to io.Writer) io.Writer { return &writer{to: to} }

type writer struct {
	to   io.Writer
	part []byte // of a character
}

// Write implements io.Writer.
func (w *writer) Write(p []byte) (int, error) {
	text := append(w.part, p...)
	end := len(text)
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		if last := text[len(text)-back:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				end -= back
			}
			break
		}
	}
	w.part = append([]byte(nil), text[end:]...)
	if _, err := io.WriteString(w.to, Text(string(text[:end]))); err != nil {
		return 0, err
	}
	return len(p), nil
}
