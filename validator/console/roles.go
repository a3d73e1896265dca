package console

import (
	"net/http"
	"slices"

	"leima/validator/api"
	"leima/validator/signon"
)

// The roles of a driver.
const (
	RoleDriver    signon.Role = "driver"
	RoleInspector signon.Role = "inspector" // checks cards, and sells nothing
	RoleProvider  signon.Role = "provider"  // may take back a load that a benefit has paid
)

// Roles are the roles, with the least digits of their PINs: a provider may pay money back.
var Roles = signon.Roles{RoleDriver: 4, RoleInspector: 4, RoleProvider: 6}

// commandDevices are the devices for each kind of command: sales are at the console, boardings at
// the bus.
var commandDevices = map[string][]string{
	"move":       {both},
	"next_tap":   {bus, own},
	"load":       {bus, own},
	"take_back":  {bus, own},
	"identify":   {bus, own},
	"mark_error": {bus, own},
	"sell":       {own},
	"free":       {own},
	"judge":      {own},
	"pause":      {bus},
	"resume":     {bus},
}

// nextTapCommands are the kinds that set or cancel the order for the next card.
var nextTapCommands = map[string]bool{"next_tap": true, "load": true, "take_back": true}

// inspectorCommands are the kinds that an inspector may give; next_tap only to check a card.
var inspectorCommands = map[string]bool{
	"next_tap": true, "identify": true, "judge": true,
	"mark_error": true,
}

// checkRole is the error if a command is not allowed for this role, or this device.
func checkRole(role signon.Role, asked *CommandRequest) error {
	command := &asked.Command
	places, exists := commandDevices[command.Kind]
	switch {
	case !exists:
		return api.Refuse(http.StatusBadRequest,
			"command %.20q: the page gives none of this kind", command.Kind)
	case !slices.Contains(places, asked.Device):
		return api.Refuse(http.StatusBadRequest,
			"command %s is not for %.8q: give it to %v", command.Kind, asked.Device, places)
	case command.Kind == "move" && command.Move == nil:
		return api.Refuse(http.StatusBadRequest, "a move says where to")
	case role == RoleInspector && !(inspectorCommands[command.Kind] && looksOnly(command)):
		return errRole
	case paidByFunder(command.Load) && role != RoleProvider,
		command.TakeBack == "provider" && role != RoleProvider,
		command.Misuse != nil && command.Misuse.Inspector && role != RoleInspector:
		return errRole
	case command.Kind == "next_tap" && asked.Device == own && !looksOnly(command):
		return api.Refuse(http.StatusUnprocessableEntity,
			"no boarding is possible at the driver's own reader: count free boardings")
	}
	return nil
}

// paidByFunder reports whether a load is paid in a way that only a provider has: by an employer, or
// in part by others.
func paidByFunder(l *api.LoadOrder) bool {
	return l != nil && l.Funding != nil && (l.Funding.By != "benefit" || l.Funding.Share != 0 ||
		l.Funding.Employer != 0)
}

// looksOnly reports whether a command at most checks a card.
func looksOnly(c *api.Command) bool {
	n := c.NextTap
	return c.Kind != "next_tap" || n == nil || len(n.Persons) == 0 && n.Zones == "" && !n.Lent
}
