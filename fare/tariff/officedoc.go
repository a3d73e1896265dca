package tariff

// office is what the terms say at the counter and at the driver's desk. Every setting has
// its own provenance: a city's terms give the rule, and seldom the amount. A tariff may
// leave it out as a whole; testdata/terms has that of four cities, to stand behind a price
// list. Beside the words below each setting takes an amount, a number, "-" for none, or a
// length of time such as "5 days", "2 weeks", "2 months" or "8 years".
//
//	[office.sale.value]    # what a load of value costs by channel, "-" for no sale
//	[office.sale.season]   # and one of a season
//	[office.sale.152]      # and of the season with this code, with a rule of its own:
//	entitlement = "…"      #   student or certificate
//	own_share = "43.00"    #   of the customer; and rest_from, who pays the rest
//	days = ["1", "60"]     #   sold by the day, the fewest and the most
//	[office.card_fee]      # what a new card costs by channel
//	[office]
//	group_update           # first or later: whether a season waits for it
//	web_account            # counts or ignored
//	employer_on_board      # taken: an employer pays for a load in the bus, against its
//	                       # number and a reference; or refused, as without it
//	veterans               # show a ticket, if they travel free by that; left out: no ticket
//	[office.card]          # blocked: until replaced (also if left out) or for good
//	[office.student]       # until: a date such as "09-30", or studies
//	[office.single]        # groups: all or child and adult; prints: time or time and zones
//	[office.refund]        # fees: one or by 30 days; paid: in cash or to the customer
//	[office.claim]         # wrong_debit: cash or single tickets
//	[office.obstacle]      # refund: trips or days
//	[office.misuse]        # company: taken or stays; inspectors: none or charge a fee;
//	                       # taken_cards: asked for or delivered
//	[office.faulty]        # charge: free or single fare
type office struct {
	Sale           map[string]sale `toml:"sale"`
	CardFee        channels        `toml:"card_fee"`
	GroupUpdate    rule[word]      `toml:"group_update"`
	WebAccount     rule[word]      `toml:"web_account"`
	PersonalGroups rule[[]word]    `toml:"personal_groups"`
	Benefits       rule[[]word]    `toml:"benefits"`
	Employer       rule[word]      `toml:"employer_on_board"`
	Veterans       rule[word]      `toml:"veterans"`
	Student        *student        `toml:"student"`
	Single         single          `toml:"single"`
	Refund         refund          `toml:"refund"`
	Claim          claim           `toml:"claim"`
	Obstacle       obstacle        `toml:"obstacle"`
	Card           life            `toml:"card"`
	Misuse         misuse          `toml:"misuse"`
	Faulty         faulty          `toml:"faulty"`
	Retention      retention       `toml:"retention"`
}

// channels holds an amount for each way a product comes to its buyer.
type channels struct {
	provenance
	ServicePoint word `toml:"service_point"`
	SalesPoint   word `toml:"sales_point"`
	Bus          word `toml:"bus"`
	Web          word `toml:"web"`
}

type sale struct {
	channels
	Entitlement word   `toml:"entitlement"`
	OwnShare    word   `toml:"own_share"`
	RestFrom    word   `toml:"rest_from"`
	Days        []word `toml:"days"`
}

type student struct {
	LeastAge    rule[word] `toml:"least_age"`
	Until       rule[word] `toml:"until"`
	Short       rule[word] `toml:"short"`
	Certificate rule[word] `toml:"certificate"`
}

type single struct {
	Groups rule[word] `toml:"groups"`
	Prints rule[word] `toml:"prints"`
}

type refund struct {
	Fee      rule[word] `toml:"fee"`
	Fees     rule[word] `toml:"fees"`
	MostFees rule[word] `toml:"most_fees"`
	Paid     rule[word] `toml:"paid"`
}

type claim struct {
	Within     rule[word] `toml:"within"`
	WrongDebit rule[word] `toml:"wrong_debit"`
	Travel     rule[word] `toml:"travel"`
}

type obstacle struct {
	LongerThan rule[word] `toml:"longer_than"`
	Refund     rule[word] `toml:"refund"`
}

type life struct {
	Life      rule[word] `toml:"life"`
	Guarantee rule[word] `toml:"guarantee"`
	Residual  rule[word] `toml:"residual"`
	Blocked   rule[word] `toml:"blocked"`
}

type misuse struct {
	Company       rule[word] `toml:"company"`
	Inspectors    rule[word] `toml:"inspectors"`
	InspectionFee rule[word] `toml:"inspection_fee"`
	InspectionAge rule[word] `toml:"inspection_age"`
	TakenCards    rule[word] `toml:"taken_cards"`
	TakenWithin   rule[word] `toml:"taken_within"`
}

type faulty struct {
	Charge   rule[word] `toml:"charge"`
	Repeated rule[word] `toml:"repeated"`
	Within   rule[word] `toml:"within"`
}

type retention struct {
	Customer rule[word] `toml:"customer"`
	History  rule[word] `toml:"history"`
}
