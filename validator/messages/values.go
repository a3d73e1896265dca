package messages

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/sale"
)

// format is a value as the language writes it within a sentence. Numbers, names, zones and times
// of day are the same in all.
func (l Language) format(value any) any {
	if err, is := value.(error); is {
		return l.Error(err)
	}
	if l.column() == English.column() {
		return value
	}
	switch v := value.(type) {
	case cardlayout.Cents:
		return strings.Replace(v.String(), ".", ",", 1)
	case cardlayout.Day:
		return Date(v)
	case fare.Span:
		return l.span(v)
	case sale.Trips:
		return l.Count(int(v), "trip")
	case cardlayout.Group:
		return l.Term("group", v)
	case cardlayout.Kind:
		return l.Term("kind", v)
	case fare.Channel:
		return l.Term("channel", v)
	case sale.Voider:
		return l.Term("voider", v)
	case fare.Reason:
		return l.Term("reason", v)
	}
	return value
}

// Term is a word of the program, such as a reason or a customer group, in the language; the word
// itself if it is not in the table.
func (l Language) Term(kind string, word any) string {
	name := fmt.Sprint(word)
	if key := kind + "." + name; Has(key) {
		return l.Text(key)
	}
	return name
}

// Label is a term with a capital letter.
func (l Language) Label(kind string, word any) string {
	first, size := utf8.DecodeRuneInString(l.Term(kind, word))
	return string(unicode.ToUpper(first)) + l.Term(kind, word)[size:]
}

// Product is the name of a season product of the tariff; its code if the tariff does not have it.
func (l Language) Product(code uint16, t *fare.Tariff) string {
	if t == nil {
		t = &fare.Tariff{}
	}
	if p, known := t.Season(code); known {
		return row{p.Name, p.Swedish, p.English}[l.column()]
	}
	return fmt.Sprint(code)
}

// Count is a number of things, such as "1 henkilö" or "3 henkilöä".
func (l Language) Count(n int, unit string) string {
	if n == 1 {
		return l.Text("one." + unit)
	}
	return l.Text("many."+unit, n)
}

// span writes "2 kuukautta", or "1 vuosi" for twelve months.
func (l Language) span(s fare.Span) string {
	days, months := l.Count(int(s.Days), "day"), l.Count(int(s.Months), "month")
	switch {
	case s.Months == 0:
		return days
	case s.Days != 0:
		return l.Text("and", months, days)
	case s.Months%12 == 0:
		return l.Count(int(s.Months/12), "year")
	}
	return months
}

// Euros is an amount as written in Finland in any language: "2,51 €".
func Euros(c cardlayout.Cents) string { return strings.Replace(c.String(), ".", ",", 1) + " €" }

// Date is a day as written in Finland: "2.3.2026".
func Date(d cardlayout.Day) string {
	year, month, day := d.Date()
	return fmt.Sprintf("%d.%d.%d", day, month, year)
}
