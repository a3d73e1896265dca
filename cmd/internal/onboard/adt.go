package onboard

import (
	"crypto/rand"
	"net"
	"net/url"
	"sync/atomic"
	"time"

	"leima/fare"
	"leima/validator"
	"leima/validator/api"
	"leima/validator/place"
	"leima/validator/place/adt"
)

// stamp is one of a time.
func stamp(at time.Time) (s adt.Stamp) {
	s.Now = at
	_, _ = rand.Read(s.Random[:]) // which does not fail
	return s
}

func (c *Config) adt() adt.Dialect {
	return adt.Dialect{Prefix: c.Sources.Prefix, Zones: c.Sources.Zones, Device: c.number()}
}

// asRuter says things as Ruter's own sales application does. Of a tap and of a doubt it says
// nothing.
type asRuter struct {
	adt.Dialect
	version string
	journey atomic.Pointer[string] // heard last
	last    adt.Sales
	serves  bool
}

func (c *Config) ruter(local *api.Local) speaker {
	return &asRuter{Dialect: c.adt(), version: local.Terminal.Validator.Version}
}

// Decode implements mqtt.Dialect.
func (s *asRuter) Decode(topic string, payload []byte) (place.Report, error) {
	report, err := s.Dialect.Decode(topic, payload)
	ref := s.JourneyRef()
	s.journey.Store(&ref)
	return report, err
}

func (s *asRuter) condition(say publish, c condition, asked bool) {
	now := adt.Sales{
		Reader: c.ready, Backend: c.queue == 0, Driver: c.driver, Stop: c.stop,
		Version: s.version,
	}
	if ref := s.journey.Load(); ref != nil {
		now.Journey = *ref
	}
	if asked || now != s.last {
		say(s.Sales(stamp(c.now), now))
		s.last = now
	}
	if asked || c.ready != s.serves {
		say(s.CardReader(c.ready))
		s.serves = c.ready
	}
}

func (*asRuter) tapped(publish, *validator.Outcome) {}

func (*asRuter) doubt(publish, string, string) {}

// asFRAM says things as FRAM has them. Of a doubt it says nothing.
type asFRAM struct {
	adt.FRAM
	validator *validator.Validator
	last      adt.Diagnostics
}

func (c *Config) fram(local *api.Local) speaker {
	v := local.Terminal.Validator
	return &asFRAM{
		FRAM: adt.FRAM{
			Dialect: c.adt(), Version: v.Version, Address: addressTo(c.Sources.MQTT),
			Start: stamp(v.Time()),
		},
		validator: v,
	}
}

// addressTo is the address of this machine that the broker sees; "": not known. Nothing is sent.
func addressTo(broker string) string {
	to, err := url.Parse(broker)
	if err != nil {
		return ""
	}
	conn, err := net.Dial("udp", net.JoinHostPort(to.Hostname(), "1883"))
	if err != nil {
		return ""
	}
	defer conn.Close()
	host, _, _ := net.SplitHostPort(conn.LocalAddr().String())
	return host
}

func (s *asFRAM) condition(say publish, c condition, asked bool) {
	now := adt.Diagnostics{Condition: adt.OK}
	if !c.ready {
		now = adt.Diagnostics{Condition: adt.Fault, Text: c.cause}
	}
	if asked || now != s.last {
		say(s.Diagnostics(stamp(c.now), now))
		s.last = now
	}
}

// validities are the endings of a tap.
var validities = map[validator.Ending]adt.Validity{
	validator.Accepted: adt.Valid, validator.Refused: adt.Invalid,
	validator.TryAgain: adt.Warning, validator.Uncertain: adt.Warning, validator.Fault: adt.Error,
}

func (s *asFRAM) tapped(say publish, o *validator.Outcome) {
	l, result := s.validator.Language, adt.Result{Validity: validities[o.Ending]}
	if result.Title = l.Term("ending", o.Ending); o.Ending <= validator.Refused {
		result.Title = l.Term("reason", o.Decision.Reason)
	}
	if o.Ending == validator.Refused && o.Decision.Reason == fare.AlreadyStamped {
		result.Validity = adt.Valid // its holder has paid
	}
	say(s.Response(stamp(s.validator.Clock().At), result))
}

func (*asFRAM) doubt(publish, string, string) {}
