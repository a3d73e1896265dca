package bus

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/emulated"
	"leima/validator/api"
)

// aBusConfig is a folder with the configuration that `make run` starts. The path
// of a socket is short.
func aBusConfig(t *testing.T, edit ...string) (config string) {
	t.Helper()
	root, err := filepath.Abs("../../../../testdata")
	require.NoError(t, err)
	text, err := os.ReadFile(root + "/bus.toml")
	require.NoError(t, err)
	folder, err := os.MkdirTemp("", "leima")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	changed := strings.NewReplacer(append(edit, `"../state/street"`, `"state"`, `"127.0.0.1:8081"`, `"127.0.0.1:0"`,
		`"tariffs/`, `"`+root+`/tariffs/`, `"taps/`, `"`+root+`/taps/`)...).Replace(string(text))
	config = filepath.Join(folder, "validator.toml")
	require.NoError(t, os.WriteFile(config, []byte(changed), 0o644))
	return config
}

// running starts the validator, and waits until its API answers.
func running(t *testing.T, config string, client *api.Client) (stop func() string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan string, 1)
	go func() {
		code, _, errs := start(t, ctx, "run", "--config", config)
		if code != 0 && errs == "" {
			errs = "failed"
		}
		ended <- errs
	}()
	require.Eventually(t, func() bool {
		_, err := client.State(t.Context())
		return err == nil
	}, 20*time.Second, 10*time.Millisecond)
	return func() string {
		cancel()
		return <-ended
	}
}

// Ensure that cards are laid on the emulated reader by hand, that the API tells how they
// were served, that they are kept, and that the next start goes on with them after a power
// cut has left the socket behind.
func TestCardsLaidByHand(t *testing.T) {
	t.Parallel()
	config := aBusConfig(t)
	client := api.NewClient("unix:"+state(config, "api.sock"), "", nil)
	stage := emulated.RemoteControl{Send: client.Send}
	stop := running(t, config, client)
	var err error
	require.Eventually(t, func() bool { // the passengers come after the doors are open
		_, err = stage.Do(t.Context(), emulated.Operation{Kind: "put", Card: "Aino"})
		return err == nil
	}, 20*time.Second, 10*time.Millisecond)
	var taps []api.Tap
	require.Eventually(t, func() bool {
		taps, err = client.Taps(t.Context())
		return err == nil && len(taps) == 1
	}, 20*time.Second, 10*time.Millisecond)
	require.Equal(t, "value", taps[0].Reason)
	scene, err := stage.Do(t.Context(), emulated.Operation{Kind: "take"})
	require.NoError(t, err)
	require.Equal(t, "personal, adult, 17.90 €", scene.Cards[0].Summary)

	_, _, errs := start(t, t.Context(), "run", "--config", config)
	require.Contains(t, errs, "journal", "one validator at a time")
	before, err := client.State(t.Context())
	require.NoError(t, err)
	require.Empty(t, stop())

	left, err := net.Listen("unix", state(config, "api.sock"))
	require.NoError(t, err)
	left.(*net.UnixListener).SetUnlinkOnClose(false)
	require.NoError(t, left.Close())
	stop = running(t, config, client)
	after, err := client.State(t.Context())
	require.NoError(t, err)
	require.NotEqual(t, before.Boot, after.Boot)
	require.EqualValues(t, 1, after.Journal.Events)
	require.Positive(t, after.List, "Arvo's card is blocked")
	for what, there := range map[string]bool{"tariffs": true, "full": true, "delta": false} {
		copied, err := client.Mirror(t.Context(), what)
		require.Equal(t, there, err == nil, what)
		if there {
			require.NoError(t, copied.Close())
		}
	}
	scene, err = stage.State(t.Context())
	require.NoError(t, err)
	require.Equal(t, "personal, adult, 17.90 €", scene.Cards[0].Summary)
	require.Empty(t, stop())
}

// Ensure that over a network the API needs TLS and the token, and has no emulation.
func TestAPIOverANetwork(t *testing.T) {
	t.Parallel()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := free.Addr().String()
	require.NoError(t, free.Close())
	config := aBusConfig(t, `["unix:api.sock"]`, `["`+address+`"]`+"\n"+
		`token = "token"`+"\n"+`certificate = "cert.pem"`+"\n"+`key = "key.pem"`)
	folder := filepath.Dir(config)
	trust := certificate(t, folder)
	token := strings.Repeat("secret-", 5)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "token"), []byte(token+"\n"), 0o600))
	good := api.NewClient("https://"+address, token, trust)
	stop := running(t, config, good)
	_, err = api.NewClient("https://"+address, "", trust).State(t.Context())
	require.ErrorContains(t, err, "token")
	_, err = api.NewClient("https://"+address, token, nil).State(t.Context())
	require.ErrorIs(t, err, api.ErrLost, "nobody vouches for it")
	_, err = emulated.RemoteControl{Send: good.Send}.State(t.Context())
	require.Error(t, err)
	require.Empty(t, stop())

	require.NoError(t, os.WriteFile(filepath.Join(folder, "token"), []byte("short"), 0o600))
	code, _, errs := start(t, t.Context(), "run", "--config", config)
	require.Equal(t, exitUsage, code)
	require.Contains(t, errs, "too short")
	require.NotContains(t, errs, "\"short\"")
}

// certificate makes one for the loopback address in a folder, and whom to trust.
func certificate(t *testing.T, folder string) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	made := x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	raw, err := x509.CreateCertificate(rand.Reader, &made, &made, &key.PublicKey, key)
	require.NoError(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	for name, block := range map[string]pem.Block{
		"cert.pem": {Type: "CERTIFICATE", Bytes: raw},
		"key.pem":  {Type: "PRIVATE KEY", Bytes: private},
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), pem.EncodeToMemory(&block), 0o600))
	}
	parsed, err := x509.ParseCertificate(raw)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return &tls.Config{RootCAs: pool}
}

// Ensure that an address which cannot be served is told of, with what to do.
func TestListenersThatDoNotOpen(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for _, row := range []struct{ is, want, says string }{
		{`"127.0.0.1:8081"`, `"` + taken.Addr().String() + `"`, "name another address"},
		{`["unix:api.sock"]`, `["0.0.0.0:8443"]`, "wants token, certificate and key"},
		{`["unix:api.sock"]`, `["unix:"]`, "wants token, certificate and key"},
		{`organisation = 209`, `organisation = 20000`, "0 to 16383"},
		{`language = "en"`, `language = "de"`, "one of [fi sv en]"},
	} {
		config := aBusConfig(t, row.is, row.want)
		code, _, errs := start(t, t.Context(), "run", "--config", config)
		require.Equal(t, exitUsage, code, row.want)
		require.Contains(t, errs, row.says)
	}
}
