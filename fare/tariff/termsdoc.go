package tariff

// terms are the terms of sales. Every setting has its own provenance: a city's terms give the
// rule, and seldom the amount. A tariff may leave out the whole table; testdata/terms has those of
// four cities, to append to a price list. Besides the words below, a setting takes an amount, a
// number, "-" for none, or a length of time such as "5 days", "2 weeks", "2 months" or "8 years".
//
//	[office.sale.value]    # the cost of a load of value by channel, "-" for no sale
//	[office.sale.season]   # and of a season
//	[office.sale.152]      # and of the season with this code, with a rule of its own:
//	entitlement = "…"      #   student or certificate
//	own_share = "43.00"    #   of the customer; and rest_from, who pays the rest
//	days = ["1", "60"]     #   sold by the day, the fewest and the most
//	[office.card_fee]      # the price of a new card by channel
//	[office]
//	group_update           # first or later: whether a season waits for it
//	web_account            # counts or ignored
//	employer_on_board      # taken: an employer pays for a load on the bus, against its
//	                       # number and a reference; or refused, the default
//	veterans               # show a ticket, if they travel free that way; left out: no ticket
//	[office.card]          # blocked: until replaced (also if left out) or for good
//	[office.student]       # until: a date such as "09-30", or studies
//	[office.single]        # groups: all or child and adult; prints: time or time and zones
//	[office.refund]        # fees: one or by 30 days; paid: in cash or to the customer
//	[office.claim]         # wrong_debit: cash or single tickets
//	[office.obstacle]      # refund: trips or days
//	[office.misuse]        # company: taken or stays; inspectors: none or charge a fee;
//	                       # taken_cards: asked for or delivered
//	[office.faulty]        # charge: free or single fare
type terms struct {
	Sale           map[string]saleDoc `toml:"sale"`
	CardFee        channels           `toml:"card_fee"`
	GroupUpdate    rule[value]        `toml:"group_update"`
	WebAccount     rule[value]        `toml:"web_account"`
	PersonalGroups rule[[]value]      `toml:"personal_groups"`
	Benefits       rule[[]value]      `toml:"benefits"`
	Employer       rule[value]        `toml:"employer_on_board"`
	Veterans       rule[value]        `toml:"veterans"`
	Student        *student           `toml:"student"`
	Single         single             `toml:"single"`
	Refund         refund             `toml:"refund"`
	Claim          claim              `toml:"claim"`
	UnusedPeriod   unusedPeriod       `toml:"obstacle"`
	Card           lifetime           `toml:"card"`
	Misuse         misuse             `toml:"misuse"`
	Faulty         faulty             `toml:"faulty"`
	Retention      retention          `toml:"retention"`
}

// channels holds an amount for each channel of sale.
type channels struct {
	provenance
	ServicePoint value `toml:"service_point"`
	SalesPoint   value `toml:"sales_point"`
	Bus          value `toml:"bus"`
	Web          value `toml:"web"`
}

type saleDoc struct {
	channels
	Entitlement value   `toml:"entitlement"`
	OwnShare    value   `toml:"own_share"`
	RestFrom    value   `toml:"rest_from"`
	Days        []value `toml:"days"`
}

type student struct {
	LeastAge    rule[value] `toml:"least_age"`
	Until       rule[value] `toml:"until"`
	Short       rule[value] `toml:"short"`
	Certificate rule[value] `toml:"certificate"`
}

type single struct {
	Groups rule[value] `toml:"groups"`
	Prints rule[value] `toml:"prints"`
}

type refund struct {
	Fee      rule[value] `toml:"fee"`
	Fees     rule[value] `toml:"fees"`
	MostFees rule[value] `toml:"most_fees"`
	Paid     rule[value] `toml:"paid"`
}

type claim struct {
	Within     rule[value] `toml:"within"`
	WrongDebit rule[value] `toml:"wrong_debit"`
	Travel     rule[value] `toml:"travel"`
}

type unusedPeriod struct {
	LongerThan rule[value] `toml:"longer_than"`
	Refund     rule[value] `toml:"refund"`
}

type lifetime struct {
	Life      rule[value] `toml:"life"`
	Guarantee rule[value] `toml:"guarantee"`
	Residual  rule[value] `toml:"residual"`
	Blocked   rule[value] `toml:"blocked"`
}

type misuse struct {
	Company       rule[value] `toml:"company"`
	Inspectors    rule[value] `toml:"inspectors"`
	InspectionFee rule[value] `toml:"inspection_fee"`
	InspectionAge rule[value] `toml:"inspection_age"`
	TakenCards    rule[value] `toml:"taken_cards"`
	TakenWithin   rule[value] `toml:"taken_within"`
}

type faulty struct {
	Charge   rule[value] `toml:"charge"`
	Repeated rule[value] `toml:"repeated"`
	Within   rule[value] `toml:"within"`
}

type retention struct {
	Customer rule[value] `toml:"customer"`
	History  rule[value] `toml:"history"`
}
