package main

import (
	"errors"
	"strings"

	"leima/cardlayout"
	"leima/fare/sale"
)

// funding are the flags about the payer.
type funding struct {
	Employer  bool   `xor:"funding" help:"An employer pays for it."`
	Benefit   string `xor:"funding" placeholder:"TYPE" help:"A benefit pays for it: its type."`
	Share     string `placeholder:"AMOUNT" help:"What either pays; else all of it."`
	Paid      string `placeholder:"AMOUNT" help:"What the benefit's telephone says it has paid."`
	Reference string `placeholder:"TEXT" help:"The reference of that payment."`
}

// of is the funding of a sale.
func (f *funding) of(s sale.Sale) (sale.Funding, error) {
	by := sale.Funding{}
	var bad [2]error
	if f.Share != "" {
		by.Share, bad[0] = cardlayout.ParseCents(f.Share)
	}
	switch {
	case f.Employer:
		by.By = sale.Employer
	case f.Benefit != "":
		by.By = sale.Benefit
		by.Payment = sale.Payment{
			Site: s.Organisation, Type: f.Benefit, At: s.At,
			Reference: strings.TrimSpace(f.Reference),
		}
		by.Payment.Amount, bad[1] = cardlayout.ParseCents(f.Paid)
	case f.Share != "" || f.Paid != "" || f.Reference != "":
		return by, errors.New("say who pays it: --employer, or --benefit and its type")
	}
	return by, errors.Join(bad[:]...)
}
