package tariff

// office is what the terms say at the counter and at the driver's desk. Every setting has
// its own provenance: a city's terms give the rule, and seldom the amount.
type office struct {
	Sale           map[string]sale `toml:"sale"`
	CardFee        channels        `toml:"card_fee"`
	GroupUpdate    rule[word]      `toml:"group_update"`
	WebAccount     rule[word]      `toml:"web_account"`
	PersonalGroups rule[[]word]    `toml:"personal_groups"`
	Benefits       rule[[]word]    `toml:"benefits"`
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
	Groups     rule[word] `toml:"groups"`
	Prints     rule[word] `toml:"prints"`
	Night      rule[word] `toml:"night"`
	NightFrom  rule[word] `toml:"night_from"`
	NightUntil rule[word] `toml:"night_until"`
	NightLimit rule[word] `toml:"night_limit"`
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
