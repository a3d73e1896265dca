package tariff

import (
	"strconv"
	"strings"
	"time"

	"leima/cardlayout"
	"leima/fare"
)

// terms compiles the terms of sales. A file may leave all of it out, but not a part.
func (c *compiler) terms() {
	o := c.doc.Terms
	if o == nil {
		return
	}
	c.tariff.Terms = fare.Terms{
		Stated:         true,
		CardFee:        c.byChannel("office.card_fee", o.CardFee),
		UpdateFirst:    c.choice("office.group_update", o.GroupUpdate, "later", "first"),
		AccountCounts:  c.choice("office.web_account", o.WebAccount, "ignored", "counts"),
		PersonalGroups: c.groupSet("office.personal_groups", o.PersonalGroups),
		EmployerOnBoard: c.setting("office.employer_on_board", o.Employer, false, "refused",
			"taken"),
		BenefitTypes: c.words("office.benefits", o.Benefits),
		VeteransShow: c.setting("office.veterans", o.Veterans, false,
			"no ticket", "show a ticket"),
		Student:      c.student("office.student", o.Student),
		Single:       c.single("office.single", &o.Single),
		Refund:       c.refund("office.refund", &o.Refund),
		Claim:        c.claim("office.claim", &o.Claim),
		UnusedPeriod: c.unusedPeriod("office.obstacle", &o.UnusedPeriod),
		Lifetime:     c.lifetime("office.card", &o.Card),
		Misuse:       c.misuse("office.misuse", &o.Misuse),
		Faulty:       c.faulty("office.faulty", &o.Faulty),
		Retention: fare.RetentionRule{
			Customer: c.length("office.retention.customer", o.Retention.Customer),
			History:  c.length("office.retention.history", o.Retention.History),
		},
	}
	c.sales(o.Sale)
}

// sales compiles the rules of loads: of value, of seasons, and of single seasons by their codes.
func (c *compiler) sales(rules map[string]saleDoc) {
	for _, key := range []string{"value", "season"} {
		if _, stated := rules[key]; !stated {
			c.fault("office.sale", "no [office.sale.%s]: want what a load costs by channel", key)
		}
	}
	for _, key := range sorted(rules) {
		path := "office.sale." + key
		rule := c.sale(path, rules[key])
		switch key {
		case "value":
			c.tariff.Terms.Value = rule
		case "season":
			c.tariff.Terms.Season = rule
		default:
			code, err := strconv.ParseUint(key, 10, 14)
			if _, known := c.tariff.Season(uint16(code)); err != nil || !known {
				c.fault(path, `no season of this file: want "value", "season" or a season's code`)
				continue
			}
			c.tariff.Terms.Products = append(c.tariff.Terms.Products,
				fare.ProductRule{Code: uint16(code), SaleRule: rule})
		}
	}
}

func (c *compiler) sale(path string, s saleDoc) fare.SaleRule {
	rule := fare.SaleRule{Commission: c.byChannel(path, s.channels)}
	switch s.Entitlement {
	case "":
	case "student":
		rule.Entitlement = fare.StudentRight
	case "certificate":
		rule.Entitlement = fare.ByCertificate
	default:
		c.fault(join(path, "entitlement"), `%q: want "student" or "certificate"`, s.Entitlement)
	}
	if s.OwnShare != "" {
		rule.OwnShare = max(0, c.cents(join(path, "own_share"), s.OwnShare, 1, maxSeasonPrice))
		if s.RestFrom == "" {
			c.fault(path, `who pays the rest is missing: want rest_from = "…"`)
		}
		rule.RestFrom = fare.Payer(s.RestFrom)
	}
	if s.Days == nil {
		return rule
	}
	if len(s.Days) != 2 {
		c.fault(join(path, "days"), `want the fewest and the most, for example ["1", "60"]`)
		return rule
	}
	most := c.number(element(join(path, "days"), 1), s.Days[1], 1, maxSeasonDays)
	rule.LeastDays = uint16(c.number(element(join(path, "days"), 0), s.Days[0], 1, max(1, most)))
	rule.MostDays = uint16(most)
	return rule
}

