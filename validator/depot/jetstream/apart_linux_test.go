package jetstream_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// within says, in the environment, that a test has networks and disks of its own.
const within = "LEIMA_APART"

// apart reports whether a test has networks and disks of its own. If it has not, it runs the test
// again where it has (unshare(1)), and fails as that does.
func apart(t *testing.T) bool {
	t.Helper()
	if os.Getenv(within) != "" {
		return true
	}
	program(t)
	const with = `mount -t tmpfs networks /run && mkdir /run/netns && ip link set lo up && ` +
		`ip link add depot type bridge && ip link set depot up && ` +
		`ip address add 10.9.9.254/24 dev depot && exec "$0" "$@"`
	if out, err := exec.Command("unshare", "-rmn", "sh", "-c", with, "true").CombinedOutput(); err != nil {
		require.Empty(t, os.Getenv("CI"), "networks of its own need unshare and ip: %s", out)
		t.Skipf("networks of its own need unshare and ip: %s", out)
	}
	again := exec.CommandContext(t.Context(), "unshare", "-rmn", "sh", "-c", with, os.Args[0],
		"-test.run", "^"+t.Name()+"$", "-test.v", "-test.timeout=0", "-chaos", chaos.String())
	again.Env = append(os.Environ(), within+"=yes")
	said, err := again.CombinedOutput()
	require.NoError(t, err, "%s", said)
	t.Logf("%s", said)
	return false
}

// machines are places each with a network, which a bridge joins, and a disk.
func machines(t *testing.T, size int) (all []place) {
	for n := range size {
		at := place{
			folder: t.TempDir(), host: fmt.Sprintf("10.9.9.%d", n+1), client: 4222, route: 6222,
			network: fmt.Sprintf("n%d", n),
		}
		require.NoError(t, syscall.Mount("tmpfs", at.folder, "tmpfs", 0, room))
		t.Cleanup(func() { _ = syscall.Unmount(at.folder, syscall.MNT_DETACH) })
		for _, line := range []string{
			"netns add NET", "link add to-NET type veth peer name eth0 netns NET",
			"link set to-NET master depot up", "-n NET address add HOST/24 dev eth0",
			"-n NET link set eth0 up", "-n NET link set lo up",
		} {
			ip(t, strings.NewReplacer("NET", at.network, "HOST", at.host).Replace(line))
		}
		all = append(all, at)
	}
	return all
}

func ip(t testing.TB, line string) {
	said, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput()
	require.NoError(t, err, "ip %s: %s", line, said)
}

// cutOff takes a server from the network, or puts it back: what was sent meanwhile is not refused,
// but goes nowhere.
func (n *node) cutOff(off bool) {
	state := "up"
	if off {
		state = "down"
	}
	ip(n.t, "link set to-"+n.network+" "+state)
}

// room is how large a server's disk is.
const room = "size=512m"

// fill leaves a server no room on its disk, or gives it back.
func (n *node) fill(full bool) {
	size := room
	if full {
		var disk syscall.Statfs_t
		require.NoError(n.t, syscall.Statfs(n.folder, &disk))
		used := (disk.Blocks - disk.Bfree) * uint64(disk.Bsize)
		size = fmt.Sprintf("size=%d", used+uint64(disk.Bsize))
	}
	err := syscall.Mount("tmpfs", n.folder, "tmpfs", syscall.MS_REMOUNT, size)
	if full && err == syscall.EINVAL {
		n.fill(full) // it has grown meanwhile
		return
	}
	require.NoError(n.t, err)
}
