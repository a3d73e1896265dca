package jetstream_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
)

// program is the real server, which "make nats" installs.
func program(t testing.TB) string {
	path, err := filepath.Abs("../../../.tools/nats-server")
	require.NoError(t, err)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no nats-server: make nats installs it")
		}
		t.Skip("there is no nats-server: make nats installs it")
	}
	return path
}

// A node is a server of a cluster.
type node struct {
	place
	t       testing.TB
	config  string
	store   string
	address string
	running *exec.Cmd
}

// A cluster is servers that keep a stream together.
type cluster struct {
	t     testing.TB
	nodes []*node
}

func freePorts(t testing.TB, n int) (ports []int) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// A place is where a server runs.
type place struct {
	folder  string
	host    string
	client  int    // port
	route   int    // port
	network string // whose name ip-netns(8) has; "": the test's
}

// newCluster starts a number of servers on this machine, and waits until they can keep a stream.
// fullest is how much the last of them keeps, at most; "": as much as there is.
func newCluster(t testing.TB, size int, fullest string) *cluster {
	ports := freePorts(t, 2*size)
	var places []place
	for n := range size {
		places = append(places, place{
			folder: t.TempDir(), host: "127.0.0.1", client: ports[n], route: ports[size+n],
		})
	}
	return newClusterAt(t, places, fullest)
}

func newClusterAt(t testing.TB, places []place, fullest string) *cluster {
	c := &cluster{t: t}
	var routes []string
	for _, at := range places {
		routes = append(routes, fmt.Sprintf("nats://%s:%d", at.host, at.route))
	}
	for n, at := range places {
		one := &node{
			t: t, place: at, config: filepath.Join(at.folder, "config"),
			store:   filepath.Join(at.folder, "store"),
			address: fmt.Sprintf("nats://%s:%d", at.host, at.client),
		}
		limit := ""
		if n == len(places)-1 && fullest != "" {
			limit = "max_file_store: " + fullest
		}
		text := fmt.Sprintf("server_name: n%d\nlisten: \"%s:%d\"\n"+
			"jetstream { store_dir: %q, sync_interval: always\n%s }\n", n, at.host, at.client,
			one.store, limit)
		if len(places) > 1 {
			text += fmt.Sprintf("cluster { name: depot, listen: \"%s:%d\", routes: [%s] }\n", at.host,
				at.route, strings.Join(routes, ", "))
		}
		require.NoError(t, os.WriteFile(one.config, []byte(text), 0o600))
		one.start()
		c.nodes = append(c.nodes, one)
	}
	t.Cleanup(func() {
		for _, one := range c.nodes {
			one.kill()
		}
	})
	c.ready()
	return c
}

func (n *node) start() {
	args := []string{program(n.t), "-c", n.config, "-l", n.config + ".log"}
	if n.network != "" {
		args = append([]string{"ip", "netns", "exec", n.network}, args...)
	}
	n.running = exec.Command(args[0], args[1:]...)
	require.NoError(n.t, n.running.Start())
}

func (n *node) kill() {
	_ = n.running.Process.Signal(syscall.SIGCONT)
	_ = n.running.Process.Kill()
	_ = n.running.Wait()
}

// hangs stops or continues a server: others take it for gone.
func (n *node) hangs(stopped bool) {
	signal := syscall.SIGCONT
	if stopped {
		signal = syscall.SIGSTOP
	}
	require.NoError(n.t, n.running.Process.Signal(signal))
}

func (n *node) wipe() { require.NoError(n.t, os.RemoveAll(n.store)) }

func (c *cluster) addresses() string {
	var all []string
	for _, one := range c.nodes {
		all = append(all, one.address)
	}
	return strings.Join(all, ",")
}

// answers reports whether the servers do something, by a connection of its own.
func (c *cluster) answers(does func(jetstream.JetStream) bool) bool {
	nc, err := nats.Connect(c.addresses())
	if err != nil {
		return false
	}
	defer nc.Close()
	streams, err := jetstream.New(nc)
	return err == nil && does(streams)
}

// ready waits until the servers answer for JetStream.
func (c *cluster) ready() {
	c.t.Helper()
	require.Eventually(c.t, func() bool {
		return c.answers(func(streams jetstream.JetStream) bool {
			_, err := streams.AccountInfo(c.t.Context())
			return err == nil
		})
	}, time.Minute, 100*time.Millisecond)
}

// whole waits until each server has all of the stream again.
func (c *cluster) whole() {
	c.t.Helper()
	require.Eventually(c.t, func() bool {
		return c.answers(func(streams jetstream.JetStream) bool {
			stream, err := streams.Stream(c.t.Context(), "leima")
			if err != nil {
				return false
			}
			info, err := stream.Info(c.t.Context())
			return err == nil && info.Cluster != nil &&
				len(info.Cluster.Replicas) >= len(c.nodes)-1 &&
				!slices.ContainsFunc(info.Cluster.Replicas, func(p *jetstream.PeerInfo) bool {
					return !p.Current || p.Offline
				})
		})
	}, 2*time.Minute, 200*time.Millisecond)
}
