package bob

import (
	"encoding/json"
	"time"

	"leima/validator/place/payload"
)

// A header is what stands in each message: VALS's version, and who says it.
type header struct {
	Version   string    `json:"version"`
	Validator validator `json:"validator"`
}

type validator struct {
	ID       string `json:"validatorId"`
	Location string `json:"location,omitempty"` // the vehicle's number
}

func (d *Dialect) header() header { return header{"1.0.0", validator{d.Validator, d.Vehicle}} }

// A Status is how the validator is.
type Status struct {
	Ready   bool   `json:"ready"`                        // it takes cards
	Message string `json:"statusMessageTerse,omitempty"` // for the driver, in a few words
	Queue   int    `json:"eventQueueLength"`             // entries of the journal, unacknowledged
}

// Status is the message of a status. A broker keeps it for those who come later.
func (d *Dialect) Status(s Status) (topic string, text []byte, retain bool) {
	s.Message = payload.Text(s.Message)
	return d.encode("status", true, struct {
		header
		Status
	}{d.header(), s})
}

// Absent is the status that a broker says when the validator has gone. Its queue is not known then.
func (d *Dialect) Absent() (topic string, text []byte, retain bool) {
	return d.encode("status", true, struct {
		header
		Ready   bool   `json:"ready"`
		Message string `json:"statusMessageTerse"`
	}{d.header(), false, "not connected"})
}

// A Ticket is what a tap came to. It does not say whose it was.
type Ticket struct {
	Result     int          `json:"eventResult"` // 0: valid; others are the area's
	Reason     string       `json:"eventReason,omitempty"`
	Valid      bool         `json:"validTicket"`
	Graced     bool         `json:"graced"` // accepted though the place was not sure
	Product    string       `json:"productName,omitempty"`
	Expires    time.Time    `json:"expire,omitzero"`
	Travellers []Travellers `json:"travellersPerCategory,omitempty"`
	Zones      []Zone       `json:"spatialConstraints,omitempty"` // where it is valid
}

// Travellers are some of one category.
type Travellers struct {
	Category string `json:"cat"`
	Number   int    `json:"tra"`
}

// A Zone is one by its name.
type Zone struct {
	Name string `json:"name"`
}

// Ticket is the message of a tap.
func (d *Dialect) Ticket(t Ticket) (topic string, text []byte, retain bool) {
	t.Reason, t.Product = payload.Text(t.Reason), payload.Text(t.Product)
	return d.encode("latestticket", false, struct {
		header
		Ticket
	}{d.header(), t})
}

// A Notification is a line for the driver's display.
type Notification struct {
	ID       string   `json:"id"`
	Title    string   `json:"title"`
	Message  string   `json:"message"`
	Priority Priority `json:"priority"`
}

// A Priority is how much a notification matters, as in syslog.
type Priority string

// The priorities that a validator has use for.
const (
	Error   Priority = "error"
	Warning Priority = "warning"
	Notice  Priority = "notice"
)

// Notification is the message of a notification.
func (d *Dialect) Notification(n Notification) (topic string, text []byte, retain bool) {
	n.Title, n.Message = payload.Text(n.Title), payload.Text(n.Message)
	return d.encode("notification", false, struct {
		header
		Notification
	}{d.header(), n})
}

// encode adds the topic. These values are always JSON, up to the year 9999.
func (d *Dialect) encode(name string, retain bool, m any) (string, []byte, bool) {
	text, _ := json.Marshal(m)
	return d.Prefix + "service/v1/Validate/" + name, text, retain
}
