package vdv301

import (
	"context"
	"encoding/xml"
	"fmt"
	"net/netip"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"

	"leima/validator/place/dnssd"
	"leima/validator/place/subscription"
)

// Type is how services of VDV 301 announce themselves.
const Type = "_ibisip_http._tcp"

// The services that are heard, the better one first.
const (
	ticketValidation    = "TicketValidationService"
	customerInformation = "CustomerInformationService"
)

var services = []string{ticketValidation, customerInformation}

// Find finds the services at an address, host:port, or dnssd.Anywhere.
func (d *Dialect) Find(address string) func(context.Context) ([]subscription.Offer, error) {
	return func(ctx context.Context) (all []subscription.Offer, err error) {
		if address != dnssd.Anywhere {
			for _, service := range services {
				all = append(all, d.offer(service, service, address, service))
			}
			return all, nil
		}
		found, err := dnssd.Browse(ctx, Type)
		return d.offers(found), err
	}
}

// offers are the services among all that announce themselves. One is named like what it is,
// perhaps with more behind it.
func (d *Dialect) offers(found []dnssd.Instance) (all []subscription.Offer) {
	for _, service := range services {
		for _, one := range found {
			if strings.HasPrefix(one.Name, service) {
				below := one.Text["path"]
				if !strings.Contains(below, service) {
					below = path.Join(below, service)
				}
				all = append(all, d.offer(service, one.Name, one.Address.String(), below))
			}
		}
	}
	return all
}

func (d *Dialect) offer(service, name, address, below string) subscription.Offer {
	return subscription.Offer{
		Name: name,
		Base: "http://" + address + path.Join("/", below) + "/",
		Talk: func() subscription.Talk { return &Talk{Dialect: d, service: service} },
	}
}

// Ask implements subscription.Talk. The vehicle comes first: another bus's is not heard at all.
func (t *Talk) Ask(subscribed bool) (ask []subscription.Request) {
	if subscribed {
		for _, operation := range t.Operations() {
			ask = append(ask, subscription.Request{
				Path: "Get" + strings.TrimPrefix(operation, "Subscribe"),
			})
		}
		return ask
	}
	if t.service != ticketValidation || t.trip == "" {
		return nil
	}
	body, _ := xml.Marshal(struct { // of such fields there is always a text
		XMLName xml.Name `xml:"TicketValidationService.RetrieveTripDataRequest"`
		Trip    string   `xml:"TripRef>Value"`
	}{Trip: t.trip})
	return []subscription.Request{{Path: "RetrieveTripData", Body: body}}
}

// Operations implements subscription.Talk.
func (t *Talk) Operations() []string {
	if t.service == customerInformation {
		return []string{"SubscribeAllData"}
	}
	return []string{"SubscribeVehicleData", "SubscribeCurrentLine", "SubscribeCurrentTariffStop"}
}

// A request is for a subscription. The path has no slash in front: publishers put it there
// (VDV301publisher).
type request struct {
	XMLName xml.Name
	Address string `xml:"Client-IP-Address>Value"`
	Port    uint16 `xml:"ReplyPort>Value"`
	Path    string `xml:"ReplyPath>Value"`
}

// Subscribe implements subscription.Talk.
func (t *Talk) Subscribe(operation string, to netip.AddrPort, path string) subscription.Request {
	return asked(operation, request{
		xml.Name{Local: "SubscribeRequest"}, to.Addr().String(), to.Port(), path,
	})
}

// Unsubscribe implements subscription.Talk.
func (t *Talk) Unsubscribe(operation string, to netip.AddrPort, path string) subscription.Request {
	return asked("Uns"+strings.TrimPrefix(operation, "S"), request{
		xml.Name{Local: "UnsubscribeRequest"}, to.Addr().String(), to.Port(), path,
	})
}

func asked(operation string, r request) subscription.Request {
	body, _ := xml.Marshal(r)
	return subscription.Request{Path: operation, Body: body}
}

// Subscribed implements subscription.Talk.
func (t *Talk) Subscribed(text []byte) (heartbeat time.Duration, err error) {
	var a struct {
		Active    leaf  `xml:"Active"`
		Heartbeat leaf  `xml:"Heartbeat"`
		Error     *leaf `xml:"OperationErrorMessage"`
	}
	if err := subscription.Unmarshal(text, &a); err != nil {
		return 0, err
	}
	if a.Error != nil || a.Active.text() == "false" || a.Active.text() == "0" {
		return 0, fmt.Errorf("it takes no subscription: %q", orNothing(a.Error))
	}
	return duration(a.Heartbeat.text()), nil
}

func orNothing(l *leaf) string {
	if l == nil {
		return ""
	}
	return l.text()
}

// lasting is a duration of days, hours, minutes and seconds (XML Schema, 3.2.6).
var lasting = regexp.MustCompile(`^P(?:(\d{1,3})D)?` +
	`(?:T(?:(\d{1,4})H)?(?:(\d{1,6})M)?(?:(\d{1,8})(?:\.\d*)?S)?)?$`)

// duration is a duration by its text; 0: it is none.
func duration(text string) (d time.Duration) {
	parts := lasting.FindStringSubmatch(text)
	if parts == nil {
		return 0
	}
	for n, unit := range []time.Duration{24 * time.Hour, time.Hour, time.Minute, time.Second} {
		count, _ := strconv.Atoi("0" + parts[n+1])
		d += time.Duration(count) * unit
	}
	return d
}
