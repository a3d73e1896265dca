//go:build !unix

package private

import "io/fs"

// owner is not known where a file has no number of one.
func owner(fs.FileInfo) (int, bool) { return 0, false }
