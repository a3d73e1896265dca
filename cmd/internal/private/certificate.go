package private

import (
	"crypto/tls"
	"fmt"

	"leima/cmd/internal/text"
)

// Certificate reads a certificate and its key, which only its owner may read.
func Certificate(certificate, key string) (pair tls.Certificate, err error) {
	if err = Secret(key); err != nil {
		return pair, err
	}
	var both [2][]byte
	for n, path := range []string{certificate, key} {
		if both[n], err = text.Read(path); err != nil {
			return pair, err
		}
	}
	if pair, err = tls.X509KeyPair(both[0], both[1]); err != nil {
		return pair, fmt.Errorf("%s and %s are no certificate and its key in PEM: want the two "+
			"that belong together", certificate, key)
	}
	return pair, nil
}
