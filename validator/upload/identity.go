package upload

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
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
		Transport: explained{&http.Transport{
			Proxy: http.ProxyFromEnvironment, TLSHandshakeTimeout: deadline,
			MaxIdleConns: 1, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
			TLSClientConfig: &tls.Config{
				RootCAs: authorities, Certificates: []tls.Certificate{certificate},
				MinVersion: tls.VersionTLS13,
			},
		}},
		// An answer from elsewhere is none of the depot's, and is not asked for.
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}, nil
}

// An explained transport says what to do about a depot that is not the device's.
type explained struct{ http.RoundTripper }

func (e explained) RoundTrip(q *http.Request) (*http.Response, error) {
	a, err := e.RoundTripper.RoundTrip(q)
	if strange := (*tls.CertificateVerificationError)(nil); errors.As(err, &strange) {
		err = fmt.Errorf("who answers is not the depot of depot.certificate: give the device that "+
			"depot's certificate.pem, and a url of a name that is in it: %w", err)
	}
	return a, err
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
