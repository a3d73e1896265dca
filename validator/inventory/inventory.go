// Package inventory says on the bus's network which module this validator is and how it is, in the
// manner of ITxPT's Module Inventory (S02P01, schema 2.1.2): in XML, and in the text under which it
// is announced.
//
// Its rule: anybody on the bus may read it, and it holds nothing of cards, taps or keys.
package inventory

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// A Module is this validator.
type Module struct {
	Device  uint16
	Version string // of the program
	MAC     string // of its network; "": unknown
	Now     func() time.Time
	Health  func() Health // is asked for each answer
}

// Health is how a validator is.
type Health struct {
	Serves bool // it takes cards
	Timed  bool // it knows the time
}

// Type is how an inventory announces itself, and Path where it is.
const (
	Type = "_itxpt_http._tcp"
	Path = "inventory/"
)

// Name is the name that it announces.
func (m *Module) Name() string { return fmt.Sprintf("leima-%d_inventory", m.Device) }

// The words of the module's fields.
const (
	kind     = "Validator"
	model    = "leima"
	maker    = "leima"
	hardware = "unknown"
	release  = "2.1.2" // of the schema
	noMAC    = "00:00:00:00:00:00"
)

// The items of the extended status that a validator can tell (S02P01, StatusList of page 1).
const (
	generic      = 1
	applications = 17
	timeSync     = 19
)

// What an item says, in two bits.
const (
	fine    = 0
	alarm   = 1
	unknown = 3
)

// status is the self-test's result, 0 if it is well, and the items in two bits each, the first item
// first. That order is read from the published example, where the first items are the set ones.
func (m *Module) status() (result int, items string) {
	h := m.Health()
	of := func(well bool) uint64 {
		if well {
			return fine
		}
		return alarm
	}
	if !h.Serves {
		result = 1
	}
	said := map[int]uint64{
		generic: of(h.Serves), applications: of(h.Serves), timeSync: of(h.Timed),
	}
	bits := uint64(0)
	for item := 1; item <= 32; item++ {
		value, is := said[item]
		if !is {
			value = unknown
		}
		bits = bits<<2 | value
	}
	return result, fmt.Sprintf("%016X", bits)
}

func (m *Module) mac() string {
	if m.MAC == "" {
		return noMAC
	}
	return m.MAC
}

// Text is what is announced.
func (m *Module) Text() []string {
	result, items := m.status()
	return []string{
		"txtvers=1", "version=" + release, "swvers=" + m.Version, "type=" + kind, "model=" + model,
		"manufacturer=" + maker, "serialnumber=" + strconv.Itoa(int(m.Device)),
		"softwareversion=" + m.Version, "hardwareversion=" + hardware, "macaddress=" + m.mac(),
		"status=" + strconv.Itoa(result), "xstatus=" + items, "services=inventory", "path=" + Path,
		"atdatetime=" + m.Now().UTC().Format(time.RFC3339),
	}
}

// A delivery is the module in XML.
type delivery struct {
	XMLName xml.Name `xml:"ModulesDelivery"`
	Release string   `xml:"version,attr"`
	Module  struct {
		Type     string  `xml:"Type"`
		Model    string  `xml:"Model"`
		Maker    string  `xml:"Manufacturer"`
		Serial   string  `xml:"SerialNumber"`
		Software string  `xml:"SoftwareVersion"`
		Hardware string  `xml:"HardwareVersion"`
		MAC      string  `xml:"MACAddress"`
		Result   int     `xml:"Status"`
		Items    xstatus `xml:"XStatus"`
		Name     string  `xml:"Services>ServiceName"`
		By       string  `xml:"Services>ServiceType"`
	} `xml:"Module"`
}

type xstatus struct {
	Page int    `xml:"page,attr"`
	At   string `xml:"timestamp,attr"`
	Bits string `xml:",chardata"`
}

// XML is the module as ITxPT's ModulesDelivery has it.
func (m *Module) XML() []byte {
	d := delivery{Release: release}
	d.Module.Type, d.Module.Model, d.Module.Maker = kind, model, maker
	d.Module.Serial, d.Module.Software = strconv.Itoa(int(m.Device)), m.Version
	d.Module.Hardware, d.Module.MAC = hardware, m.mac()
	d.Module.Result, d.Module.Items.Bits = m.status()
	d.Module.Items.Page, d.Module.Items.At = 1, m.Now().UTC().Format(time.RFC3339)
	d.Module.Name, d.Module.By = "inventory", "itxpt_http"
	text, _ := xml.Marshal(d) // of such fields there is always a text
	return append([]byte(xml.Header), text...)
}

// ServeHTTP implements http.Handler.
func (m *Module) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/xml")
	_, _ = w.Write(m.XML())
}
