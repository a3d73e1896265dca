// Package dnssd finds services on the bus's network by DNS-SD over multicast DNS (RFC 6763, 6762),
// and makes own ones known there.
//
// It asks from a port of its own (one-shot queries, RFC 6762 5.1), so that it shares the port of
// multicast DNS with nobody, and remembers nothing between two questions: a service that has moved
// or gone is found to be so by asking again.
//
// Its rules: a network is asked by IPv4. What is not of the asked type is passed over, and so is
// what comes from, or points to, another network than the one that was asked (RFC 6762 11).
// However much is answered, at most 100 services are found.
package dnssd
