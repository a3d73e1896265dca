package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"leima/cardlayout"
	"leima/cmd/internal/private"
	"leima/cmd/internal/program"
	"leima/cmd/internal/settings"
	"leima/cmd/internal/text"
	"leima/validator/depot/server"
	"leima/validator/depot/shelf"
	"leima/validator/lists/bundle"
)

// shelfFolder is the folder of the lists, in the depot's.
const shelfFolder = "shelf"

// A shelfConfig is the configuration of the lists that devices fetch.
type shelfConfig struct {
	Area uint8              `toml:"area"` // whose lists they are; 0: none are fetched
	Keys []bundle.PublicKey `toml:"keys"` // of accepted bundles, as the validators pin them
	Sign []string           `toml:"sign"` // files: keys by which the depot renews the manifest
	Good settings.Duration  `toml:"good"` // how long a manifest is; 0: 24h
}

// leastGood is the shortest time for which a manifest is good: it is renewed after half of it.
const leastGood = 10 * time.Minute

// errNoShelf says that the depot has no lists.
var errNoShelf = errors.New("the depot has no lists: want [shelf] with area and keys in depot.toml")

// shelf is where the lists are.
func (f folder) shelf(c *shelfConfig) (*shelf.Shelf, error) {
	if c.Area == 0 || len(c.Keys) == 0 {
		return nil, program.Usage(errNoShelf)
	}
	if good := time.Duration(c.Good); good != 0 && good < leastGood {
		return nil, program.Usage(fmt.Errorf("shelf.good is %v: want %v at least: devices look "+
			"once a minute, and raise an alarm when a manifest has expired", good, leastGood))
	}
	return &shelf.Shelf{
		Folder: f.file(shelfFolder), Area: cardlayout.Area(c.Area), Keys: c.Keys,
	}, nil
}

// terms are those of a manifest that is made now.
func (c *shelfConfig) terms(keys []ed25519.PrivateKey) shelf.Terms {
	good := time.Duration(c.Good)
	if good == 0 {
		good = 24 * time.Hour
	}
	return shelf.Terms{Keys: keys, Now: time.Now().UTC().Truncate(time.Second), Good: good}
}

// privateKeys reads keys that "bench list key new" has made.
func privateKeys(paths []string) (keys []ed25519.PrivateKey, err error) {
	for _, path := range paths {
		if err := private.Secret(path); err != nil {
			return nil, program.Usage(err)
		}
		raw, err := text.Read(path)
		if err != nil {
			return nil, program.Usage(err)
		}
		key, err := private.Key[ed25519.PrivateKey](path, raw, "Ed25519", "bench list key new")
		if err != nil {
			return nil, program.Usage(err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// signing are the keys by which the running depot renews the manifest.
func (f folder) signing(c *shelfConfig) ([]ed25519.PrivateKey, error) {
	var paths []string
	for _, name := range c.Sign {
		paths = append(paths, f.path(name))
	}
	return privateKeys(paths)
}

// serveLists answers devices that fetch lists, beside what receives their journals, and renews the
// manifest until stop is called.
func (f folder) serveLists(c *shelfConfig, known server.Register, journals http.Handler,
	log *slog.Logger,
) (all http.Handler, stop func(), err error) {
	if c.Area == 0 {
		return journals, func() {}, nil
	}
	s, err := f.shelf(c)
	if err != nil {
		return nil, nil, err
	}
	keys, err := f.signing(c)
	if err != nil {
		return nil, nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/v1/devices/", journals)
	mux.Handle("/", server.Known(known, s.Handler()))
	ctx, cancel := context.WithCancel(context.Background())
	var renewing sync.WaitGroup
	renewing.Go(func() {
		said := ""
		for ctx.Err() == nil {
			said = renew(s, c.terms(keys), log, said)
			select {
			case <-time.After(time.Minute):
			case <-ctx.Done():
			}
		}
	})
	return mux, func() {
		cancel()
		renewing.Wait()
	}, nil
}

// renew renews the manifest when it is time, and returns what it has said in the log.
func renew(s *shelf.Shelf, terms shelf.Terms, log *slog.Logger, said string) string {
	renewed, err := s.Renew(terms)
	switch {
	case err != nil && err.Error() != said:
		log.Error("the manifest is not renewed, and devices raise an alarm once it has expired: "+
			"name the keys in [shelf] sign, or publish by hand", "error", err)
		return err.Error()
	case err != nil:
		return said
	case renewed:
		log.Info("the manifest is renewed", "until", terms.Now.Add(terms.Good))
	}
	return ""
}
