package page

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"net/http"
	"strings"
	"unicode"

	"leima/cardlayout"
	"leima/cardlayout/plain"
	"leima/fare"
	"leima/validator"
	"leima/validator/api"
	"leima/validator/depot/settlement"
	"leima/validator/journal"
	"leima/validator/ledger"
	"leima/validator/messages"
)

// A story is what is shown of a card.
type story struct {
	Card  cardlayout.Number
	Lines []line
	Looks []entry // of others before
}

// A line of a story says when and where something was, what it was, and what it comes to.
type line struct{ When, Where, What, Outcome string }

func askCard(v *visit) error { return v.show("card", story{}) }

// card tells a card's story, once the book says who has asked.
func (p *Page) card(v *visit) error {
	card, err := p.asked(v.q)
	if err != nil {
		return err
	}
	told := story{Card: card}
	mark := p.mark(card)
	p.book.each(looked, func(e entry) {
		if e.Card == mark {
			told.Looks = append(told.Looks, e)
		}
	})
	err = p.book.add(entry{
		At: p.Now().UTC(), Person: v.session.person.Number, Did: looked, Card: mark,
	})
	if err != nil {
		return err
	}
	acts, err := p.Ledger.Story(card)
	if err != nil {
		return err
	}
	for n := range acts {
		told.Lines = append(told.Lines, p.tell(&acts[n], v.language))
	}
	return v.show("card", told)
}

// asked is the card that is asked for: by its number, or by its pseudonym in the list of cases.
func (p *Page) asked(q *http.Request) (card cardlayout.Number, err error) {
	var of settlement.Pseudonym
	if text := q.PostFormValue("case"); text == "" {
		card, err = cardlayout.ParseNumber(visible(q.PostFormValue("number")))
	} else if err = of.UnmarshalText([]byte(text)); err == nil {
		if card, err = p.Ledger.Whose(of); err == nil && card == 0 {
			err = api.Refuse(http.StatusNotFound, "it is no longer known here whose card this is: "+
				"nothing more can be found out, and the case may be done")
		}
		if err != nil {
			return 0, err
		}
	}
	if err != nil || card == 0 {
		return 0, api.Refuse(http.StatusBadRequest,
			"this is no card's number: want the 18 digits that stand on it")
	}
	return card, nil
}

// visible is what a person sees of a text that was copied: not the marks of its direction.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
}

// mark is how the book names a card.
func (p *Page) mark(card cardlayout.Number) string {
	mac := hmac.New(sha256.New, p.Pepper)
	_, _ = mac.Write(binary.BigEndian.AppendUint64([]byte("a card in the book"), uint64(card)))
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// tell says an act in plain words.
func (p *Page) tell(a *settlement.Act, in messages.Language) line {
	e := &a.Event
	if e.ID.Sequence == 0 {
		l := line{What: in.Text("depot.unheld"), Outcome: outcome(a, in)}
		if n := a.Row.Last - a.Row.Counter + 1; n > 1 {
			l.What = in.Text("depot.unheld.many", n)
		}
		return l
	}
	l := line{
		When:    clock(e.At, p.Zone),
		Where:   in.Text("depot.where", e.ID.Device) + place(e, in),
		What:    in.Label("reason", e.Reason) + ".",
		Outcome: outcome(a, in),
	}
	if e.Estimated {
		l.When = in.Text("depot.about", l.When)
	}
	say := func(said bool, key string, values ...any) {
		if said {
			l.What += " " + in.Text(key, values...)
		}
	}
	say(e.Fault != "", "depot.fault")
	say(e.Persons > 1, "depot.persons", e.Persons)
	if !happened(a) {
		say(e.Charge != 0, "depot.wanted", messages.Euros(e.Charge))
		return l
	}
	say(e.Charge != 0, "depot.charged", messages.Euros(e.Charge))
	added := e.ValueAdded()
	say(added > 0, "depot.added", messages.Euros(added))
	say(added < 0, "depot.takenback", messages.Euros(-added))
	if cash := e.Receipt.PaidBy(fare.PayerCustomer); cash > 0 {
		say(true, "depot.paid", messages.Euros(cash))
	}
	say(!e.BalanceUnknown && e.Fault == "", "depot.left", messages.Euros(e.Balance))
	return l
}

// place is where an event was, as far as its device knew it.
func place(e *validator.Event, in messages.Language) (where string) {
	if e.Line != "" {
		where += in.Text("depot.online", said(e.Line))
	}
	if e.Stop != "" {
		where += in.Text("depot.atstop", said(e.Stop))
	}
	if e.Zone != 0 {
		where += in.Text("depot.inzone", cardlayout.ZoneRun(e.Zone, e.Zone))
	}
	return where
}

// said is what a device says, as it may stand on a page: cut, and without what turns text around.
func said(text string) string { return plain.Line(text, 60) }

// happened reports whether an act is what its event says, as far as is known: the card was read, or
// has changed.
func happened(a *settlement.Act) bool {
	if a.Row == nil {
		return a.Kind == journal.Record
	}
	switch a.Row.Verdict {
	case ledger.InDoubt, ledger.Undone, ledger.Open:
		return false
	}
	return true
}

// outcome says what is known of an act.
func outcome(a *settlement.Act, in messages.Language) string {
	switch {
	case a.Row != nil && a.Row.Late:
		return in.Text("depot.verdict.late")
	case a.Row != nil:
		return in.Term("depot.verdict", a.Row.Verdict)
	case a.Kind == journal.Record:
		return in.Text("depot.verdict.read")
	case a.Kind == journal.Void:
		return in.Text("depot.verdict.void")
	}
	return in.Text("depot.verdict.open")
}