// byChannel reads an amount for every channel, "-" for no sale.
func (c *compiler) byChannel(path string, s channels) (row [fare.Channels]cardlayout.Cents) {
	c.provenance(path, s.provenance)
	for _, entry := range []struct {
		channel fare.Channel
		name    string
		text    value
	}{
		{fare.ServicePoint, "service_point", s.ServicePoint},
		{fare.SalesPoint, "sales_point", s.SalesPoint},
		{fare.OnBoard, "bus", s.Bus},
		{fare.WebShop, "web", s.Web},
	} {
		if entry.text == "" {
			c.fault(path, `%s is missing: want an amount, or "-" for no sale`, entry.name)
			continue
		}
		row[entry.channel] = c.cents(join(path, entry.name), entry.text, 0, cardlayout.MaxFare)
	}
	return row
}

// groupSet reads a list of the file's customer groups.
func (c *compiler) groupSet(path string, r rule[[]value]) (set [cardlayout.Groups]bool) {
	for n, key := range r.Is {
		group, known := c.declared[string(key)]
		if !known {
			c.fault(element(join(path, "is"), n), "%q is no customer group of this file: want %s",
				key, c.groupList())
			continue
		}
		set[group] = true
	}
	c.words(path, r)
	return set
}

// words reads a list, which may be empty but not missing.
func (c *compiler) words(path string, r rule[[]value]) (list []string) {
	if r.Is == nil && r.provenance == (provenance{}) {
		c.fault(path, `missing: want is = […] and where it comes from`)
		return nil
	}
	c.provenance(path, r.provenance)
	for _, text := range r.Is {
		list = append(list, string(text))
	}
	return list
}

// student compiles the right to a student's price; an area may have none.
func (c *compiler) student(path string, s *student) (rule fare.StudentRule) {
	if s == nil {
		return rule
	}
	rule.LeastAge = uint8(c.counted(join(path, "least_age"), s.LeastAge, 99))
	rule.ShortMonths = uint8(c.optional(join(path, "short"), s.Short).Months)
	rule.CertificateAge = c.optional(join(path, "certificate"), s.Certificate)
	path = join(path, "until")
	text := c.stated(path, s.Until)
	if text == "" || text == "studies" {
		return rule
	}
	date, err := time.Parse("01-02", string(text))
	if err != nil {
		c.fault(join(path, "is"), `%q: want a month and a day, for example "09-30", or "studies"`,
			text)
		return rule
	}
	rule.UntilMonth, rule.UntilDay = date.Month(), uint8(date.Day())
	return rule
}

func (c *compiler) single(path string, s *single) fare.SingleRule {
	return fare.SingleRule{
		TwoGroups:   c.choice(join(path, "groups"), s.Groups, "all", "child and adult"),
		PrintsZones: c.choice(join(path, "prints"), s.Prints, "time", "time and zones"),
	}
}

func (c *compiler) refund(path string, r *refund) fare.RefundRule {
	rule := fare.RefundRule{
		Fee:      c.amount(join(path, "fee"), r.Fee),
		ByPeriod: c.choice(join(path, "fees"), r.Fees, "one", "by 30 days"),
		Paid:     fare.ToCustomer,
	}
	if rule.ByPeriod {
		rule.MostFees = uint8(c.counted(join(path, "most_fees"), r.MostFees, 99))
	}
	if c.choice(join(path, "paid"), r.Paid, "to the customer", "in cash") {
		rule.Paid = fare.InCash
	}
	return rule
}

func (c *compiler) claim(path string, r *claim) fare.ClaimRule {
	return fare.ClaimRule{
		Within:     c.length(join(path, "within"), r.Within),
		BySingles:  c.choice(join(path, "wrong_debit"), r.WrongDebit, "cash", "single tickets"),
		MostTravel: uint8(c.counted(join(path, "travel"), r.Travel, 99)),
	}
}

