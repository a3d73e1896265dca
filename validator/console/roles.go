package console

import (
	"fmt"
	"net/http"
	"slices"

	"leima/validator/api"
)

// devices are those that a kind of command may be given to: the console is the till, and who
// boards does so at the bus.
var devices = map[string][]string{
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

// inspecting are the kinds that an inspector may give; next_tap only to look.
var inspecting = map[string]bool{"next_tap": true, "identify": true, "judge": true,
	"mark_error": true}

// allowed tells why a command is not one of this role, or not for this device.
func allowed(role Role, asked *Pressed) error {
	command := &asked.Command
	places, exists := devices[command.Kind]
	switch {
	case !exists:
		return &api.Refused{Code: http.StatusBadRequest,
			Why: fmt.Sprintf("command %.20q: the page gives none of this kind", command.Kind)}
	case !slices.Contains(places, asked.Device):
		return &api.Refused{Code: http.StatusBadRequest, Why: fmt.Sprintf(
			"command %s is not for %.8q: give it to %v", command.Kind, asked.Device, places)}
	case command.Kind == "move" && command.Move == nil:
		return &api.Refused{Code: http.StatusBadRequest, Why: "a move says where to"}
	case role == RoleInspector && !(inspecting[command.Kind] && looksOnly(command)):
		return errRole
	case paysOtherwise(command.Load) && role != RoleProvider,
		command.TakeBack == "provider" && role != RoleProvider,
		command.Judge != nil && command.Judge.Inspector && role != RoleInspector:
		return errRole
	case command.Kind == "next_tap" && asked.Device == own && !looksOnly(command):
		return &api.Refused{Code: http.StatusUnprocessableEntity,
			Why: "nobody boards at the driver's own reader: count them as free boardings"}
	}
	return nil
}

// paysOtherwise tells whether a load is paid in a way that the page offers to a provider
// alone: an employer's word, or a share of somebody else's.
func paysOtherwise(l *api.Loading) bool {
	return l != nil && l.Funding != nil && (l.Funding.By != "benefit" || l.Funding.Share != 0 ||
		l.Funding.Employer != 0)
}

// looksOnly tells whether a card would at most be looked at.
func looksOnly(c *api.Command) bool {
	n := c.NextTap
	return c.Kind != "next_tap" || n == nil || len(n.Persons) == 0 && n.Zones == "" && !n.Lent
}
