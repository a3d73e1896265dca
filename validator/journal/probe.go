package journal

import "leima/hw/disk"

// Probe reports whether the journal's disk takes a write, by a small file beside the journal. It
// writes no entry.
func (j *Journal) Probe() error {
	write := disk.Bytes([]byte{'\n'})
	return explain(j.path, "probing its disk", j.flush.Write(j.path+".probe", 0o600, write))
}
