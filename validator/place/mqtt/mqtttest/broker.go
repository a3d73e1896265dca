// Package mqtttest gives tests a real MQTT broker: Debian's mosquitto, at a port of this machine,
// with a folder of its own. It can be killed and started again, and keeps what it is to keep.
//
// Its one rule: a test that cannot have its broker is skipped with the reason, and in CI it fails.
package mqtttest

import (
	"bufio"
	"context"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/paho"
	"github.com/stretchr/testify/require"
)

// patience bounds the wait for a broker.
const patience = 30 * time.Second

// A Broker is mosquitto, as one test has it.
type Broker struct {
	URL *url.URL

	t       testing.TB
	program string
	folder  string
	process *exec.Cmd
}

// Start starts a broker with some settings besides (mosquitto.conf(5)).
func Start(t testing.TB, settings ...string) *Broker {
	t.Helper()
	program, err := exec.LookPath("mosquitto")
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/mosquitto")
	}
	if err != nil {
		Unable(t, "there is no mosquitto: make deps installs it")
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := free.Addr().(*net.TCPAddr)
	require.NoError(t, free.Close())
	b := &Broker{
		URL: &url.URL{Scheme: "mqtt", Host: address.String()},
		t:   t, program: program, folder: t.TempDir(),
	}
	_, port, _ := net.SplitHostPort(address.String())
	text := strings.Join(append([]string{
		"listener " + port + " 127.0.0.1", "log_dest stderr", "user root",
		"persistence true", "persistence_location " + b.folder + "/",
		"autosave_on_changes true", "autosave_interval 1", "max_queued_messages 0",
		"allow_anonymous true",
	}, settings...), "\n")
	require.NoError(t, os.WriteFile(filepath.Join(b.folder, "conf"), []byte(text), 0o600))
	b.Restart()
	t.Cleanup(b.Kill)
	return b
}

// Unable skips a test that cannot have what it needs; in CI it fails.
func Unable(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

// Restart starts a broker that was killed, at its port and with what it has kept.
func (b *Broker) Restart() {
	b.t.Helper()
	b.process = exec.Command(b.program, "-c", filepath.Join(b.folder, "conf"))
	stderr, err := b.process.StderrPipe()
	require.NoError(b.t, err)
	require.NoError(b.t, b.process.Start())
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if strings.HasSuffix(lines.Text(), " running") {
			go func() {
				for lines.Scan() {
				}
			}()
			return
		}
		b.t.Log(lines.Text())
	}
	b.t.Fatal("mosquitto does not start")
}

// Kill ends the broker at once.
func (b *Broker) Kill() {
	_ = b.process.Process.Kill()
	_ = b.process.Wait()
}

// A Message is one that a peer has heard.
type Message struct {
	Topic, Payload string
	Retain         bool
}

// A Peer is another client of the broker, such as the bus's computer or the driver's display.
type Peer struct {
	t      testing.TB
	client *paho.Client
	heard  chan Message
}

// Peer connects another client, which hears some topics.
func (b *Broker) Peer(topics ...string) *Peer {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := net.Dial("tcp", b.URL.Host)
	require.NoError(b.t, err)
	p := &Peer{t: b.t, heard: make(chan Message, 100)}
	p.client = paho.NewClient(paho.ClientConfig{
		Conn: conn,
		OnPublishReceived: []func(paho.PublishReceived) (bool, error){
			func(r paho.PublishReceived) (bool, error) {
				p.heard <- Message{r.Packet.Topic, string(r.Packet.Payload), r.Packet.Retain}
				return true, nil
			},
		},
	})
	_, err = p.client.Connect(ctx, &paho.Connect{KeepAlive: 60, CleanStart: true})
	require.NoError(b.t, err)
	b.t.Cleanup(func() { _ = p.client.Disconnect(&paho.Disconnect{}) })
	if len(topics) > 0 {
		var all []paho.SubscribeOptions
		for _, topic := range topics {
			all = append(all, paho.SubscribeOptions{Topic: topic, QoS: 1})
		}
		_, err = p.client.Subscribe(ctx, &paho.Subscribe{Subscriptions: all})
		require.NoError(b.t, err)
	}
	return p
}

// Say publishes a message, and waits until the broker has it.
func (p *Peer) Say(topic, payload string) { p.publish(topic, payload, 1, false) }

// Keep is Say of a message that the broker keeps for those who come later.
func (p *Peer) Keep(topic, payload string) { p.publish(topic, payload, 1, true) }

// Shout is Say without waiting (quality of service 0).
func (p *Peer) Shout(topic, payload string) { p.publish(topic, payload, 0, false) }

func (p *Peer) publish(topic, payload string, qos byte, retain bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err := p.client.Publish(ctx, &paho.Publish{
		Topic: topic, Payload: []byte(payload), QoS: qos, Retain: retain,
	})
	require.NoError(p.t, err)
}

// Hears waits for a message.
func (p *Peer) Hears() Message {
	p.t.Helper()
	select {
	case m := <-p.heard:
		return m
	case <-time.After(patience):
		p.t.Fatal("nothing was heard")
		return Message{}
	}
}
