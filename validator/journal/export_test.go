package journal

import (
	"os"
	"time"
)

// Slow has each flush of a journal take as long as that, and no longer.
func Slow(j *Journal, flush time.Duration) {
	j.flush = func(*os.File) error {
		time.Sleep(flush)
		return nil
	}
}
