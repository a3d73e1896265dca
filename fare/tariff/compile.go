package tariff

import (
	"bytes"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"leima/cardlayout"
	"leima/fare"
	"leima/fare/calendar"
)

// Locations finds a time zone by its name, as time.LoadLocation does.
type Locations func(name string) (*time.Location, error)

// Compile checks a source and makes the tariff of it. The file's name is for the
// errors, which tell all that is wrong, each as file:line: reason.
func Compile(file string, source []byte, locations Locations) (*fare.Tariff, error) {
	c := compiler{
		faults:    faults{file: file, lines: linesOf(source)},
		locations: locations,
	}
	if c.read(source) {
		c.head()
		c.groups()
		c.ages()
		c.included()
		c.tickets()
		c.visitors()
		c.school()
		c.company()
		c.transfer()
		c.load()
		c.rules()
		c.office()
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	return &c.tariff, nil
}

// compiler is one compilation under way.
type compiler struct {
	faults
	locations Locations
	doc       document
	zones     int                         // 0 if not known
	declared  map[string]cardlayout.Group // the file's customer groups
	codes     map[uint16]string           // paths of the product codes
	tariff    fare.Tariff
}

// read decodes the source. It is true if so much could be read that the rest is
// worth checking.
func (c *compiler) read(source []byte) bool {
	decoder := toml.NewDecoder(bytes.NewReader(source))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&c.doc)
	var unknown *toml.StrictMissingError
	var broken *toml.DecodeError
	switch {
	case errors.As(err, &unknown):
		for _, field := range unknown.Errors {
			line, _ := field.Position()
			c.at(line, strings.Join(field.Key(), ".")+
				": not a field of a tariff: check its spelling")
		}
		return true
	case errors.As(err, &broken):
		line, _ := broken.Position()
		c.at(line, explain(broken))
		return false
	}
	return err == nil
}

var wrongKind = regexp.MustCompile(`cannot decode TOML ([a-z ]+) into`)

// explain says in the words of a tariff what the decoder says in those of the
// program.
func explain(err *toml.DecodeError) string {
	found := wrongKind.FindStringSubmatch(err.Error())
	if found == nil {
		return strings.TrimPrefix(err.Error(), "toml: ")
	}
	return strings.Join(err.Key(), ".") + ": a value of another kind belongs here, not " +
		found[1] + `: names, times and amounts are written "so", rows ["so", "so"]`
}

// head compiles what stands above the first table.
func (c *compiler) head() {
	c.provenance("", c.doc.provenance)
	if !validID.MatchString(string(c.doc.ID)) {
		c.fault("id", `%q: want 1 to 32 small letters, digits and hyphens, `+
			`for example "mikkeli-2025"`, c.doc.ID)
	}
	c.tariff.ID = string(c.doc.ID)
	c.tariff.Name = c.name("name", c.doc.Name)
	c.tariff.Area = cardlayout.Area(c.number("area", c.doc.Area, 1, 255))
	c.zones = c.number("zones", c.doc.Zones, 1, cardlayout.MaxZone)
	c.tariff.Zones, c.tariff.Calendar = uint8(c.zones), calendar.Traffic()
	location, err := c.locations(string(c.doc.TimeZone))
	if err != nil || c.doc.TimeZone == "" {
		c.fault("time_zone", `%q is not known: want for example "Europe/Helsinki"`, c.doc.TimeZone)
		return
	}
	c.tariff.Location = location
	c.tariff.From = c.instant("valid_from", c.doc.ValidFrom, location)
}

var validID = regexp.MustCompile(`^[a-z0-9-]{1,32}$`)

// groups finds the customer groups the file declares.
func (c *compiler) groups() {
	c.declared = map[string]cardlayout.Group{}
	if c.doc.Groups == nil {
		c.fault("", "no [groups]: want the customer groups and their names")
		return
	}
	c.provenance("groups", c.doc.Groups.provenance)
	for _, key := range sorted(c.doc.Groups.Names) {
		path := "groups.names." + key
		group, err := cardlayout.ParseGroup(key)
		if err != nil {
			c.fault(path, "%v", err)
			continue
		}
		c.declared[key] = group
		c.name(path, c.doc.Groups.Names[key])
	}
	if len(c.doc.Groups.Names) == 0 {
		c.fault("groups", "no customer group: want a line of [groups.names] for each")
	}
}

