package page

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"leima/cardlayout"
	"leima/validator/api"
	"leima/validator/depot"
	"leima/validator/depot/settlement"
)

// mostCases is how many are shown at once: somebody has to look at each of them.
const mostCases = 200

// A case is something that a person has to look at.
type workCase struct {
	Key   string
	Alarm *depot.Alarm    // of a device
	Row   *settlement.Row // of a card
}

// Work is what is shown of the cases.
type work struct {
	Cases []workCase
	More  int // that are not shown

	Silent []device // of which what is late is waited for
}

func (p *Page) work(v *visit) error {
	open, silent, err := p.open(v.q)
	if err != nil {
		return err
	}
	shown := work{Silent: silent, Cases: open[:min(len(open), mostCases)]}
	shown.More = len(open) - len(shown.Cases)
	return v.show("work", shown)
}

// open are the cases that nobody has said to be done, those of devices first; and the devices of
// which nothing is heard.
func (p *Page) open(q *http.Request) (open []workCase, still []device, err error) {
	finished := map[string]bool{}
	p.book.each(dealt, func(e entry) { finished[e.Case] = true })
	add := func(c workCase) {
		if !finished[c.Key] {
			open = append(open, c)
		}
	}
	waited := p.Devices()
	slices.Sort(waited)
	for _, number := range slices.Sorted(slices.Values(p.Known())) {
		d, err := p.device(q.Context(), number)
		if err != nil {
			return nil, nil, err
		}
		_, speaks := slices.BinarySearch(waited, number)
		if speaks && p.Now().Sub(d.Heard).Abs() > quiet {
			still = append(still, d)
		}
		alike := map[depot.Alarm]int{} // two copies may part from a device at one entry
		for _, a := range d.Alarms {
			key := fmt.Sprintf("alarm-%d-%d-%d-%d", a.Device, a.Kind, a.First, a.Last)
			if alike[a]++; alike[a] > 1 {
				key += fmt.Sprintf("-%d", alike[a])
			}
			add(workCase{Key: key, Alarm: &a})
		}
	}
	return open, still, p.Ledger.Cases(func(r settlement.Row) error {
		add(workCase{Key: keyOf(&r), Row: &r})
		return nil
	})
}

// keyOf names a row's case in the book, also once the ledger was made anew, without saying whose
// card it is about.
func keyOf(r *settlement.Row) string {
	if r.Event != 0 {
		return fmt.Sprintf("event-%d-%d-%d", r.Verdict, r.Device, r.Event)
	}
	return fmt.Sprintf("run-%d-%v-%d-%d-%x", r.Verdict, r.Late, r.Counter, r.Last, r.Card[:4])
}

// longestNote is the most characters of a note.
const longestNote = 200

// done notes that a case is done, and why.
func (p *Page) done(v *visit) error {
	key, note := v.q.PostFormValue("case"), strings.TrimSpace(v.q.PostFormValue("note"))
	if note == "" || utf8.RuneCountInString(note) > longestNote || !utf8.ValidString(note) {
		return api.Refuse(http.StatusBadRequest,
			"a case is done with a note of what was done, in 200 characters at most")
	}
	if cardlayout.HasNumber(visible(note)) {
		return api.Refuse(http.StatusBadRequest,
			"the book keeps no card's number: write the note without a card's number")
	}
	open, _, err := p.open(v.q)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(open, func(c workCase) bool { return c.Key == key }) {
		return api.Refuse(http.StatusConflict,
			"this case is none any more: somebody has done it, or more is known of it")
	}
	err = p.book.add(entry{
		At: p.Now().UTC(), Person: v.session.person.Number, Did: dealt, Case: key, Note: note,
	})
	if err != nil {
		return err
	}
	return v.goTo("/work")
}
