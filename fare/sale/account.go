package sale

import (
	"fmt"
	"strings"

	"leima/cardlayout"
	"leima/fare"
)

// Lines are the lines of a receipt: paid, or paid back. A deduction is negative.
type Lines []Line

// A Line is one entry of a receipt.
type Line struct {
	_ struct{} `cbor:",toarray"` // in a journal

	Item    Item
	Product uint16 // of a season, in the area's codes
	Amount  cardlayout.Cents
	Payer   fare.Payer // of a sale; "" for money paid back
	Rule    fare.RuleID
}

// An Item is the subject of a line.
type Item uint8

// The items.
const (
	ValueItem       Item = 1  // arvo
	SeasonItem      Item = 2  // kausilippu
	CommissionItem  Item = 3  // latausprovisio, myyntipalkkio
	ProcessingItem  Item = 4  // käsittelymaksu
	CardItem        Item = 5  // korttimaksu
	SingleItem      Item = 6  // kertalippu
	NightItem       Item = 7  // yövuorolisä
	InspectionItem  Item = 8  // tarkastusmaksu
	TravelItem      Item = 9  // kohtuulliset matkakustannukset
	WrongDebitItem  Item = 10 // virheellinen arvolippuveloitus
	RetroactiveItem Item = 11 // takautuva hyvitys
)

var itemNames = [...]string{
	ValueItem: "value", SeasonItem: "season", CommissionItem: "load commission",
	ProcessingItem: "processing fee", CardItem: "card fee", SingleItem: "single ticket",
	NightItem: "night supplement", InspectionItem: "inspection fee",
	TravelItem: "travel costs", WrongDebitItem: "wrong debit",
	RetroactiveItem: "days not travelled",
}

func (i Item) String() string {
	if int(i) < len(itemNames) && itemNames[i] != "" {
		return itemNames[i]
	}
	return fmt.Sprintf("item %d", uint8(i))
}

// String writes the line as "season 30 50.00 customer (R-064)".
func (l Line) String() string {
	words := []string{l.Item.String()}
	if l.Product != 0 {
		words = append(words, fmt.Sprint(l.Product))
	}
	words = append(words, l.Amount.String())
	if l.Payer != "" {
		words = append(words, string(l.Payer))
	}
	return strings.Join(words, " ") + fmt.Sprintf(" (%v)", l.Rule)
}

// Total is the sum of the lines.
func (l Lines) Total() (sum cardlayout.Cents) {
	for _, line := range l {
		sum += line.Amount
	}
	return sum
}

// PaidBy is what one payer pays of the lines.
func (l Lines) PaidBy(p fare.Payer) (sum cardlayout.Cents) {
	for _, line := range l {
		if line.Payer == p {
			sum += line.Amount
		}
	}
	return sum
}
