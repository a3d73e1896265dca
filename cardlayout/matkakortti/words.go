package matkakortti

import "fmt"

// The enumerations of HSL's document, shared by Waltti where it has them. In text and in JSON they
// are the words of their String.

// Platform is PlatformType, the card's chip.
type Platform uint8

// Security is SecurityLevel.
type Security uint8

// Fares tells apart the products of HSL v2 (ProductCodeType + 1).
type Fares uint8

// The fares of HSL v2; 0 on other cards.
const (
	Fares2010 Fares = iota + 1
	Fares2014
)

// AreaType is ValidityAreaType or BoardingAreaType.
type AreaType uint8

// The meanings of an area's code. The first three are HSL's; Waltti has only one type, which it
// does not write.
const (
	Zone        AreaType = 0 // vyöhyke, before 27.4.2019
	Vehicle     AreaType = 1 // ajoneuvo
	ZoneCircles AreaType = 2 // A to D since 27.4.2019; HSL v2
	WalttiZones AreaType = 4
)

// LocationType is BoardingLocationNumberType: the meaning of a location's number.
type LocationType uint8

// PeriodUnit is ValidityLengthType, the unit of a ticket's length.
type PeriodUnit uint8

// Language is LanguageCode, in which devices speak to the passenger.
type Language uint8

// Transaction is TransactionType of an event.
type Transaction uint8

// The transactions. In the boarding of a season or ticket, a transfer with a value ticket looks
// like a stamp.
const (
	SeasonStamp Transaction = iota // kauden leimaus
	ValueDebit                     // arvon veloitus
)

// DeviceType is SaleDeviceType, the device that sold a ticket.
type DeviceType uint8

// Profile is CustomerProfile (asiakasryhmä). Only the adults' is known.
type Profile uint8

func (p Platform) String() string { return word(p, "NXP DESFire 4 kB", "NXP MIFARE Ultralight") }
func (s Security) String() string { return word(s, "open", "MAC protected") }
func (f Fares) String() string    { return word(f, "none", "2010 fares", "2014 fares") }
func (a AreaType) String() string {
	return word(a, "zone", "vehicle", "zone circles", "", "zones")
}
func (l LocationType) String() string { return word(l, "reserved", "line", "train", "device") }
func (u PeriodUnit) String() string   { return word(u, "minutes", "hours", "24 hours", "days") }
func (l Language) String() string     { return word(l, "Finnish", "Swedish", "English") }
func (t Transaction) String() string  { return word(t, "season stamp", "value debit") }
func (d DeviceType) String() string {
	return word(d,
		"service point",       // myyntilaite, palvelupisteet
		"driver terminal",     // kuljettajapääte
		"self-service reader", // itsepalvelulukija
		"vending machine",     // automaatti
		"server",              // palvelin
		"small device",        // pienlaitteet
		"external system", "reserved")
}
func (p Profile) String() string { return word(p, "none", "adult") }

// word is the name of number n.
func word[T ~uint8](n T, names ...string) string {
	if int(n) < len(names) && names[n] != "" {
		return names[n]
	}
	return fmt.Sprintf("unknown %d", uint8(n))
}

// MarshalText writes the output of String, as for all the others.
func (p Platform) MarshalText() ([]byte, error)     { return []byte(p.String()), nil }
func (s Security) MarshalText() ([]byte, error)     { return []byte(s.String()), nil }
func (f Fares) MarshalText() ([]byte, error)        { return []byte(f.String()), nil }
func (a AreaType) MarshalText() ([]byte, error)     { return []byte(a.String()), nil }
func (l LocationType) MarshalText() ([]byte, error) { return []byte(l.String()), nil }
func (u PeriodUnit) MarshalText() ([]byte, error)   { return []byte(u.String()), nil }
func (l Language) MarshalText() ([]byte, error)     { return []byte(l.String()), nil }
func (t Transaction) MarshalText() ([]byte, error)  { return []byte(t.String()), nil }
func (d DeviceType) MarshalText() ([]byte, error)   { return []byte(d.String()), nil }
func (p Profile) MarshalText() ([]byte, error)      { return []byte(p.String()), nil }
