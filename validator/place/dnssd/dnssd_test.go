package dnssd

import (
	"context"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/place/dnssd/dnssdtest"
)

// soon is how long a test waits for what must come.
const soon = 20 * time.Second

// found waits until a service of a name is found.
func found(t *testing.T, service, named string) (one Instance) {
	t.Helper()
	require.Eventually(t, func() bool {
		all, err := Browse(t.Context(), service)
		for _, i := range all {
			if i.Name == named {
				one = i
			}
		}
		return err == nil && one.Name == named
	}, soon, time.Millisecond)
	return one
}

// Ensure that what is announced is found, whatever bytes its name has, with its own type only, and
// not any more when it has ended.
func TestAnnounced(t *testing.T) {
	if !dnssdtest.Alone(t) {
		return
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- Announce(ctx, func() []Announcement {
			return []Announcement{
				{"TicketValidationService v2.2 ä", "_ibisip_http._tcp", 8080, []string{"Ver=2.2", "ver=9", "x"}},
				{"inventory", "_itxpt_http._tcp", 8081, nil},
			}
		})
	}()
	one := found(t, "_ibisip_http._tcp", "TicketValidationService v2.2 ä")
	require.Equal(t, netip.MustParseAddrPort("127.0.0.1:8080"), one.Address)
	require.Equal(t, map[string]string{"ver": "2.2", "x": ""}, one.Text)
	all, err := Browse(t.Context(), "_ITxPT_http._TCP")
	require.NoError(t, err)
	require.Equal(t, []Instance{{
		"inventory", netip.MustParseAddrPort("127.0.0.1:8081"), map[string]string{},
	}}, all)
	cancel()
	require.Error(t, <-ended)
	all, err = Browse(t.Context(), "_ibisip_http._tcp")
	require.NoError(t, err)
	require.Empty(t, all)
}

// Ensure that a service that Avahi announces is found: it is the usual one on Linux, and was written
// by others.
func TestAvahi(t *testing.T) {
	avahi, err := exec.LookPath("avahi-daemon")
	if err != nil {
		require.Empty(t, os.Getenv("CI"), "there is no avahi-daemon: make deps installs it")
		t.Skip("there is no avahi-daemon: make deps installs it")
	}
	if os.Geteuid() != 0 {
		require.Empty(t, os.Getenv("CI"), "avahi-daemon wants to be root")
		t.Skip("avahi-daemon wants to be root")
	}
	if !dnssdtest.Alone(t) {
		return
	}
	folder := t.TempDir() // in the place of the machine's own configuration
	require.NoError(t, os.Mkdir(filepath.Join(folder, "services"), 0o755))
	for file, text := range map[string]string{
		"avahi-daemon.conf": "[server]\nuse-ipv6=no\nenable-dbus=no\nallow-interfaces=lo\n" +
			"allow-point-to-point=yes\nhost-name=obu\n",
		"services/obu.service": `<service-group><name>Ticket.Validation</name><service>` +
			`<type>_ibisip_http._tcp</type><port>8124</port><txt-record>path=a/b</txt-record>` +
			`</service></service-group>`,
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600))
	}
	require.NoError(t, exec.Command("mount", "--bind", folder, "/etc/avahi").Run())
	daemon := exec.Command(avahi, "--no-drop-root", "--no-chroot", "--no-rlimits")
	require.NoError(t, daemon.Start())
	t.Cleanup(func() { _ = daemon.Process.Kill(); _ = daemon.Wait() })
	one := found(t, "_ibisip_http._tcp", "Ticket.Validation")
	require.Equal(t, netip.MustParseAddrPort("127.0.0.1:8124"), one.Address)
	require.Equal(t, map[string]string{"path": "a/b"}, one.Text)
}

// Ensure that a machine without a network says so.
func TestNoNetwork(t *testing.T) {
	if !dnssdtest.Alone(t) {
		return
	}
	require.NoError(t, exec.Command("ip", "link", "set", "lo", "multicast", "off").Run())
	_, err := Browse(t.Context(), "_ibisip_http._tcp")
	require.ErrorIs(t, err, ErrNoNetwork)
	require.ErrorIs(t, Announce(t.Context(), nil), ErrNoNetwork)
}

