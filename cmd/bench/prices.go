package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"leima/cardlayout"
	"leima/fare"
)

// A priceAnswer is a ticket with its prices by customer group and zones.
type priceAnswer struct {
	Ticket  string                                 `json:"ticket"`
	Product uint16                                 `json:"product,omitempty"`
	Days    uint16                                 `json:"days,omitempty"`
	Cents   map[string]map[string]cardlayout.Cents `json:"prices_cents"`

	prices *fare.Prices
}

// pricesOf are the tickets of a tariff that anyone can buy.
func pricesOf(t *fare.Tariff) []priceAnswer {
	all := []priceAnswer{
		{Ticket: "value ticket", Product: t.ValueProduct, prices: &t.Value},
		{Ticket: "single ticket", prices: &t.Single},
	}
	if t.DayCap != nil {
		all = append(all, priceAnswer{Ticket: "most of a day", prices: t.DayCap})
	}
	for n := range t.Seasons {
		s := &t.Seasons[n]
		all = append(all, priceAnswer{
			Ticket: s.Name, Product: s.Code, Days: s.Days,
			prices: &s.Prices,
		})
	}
	var sold []priceAnswer
	for _, p := range all {
		if p.Cents = centsOf(p.prices); len(p.Cents) > 0 {
			sold = append(sold, p)
		}
	}
	return sold
}

func centsOf(prices *fare.Prices) map[string]map[string]cardlayout.Cents {
	all := map[string]map[string]cardlayout.Cents{}
	for group := cardlayout.Adult; group < cardlayout.Groups; group++ {
		for zones := cardlayout.Zones(1); zones <= cardlayout.MaxZones; zones++ {
			if price := prices[group][zones]; price != fare.NoPrice {
				if all[group.String()] == nil {
					all[group.String()] = map[string]cardlayout.Cents{}
				}
				all[group.String()][zones.String()] = price
			}
		}
	}
	return all
}

// table writes the prices by number of zones.
func (p *priceAnswer) table(b *bench) {
	title := p.Ticket
	if p.Product != 0 {
		title += fmt.Sprintf(", product %d", p.Product)
	}
	if p.Days != 0 {
		title += fmt.Sprintf(", %d days", p.Days)
	}
	var rows []row
	for group := cardlayout.Adult; group < cardlayout.Groups; group++ {
		if len(p.Cents[group.String()]) > 0 {
			rows = append(rows, rowOf(group.String(), func(z cardlayout.Zones) string {
				return priceText(p.prices[group][z])
			}))
		}
	}
	tabulate(b, title, rows)
}

func priceText(c cardlayout.Cents) string {
	if c == fare.NoPrice {
		return ""
	}
	return c.String()
}

// A bandAnswer is a time at which a ticket has another price.
type bandAnswer struct {
	Ticket     string           `json:"ticket"`
	Name       string           `json:"name,omitempty"`
	Days       string           `json:"days"`
	Hours      string           `json:"hours"`
	From       string           `json:"from,omitempty"`
	To         string           `json:"to,omitempty"`
	Supplement cardlayout.Cents `json:"supplement_cents,omitempty"`
	Percent    uint16           `json:"percent,omitempty"` // added to the price

	// Cents are the prices of groups that have their own.
	Cents  map[string]map[string]cardlayout.Cents `json:"prices_cents,omitempty"`
	prices fare.Prices
}

// bandsOf are the bands of a ticket.
func bandsOf(ticket string, bands []fare.Band) (all []bandAnswer) {
	for _, band := range bands {
		a := bandAnswer{
			Ticket: ticket, Name: band.Name, Days: daysText(band.Days),
			Hours: hoursText(band.Hours), From: day(band.First), To: day(band.Last),
			Supplement: band.Supplement, Percent: band.Percent, prices: band.Prices,
		}
		for group := range a.prices {
			if !band.Groups.Has(cardlayout.Group(group)) {
				for zones := range a.prices[group] {
					a.prices[group][zones] = fare.NoPrice
				}
			}
		}
		a.Cents = centsOf(&a.prices)
		all = append(all, a)
	}
	return all
}

