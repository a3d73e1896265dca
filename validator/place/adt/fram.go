package adt

import "leima/validator/place/payload"

// A FRAM is the dialect of FRAM: what is heard is as Ruter's, what is said is its own.
type FRAM struct {
	Dialect
	Version string // of the validator's program
	Address string // of the validator on the bus's network
	Start   Stamp  // of the program: what a broker says for it later has this time
}

// Requests are the topics on which others ask for diagnostics: of all devices, or of this one.
func (f *FRAM) Requests() []string {
	return []string{
		f.Prefix + "device/diagnostics/request",
		f.Prefix + "device/" + f.Device + "/diagnostics/request",
	}
}

// A Condition is how a device is, in FRAM's words.
type Condition string

// The conditions of a device.
const (
	OK    Condition = "OK"
	Fault Condition = "ERROR"
)

// Diagnostics are those of a device.
type Diagnostics struct {
	Condition Condition `json:"status"`
	Text      string    `json:"statusText"` // for people, in a few words
}

// Diagnostics is the message of how the validator is. A broker keeps it for those who come later.
func (f *FRAM) Diagnostics(at Stamp, d Diagnostics) (topic string, text []byte, retain bool) {
	d.Text = payload.Text(d.Text)
	return f.encode("device/"+f.Device+"/diagnostics", true, struct {
		event
		Device string `json:"deviceId"`
		Diagnostics
		Version       string   `json:"firmwareVersion"`
		Address       string   `json:"ipAddress"`
		Manufacturer  string   `json:"manufacturer"`
		Model         string   `json:"model"`
		Serial        string   `json:"serial"`
		Standard      string   `json:"standardVersion"`
		Label         string   `json:"label"`
		Functionality []string `json:"functionality"`
	}{
		at.event(), f.Device, d, f.Version, f.Address, maker, "validator", f.Device, "1.0.0", "",
		[]string{"nfc"},
	})
}

// Absent is what a broker says when the validator has gone.
func (f *FRAM) Absent() (topic string, text []byte, retain bool) {
	return f.Diagnostics(f.Start, Diagnostics{Fault, "not connected"})
}

// A Validity is what a tap came to, in FRAM's words.
type Validity string

// The validities. A warning is a tap that is to be repeated.
const (
	Valid   Validity = "VALID"
	Invalid Validity = "INVALID"
	Warning Validity = "WARNING"
	Error   Validity = "ERROR"
)

// A Result is what a tap came to. It does not say whose it was.
type Result struct {
	Validity Validity `json:"validity"`
	Title    string   `json:"title,omitempty"`
}

// Response is the message of a tap.
func (f *FRAM) Response(at Stamp, r Result) (topic string, text []byte, retain bool) {
	r.Title = payload.Text(r.Title)
	return f.encode("validators/"+f.Device+"/response", false, struct {
		event
		Result Result `json:"result"`
	}{at.event(), r})
}
