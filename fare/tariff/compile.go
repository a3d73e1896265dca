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
	"leima/cardlayout/plain"
	"leima/fare"
	"leima/fare/calendar"
)

// Locations finds a time zone by its name, as time.LoadLocation does.
type Locations func(name string) (*time.Location, error)

// Compile checks a source and compiles its tariff. Its error lists all faults, each as
// file:line: reason.
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
		c.companions()
		c.transfer()
		c.load()
		c.rules()
		c.terms()
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	return &c.tariff, nil
}

// A compiler compiles one source.
type compiler struct {
	faults
	locations Locations
	doc       document
	zones     int                         // 0 if unknown
	declared  map[string]cardlayout.Group // the file's customer groups
	codes     map[uint16]string           // paths by product code
	tariff    fare.Tariff
}

// read decodes the source, and reports whether enough was read for further checks.
func (c *compiler) read(source []byte) bool {
	decoder := toml.NewDecoder(bytes.NewReader(source))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&c.doc)
	if err := plain.Strings(&c.doc); err != nil {
		field, reason, _ := strings.Cut(err.Error(), ": ")
		c.at(max(1, c.lines[field]), field+": "+reason)
		return false
	}
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

var duplicateKey = regexp.MustCompile(`^(?:table|key) (.+) (?:already exists|is already defined)`)

var wrongKind = regexp.MustCompile(`cannot decode TOML ([a-z ]+) into`)

// explain puts the decoder's error into the words of a tariff.
func explain(err *toml.DecodeError) string {
	text := strings.TrimPrefix(err.Error(), "toml: ")
	found, twice := wrongKind.FindStringSubmatch(text), duplicateKey.FindStringSubmatch(text)
	switch {
	case strings.Contains(text, "want "):
		return text
	case twice != nil:
		return twice[1] + " stands there twice, or as another kind of thing: take one away"
	case strings.Contains(text, "cannot be stored"):
		return strings.Join(err.Key(), ".") + ": the number is too small or too large"
	case found == nil:
		return `this cannot be understood: want each field once, and each line like ` +
			`name = "text", name = 12, or a table's name in brackets`
	}
	return strings.Join(err.Key(), ".") + ": a value of another kind belongs here, not " +
		found[1] + `: names, times and amounts are written "so", rows ["so", "so"]`
}

// head compiles the fields above the first table.
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

// groups reads the file's customer groups.
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
	c.tariff.RepeatWindow = c.again("rules.again", c.doc.Rules.Again)
	c.tariff.LimitIncluded = c.choice("rules.limit", c.doc.Rules.Limit, "excluded", "included")
	c.tariff.Party = fare.SameGroup
	if c.choice("rules.party", c.doc.Rules.Party, "same group", "lower groups") {
		c.tariff.Party = fare.LowerGroups
	}
	c.rank("rules.order", c.doc.Rules.Order)
	if len(c.doc.Seasons) > 0 || c.doc.Rules.SeasonFirstDay != (rule[value]{}) {
		c.tariff.FirstDayCounts = c.choice("rules.season_first_day", c.doc.Rules.SeasonFirstDay,
			"not counted", "counted")
	}
	c.settings()
}

// settings compiles the rules that may be left out if nothing needs them.
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

// setting compiles a choice that is required only if it is needed; left out, it is the first.
func (c *compiler) setting(path string, r rule[value], needed bool, first, second value) bool {
	if r == (rule[value]{}) && !needed {
		return false
	}
	return c.choice(path, r, first, second)
}

// rank compiles the order of the groups, lowest first; groups in one bracket are equal.
func (c *compiler) rank(path string, order rule[[][]value]) {
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
	for group, like := range c.tariff.PaysAs { // visitors rank with the group whose price they pay
		if like != 0 {
			c.tariff.Rank[group] = c.tariff.Rank[like]
		}
	}
}

func (c *compiler) groupList() string { return strings.Join(sorted(c.declared), ", ") }

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
