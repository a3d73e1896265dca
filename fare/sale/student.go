package sale

import (
	"time"

	"leima/cardlayout"
	"leima/fare"
)

// Studies are the contents of a certificate.
type Studies struct {
	Shown    cardlayout.Day // to the service point
	Dated    cardlayout.Day // of the certificate
	From, To cardlayout.Day // of the studies; To is 0 if it does not say
	Birth    cardlayout.Day
	FullTime bool

	// Excluded is a kind of study that gives no right, in the clerk's words; "" if
	// none.
	Excluded string
}

// StudentUntil is the last day of the right to a student's price by a certificate. Its error is a
// *Refusal.
func StudentUntil(s Studies, t *fare.Tariff) (cardlayout.Day, error) {
	a := request{t, fare.Say("the right to a student's price")}
	rule := &t.Terms.Student
	if err := a.checkStudies(&s, rule); err != nil {
		return 0, err
	}
	if s.To != 0 && (rule.UntilMonth == 0 || s.short(rule)) {
		return s.To, nil
	}
	year, _, _ := s.Shown.Date()
	until := time.Date(year+1, rule.UntilMonth, int(rule.UntilDay), 0, 0, 0, 0, time.UTC)
	return cardlayout.DayOf(until), nil
}

// short reports whether the studies take fewer months than give a right for a year.
func (s *Studies) short(rule *fare.StudentRule) bool {
	return rule.ShortMonths != 0 && s.From != 0 &&
		s.To+1 < fare.Span{Months: uint16(rule.ShortMonths)}.After(s.From)
}

func (a *request) checkStudies(s *Studies, rule *fare.StudentRule) error {
	oldest := rule.CertificateAge
	switch {
	case a.checkTerms() != nil:
		return a.checkTerms()
	case s.Excluded != "":
		return a.refuse(fare.RuleStudiesWithoutRight, "sell another group's ticket",
			"%s gives no right", s.Excluded)
	case !s.FullTime:
		return a.refuse(fare.RuleStudentCertificate, "sell another group's ticket",
			"the studies are not full-time")
	case (fare.Span{Months: 12 * uint16(rule.LeastAge)}).After(s.Birth) > s.Shown:
		return a.refuse(fare.RuleStudentAge, "sell the ticket of the customer's age",
			"the students' group begins at %d years", rule.LeastAge)
	case oldest != (fare.Span{}) && oldest.After(s.Dated) < s.Shown:
		return a.refuse(fare.RuleStudentCertificate, "ask for a new certificate",
			"the certificate is older than %v", oldest)
	case s.To != 0 && s.To < s.Shown:
		return a.refuse(fare.RuleStudentUntil, "sell another group's ticket",
			"the studies ended on %v", s.To)
	case s.To == 0 && rule.UntilMonth == 0:
		return a.refuse(fare.RuleStudentUntil, "ask for a certificate that says until when",
			"the certificate does not say when the studies end")
	}
	return nil
}
