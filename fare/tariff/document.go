package tariff

// document is a tariff as it is written. Every leaf is a word: what it means is
// checked afterwards, with its line, and an amount is never a float on the way.
type document struct {
	provenance
	ID        word  `toml:"id"`
	Name      names `toml:"name"`
	Area      word  `toml:"area"`
	Zones     word  `toml:"zones"`
	TimeZone  word  `toml:"time_zone"`
	ValidFrom word  `toml:"valid_from"`

	Groups   *groups   `toml:"groups"`
	Included *included `toml:"zones_included"`
	Value    *product  `toml:"value"`
	Single   *ticket   `toml:"single"`
	Seasons  []season  `toml:"season"`
	DayCap   *dayCap   `toml:"day_cap"`
	School   *school   `toml:"school"`
	Company  *company  `toml:"accompanied"`
	Transfer *transfer `toml:"transfer"`
	Load     *load     `toml:"load"`
	Rules    rules     `toml:"rules"`
	Office   *office   `toml:"office"`
}

// word is a scalar as it stands in the source, without quotation marks.
type word string

// UnmarshalText takes whatever scalar is written: "2.51" and 2.51 are the same
// amount.
func (w *word) UnmarshalText(text []byte) error {
	*w = word(text)
	return nil
}

// provenance is where the figures of a table come from.
type provenance struct {
	Source  word `toml:"source"`  // the public page and its year
	Assumed word `toml:"assumed"` // why we chose a figure that no page gives
}

// names is what a thing is called. Finnish is canonical.
type names struct {
	Finnish word `toml:"fi"`
	Swedish word `toml:"sv"`
	English word `toml:"en"`
}

type groups struct {
	provenance
	Names map[string]names `toml:"names"`
	Ages  *ages            `toml:"ages"`
	As    *visitors        `toml:"as"`
}

// visitors are the groups of other areas' cards, and whose value price they pay.
type visitors struct {
	provenance
	Pay map[string]word `toml:"pay"`
}

// ages are the groups' years of life, such as "7-16" or "65-".
type ages struct {
	provenance
	Years map[string]word `toml:"years"`
}

// included are the zones that come free with others.
type included struct {
	provenance
	With map[string]word `toml:"with"`
}

// rows are prices by customer group and number of zones, and single prices for an
// exact run of zones, which go before.
type rows struct {
	FreeAllowed word                       `toml:"free_allowed"`
	Prices      map[string][]word          `toml:"prices"`
	PricesFor   map[string]map[string]word `toml:"prices_for"`
}

type ticket struct {
	provenance
	rows
	Name  names  `toml:"name"`
	Bands []band `toml:"band"`
}

// band is when some tickets have another price. What is left out does not bound it.
type band struct {
	provenance
	rows
	Name       names  `toml:"name"`
	Days       []word `toml:"days"`
	Hours      word   `toml:"hours"` // 09:00-14:00
	Dates      word   `toml:"dates"` // 2026-02-23..2026-03-01
	Supplement word   `toml:"supplement"`
}

type product struct {
	ticket
	Code rule[word] `toml:"code"`
}

type season struct {
	product
	Kind   word `toml:"kind"`
	Days   word `toml:"days"`
	Holder word `toml:"holder"`
}

// dayCap is the most that one person pays for value tickets on a day.
type dayCap struct {
	provenance
	rows
}

// school is what school tickets have in common, and the calendars they may name.
type school struct {
	Code      rule[word]       `toml:"code"`
	Transfer  rule[word]       `toml:"transfer"`
	Calendars []schoolCalendar `toml:"calendar"`
}

type schoolCalendar struct {
	provenance
	Number  word   `toml:"number"`
	Name    names  `toml:"name"`
	Terms   []word `toml:"terms"` // first..last
	Breaks  []word `toml:"breaks"`
	Extra   []word `toml:"extra"` // days
	Missing []word `toml:"missing"`
}

// company is who travels free beside somebody else.
type company struct {
	provenance
	Free word  `toml:"free"`
	Pram *pram `toml:"pram"`
}

type pram struct {
	provenance
	Free  word   `toml:"free"`
	Days  []word `toml:"days"`
	Hours word   `toml:"hours"`
}

// transfer holds times as ticket holds prices.
type transfer struct {
	provenance
	Times    []word          `toml:"times"`
	TimesFor map[string]word `toml:"times_for"`
}

type load struct {
	provenance
	Least       word `toml:"least"`
	Most        word `toml:"most"`
	BusMultiple word `toml:"bus_multiple"`
}

// rules are the settings in which the areas' terms of travel differ. Each has its
// own provenance, because one city's terms settle one and another's another.
type rules struct {
	ServiceDay     rule[word]     `toml:"service_day_starts"`
	Again          rule[word]     `toml:"again"`
	Limit          rule[word]     `toml:"limit"`
	Party          rule[word]     `toml:"party"`
	Order          rule[[][]word] `toml:"order"`
	SeasonFirstDay rule[word]     `toml:"season_first_day"`
	Group          rule[word]     `toml:"group"`
	SeasonBeyond   rule[word]     `toml:"season_beyond"`
	BetweenZones   rule[word]     `toml:"between_zones"`
	DayTicket      rule[word]     `toml:"day_ticket"`
	DayCounts      rule[word]     `toml:"day_counts"`
	PartyPrice     rule[word]     `toml:"party_price"`
	WaitingSeason  rule[word]     `toml:"waiting_season"`
}

type rule[T any] struct {
	provenance
	Is T `toml:"is"`
}
