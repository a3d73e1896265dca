package mqtt_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/eclipse/paho.golang/packets"
	"github.com/stretchr/testify/require"

	"leima/validator/place/bob"
	"leima/validator/place/mqtt/mqtttest"
)

// Ensure that a broker is reached by TLS and with a password, and that one whose certificate is not
// known gets neither.
func TestTLSAndPassword(t *testing.T) {
	folder := t.TempDir()
	passwords := filepath.Join(folder, "passwords")
	hash := exec.Command("mosquitto_passwd", "-c", "-b", passwords, "leima", "secret")
	if out, err := hash.CombinedOutput(); err != nil {
		mqtttest.Unable(t, "mosquitto_passwd: "+string(out)+err.Error())
	}
	certificate, known := certify(t, folder)
	broker := mqtttest.Start(t, "allow_anonymous false", "password_file "+passwords,
		"certfile "+certificate, "keyfile "+certificate)
	broker.URL.Scheme = "mqtts"

	log := make(lines, 10)
	c := config(broker.URL, log)
	c.User, c.Password = "leima", []byte("secret")
	stranger := listenWith(t, c)
	line := <-log
	require.Contains(t, line, "the MQTT broker is not to be reached")
	require.Contains(t, line, "certificate signed by unknown authority")
	require.NotContains(t, line, "secret")
	stranger.end()

	c.TLS = &tls.Config{RootCAs: known}
	friend := listenWith(t, c)
	friend.client.Publish(lastStop, []byte(stopA), true) // and hears itself
	require.Equal(t, "a", friend.hears().Stop.ID)
}

// Ensure that a client connects as a bus needs it: no session of before or after, soon found to be
// gone, its will with the broker, and a limit to what is sent. A broker that refuses a topic is
// asked once, and still told how the validator is.
func TestConnect(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	log := make(lines, 10)
	e := listenWith(t, config(&url.URL{Scheme: "mqtt", Host: listener.Addr().String()}, log))
	e.client.Publish(dialect.Status(bob.Status{Ready: true}))
	conn, err := listener.Accept()
	require.NoError(t, err)
	defer conn.Close()
	read := func() packets.Packet {
		require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
		for {
			p, err := packets.ReadPacket(conn)
			require.NoError(t, err)
			if p.Type != packets.PINGREQ {
				return p.Content
			}
		}
	}

	connect := read().(*packets.Connect)
	topic, gone, _ := dialect.Absent()
	require.Equal(t, "leima-9", connect.ClientID)
	require.True(t, connect.CleanStart)
	require.Nil(t, connect.Properties.SessionExpiryInterval) // 0
	require.EqualValues(t, 10, connect.KeepAlive)
	require.EqualValues(t, 66<<10, *connect.Properties.MaximumPacketSize)
	require.Equal(t, topic, connect.WillTopic)
	require.Equal(t, string(gone), string(connect.WillMessage))
	require.True(t, connect.WillRetain)
	_, err = packets.NewControlPacket(packets.CONNACK).WriteTo(conn)
	require.NoError(t, err)

	subscribe := read().(*packets.Subscribe)
	answer := packets.NewControlPacket(packets.SUBACK)
	suback := answer.Content.(*packets.Suback)
	suback.PacketID = subscribe.PacketID
	for n, s := range subscribe.Subscriptions {
		require.Equal(t, dialect.Topics()[n], s.Topic)
		suback.Reasons = append(suback.Reasons, packets.SubackNotauthorized*byte(n&1))
	}
	_, err = answer.WriteTo(conn)
	require.NoError(t, err)
	require.Equal(t, status, read().(*packets.Publish).Topic)
	require.Contains(t, <-log, "refuses to say where the bus is")
}

// lines are those of a log.
type lines chan string

func (l lines) Write(p []byte) (int, error) {
	l <- string(p)
	return len(p), nil
}

// certify makes a certificate with its key, in one file.
func certify(t *testing.T, folder string) (file string, known *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	private, err := x509.MarshalECPrivateKey(key)
	require.NoError(t, err)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	file = filepath.Join(folder, "certificate.pem")
	require.NoError(t, os.WriteFile(file, append(certificate,
		pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private})...), 0o600))
	known = x509.NewCertPool()
	require.True(t, known.AppendCertsFromPEM(certificate))
	return file, known
}
