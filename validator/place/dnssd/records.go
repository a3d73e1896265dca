package dnssd

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
)

// An Instance is a service as it announces itself.
type Instance struct {
	Name    string // without its type
	Address netip.AddrPort
	Text    map[string]string // keys in lower case
}

// most is how many services are found, and how many of their hosts.
const most = 100

// records are what has been answered of one type of service on one network.
type records struct {
	service name
	network netip.Prefix // services elsewhere are none of this network's

	names     map[string]name // these and all others by their keys
	targets   map[string]record
	texts     map[string]map[string]string
	addresses map[string]netip.Addr
}

func newRecords(service string, network netip.Prefix) *records {
	return &records{
		service: append(strings.Split(service, "."), "local"), network: network,
		names: map[string]name{}, targets: map[string]record{},
		texts: map[string]map[string]string{}, addresses: map[string]netip.Addr{},
	}
}

// take takes what a message answers.
func (r *records) take(message []byte) {
	for _, one := range answers(message) {
		key := one.name.key()
		switch ours := one.name.under(r.service); {
		case one.of == typePTR && key == r.service.key() && one.target.under(r.service):
			if one.ttl > 0 { // else it says good-bye
				put(r.names, one.target.key(), one.target)
			}
		case one.of == typeSRV && ours:
			put(r.targets, key, one)
		case one.of == typeTXT && ours:
			put(r.texts, key, textOf(one.text))
		case one.of == typeA && r.network.Contains(one.host):
			put(r.addresses, key, one.host)
		}
	}
}

// put adds one more, if there are not too many.
func put[V any](to map[string]V, key string, value V) {
	if _, known := to[key]; known || len(to) < most {
		to[key] = value
	}
}

// textOf is a TXT record's pairs. Of two with the same key the first counts (RFC 6763 6.4).
func textOf(pairs []string) map[string]string {
	text := map[string]string{}
	for _, pair := range pairs {
		key, value, _ := strings.Cut(pair, "=")
		if key = small(key); key != "" {
			if _, twice := text[key]; !twice {
				put(text, key, value)
			}
		}
	}
	return text
}

// missing are the questions without whose answers a service cannot be reached.
func (r *records) missing() (ask []question) {
	for key, one := range r.names {
		to, located := r.targets[key]
		if !located {
			ask = append(ask, question{one, typeSRV})
		}
		if r.texts[key] == nil {
			ask = append(ask, question{one, typeTXT})
		}
		if located && !r.addresses[to.target.key()].IsValid() {
			ask = append(ask, question{to.target, typeA})
		}
	}
	return ask
}

// instances are the services that can be reached, in the order of their names.
func (r *records) instances() (all []Instance) {
	for key, one := range r.names {
		to := r.targets[key]
		if at := r.addresses[to.target.key()]; at.IsValid() && to.port != 0 {
			all = append(all, Instance{
				Name: one[0], Address: netip.AddrPortFrom(at, to.port), Text: r.texts[key],
			})
		}
	}
	slices.SortFunc(all, func(a, b Instance) int { return cmp.Compare(a.Name, b.Name) })
	return all
}
