package fare

import "leima/cardlayout"

// Office is what an area's terms say at the counter and at the driver's desk, besides
// prices and travel. Where the areas' terms disagree it is a setting here.
type Office struct {
	Stated bool // false: the tariff says nothing of all this

	// Value and Season bind the loads; Products those seasons that have a rule of
	// their own.
	Value, Season SaleRule
	Products      []ProductRule

	// CardFee is what a new card costs by channel; NoPrice where none is sold.
	CardFee [Channels]cardlayout.Cents

	// UpdateFirst says that a card of a wrong customer group takes no season before
	// it is updated.
	UpdateFirst bool

	// AccountCounts says that the web shop sells seasons by the group of the account,
	// whatever the card's.
	AccountCounts bool

	// PersonalGroups are those that only a personal card may have.
	PersonalGroups [cardlayout.Groups]bool

	// VeteransShow says that veterans travel free by showing a ticket to the driver.
	VeteransShow bool

	// BenefitTypes are the employers' benefits that are accepted.
	BenefitTypes []string

	// EmployerOnBoard says that a driver's device takes an employer's word for money.
	EmployerOnBoard bool

	Student   StudentRule
	Single    SingleRule
	Refund    RefundRule
	Claim     ClaimRule
	Obstacle  ObstacleRule
	Lifetime  LifetimeRule
	Misuse    MisuseRule
	Faulty    FaultyRule
	Retention RetentionRule
}