func daysText(days fare.DayKindSet) string {
	if days == fare.Daily {
		return "daily"
	}
	var names []string
	for kind := fare.DayKind(0); kind < fare.DayKinds; kind++ {
		if days.Has(kind) {
			names = append(names, kind.String())
		}
	}
	return strings.Join(names, " ")
}

func hoursText(h fare.Hours) string {
	if h.From == h.To {
		return "all day"
	}
	return fmt.Sprintf("%02d:%02d-%02d:%02d", h.From/60, h.From%60, h.To/60, h.To%60)
}

// tell writes a band and the prices in it.
func (a *bandAnswer) tell(b *bench) {
	title := fmt.Sprintf("%s, %s, %s", a.Ticket, a.Days, a.Hours)
	if a.From != "" || a.To != "" {
		title += fmt.Sprintf(", %s to %s", orNone(a.From), orNone(a.To))
	}
	if a.Name != "" {
		title += ": " + a.Name
	}
	if a.Supplement != 0 {
		title += fmt.Sprintf(", %v more", a.Supplement)
	}
	if a.Percent != 0 {
		title += fmt.Sprintf(", %d %% more", a.Percent)
	}
	b.say("")
	if len(a.Cents) == 0 {
		b.say("%s", title)
		return
	}
	(&priceAnswer{Ticket: title, Cents: a.Cents, prices: &a.prices}).table(b)
}

// transferTable writes the transfer right in minutes.
func transferTable(b *bench, t *fare.Tariff) {
	tabulate(b, "transfer right", []row{rowOf("minutes", func(z cardlayout.Zones) string {
		if t.Transfer[z] == 0 {
			return ""
		}
		return fmt.Sprint(t.Transfer[z])
	})})
}

// sayLoad writes the limits of a load.
func sayLoad(b *bench, l fare.LoadRule) {
	var bounds []string
	add := func(name string, amount cardlayout.Cents) {
		if amount != 0 {
			bounds = append(bounds, name+" "+amount.String())
		}
	}
	add("least", l.Least)
	add("most", l.Most)
	add("on a bus multiples of", l.BusMultiple)
	if len(bounds) > 0 {
		b.say("\nloads of value: %s", strings.Join(bounds, ", "))
	}
}

// A row is a line of a table: the usual value for each number of zones, and the zones with another
// one.
type row struct {
	name       string
	byCount    [cardlayout.MaxZone]string
	exceptions []string
}

func rowOf(name string, entry func(cardlayout.Zones) string) row {
	r := row{name: name}
	for count := range r.byCount {
		runs := runsOf(count + 1)
		r.byCount[count] = usual(runs, entry)
		for _, zones := range runs {
			if text := entry(zones); text != r.byCount[count] && text != "" {
				r.exceptions = append(r.exceptions, fmt.Sprintf("%s %v: %s", name, zones, text))
			}
		}
	}
	return r
}

// runsOf are the zone runs of count zones.
func runsOf(count int) (runs []cardlayout.Zones) {
	for zones := cardlayout.Zones(1); zones <= cardlayout.MaxZones; zones++ {
		if zones.Count() == count {
			runs = append(runs, zones)
		}
	}
	return runs
}

// usual is the most frequent entry of the runs that have one.
func usual(runs []cardlayout.Zones, entry func(cardlayout.Zones) string) (most string) {
	count := map[string]int{}
	for _, zones := range runs {
		text := entry(zones)
		if count[text]++; text != "" && (most == "" || count[text] > count[most]) {
			most = text
		}
	}
	return most
}

// tabulate writes rows under a title, with a column for each number of zones.
func tabulate(b *bench, title string, rows []row) {
	last := 0
	for _, r := range rows {
		for n, text := range r.byCount {
			if text != "" {
				last = max(last, n+1)
			}
		}
	}
	b.say("%s", title)
	w := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "zones\t")
	for n := range last {
		fmt.Fprintf(w, "%d\t", n+1)
	}
	fmt.Fprintln(w)
	for _, r := range rows {
		fmt.Fprintf(w, "%s\t", r.name)
		for _, text := range r.byCount[:last] {
			fmt.Fprintf(w, "%s\t", orNone(text))
		}
		fmt.Fprintln(w)
	}
	_ = w.Flush() // b.out remembers an error
	for _, r := range rows {
		for _, exception := range r.exceptions {
			b.say("  %s", exception)
		}
	}
}
