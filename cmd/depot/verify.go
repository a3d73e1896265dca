package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"leima/cardlayout"
	"leima/cardlayout/canonical"
	"leima/cmd/internal/keyring"
	"leima/cmd/internal/program"
	"leima/cmd/internal/settings"
	"leima/hw/desfire"
	"leima/validator"
	"leima/validator/depot/proof"
	"leima/validator/depot/settlement"
	"leima/validator/servicepoint"
)

// verifyCommand verifies what cards have signed, where the issuer's key is.
type verifyCommand struct {
	Socket     string   `arg:"" help:"The socket of a depot that runs: depot.sock in its folder."`
	Office     []string `required:"" placeholder:"FILE" help:"The back office's private keys."`
	Keys       string   `required:"" placeholder:"FILE" help:"The issuer's key file."`
	Passphrase string   `placeholder:"FILE" help:"The file that opens it, if it is sealed."`
}

func (c *verifyCommand) run(ctx context.Context, s *stage) error {
	if is, err := os.Stat(c.Socket); err == nil && is.IsDir() {
		return program.Usage(fmt.Errorf("%s is a folder: name the socket in it, %s", c.Socket,
			filepath.Join(c.Socket, socketFile)))
	}
	log, _, err := settings.OpenLog("", s.stderr)
	if err != nil {
		return err
	}
	var settled config
	settled.Ledger.Office, settled.Ledger.Keys = c.Office, c.Keys
	settled.Ledger.Passphrase = c.Passphrase
	v, err := folder("").verifier(&settled, log)
	if err != nil {
		return program.Usage(err)
	}
	queue := remote(c.Socket)
	if _, err := v.Verify(ctx, queue); err != nil && ctx.Err() == nil {
		return err
	}
	s.say("signatures are verified as they come; Ctrl-C ends it")
	v.Run(ctx, queue)
	return nil
}

// verifier verifies by the keys that a configuration names.
func (f folder) verifier(c *config, log *slog.Logger) (*proof.Verifier, error) {
	office, err := f.office(c)
	if err != nil {
		return nil, err
	}
	genuine, err := f.genuine(c, log)
	return &proof.Verifier{Office: office, Genuine: genuine, Log: log}, err
}

// genuine verifies the signatures of cards.
func (f folder) genuine(c *config, log *slog.Logger) (
	func(validator.Event, desfire.TMAC) bool, error,
) {
	keys, err := keyring.Source{
		Keys: c.Ledger.Keys, Passphrase: c.Ledger.Passphrase, File: f.path,
	}.Read()
	switch {
	case err != nil:
		return nil, fmt.Errorf("the issuer's keys: %w", err)
	case keys.TMAC == (cardlayout.Key{}):
		return nil, fmt.Errorf("the issuer's keys: %s has none for cards' signatures: want the "+
			"issuer's key file, not a bus's part of it", c.Ledger.Keys)
	}
	if keys.Test {
		log.Warn(keyring.Warning, "file", c.Ledger.Keys)
	}
	return servicepoint.VerifyTMAC(keys), nil
}

// keepVerifying has the signatures of a ledger verified here until the context ends, for which end
// waits.
func keepVerifying(ctx context.Context, v *proof.Verifier, l *settlement.Ledger) (end func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		v.Run(ctx, proof.Here{Ledger: l, Now: time.Now})
	}()
	return func() { <-done }
}

// errNoVerifier says that nothing waits for a verifier.
var errNoVerifier = errors.New("no signature waits for another program: want verifier = true in " +
	"[ledger] of " + configFile)

// answerVerifier answers a verifier that is another program.
func answerVerifier(mux *http.ServeMux, c *config, l *settlement.Ledger) {
	here := proof.Here{Ledger: l, Now: time.Now}
	answer := func(do func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
		return func(w http.ResponseWriter, q *http.Request) {
			if !c.Ledger.Verifier {
				http.Error(w, errNoVerifier.Error(), http.StatusNotFound)
			} else if err := do(w, q); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
			}
		}
	}
	mux.Handle("POST /signatures", answer(func(_ http.ResponseWriter, q *http.Request) error {
		return here.Again(q.Context())
	}))
	mux.Handle("GET /signatures", answer(func(w http.ResponseWriter, q *http.Request) error {
		waiting, err := here.Signatures(q.Context())
		if err != nil {
			return err
		}
		return canonical.Encode.NewEncoder(w).Encode(waiting)
	}))
	mux.Handle("POST /proofs", answer(func(_ http.ResponseWriter, q *http.Request) error {
		raw, err := io.ReadAll(io.LimitReader(q.Body, 1<<20))
		var proofs []settlement.Proof
		if err == nil {
			err = canonical.Decode.Unmarshal(raw, &proofs)
		}
		if err != nil {
			return err
		}
		return here.Prove(q.Context(), proofs)
	}))
}

// remote is the queue of a depot that runs, by its socket.
type remote string

// Again implements proof.Queue.
func (r remote) Again(ctx context.Context) error {
	return over(ctx, string(r), http.MethodPost, "/signatures", nil, io.Discard)
}

// Signatures implements proof.Queue.
func (r remote) Signatures(ctx context.Context) (all []settlement.Signature, err error) {
	var raw bytes.Buffer
	if err := over(ctx, string(r), http.MethodGet, "/signatures", nil, &raw); err != nil {
		return nil, err
	}
	return all, canonical.Decode.Unmarshal(raw.Bytes(), &all)
}

// Prove implements proof.Queue.
func (r remote) Prove(ctx context.Context, proofs []settlement.Proof) error {
	raw, err := canonical.Encode.Marshal(proofs)
	if err != nil {
		return err
	}
	return over(ctx, string(r), http.MethodPost, "/proofs", bytes.NewReader(raw), io.Discard)
}
