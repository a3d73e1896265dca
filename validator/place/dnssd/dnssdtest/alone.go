// Package dnssdtest gives a test a network of its own, on which multicast works and nobody else is.
package dnssdtest

import (
	"os"
	"os/exec"
	"testing"
)

// within says, in the environment, that a test runs in a network of its own.
const within = "LEIMA_ALONE"

// Alone reports whether a test is in a network of its own, which has the loopback interface only.
// If it is not, it runs the test again in one (unshare(1), ip(8)) and fails as that does.
func Alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv(within) != "" {
		return true
	}
	const networked = `ip link set lo up && ip link set lo multicast on && exec "$0" "$@"`
	flags := "-nm"
	if os.Geteuid() != 0 {
		flags = "-rnm" // as root of nothing but these
	}
	try := exec.Command("unshare", flags, "sh", "-c", networked, "true")
	if out, err := try.CombinedOutput(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("a test needs a network of its own (unshare, ip): %v: %s", err, out)
		}
		t.Skipf("there is no network of its own: %v: %s", err, out)
	}
	again := exec.CommandContext(t.Context(), "unshare", flags, "sh", "-c", networked, os.Args[0],
		"-test.run", "^"+t.Name()+"$", "-test.v")
	again.Env = append(os.Environ(), within+"=yes")
	if out, err := again.CombinedOutput(); err != nil {
		t.Fatalf("in a network of its own: %v\n%s", err, out)
	}
	return false
}