// rules compiles the settings in which the areas' terms differ.
func (c *compiler) rules() {
	c.tariff.DayStart = c.clock("rules.service_day_starts", c.doc.Rules.ServiceDay)
	c.tariff.Again = c.again("rules.again", c.doc.Rules.Again)
	c.tariff.LimitIncluded = c.choice("rules.limit", c.doc.Rules.Limit, "excluded", "included")
	c.tariff.Party = fare.SameGroup
	if c.choice("rules.party", c.doc.Rules.Party, "same group", "lower groups") {
		c.tariff.Party = fare.LowerGroups
	}
	c.rank("rules.order", c.doc.Rules.Order)
	if len(c.doc.Seasons) > 0 || c.doc.Rules.SeasonFirstDay != (rule[word]{}) {
		c.tariff.FirstDayCounts = c.choice("rules.season_first_day", c.doc.Rules.SeasonFirstDay,
			"not counted", "counted")
	}
	c.settings()
}

// settings compiles the rules that may be left out where nothing asks for them.
func (c *compiler) settings() {
	r := &c.doc.Rules
	ages := c.doc.Groups != nil && c.doc.Groups.Ages != nil
	c.tariff.ByAge = c.setting("rules.group", r.Group, ages, "on the card", "by age")
	if c.tariff.ByAge && !ages {
		c.fault("rules.group.is", "nobody knows the ages of the groups: want [groups.ages]")
	}
	c.tariff.MissingZones = c.setting("rules.season_beyond", r.SeasonBeyond, false,
		"whole trip", "missing zones")
	c.tariff.CheaperZone = c.setting("rules.between_zones", r.BetweenZones, false,
		"this stop", "cheaper")
	days := slices.ContainsFunc(c.tariff.Seasons, func(p fare.SeasonProduct) bool {
		return p.Kind == fare.DayTicket
	})
	c.tariff.PeriodsOfDay = c.setting("rules.day_ticket", r.DayTicket, days,
		"calendar days", "24 hours")
	c.tariff.OwnPriceAlone = c.setting("rules.party_price", r.PartyPrice, false,
		"the holder's", "not a personal one")
	c.tariff.SameProductWaits = c.setting("rules.waiting_season", r.WaitingSeason, false,
		"same kind", "same product")
	c.tariff.MidnightCounts = c.setting("rules.day_counts", r.DayCounts,
		c.doc.DayCap != nil, "from the service day", "from midnight")
}

// setting compiles a choice that must be made only where it is needed; left out, it is
// the first.
func (c *compiler) setting(path string, r rule[word], needed bool, first, second word) bool {
	if r == (rule[word]{}) && !needed {
		return false
	}
	return c.choice(path, r, first, second)
}

// rank compiles the order of the groups, lowest first; those in one bracket are
// equal.
func (c *compiler) rank(path string, order rule[[][]word]) {
	c.provenance(path, order.provenance)
	path = join(path, "is")
	for n, equals := range order.Is {
		for m, key := range equals {
			at := element(element(path, n), m)
			group, known := c.declared[string(key)]
			switch {
			case !known:
				c.fault(at, "%q is no customer group of this file: want %s", key, c.groupList())
			case c.tariff.Rank[group] != 0:
				c.fault(at, "%s stands in the order twice: take one away", key)
			default:
				c.tariff.Rank[group] = uint8(n + 1)
			}
		}
	}
	for _, key := range sorted(c.declared) {
		if c.tariff.Rank[c.declared[key]] == 0 {
			c.fault(path, `%s has no place in the order: want every group once, lowest first, `+
				`for example [["child"], ["adult"]]`, key)
		}
	}
	for group, like := range c.tariff.PaysAs { // visitors stand beside those they pay like
		if like != 0 {
			c.tariff.Rank[group] = c.tariff.Rank[like]
		}
	}
}

func (c *compiler) groupList() string { return strings.Join(sorted(c.declared), ", ") }

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
