package console

import (
	"path/filepath"

	"leima/validator/api"
	"leima/validator/signon"
)

// A savedState is the state of a console that survives a restart.
type savedState struct {
	Shift    *api.Shift  `json:"shift,omitempty"`
	Role     signon.Role `json:"role,omitempty"`
	Line     string      `json:"line,omitempty"`
	TakeOver bool        `json:"over,omitempty"` // it ends another device's shift on the bus

	Place        *api.Place `json:"place,omitempty"`
	PlacePending bool       `json:"ahead,omitempty"` // the bus was not told the place yet

	// PendingReports are the shifts that have ended while the bus could not be asked: their reports
	// lack its part. HandedOver is the shift that was handed over last, whose driver has not signed
	// for its cash yet.
	PendingReports []api.Shift `json:"owed,omitempty"`
	HandedOver     *api.Shift  `json:"handed,omitempty"`
}

func (c *Console) file(name string) string { return filepath.Join(c.Folder, name) }

func (c *Console) loadState() error { return signon.ReadJSON(c.file("book"), &c.saved) }

// saveState writes the saved state; c.mu is held. A full disk stops no driver.
func (c *Console) saveState() {
	if err := signon.WriteJSON(c.file("book"), c.saved); err != nil {
		c.Log.Error("the shift would be forgotten: make room in the state folder", "error", err)
	}
}
