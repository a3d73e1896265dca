// Package evidence begins what makes a device's journal proof: its head is signed with a key
// of the device's own, and what is found to be gone is told.
package evidence

import (
	"log/slog"

	"leima/validator"
	"leima/validator/journal"
)

// Begin signs the head of a journal with the key at path, which is made where there is none,
// and tells what the journal has lost, in the log and in an event. No passenger waits for
// evidence: what fails is an alarm.
func Begin(j *journal.Journal, path string, log *slog.Logger) {
	if key, err := journal.DeviceKey(path); err != nil {
		log.Error("journal: alarm: its head is not signed", "error", err)
	} else if err := j.SignWith(key); err != nil {
		log.Error("journal: alarm: its head is not signed", "error", err)
	} else {
		log.Info("journal: its head is signed", "public", journal.PublicText(key))
	}
	lost := j.Loss()
	if lost == nil {
		return
	}
	log.Error("journal: alarm: an entry is gone", "error", lost)
	if err := j.Record(validator.Event{ID: j.Next(), Fault: lost.Error()}); err != nil {
		log.Error("journal: no event tells of it", "error", err)
	}
}
