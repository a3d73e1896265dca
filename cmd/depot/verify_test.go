package main

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cardlayout"
	"leima/cmd/internal/keyfile"
	"leima/cmd/internal/keyring"
	"leima/cmd/internal/program"
	"leima/fare"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/depot"
	"leima/validator/depot/depottest"
	"leima/validator/depot/embedded"
	"leima/validator/depot/settlement"
	"leima/validator/ledger"
	"leima/validator/oncard"
	"leima/validator/sim"
)

// newOffice makes a file with a back office's private key.
func newOffice(t *testing.T, path string) {
	secret, err := ecdh.X25519().GenerateKey(rand.Reader)
	require.NoError(t, err)
	raw, err := x509.MarshalPKCS8PrivateKey(secret)
	require.NoError(t, err)
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})
	require.NoError(t, os.WriteFile(path, text, 0o600))
}

// An issuer is a folder with a back office's key and the issuer's key file.
type issuer struct {
	folder
	keys oncard.Keys
}

func newIssuer(t *testing.T) (i issuer) {
	i.folder = folder(t.TempDir())
	var file bytes.Buffer
	require.NoError(t, keyfile.Template(&file, rand.Reader))
	require.NoError(t, os.WriteFile(i.file("keys.toml"), file.Bytes(), 0o600))
	keys, err := keyfile.Read(i.file("keys.toml"), "")
	require.NoError(t, err)
	i.keys = keys
	newOffice(t, i.file("office.key"))
	return i
}

// taps has a device settle a true signature of a card and a false one, and sends it to a store.
func (i *issuer) taps(t *testing.T, store depot.Store) {
	d := depottest.NewDevice(t, 1)
	uid := desfire.UID{4, 1, 2, 3, 4, 5, 6}
	own := i.keys.Own(i.keys.TMAC, uid)
	card := cardlayout.Card{
		Number: cardlayout.WithCheckDigit(92469900110000000), Kind: cardlayout.Bearer, Area: 227,
		Group: cardlayout.Adult, Issued: 1, ValidUntil: 2, Purse: 500, TransactionMAC: true,
	}
	for n := range 2 {
		e := validator.Event{
			ID: d.Journal.Next(), At: depottest.Now(), Reason: fare.Value, Charge: 100, UID: uid,
			Card: card.Number, Counter: card.Counter,
		}
		next := card
		next.Counter, next.Purse, next.Last = card.Counter+1, card.Purse-e.Charge, e.ID
		e.TMI = append(i.signed(t, desfire.CodeReadData, card), i.signed(t, desfire.CodeWriteData, next)...)
		card = next
		require.NoError(t, d.Journal.Begin(e))
		signed := desfire.TMAC{TMC: 7, TMV: own.TransactionMAC(uid, 7, e.TMI)}
		signed.TMV[0] ^= byte(n)
		require.NoError(t, d.Journal.Settle(e.ID, signed))
	}
	r := depot.Receiver{Store: store, Now: depottest.Now, Alarm: func(depot.Alarm) {}}
	_, err := r.Receive(t.Context(), 1, d.Items(0), false)
	require.NoError(t, err)
}

// another is another issuer's key file.
func (i *issuer) another(t *testing.T) string {
	var file bytes.Buffer
	require.NoError(t, keyfile.Template(&file, rand.Reader))
	require.NoError(t, os.WriteFile(i.file("another.toml"), file.Bytes(), 0o600))
	return i.file("another.toml")
}

// signed is what a card signs when it is read or written as a whole.
func (i *issuer) signed(t *testing.T, code desfire.Code, card cardlayout.Card) []byte {
	image, err := cardlayout.Encode(card, cardlayout.UID{4, 1, 2, 3, 4, 5, 6}, false, i.keys)
	require.NoError(t, err)
	input := desfire.TMIWrite(nil, cardlayout.FileValidation, 0, image.Validation[:])
	input[0] = byte(code)
	return input
}

// verdicts are those on the two taps.
func verdicts(t *testing.T, l *settlement.Ledger) (all []ledger.Verdict) {
	require.NoError(t, l.Current(func(r settlement.Row) error {
		all = append(all, r.Verdict)
		return nil
	}))
	return all
}

