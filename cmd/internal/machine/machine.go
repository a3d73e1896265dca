// Package machine asks the machine what a judge of the time wants to know: whether somebody
// keeps its clock right, how long it has run, and when its program was built.
package machine

import (
	"runtime/debug"
	"time"
)

// Built is the time of the commit that this program was built from; zero where the build does
// not say it, as that of a test.
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
			built, _ = time.Parse(time.RFC3339, s.Value) // one that cannot be read says nothing
		}
	}
	return built
}
