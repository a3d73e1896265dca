package journal

// Loss returns the loss of an entry that was perhaps on the disk; nil if none is known: a record
// that was not whole at the opening, or a signed entry that is gone.
func (j *Journal) Loss() error {
	j.using.Lock()
	defer j.using.Unlock()
	return j.loss
}
