// Package machine asks the machine about the time: whether its clock is synchronized, how long it
// has run, and when its program was built.
package machine

import (
	"runtime/debug"
	"time"
)

// Built is the time of the commit that this program was built from; zero if the build does not
// record it, as in a test.
func Built() time.Time {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return time.Time{}
	}
	return builtOf(info.Settings)
}

func builtOf(settings []debug.BuildSetting) (built time.Time) {
	for _, s := range settings {
		if s.Key == "vcs.time" {
			built, _ = time.Parse(time.RFC3339, s.Value) // zero if it cannot be read
		}
	}
	return built
}
