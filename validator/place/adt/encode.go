package adt

import (
	"encoding/json"
	"fmt"
	"time"

	"leima/validator/place/payload"
)

// maker is whose card reader it is, in Ruter's topics and in FRAM's messages.
const maker = "leima"

// A Stamp is when and by which id something is said.
type Stamp struct {
	Now    time.Time
	Random [16]byte
}

// event is a stamp as each message has it: its id is a random UUID (RFC 9562, version 4).
func (s Stamp) event() event {
	u := s.Random
	u[6], u[8] = u[6]&0x0f|0x40, u[8]&0x3f|0x80
	return event{
		s.Now.UTC().Format("2006-01-02T15:04:05.000Z"),
		fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:]),
	}
}

// A Sales is how a validator is, in Ruter's words.
type Sales struct {
	Reader  bool   `json:"nfcReaderConnected"` // it takes cards
	Backend bool   `json:"backendAvailable"`   // which has all that the journal has
	Driver  bool   `json:"loggedIn"`
	Journey string `json:"journeyRef,omitempty"`
	Stop    string `json:"stopPlaceId,omitempty"`
	Version string `json:"appVersion"`
}

// Sales is the message of how a validator is. A broker keeps it for those who come later. It has no
// printer, and no ticket service of another company.
func (d *Dialect) Sales(at Stamp, s Sales) (topic string, text []byte, retain bool) {
	s.Journey, s.Stop = payload.Text(s.Journey), payload.Text(s.Stop)
	return d.encode("pe/sales/diagnostics", true, struct {
		event
		Sales
		Printer bool `json:"printerConnected"`
		NOD     bool `json:"nodAvailable"`
	}{at.event(), s, false, false})
}

// CardReader is the message of whether the validator takes cards. A broker keeps it.
func (d *Dialect) CardReader(inService bool) (topic string, text []byte, retain bool) {
	return d.encode("pe/cardreader_diagnostics/"+maker+"/"+d.Device, true, struct {
		Device    string `json:"deviceRef"`
		InService bool   `json:"inService"`
	}{d.Device, inService})
}

// Absent is what a broker says when the validator has gone.
func (d *Dialect) Absent() (topic string, text []byte, retain bool) { return d.CardReader(false) }

// JourneyRef is that of the trip that was said last; "": none.
func (d *Dialect) JourneyRef() string {
	if d.journey == nil {
		return ""
	}
	return d.journey.Ref
}

// encode adds the topic. These values are always JSON.
func (d *Dialect) encode(topic string, retain bool, m any) (string, []byte, bool) {
	text, _ := json.Marshal(m)
	return d.Prefix + topic, text, retain
}
