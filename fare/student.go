package fare

import (
	"time"

	"leima/cardlayout"
)

// StudentRule is who has the right to a student's price, and how long.
type StudentRule struct {
	LeastAge uint8 // in years; 0: any age

	// The right ends on this date of the year after the certificate was shown.
	// Month 0 means that it ends with the studies.
	UntilMonth time.Month
	UntilDay   uint8

	// ShortMonths: studies of fewer months give the right for their time alone; 0: none.
	ShortMonths uint8

	// CertificateAge is how old a certificate may be; zero: any age.
	CertificateAge Span
}

// Studies are what a certificate says of its owner.
type Studies struct {
	Shown    cardlayout.Day // to the service point
	Dated    cardlayout.Day // of the certificate
	From, To cardlayout.Day // of the studies; To 0 where it does not say
	Birth    cardlayout.Day
	FullTime bool

	// Excluded is one of the kinds of study that give no right, in the
	// clerk's words; "" for none.
	Excluded string
}

// StudentUntil is the last day of the right to a student's price that a certificate
// gives, or a *Refusal.
func StudentUntil(s Studies, t *Tariff) (cardlayout.Day, error) {
	a := asking{t, "the right to a student's price"}
	rule := &t.Office.Student
	if err := a.studiesRefused(&s, rule); err != nil {
		return 0, err
	}
	if s.To != 0 && (rule.UntilMonth == 0 || s.short(rule)) {
		return s.To, nil
	}
	year, _, _ := s.Shown.Date()
	until := time.Date(year+1, rule.UntilMonth, int(rule.UntilDay), 0, 0, 0, 0, time.UTC)
	return cardlayout.DayOf(until), nil
}

// short tells whether the studies take fewer months than give the right for a year.
func (s *Studies) short(rule *StudentRule) bool {
	return rule.ShortMonths != 0 && s.From != 0 &&
		s.To+1 < Span{Months: uint16(rule.ShortMonths)}.After(s.From)
}

func (a *asking) studiesRefused(s *Studies, rule *StudentRule) error {
	oldest := rule.CertificateAge
	switch {
	case a.termsRefused() != nil:
		return a.termsRefused()
	case s.Excluded != "":
		return a.refuse(145, "sell another group's ticket", "%s gives no right", s.Excluded)
	case !s.FullTime:
		return a.refuse(142, "sell another group's ticket", "the studies are not full-time")
	case (Span{Months: 12 * uint16(rule.LeastAge)}).After(s.Birth) > s.Shown:
		return a.refuse(140, "sell the ticket of the customer's age",
			"the students' group begins at %d years", rule.LeastAge)
	case oldest != (Span{}) && oldest.After(s.Dated) < s.Shown:
		return a.refuse(142, "ask for a new certificate",
			"the certificate is older than %v", oldest)
	case s.To != 0 && s.To < s.Shown:
		return a.refuse(143, "sell another group's ticket", "the studies ended on %v", s.To)
	case s.To == 0 && rule.UntilMonth == 0:
		return a.refuse(143, "ask for a certificate that says until when",
			"the certificate does not say when the studies end")
	}
	return nil
}
