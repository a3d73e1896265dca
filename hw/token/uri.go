package token

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Scheme is the beginning of a token's URI.
const Scheme = "pkcs11:"

// A URI names a token (RFC 7512).
type URI struct {
	Module string // path of the PKCS#11 library
	Token  string // the token's label; if empty, Serial names the token
	Serial string // its serial number; if empty, Token names the token
	PIN    string // path of the file that holds its PIN; empty if the PIN comes from elsewhere
}

// ParseURI reads a URI. An attribute that it does not know is an error: it might mean another
// token.
func ParseURI(text string) (u URI, err error) {
	rest, is := strings.CutPrefix(text, Scheme)
	if !is {
		return u, fmt.Errorf("%q is no URI of a token: want %stoken=NAME?module-path=LIBRARY",
			text, Scheme)
	}
	path, query, _ := strings.Cut(rest, "?")
	fields := map[string]*string{"token": &u.Token, "serial": &u.Serial}
	if err := parseFields(path, ";", fields); err != nil {
		return URI{}, err
	}
	fields = map[string]*string{"module-path": &u.Module, "pin-source": &u.PIN}
	if err := parseFields(query, "&", fields); err != nil {
		return URI{}, err
	}
	u.PIN = strings.TrimPrefix(strings.TrimPrefix(u.PIN, "file:"), "//")
	switch {
	case u.Module == "":
		return URI{}, errors.New("the token's URI names no module-path: want the path of its " +
			"PKCS#11 library, such as ?module-path=/usr/lib/softhsm/libsofthsm2.so")
	case u.Token == "" && u.Serial == "":
		return URI{}, errors.New("the token's URI names no token: want its label, such as " +
			"pkcs11:token=bus-9")
	}
	return u, nil
}

// parseFields reads name=value, percent-encoded, each once.
func parseFields(text, separator string, fields map[string]*string) error {
	for _, part := range strings.Split(text, separator) {
		if part == "" {
			continue
		}
		name, value, assigned := strings.Cut(part, "=")
		into, known := fields[name]
		switch {
		case name == "pin-value":
			return errors.New("the token's URI holds its PIN, which others may read there: put " +
				"it into a file of mode 0600, and name that as pin-source=file:PATH")
		case !known:
			return fmt.Errorf("the token's URI has a part %q, which is not understood: want "+
				"token or serial, and after the question mark module-path and pin-source", name)
		case !assigned || value == "" || *into != "":
			return fmt.Errorf("the token's URI: want %s once, and a value after it", name)
		}
		plain, err := url.PathUnescape(value)
		if err != nil {
			return fmt.Errorf("the token's URI: %s is not percent-encoded as RFC 3986 has it", name)
		}
		*into = plain
	}
	return nil
}
