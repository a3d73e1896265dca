package panel

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"leima/hw"
)

// The size of the screen.
const (
	columns = 80
	rows    = 24
)

// A view turns items into text.
type view struct {
	Style
	signal hw.Signal
	notes  []string // the newest last; only those that fit below the panel
}

// add is the text that shows one more item.
func (v *view) add(i item) string {
	if i.note != "" {
		v.notes = append(v.notes, i.note)
		v.notes = v.notes[max(0, len(v.notes)-noteRows):]
	} else {
		v.signal = i.signal
	}
	switch {
	case v.Screen:
		return v.screen()
	case i.note != "":
		return i.note + "\n"
	case i.signal.Lamp == hw.LampIdle:
		return "" // the idle lamp needs no line
	}
	return v.line() + "\n"
}

// lamps are shape, word and colour of each lamp: shape and word are for those who see no colour.
var lamps = map[hw.Lamp]struct{ shape, word, colour string }{
	hw.LampIdle:   {"o", "READY", "\x1b[30;47m"},
	hw.LampGreen:  {"v", "GREEN", "\x1b[30;42m"},
	hw.LampYellow: {"!", "YELLOW", "\x1b[30;43m"},
	hw.LampRed:    {"x", "RED", "\x1b[97;41m"},
	hw.LampBlue:   {"?", "BLUE", "\x1b[97;44m"},
}

const unlit = "\x1b[0m"

// lit is text in the colour of the lamp.
func (v *view) lit(text string) string {
	if v.Colour {
		return lamps[v.signal.Lamp].colour + text + unlit
	}
	return text
}

// line is a signal in a transcript, in one row or two.
func (v *view) line() string {
	l, text := lamps[v.signal.Lamp], v.signal.Lines[0]
	if v.signal.Lines[1] != "" {
		text += ". " + v.signal.Lines[1]
	}
	first := v.lit(pad(" "+l.shape+" "+l.word, lampColumns)) + "  " + text
	if facts := v.facts(); len(facts) > 0 {
		return first + "\n" + strings.Repeat(" ", lampColumns+2) + strings.Join(facts, "  ")
	}
	return first
}

const lampColumns = 10

// facts are the amounts and times of a signal.
func (v *view) facts() []string {
	s := &v.signal
	var facts []string
	for _, f := range []struct{ name, value string }{
		{"fare", s.Charge}, {"balance", s.Balance}, {"until", s.Until},
	} {
		if f.value != "" {
			facts = append(facts, f.name+" "+f.value)
		}
	}
	if s.Took > 0 {
		facts = append(facts, fmt.Sprintf("%d ms", s.Took.Round(time.Millisecond).Milliseconds()))
	}
	return facts
}

// The rows of the screen: the panel in its frame, and the notes below it.
const (
	panelRows = 11
	noteRows  = rows - panelRows - 2
)

// screen is the whole screen, drawn over the last one. The lamp is large enough to be seen from the
// door.
func (v *view) screen() string {
	const width = 16
	s, l := &v.signal, lamps[v.signal.Lamp]
	right := [panelRows]string{3: s.Lines[0], 4: s.Lines[1], 8: strings.Join(v.facts(), "   ")}
	edge := "+" + strings.Repeat("-", columns-2) + "+\n"
	var b strings.Builder
	b.WriteString("\x1b[H\x1b[J" + edge)
	for n := 1; n < panelRows-1; n++ {
		lamp := strings.Repeat(" ", width)
		if n > 1 && n < panelRows-2 {
			lamp = v.lit(strings.Repeat(l.shape, width))
		}
		if n == panelRows/2 {
			lamp = v.lit(centred(" "+l.word+" ", l.shape, width))
		}
		b.WriteString("|  " + lamp + pad("    "+right[n], columns-width-4) + "|\n")
	}
	b.WriteString(edge)
	for _, note := range v.notes {
		b.WriteString("\n" + cut(note, columns))
	}
	return b.String()
}

// pad fills text up to width columns.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

// centred puts text in the middle of width columns of fill.
func centred(text, fill string, width int) string {
	left := (width - len(text)) / 2
	return strings.Repeat(fill, left) + text + strings.Repeat(fill, width-left-len(text))
}

func cut(text string, width int) string {
	if runes := []rune(text); len(runes) > width {
		return string(runes[:width-1]) + "…"
	}
	return text
}
