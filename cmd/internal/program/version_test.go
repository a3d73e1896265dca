package program

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

// Ensure that a program names its release, or the commit and that the tree had changed since.
func TestVersion(t *testing.T) {
	const revision = "0123456789abcdef0123456789abcdef01234567"
	built := func(version string, settings ...string) *debug.BuildInfo {
		info := &debug.BuildInfo{Main: debug.Module{Version: version}}
		for n := 0; n < len(settings); n += 2 {
			info.Settings = append(info.Settings, debug.BuildSetting{Key: settings[n], Value: settings[n+1]})
		}
		return info
	}
	for want, info := range map[string]*debug.BuildInfo{
		"v1.2.3":        built("v1.2.3", "vcs.revision", revision),
		"0123456789ab":  built("v0.0.0-20261128135147-0123456789ab", "vcs.revision", revision),
		"0123456789ab+": built("(devel)", "vcs.revision", revision, "vcs.modified", "true"),
		"":              built("(devel)", "vcs.modified", "true"),
	} {
		require.Equal(t, want, versionOf(info))
	}
}
