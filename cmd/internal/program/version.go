package program

import "runtime/debug"

// Version is the version of the program: the release it was built from, or the beginning of the
// commit's hash, with a + if the tree had changed; empty if it was not built from a repository.
func Version() string {
	info, known := debug.ReadBuildInfo()
	if !known {
		return ""
	}
	return versionOf(info)
}

func versionOf(info *debug.BuildInfo) (version string) {
	const release, commit = len("v0.0.0"), 12
	if v := info.Main.Version; len(v) >= release && len(v) <= len("v1.22.333-rc.4") && v[0] == 'v' {
		return v
	}
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			version = s.Value[:min(len(s.Value), commit)] + version
		case s.Key == "vcs.modified" && s.Value == "true":
			version += "+"
		}
	}
	if version == "+" {
		return ""
	}
	return version
}
