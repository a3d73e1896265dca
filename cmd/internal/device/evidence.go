package device

import (
	"log/slog"

	"leima/validator"
	"leima/validator/journal"
)

// prove signs the head of a journal with the key at path, which is made if there is none, and
// reports a loss of the journal in the log and in an event. No passenger waits for evidence: a
// failure is an alarm. Without sealing, if a back office key is given, the device does not start.
func prove(j *journal.Journal, path string, office journal.BackOfficeKey, log *slog.Logger) error {
	key, err := journal.DeviceKey(path)
	if office != (journal.BackOfficeKey{}) {
		if err := j.SealTo(office, key); err != nil {
			return err
		}
	}
	if err != nil {
		log.Error("journal: alarm: its head is not signed", "error", err)
	} else if err := j.SignWith(key); err != nil {
		log.Error("journal: alarm: its head is not signed", "error", err)
	} else {
		log.Info("journal: its head is signed", "public", journal.PublicText(key))
	}
	lost := j.Loss()
	if lost == nil {
		return nil
	}
	log.Error("journal: alarm: an entry is gone", "error", lost)
	if err := j.Record(validator.Event{ID: j.Next(), Fault: lost.Error()}); err != nil {
		log.Error("journal: no event tells of it", "error", err)
	}
	return nil
}
