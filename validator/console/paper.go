package console

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"leima/fare"
	"leima/fare/words"
	"leima/validator/api"
)

// columns is how wide a receipt is.
const columns = 40

// A paper is a receipt that is being written.
type paper struct {
	strings.Builder
	language words.Language
	zone     *time.Location
}

func (p *paper) word(key string) string { return in(p.language, key) }

func (p *paper) line(text string) {
	p.WriteString(strings.TrimRight(text, " "))
	p.WriteByte('\n')
}

func (p *paper) rule() { p.line(strings.Repeat("-", columns)) }

func (p *paper) centre(text string) {
	for _, part := range wrap(text, columns) {
		p.line(strings.Repeat(" ", (columns-utf8.RuneCountInString(part))/2) + part)
	}
}

func (p *paper) text(text string) {
	for _, part := range wrap(text, columns) {
		p.line(part)
	}
}

// pair writes one thing at the left margin and one at the right, on two lines if need be.
func (p *paper) pair(left, right string) {
	lefts, rights := wrap(left, columns), wrap(right, columns)
	for len(lefts) > 1 || len(rights) > 1 && len(lefts) > 0 {
		p.line(lefts[0])
		lefts = lefts[1:]
	}
	for ; len(rights) > 1; rights = rights[1:] {
		p.line(rights[0])
	}
	left, right = strings.Join(lefts, ""), strings.Join(rights, "")
	gap := columns - utf8.RuneCountInString(left) - utf8.RuneCountInString(right)
	if gap < 1 && left != "" {
		p.line(left)
		left, gap = "", columns-utf8.RuneCountInString(right)
	}
	p.line(left + strings.Repeat(" ", max(gap, 0)) + right)
}

// lines writes what was sold, so many times, and returns what the customer has to pay.
func (p *paper) lines(lines []api.Line, times int64) (cash int64) {
	for _, l := range lines {
		left := p.word(l.Item)
		if l.Payer == string(fare.TheCustomer) || l.Payer == "" {
			cash += l.Amount * times
		} else {
			left += " (" + p.word("paid by") + ": " + p.word(l.Payer) + ")"
		}
		p.pair(left, euros(l.Amount*times))
	}
	return cash
}

func (p *paper) total(cents int64) { p.pair(p.word("total"), euros(cents)) }

// wrap breaks a text into lines. What no printer can print is left out.
func wrap(text string, width int) (lines []string) {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text)
	line := []rune(strings.TrimRight(text, " "))
	for len(line) > width {
		cut := width
		for n := width; n > width/2; n-- {
			if line[n] == ' ' {
				cut = n
				break
			}
		}
		lines = append(lines, string(line[:cut]))
		line = []rune(strings.TrimLeft(string(line[cut:]), " "))
	}
	if len(line) > 0 {
		lines = append(lines, string(line))
	}
	return lines
}

func euros(cents int64) string {
	sign := ""
	if cents < 0 && cents != math.MinInt64 {
		sign, cents = "-", -cents
	}
	return fmt.Sprintf("%s%d,%02d €", sign, cents/100, cents%100)
}

// stamp is a local time or a day as people write it here; what is neither stays as it is.
func stamp(text string) string {
	if t, err := time.Parse("2006-01-02T15:04", text); err == nil {
		return t.Format("2.1.2006 15:04")
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return t.Format("2.1.2006")
	}
	return text
}

func spoken(w api.Words, language words.Language) string {
	switch language {
	case words.Swedish:
		return w.Swedish
	case words.English:
		return w.English
	}
	return w.Finnish
}

func sorted(taps map[string]int) []string { return slices.Sorted(maps.Keys(taps)) }

// reasons are the names of what events come to.
var reasons = func() map[string]fare.Reason {
	all := map[string]fare.Reason{}
	for r := fare.Reason(1); r < math.MaxUint8; r++ {
		all[r.String()] = r
	}
	return all
}()

// reasonIn is what events came to, in words.
func reasonIn(name string, language words.Language) string {
	if r, known := reasons[name]; known {
		return words.Reason(r, language)
	}
	return name
}
