package messages

import (
	"errors"

	"leima/fare"
	"leima/fare/sale"
)

// Error is an error's text: in English its own, otherwise that of the refusal or phrase in it, if
// any.
func (l Language) Error(err error) string {
	var refusal *sale.Refusal
	var phrase fare.Phrase
	switch {
	case l.column() == English.column():
		return err.Error()
	case errors.As(err, &refusal):
		return (&sale.Refusal{
			Rule: refusal.Rule, Asked: l.phrase(refusal.Asked),
			Why: l.phrase(refusal.Why), Do: l.phrase(refusal.Do),
		}).Error()
	case errors.As(err, &phrase):
		return l.phrase(phrase).Error()
	}
	return err.Error()
}

// phrase is a phrase translated with its values.
func (l Language) phrase(p fare.Phrase) fare.Phrase {
	return fare.Say("%s", l.Text(p.Template(), p.Values()...))
}
