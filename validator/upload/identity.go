package upload

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net/http"
	"strconv"
	"time"
)

// NewHTTP is a client that shows a device's key, and that only a depot with a certificate by one of
// the authorities answers.
func NewHTTP(device uint16, key ed25519.PrivateKey, authorities *x509.CertPool) (
	*http.Client, error,
) {
	certificate, err := identity(device, key)
	if err != nil {
		return nil, fmt.Errorf("the device's certificate: %w", err)
	}
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: deadline,
			MaxIdleConns: 1, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
			TLSClientConfig: &tls.Config{
				RootCAs: authorities, Certificates: []tls.Certificate{certificate},
				MinVersion: tls.VersionTLS13,
			},
		},
		// An answer from elsewhere is none of the depot's, and is not asked for.
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}, nil
}

// identity is a certificate that carries the device's key, which alone proves it. Its dates say
// nothing, as a device's clock may be wrong.
func identity(device uint16, key ed25519.PrivateKey) (tls.Certificate, error) {
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: strconv.Itoa(int(device))},
		NotBefore:   time.Unix(0, 0),
		NotAfter:    time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), // RFC 5280, 4.1.2.5
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	raw, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, err
}
