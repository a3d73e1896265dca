package device

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"leima/cmd/internal/service"
	"leima/validator/journal"
)

// A Report is what can be said of a device from outside its program.
type Report struct {
	Running bool             `json:"running"`
	Ended   *service.Failure `json:"ended,omitempty"`   // why its program does not run, if known
	Journal *Kept            `json:"journal,omitempty"` // none: it could not be asked
	Wrong   []string         `json:"wrong,omitempty"`   // what is wrong, and what to do
}

// Kept is what a journal holds.
type Kept struct {
	Entries        uint64 `json:"entries"`
	Open           int    `json:"open"`           // whose commit was not answered
	Unacknowledged uint64 `json:"unacknowledged"` // that the back office does not have
}

// Ended keeps why a program has ended, for those who ask later. A second start of a device that
// runs is no end of it.
func Ended(state, program string, err error) {
	if errors.Is(err, journal.ErrInUse) {
		return
	}
	service.Keep(state, program, service.Failure{
		At: time.Now(), Code: Code(err), Cause: err.Error(),
	})
}

// Report reports on a device whose program does not answer, or cannot be asked.
func (f Folder) Report(program string) (r Report) {
	j, err := journal.OpenToRead(f.file(JournalFile))
	if errors.Is(err, journal.ErrInUse) {
		r.Running = true
		return r
	}
	r.Ended = service.Kept(f.Path, program)
	r.Wrong = []string{program + " does not run: start it, or see its log"}
	if r.Ended != nil {
		r.Wrong[0] = program + " does not run: " + r.Ended.Cause
	}
	if err != nil {
		r.Wrong = append(r.Wrong, err.Error())
		return r
	}
	extent := j.Extent()
	r.Journal = &Kept{extent.Last, extent.Open, extent.Unacknowledged()}
	if err := errors.Join(extent.Trouble, j.Close()); err != nil {
		r.Wrong = append(r.Wrong, err.Error())
	}
	return r
}

// Write writes the report, for people or in JSON.
func (r *Report) Write(w io.Writer, asJSON bool) error {
	if asJSON {
		return WriteJSON(w, r)
	}
	if j := r.Journal; j != nil {
		Line(w, "journal", "%d entries, %d open, %d to send", j.Entries, j.Open, j.Unacknowledged)
	}
	if r.Ended != nil {
		Line(w, "ended", "%s with %d", r.Ended.At.Format(time.RFC3339), r.Ended.Code)
	}
	for _, wrong := range r.Wrong {
		Line(w, "wrong", "%s", wrong)
	}
	if r.Running && len(r.Wrong) == 0 {
		Line(w, "wrong", "nothing")
	}
	return nil
}

// WriteJSON writes a report with all that a program adds to it.
func WriteJSON(w io.Writer, report any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(report)
}

// Line writes a line of a report.
func Line(w io.Writer, name, format string, args ...any) {
	fmt.Fprintf(w, "%-8s %s\n", name, fmt.Sprintf(format, args...))
}
