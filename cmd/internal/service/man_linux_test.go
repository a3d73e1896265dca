package service

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/programs"
)

func TestMain(m *testing.M) { os.Exit(programs.Tests{M: m}.Run()) }

// Ensure that a manual page has each command of its program, by the name under which the package
// installs it, and no other name.
func TestManualPages(t *testing.T) {
	folder := programs.Folder(t)
	for program, commands := range map[string][]string{
		"validator": {"run", "status", "commission"},
		"console":   {"run", "status", "commission", "driver add"},
		"depot": {
			"init", "serve", "device add", "device withdraw", "device list", "root", "sign",
			"publish", "person add", "person remove", "person list", "export", "settlement",
			"verify", "backup",
		},
	} {
		man := exec.Command("debian/man.sh", filepath.Join(folder, program), "leima-"+program)
		man.Env = append(os.Environ(), "SOURCE_DATE_EPOCH=0")
		page, err := man.CombinedOutput()
		require.NoError(t, err, "%s", page)
		var found []string
		for _, section := range regexp.MustCompile(`(?m)^\.SS (.*)$`).FindAllSubmatch(page, -1) {
			found = append(found, string(section[1]))
		}
		require.Equal(t, commands, found)
		for _, command := range append(commands, "<command>") {
			require.Contains(t, string(page), `Usage: leima\-`+program+" "+command)
		}
		require.NotRegexp(t, `(?m)(^|[^-])\b`+program+` (run|status|commission|driver|init|device add|serve)\b`, string(page))
	}
}