func (c *compiler) unusedPeriod(path string, r *unusedPeriod) fare.UnusedPeriodRule {
	return fare.UnusedPeriodRule{
		MoreThan: c.inDays(join(path, "longer_than"), r.LongerThan),
		ByTrips:  c.choice(join(path, "refund"), r.Refund, "days", "trips"),
	}
}

func (c *compiler) lifetime(path string, r *lifetime) fare.LifetimeRule {
	return fare.LifetimeRule{
		Card:      c.optional(join(path, "life"), r.Life),
		Guarantee: c.length(join(path, "guarantee"), r.Guarantee),
		Residual:  c.length(join(path, "residual"), r.Residual),
		BlockedForGood: c.setting(join(path, "blocked"), r.Blocked, false,
			"until replaced", "for good"),
	}
}

func (c *compiler) misuse(path string, r *misuse) fare.MisuseRule {
	rule := fare.MisuseRule{
		TakesCompany: c.choice(join(path, "company"), r.Company, "stays", "taken"),
		Inspectors:   c.choice(join(path, "inspectors"), r.Inspectors, "none", "charge a fee"),
		Retrieval: fare.RetrievalRule{
			Within: c.length(join(path, "taken_within"), r.TakenWithin),
			Delivered: c.choice(join(path, "taken_cards"), r.TakenCards, "asked for",
				"delivered"),
		},
	}
	if rule.Inspectors {
		rule.InspectionFee = c.amount(join(path, "inspection_fee"), r.InspectionFee)
		rule.InspectionAge = uint8(c.counted(join(path, "inspection_age"), r.InspectionAge, 99))
	}
	return rule
}

func (c *compiler) faulty(path string, r *faulty) fare.FaultyRule {
	rule := fare.FaultyRule{
		SingleFare: c.choice(join(path, "charge"), r.Charge, "free", "single fare"),
	}
	if !rule.SingleFare {
		rule.Repeated = uint8(c.counted(join(path, "repeated"), r.Repeated, 99))
		rule.Within = c.inDays(join(path, "within"), r.Within)
	}
	return rule
}

// amount reads a fee of a rule, which may be "0.00".
func (c *compiler) amount(path string, r rule[value]) cardlayout.Cents {
	text := c.stated(path, r)
	if text == "" {
		return 0
	}
	return max(0, c.cents(join(path, "is"), text, 0, cardlayout.MaxFare))
}

// counted reads a whole number of a rule.
func (c *compiler) counted(path string, r rule[value], most int) int {
	text := c.stated(path, r)
	if text == "" {
		return 0
	}
	return c.number(join(path, "is"), text, 0, most)
}

// optional reads a length of time, or "-" for none.
func (c *compiler) optional(path string, r rule[value]) fare.Span {
	if r.Is == noValue {
		c.provenance(path, r.provenance)
		return fare.Span{}
	}
	return c.length(path, r)
}

// inDays reads a length of time in days or weeks.
func (c *compiler) inDays(path string, r rule[value]) uint16 {
	span := c.length(path, r)
	if span.Months != 0 {
		c.fault(join(path, "is"), "%q: want days or weeks", r.Is)
	}
	return span.Days
}

// length reads a length of calendar time such as "2 months".
func (c *compiler) length(path string, r rule[value]) (span fare.Span) {
	text := c.stated(path, r)
	if text == "" {
		return span
	}
	number, unit, _ := strings.Cut(string(text), " ")
	n, err := strconv.ParseUint(number, 10, 16)
	switch {
	case err != nil || n == 0 || n > 999:
		unit = ""
	case unit == "day" || unit == "days":
		span.Days = uint16(n)
	case unit == "week" || unit == "weeks":
		span.Days = 7 * uint16(n)
	case unit == "month" || unit == "months":
		span.Months = uint16(n)
	case unit == "year" || unit == "years":
		span.Months = 12 * uint16(n)
	default:
		unit = ""
	}
	if unit == "" {
		c.fault(join(path, "is"), `%q: want a length such as "5 days", "2 weeks", "2 months" `+
			`or "8 years"`, text)
	}
	return span
}
