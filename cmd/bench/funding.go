package main

import (
	"errors"
	"strings"

	"leima/cardlayout"
	"leima/fare"
)

// funding is whose money buys, on the command line.
type funding struct {
	Employer  bool   `xor:"funding" help:"An employer pays for it."`
	Benefit   string `xor:"funding" placeholder:"TYPE" help:"A benefit pays for it: its type."`
	Share     string `placeholder:"AMOUNT" help:"What either pays; else all of it."`
	Paid      string `placeholder:"AMOUNT" help:"What the benefit's telephone says it has paid."`
	Reference string `placeholder:"TEXT" help:"The reference of that payment."`
}

// of is the funding of a sale.
func (f *funding) of(s fare.Sale) (fare.Funding, error) {
	by := fare.Funding{}
	var bad [2]error
	if f.Share != "" {
		by.Share, bad[0] = cardlayout.ParseCents(f.Share)
	}
	switch {
	case f.Employer:
		by.By = fare.Employer
	case f.Benefit != "":
		by.By = fare.Benefit
		by.Payment = fare.Payment{Site: s.Organisation, Type: f.Benefit, At: s.At,
			Reference: strings.TrimSpace(f.Reference)}
		by.Payment.Amount, bad[1] = cardlayout.ParseCents(f.Paid)
	case f.Share != "" || f.Paid != "" || f.Reference != "":
		return by, errors.New("say who pays it: --employer, or --benefit and its type")
	}
	return by, errors.Join(bad[:]...)
}
