package itxpt

import (
	"context"
	"encoding/xml"
	"errors"
	"net/netip"
	"path"
	"slices"
	"strings"
	"time"

	"leima/validator/place/dnssd"
	"leima/validator/place/subscription"
)

// How the services announce themselves: by type, and by a name behind an id (S02P00).
const (
	TypeHTTP      = "_itxpt_http._tcp"
	TypeMulticast = "_itxpt_multicast._udp"
	AVMS          = "avms"
	GNSSLocation  = "gnsslocation"
)

// named reports whether an instance is a service's: its name, or that behind an id.
func named(one dnssd.Instance, service string) bool {
	return one.Name == service || strings.HasSuffix(one.Name, "_"+service)
}

// FindAVMS finds the AVMS at an address, host:port, or dnssd.Anywhere.
func FindAVMS(address string) func(context.Context) ([]subscription.Offer, error) {
	return func(ctx context.Context) (all []subscription.Offer, err error) {
		if address != dnssd.Anywhere {
			return []subscription.Offer{offer(AVMS, address, AVMS)}, nil
		}
		found, err := dnssd.Browse(ctx, TypeHTTP)
		for _, one := range found {
			if named(one, AVMS) {
				all = append(all, offer(one.Name, one.Address.String(), one.Text["path"]))
			}
		}
		return all, err
	}
}

func offer(name, address, below string) subscription.Offer {
	return subscription.Offer{
		Name: name,
		Base: "http://" + address + strings.TrimSuffix(path.Join("/", below), "/") + "/",
		Talk: func() subscription.Talk { return new(Talk) },
	}
}

// Operations implements subscription.Talk.
func (t *Talk) Operations() []string {
	return []string{"runmonitoring", "journeymonitoring", "vehiclemonitoring"}
}

// Ask implements subscription.Talk. All is sent.
func (t *Talk) Ask(bool) []subscription.Request { return nil }

// A request is for a subscription. Its values have no wrappers, and its path has a slash in front.
type request struct {
	XMLName xml.Name
	Address string `xml:"Client-IP-Address"`
	Port    uint16 `xml:"ReplyPort"`
	Path    string `xml:"ReplyPath"`
}

// Subscribe implements subscription.Talk.
func (t *Talk) Subscribe(operation string, to netip.AddrPort, path string) subscription.Request {
	return asked(operation, "SubscribeRequest", to, path)
}

// Unsubscribe implements subscription.Talk.
func (t *Talk) Unsubscribe(operation string, to netip.AddrPort, path string) subscription.Request {
	return asked(operation, "UnsubscribeRequest", to, path)
}

func asked(operation, name string, to netip.AddrPort, path string) subscription.Request {
	of := xml.Name{Local: name}
	body, _ := xml.Marshal(request{of, to.Addr().String(), to.Port(), "/" + path})
	return subscription.Request{Path: operation, Body: body}
}

// Subscribed implements subscription.Talk.
func (t *Talk) Subscribed(text []byte) (heartbeat time.Duration, err error) {
	var a struct {
		Active string `xml:"Active"`
	}
	if err := subscription.Unmarshal(text, &a); err != nil {
		return 0, err
	}
	if !slices.Contains([]string{"true", "1"}, strings.TrimSpace(a.Active)) {
		return 0, errors.New("it takes no subscription")
	}
	return 0, nil
}
