package matkakortti

import (
	"fmt"

	"leima/cardlayout"
)

// An Area is where a product is valid, or the place of a boarding: as the code of its type, and in
// words.
type Area struct {
	Type AreaType `json:"type"`
	Code uint8    `json:"code"`
	Name string   `json:"name,omitempty"` // empty: not written on the card
}

func (a Area) String() string {
	switch a.Type {
	case ZoneCircles, WalttiZones:
		return "zones " + a.Name
	}
	return a.Name
}

// hslArea is a validity area of HSL.
func hslArea(t AreaType, code uint8) Area {
	a := Area{Type: t, Code: code, Name: fmt.Sprintf("unknown %d", code)}
	switch {
	case t == Zone && code == 0:
		a.Name = "" // a field that was never written is zero
	case t == Zone:
		a.Name = word(code, hslZones[:]...)
	case t == Vehicle:
		a.Name = word(code, hslVehicles[:]...)
	case t == ZoneCircles:
		a.Name = run(circle(code>>3), circle(code&7))
	}
	return a
}

// hslPlace is the place of a boarding in HSL: one zone circle, in the last three bits (Metrodroid).
func hslPlace(t AreaType, code uint8) Area {
	a := hslArea(t, code)
	if t == ZoneCircles {
		a.Name = circle(code & 7)
	}
	return a
}

func circle(n uint8) string { return string(rune('A' + n)) }

func run(first, last string) string {
	if first == last {
		return first
	}
	return first + "-" + last
}

// hslZones are the zones before 27.4.2019, hslVehicles the vehicles that a product can be limited
// to.
var (
	hslZones = [...]string{
		1: "Helsinki", 2: "Espoo", 4: "Vantaa", 5: "Seutu", 6: "Kirkkonummi-Siuntio",
		7: "Vihti", 8: "Nurmijärvi", 9: "Kerava-Sipoo-Tuusula", 10: "Sipoo",
		14: "Lähiseutu 2", 15: "Lähiseutu 3",
	}
	hslVehicles = [...]string{
		"undefined", "bus", "bus 2", "bus 3", "bus 4", "tram", "metro", "train", "ferry",
		"U line",
	}
)

// walttiArea is a run of zones of a region, in the code of cardlayout.Zones.
func walttiArea(region Region, code uint8) Area {
	z := cardlayout.Zones(code)
	switch {
	case code == 0:
		return Area{}
	case z.First() == 0:
		return Area{WalttiZones, code, fmt.Sprintf("unknown %d", code)}
	}
	letters := region.letters()
	return Area{WalttiZones, code, run(letters[z.First()-1], letters[z.Last()-1])}
}

// walttiPlace is the zone of a boarding, of up to ten.
func walttiPlace(region Region, code uint8) Area {
	if code > cardlayout.MaxZone {
		return Area{WalttiZones, code, fmt.Sprintf("unknown %d", code)}
	}
	return walttiArea(region, code)
}

// A Region is a customer of Waltti: a town, a group of towns, or an authority.
type Region struct {
	Code uint8  `json:"code"`
	Name string `json:"name"`
}

func (r Region) String() string { return r.Name }

func region(code uint8) Region {
	if code == 0 {
		return Region{}
	}
	name, known := regions[code]
	if !known {
		name = fmt.Sprintf("unknown %d", code)
	}
	return Region{code, name}
}

// The regions with their own letters for zones.
const (
	lahti = 223
	oulu  = 229
)

// letters are a region's names of its ten zones. Metrodroid has those of Lahti and Oulu exchanged,
// which must be a mistake: City A is Oulu's.
func (r Region) letters() [cardlayout.MaxZone]string {
	switch r.Code {
	case lahti:
		return [...]string{"A", "B", "C", "D", "E", "F1", "F2", "G", "H", "I"}
	case oulu:
		return [...]string{"City A", "A", "B", "C", "D", "E", "F", "G", "H", "I"}
	}
	return [...]string{"A", "B", "C", "D", "E", "F", "G", "H", "I", "J"}
}

// regions are Waltti's (Metrodroid). An ELY is a state centre that buys traffic.
var regions = map[uint8]string{
	101: "Uudenmaan ELY", 102: "Varsinais-Suomen ELY", 105: "Pirkanmaan ELY",
	106: "Kaakkois-Suomen ELY", 108: "Pohjois-Savon ELY", 110: "Keski-Suomen ELY",
	111: "Etelä-Pohjanmaan ELY", 113: "Pohjois-Pohjanmaan ELY", 115: "Lapin ELY",
	151: "HSL", 152: "Trafi",
	181: "POSELY-Iisalmi", 182: "POSELY-Kuopio", 183: "POSELY-Joensuu", 184: "POSELY-Mikkeli",
	201: "Hyvinkää", 203: "Hämeenlinna", 205: "Imatra", 207: "Joensuu", 209: "Jyväskylä",
	211: "Kajaani", 213: "Merilappi", 215: "Kokkola", 217: "Kotka", 219: "Kouvola",
	221: "Kuopio", lahti: "Lahti", 225: "Lappeenranta", 227: "Mikkeli", oulu: "Oulu",
	231: "Pori", 233: "Rauma", 235: "Riihimäki", 237: "Rovaniemi", 239: "Salo",
	241: "Savonlinna", 243: "Seinäjoki", 245: "Tampere", 247: "Turku", 249: "Vaasa",
}