// Ensure that what cards have signed is verified in the depot's program by the issuer's key file, and
// by another program that has it, while the depot has not, also after one that had a wrong one; and
// that until then it counts.
func TestVerified(t *testing.T) {
	for _, elsewhere := range []bool{false, true} {
		i := newIssuer(t)
		store, err := embedded.Open(i.file(storeFile))
		require.NoError(t, err)
		defer store.Close()
		i.taps(t, store)
		log := slog.New(slog.DiscardHandler)
		office, err := i.folder.office(&config{})
		require.NoError(t, err)
		l := &settlement.Ledger{
			Office: office, Zone: time.UTC, Log: log, Proving: true,
			Waited: func() []uint16 { return nil },
		}
		require.NoError(t, l.Open(i.file(ledgerFile)))
		ctx, cancel := context.WithCancel(t.Context())
		ended := keepLedger(ctx, l, store, log)
		require.Eventually(t, func() bool { return len(verdicts(t, l)) == 2 }, time.Minute,
			time.Millisecond)
		require.Equal(t, []ledger.Verdict{ledger.Settled, ledger.Settled}, verdicts(t, l))

		var c config
		c.Ledger.Office, c.Ledger.Keys = []string{"office.key"}, "keys.toml"
		verifying := make(chan int, 1)
		if elsewhere {
			at, err := net.Listen("unix", i.file(socketFile))
			require.NoError(t, err)
			depot := http.Server{Handler: localHandler(store, l, &config{Ledger: c.Ledger})}
			go func() { _ = depot.Serve(at) }()
			defer depot.Close()
			args := []string{
				"verify", i.file(socketFile), "--keys", i.file("keys.toml"), "--office",
				i.file("office.key"),
			}
			code, _, says := start(t, args...)
			require.Equal(t, codeState, code)
			require.Contains(t, says, "want verifier = true")
			c.Ledger.Verifier = true
			require.NoError(t, depot.Close())
			at, err = net.Listen("unix", i.file(socketFile))
			require.NoError(t, err)
			open := http.Server{Handler: localHandler(store, l, &c)}
			go func() { _ = open.Serve(at) }()
			defer open.Close()
			wrong, end := context.WithCancel(ctx)
			mistaken := append(slices.Clone(args), "--keys", i.another(t))
			go func() { verifying <- run(wrong, mistaken, &bytes.Buffer{}, &bytes.Buffer{}) }()
			require.Eventually(t, func() bool {
				return slices.Equal(verdicts(t, l), []ledger.Verdict{ledger.Forged, ledger.Forged})
			}, time.Minute, time.Millisecond)
			end()
			require.Zero(t, <-verifying)
			go func() { verifying <- run(ctx, args, &bytes.Buffer{}, &bytes.Buffer{}) }()
		} else {
			v, err := i.verifier(&c, log)
			require.NoError(t, err)
			end := keepVerifying(ctx, v, l)
			go func() {
				end()
				verifying <- 0
			}()
		}
		require.Eventually(t, func() bool {
			all := verdicts(t, l)
			_, wait := l.Verified()
			return wait == 0 && slices.Equal(all, []ledger.Verdict{ledger.Settled, ledger.Forged})
		}, time.Minute, time.Millisecond)
		cancel()
		require.Zero(t, <-verifying)
		require.NoError(t, ended())
	}
}

// Ensure that a verifier that cannot verify says why.
func TestNoVerifier(t *testing.T) {
	i := newIssuer(t)
	bus, err := os.ReadFile(i.file("keys.toml"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(i.file("damaged.toml"), bus[:len(bus)/2], 0o600))
	for _, c := range []struct {
		keys, office string
		code         int
		says         string
	}{
		{"keys.toml", "office.key", codeFault, "no depot that runs is heard"},
		{"none.toml", "office.key", program.UsageCode, "the issuer's keys: "},
		{"damaged.toml", "office.key", program.UsageCode, "the issuer's keys: "},
		{"keys.toml", "none.key", program.UsageCode, "none.key"},
	} {
		code, _, says := start(t, "verify", i.file(socketFile), "--keys", i.file(c.keys),
			"--office", i.file(c.office))
		require.Equal(t, c.code, code, says)
		require.Contains(t, says, c.says)
	}
	code, _, says := start(t, "verify", string(i.folder), "--keys", i.file("keys.toml"),
		"--office", i.file("office.key"))
	require.Equal(t, program.UsageCode, code)
	require.Contains(t, says, "name the socket in it, "+i.file(socketFile))
}

// Ensure that who verifies by the public test keys, which anybody has, is told so.
func TestVerifiesByTestKeys(t *testing.T) {
	i := newIssuer(t)
	var testKeys bytes.Buffer
	require.NoError(t, keyfile.Write(&testKeys, sim.TestKeys()))
	require.NoError(t, os.WriteFile(i.file("test.toml"), testKeys.Bytes(), 0o600))
	for name, warns := range map[string]bool{"test.toml": true, "keys.toml": false} {
		var said bytes.Buffer
		c := config{}
		c.Ledger.Office, c.Ledger.Keys = []string{"office.key"}, name
		_, err := i.verifier(&c, slog.New(slog.NewTextHandler(&said, nil)))
		require.NoError(t, err)
		require.Equal(t, warns, strings.Contains(said.String(), keyring.Warning), name)
	}
}