// from is an answer as a machine of a network gives it.
func from(host string, services ...Announcement) []byte {
	a := announcer{services: func() []Announcement { return services }, own: netip.MustParseAddr(host)}
	return a.all(lives, 0)
}

// Ensure that what is not of the network or of the type, or not whole, is not found, and that a
// flood of services is cut off.
func TestWhatIsFound(t *testing.T) {
	t.Parallel()
	network := netip.MustParsePrefix("192.0.2.0/24")
	good := Announcement{"obu", "_ibisip_http._tcp", 80, nil}
	other, none := good, good
	other.Type, none.Port = "_http._tcp", 0
	var many [][]byte
	for n := range 300 {
		one := good
		one.Name = strings.Repeat("x", n%63+1) + string(rune('a'+n/63))
		many = append(many, from("192.0.2.1", one))
	}
	short := from("192.0.2.1", good)
	circle := append(from("192.0.2.1")[:6], 0, 1, 0, 0, 0, 0, 0xc0, 12)
	for name, c := range map[string]struct {
		messages [][]byte
		want     int
	}{
		"a service":                          {[][]byte{from("192.0.2.1", good)}, 1},
		"the same twice":                     {[][]byte{from("192.0.2.1", good), from("192.0.2.1", good)}, 1},
		"another type":                       {[][]byte{from("192.0.2.1", other)}, 0},
		"two types at once":                  {[][]byte{from("192.0.2.1", other, good)}, 1},
		"it points to another network":       {[][]byte{from("198.51.100.1", good)}, 0},
		"no port":                            {[][]byte{from("192.0.2.1", none)}, 0},
		"a query is no answer":               {[][]byte{query(question{name{"obu"}, typePTR})}, 0},
		"it ends before its address":         {[][]byte{short[:len(short)-4]}, 0},
		"a name that goes in a circle":       {[][]byte{circle}, 0},
		"nothing, and rubbish":               {[][]byte{nil, []byte("$GPRMC"), make([]byte, largest)}, 0},
		"three hundred services":             {many, most},
		"three hundred, and no memory of it": {append(many, short), most},
	} {
		r := newRecords("_ibisip_http._tcp", network)
		for _, message := range c.messages {
			r.take(message)
		}
		require.Len(t, r.instances(), c.want, name)
	}
}

// Ensure that what is missing of a service is asked for.
func TestMissing(t *testing.T) {
	t.Parallel()
	r := newRecords("_ibisip_http._tcp", netip.MustParsePrefix("192.0.2.0/24"))
	s := Announcement{"a.b", "_ibisip_http._tcp", 80, nil}
	r.names[s.name().key()] = s.name()
	require.Equal(t, []question{{s.name(), typeSRV}, {s.name(), typeTXT}}, r.missing())
	r.targets[s.name().key()] = record{target: name{"host", "local"}, port: 80}
	r.texts[s.name().key()] = map[string]string{}
	require.Equal(t, []question{{name{"host", "local"}, typeA}}, r.missing())
	require.Empty(t, r.instances())
	r.addresses[name{"HOST", "local"}.key()] = netip.MustParseAddr("192.0.2.9")
	require.Empty(t, r.missing())
	require.Equal(t, "a.b", r.instances()[0].Name)
}

// Ensure that any bytes are read to their end or to their first fault, and asked for again.
func FuzzAnswers(f *testing.F) {
	f.Add(from("192.0.2.1", Announcement{"obu", "_ibisip_http._tcp", 80, []string{"a=b"}}))
	f.Add(query(question{name{"obu", "local"}, typePTR}))
	f.Fuzz(func(t *testing.T, message []byte) {
		r := newRecords("_ibisip_http._tcp", netip.MustParsePrefix("0.0.0.0/0"))
		r.take(message)
		for _, q := range r.missing() {
			again := &reader{message: query(q), at: 12}
			require.Equal(t, q.name, again.name())
			require.NoError(t, again.err)
		}
		for _, i := range r.instances() {
			require.NotEmpty(t, i.Name)
			require.NotZero(t, i.Address.Port())
		}
		(&announcer{
			services: func() []Announcement { return nil }, own: netip.MustParseAddr("192.0.2.1"),
		}).asked(message)
	})
}
