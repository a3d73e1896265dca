package tariff

// document is a tariff as written. Every leaf is text: it is checked later, with its line, and an
// amount is never a float.
type document struct {
	provenance
	ID        value `toml:"id"`
	Name      names `toml:"name"`
	Area      value `toml:"area"`
	Zones     value `toml:"zones"`
	TimeZone  value `toml:"time_zone"`
	ValidFrom value `toml:"valid_from"`

	Groups     *groups     `toml:"groups"`
	Included   *included   `toml:"zones_included"`
	Value      *product    `toml:"value"`
	Single     *ticket     `toml:"single"`
	Seasons    []season    `toml:"season"`
	DayCap     *dayCap     `toml:"day_cap"`
	School     *school     `toml:"school"`
	Companions *companions `toml:"accompanied"`
	Transfer   *transfer   `toml:"transfer"`
	Load       *load       `toml:"load"`
	Rules      rules       `toml:"rules"`
	Terms      *terms      `toml:"office"`
}

// value is a scalar as written in the source, without quotation marks.
type value string

// UnmarshalText takes any scalar: "2.51" and 2.51 are the same amount.
func (w *value) UnmarshalText(text []byte) error {
	*w = value(text)
	return nil
}

// provenance is the source of a table's figures.
type provenance struct {
	Source  value `toml:"source"`  // the public page and its year
	Assumed value `toml:"assumed"` // why we chose a figure that no page gives
}

// names are the names of a thing. Finnish is canonical.
type names struct {
	Finnish value `toml:"fi"`
	Swedish value `toml:"sv"`
	English value `toml:"en"`
}

type groups struct {
	provenance
	Names map[string]names `toml:"names"`
	Ages  *ages            `toml:"ages"`
	As    *visitors        `toml:"as"`
}

// visitors are the groups of other areas' cards and the group whose value price they pay.
type visitors struct {
	provenance
	Pay map[string]value `toml:"pay"`
}

// ages are the groups' years of life, such as "7-16" or "65-".
type ages struct {
	provenance
	Years map[string]value `toml:"years"`
}

// included are the zones that come free with others.
type included struct {
	provenance
	With map[string]value `toml:"with"`
}

// rows are prices by customer group and number of zones, and prices for an exact run of zones,
// which go before.
type rows struct {
	FreeAllowed value                       `toml:"free_allowed"`
	Prices      map[string][]value          `toml:"prices"`
	PricesFor   map[string]map[string]value `toml:"prices_for"`
}

type ticket struct {
	provenance
	rows
	Name  names  `toml:"name"`
	Bands []band `toml:"band"`
}

// band is a time at which some tickets have other prices. A field left out sets no bound.
type band struct {
	provenance
	rows
	Name       names   `toml:"name"`
	Days       []value `toml:"days"`
	Hours      value   `toml:"hours"` // 09:00-14:00
	Dates      value   `toml:"dates"` // 2026-02-23..2026-03-01
	Supplement value   `toml:"supplement"`
}

type product struct {
	ticket
	Code rule[value] `toml:"code"`
}

type season struct {
	product
	Kind   value `toml:"kind"`
	Days   value `toml:"days"`
	Holder value `toml:"holder"`
}

// dayCap is the most that one person pays for value tickets on a day.
type dayCap struct {
	provenance
	rows
}

// school is what school tickets have in common, and the calendars they refer to.
type school struct {
	Code      rule[value]      `toml:"code"`
	Transfer  rule[value]      `toml:"transfer"`
	Calendars []schoolCalendar `toml:"calendar"`
}

type schoolCalendar struct {
	provenance
	Number  value   `toml:"number"`
	Name    names   `toml:"name"`
	Terms   []value `toml:"terms"` // first..last
	Breaks  []value `toml:"breaks"`
	Extra   []value `toml:"extra"` // days
	Missing []value `toml:"missing"`
}

// companions are the children who travel free beside somebody else.
type companions struct {
	provenance
	Free value `toml:"free"`
	Pram *pram `toml:"pram"`
}

type pram struct {
	provenance
	Free  value   `toml:"free"`
	Days  []value `toml:"days"`
	Hours value   `toml:"hours"`
}

// transfer holds times as ticket holds prices.
type transfer struct {
	provenance
	Times    []value          `toml:"times"`
	TimesFor map[string]value `toml:"times_for"`
}

type load struct {
	provenance
	Least       value `toml:"least"`
	Most        value `toml:"most"`
	BusMultiple value `toml:"bus_multiple"`
}

// rules are the settings in which the areas' terms of travel differ. Each has its own provenance,
// because each city's terms settle different ones.
type rules struct {
	ServiceDay     rule[value]     `toml:"service_day_starts"`
	Again          rule[value]     `toml:"again"`
	Limit          rule[value]     `toml:"limit"`
	Party          rule[value]     `toml:"party"`
	Order          rule[[][]value] `toml:"order"`
	SeasonFirstDay rule[value]     `toml:"season_first_day"`
	Group          rule[value]     `toml:"group"`
	SeasonBeyond   rule[value]     `toml:"season_beyond"`
	BetweenZones   rule[value]     `toml:"between_zones"`
	DayTicket      rule[value]     `toml:"day_ticket"`
	DayCounts      rule[value]     `toml:"day_counts"`
	PartyPrice     rule[value]     `toml:"party_price"`
	WaitingSeason  rule[value]     `toml:"waiting_season"`
}

type rule[T any] struct {
	provenance
	Is T `toml:"is"`
}
