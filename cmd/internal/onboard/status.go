package onboard

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"leima/cmd/internal/device"
	"leima/cmd/internal/service"
	"leima/validator/api"
	"leima/validator/messages"
)

// A Status is how a validator is, as seen from outside its program.
type Status struct {
	device.Report
	State *api.State `json:"state,omitempty"` // as it says itself; none: it does not answer
}

// Status asks the validator at the socket of its API, or else looks into its state folder.
func (c *Config) Status(ctx context.Context) Status {
	for _, address := range c.API.Listen {
		if name, local := strings.CutPrefix(address, unixPrefix); local {
			client := api.NewClient(unixPrefix+c.InState(name), "", nil)
			if state, err := client.State(ctx); err == nil {
				return answered(&state)
			}
		}
	}
	s := Status{Report: c.Folder().Report(service.Validator)}
	if s.Running {
		s.Wrong = []string{"the validator runs and does not answer: want a unix: address in " +
			"[api] listen; if there is one, the service manager restarts it soon"}
	}
	return s
}

// answered is the status of a validator that has said its state.
func answered(state *api.State) Status {
	s := Status{State: state, Report: device.Report{Running: true, Journal: &device.Kept{
		Entries: uint64(state.Journal.Events), Open: state.Journal.Open,
		Unacknowledged: state.Journal.Unacknowledged,
	}}}
	if state.Cause != nil {
		s.Wrong = append(s.Wrong, "nobody is served: "+state.Cause.In(messages.English))
	}
	if state.Estimated {
		s.Wrong = append(s.Wrong, "the time is not known: let the machine reach a time server")
	}
	if state.Located != nil && state.Located.Doubt != "" {
		s.Wrong = append(s.Wrong, "where the bus is is not sure ("+state.Located.Doubt+
			"): let the driver choose the stop")
	}
	if state.Upload != nil && state.Upload.Trouble != "" {
		s.Wrong = append(s.Wrong, "nothing of the journal is acknowledged now, and it stays here: "+
			state.Upload.Trouble)
	}
	if state.Download != nil && state.Download.Trouble != "" {
		s.Wrong = append(s.Wrong, "nothing newer comes from the depot now, and the lists in use "+
			"stay: "+state.Download.Trouble)
	}
	if state.List == 0 {
		s.Wrong = append(s.Wrong, "no block list: put its bundle into the inbox")
	}
	return s
}

// Serves reports whether passengers are served.
func (s *Status) Serves() bool { return s.State != nil && s.State.Healthy }

// Write writes the status, for people or in JSON.
func (s *Status) Write(w io.Writer, asJSON bool) error {
	if asJSON {
		return device.WriteJSON(w, s)
	}
	if state := s.State; state != nil {
		device.Line(w, "reader", "%s, of device %d, version %s", state.Reader, state.Device,
			state.Version)
		device.Line(w, "place", "line %s, stop %s, zone %s%s", known(state.Place.Line),
			known(state.Place.Stop), known(state.Place.Zone), heard(state.Located))
		device.Line(w, "clock", "%s, %s", state.Now.Format(time.RFC3339), state.Clock)
		if state.Upload != nil {
			device.Line(w, "upload", "last acknowledged %s", since(state.Upload.Last))
		}
		if m := state.Download; m != nil && m.Manifest == 0 {
			device.Line(w, "manifest", "none yet")
		} else if m != nil {
			device.Line(w, "manifest", "%d, made %s", m.Manifest, since(m.Made))
		}
		device.Line(w, "lists", "tariff %s, block list %d, action list %d", state.Tariff,
			state.List, state.Actions)
	}
	return s.Report.Write(w, false)
}

// since is a time; or that it was not since the start.
func since(at time.Time) string {
	if at.IsZero() {
		return "never since the start"
	}
	return at.Format(time.RFC3339)
}

// known is a text, or that nobody has said it.
func known(text string) string { return cmp.Or(text, "not known") }

// heard is from whom and how long ago a place was heard.
func heard(l *api.Located) string {
	if l == nil {
		return ""
	}
	return fmt.Sprintf(", by %s %d min ago", l.Source, l.Minutes)
}
