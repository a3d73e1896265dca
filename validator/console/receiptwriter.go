package console

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"leima/cardlayout"
	"leima/fare"
	"leima/validator/api"
	"leima/validator/messages"
)

// columns is the width of a receipt.
const columns = 40

// A receiptWriter writes the text of a receipt.
type receiptWriter struct {
	strings.Builder
	language messages.Language
	zone     *time.Location
}

func (p *receiptWriter) word(key string) string { return p.language.Text(key) }

// heading is a message in capital letters.
func (p *receiptWriter) heading(key string) string { return strings.ToUpper(p.word(key)) }

func (p *receiptWriter) line(text string) {
	p.WriteString(strings.TrimRight(text, " "))
	p.WriteByte('\n')
}

func (p *receiptWriter) rule() { p.line(strings.Repeat("-", columns)) }

func (p *receiptWriter) centre(text string) {
	for _, part := range wrap(text, columns) {
		p.line(strings.Repeat(" ", (columns-utf8.RuneCountInString(part))/2) + part)
	}
}

func (p *receiptWriter) text(text string) {
	for _, part := range wrap(text, columns) {
		p.line(part)
	}
}

// pair writes one text at the left margin and one at the right, on two lines if need be.
func (p *receiptWriter) pair(left, right string) {
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

// lines writes the lines of a sale, multiplied by times, and returns the part that the customer
// pays.
func (p *receiptWriter) lines(lines []api.Line, times int64) (cash int64) {
	for _, l := range lines {
		left := p.language.Label("item", l.Item)
		if l.Payer == string(fare.PayerCustomer) || l.Payer == "" {
			cash += l.Amount * times
		} else {
			left = p.language.Text("paid by", left, p.language.Term("payer", l.Payer))
		}
		p.pair(left, euros(l.Amount*times))
	}
	return cash
}

func (p *receiptWriter) total(cents int64) { p.pair(p.heading("total"), euros(cents)) }

// wrap breaks a text into lines, without unprintable characters.
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

func euros(cents int64) string { return messages.Euros(cardlayout.Cents(cents)) }

// stamp formats a local time or a day for people; other text is unchanged.
func stamp(text string) string {
	if t, err := time.Parse("2006-01-02T15:04", text); err == nil {
		return t.Format("2.1.2006 15:04")
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return t.Format("2.1.2006")
	}
	return text
}

func sorted(taps map[string]int) []string { return slices.Sorted(maps.Keys(taps)) }
