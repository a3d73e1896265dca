//go:build pcsc

package programs

// Tags are the build tags of the programs, as of the tests.
const Tags = "pcsc"
