// Package listener is an HTTP server that strangers cannot fill, and that does not delay the
// reading of cards.
//
// It knows no path, no token and no driver. Its one rule: a new connection is always accepted. If
// there are too many, another one is closed: first an idle one, then the one with the oldest
// request; among these, one of the host with the most connections. A stream with a seat stays.
//
// # The limits
//
// Each listener of a bus allows 128 connections, half of which may have a request; 16 streams; a
// header of 16 KiB, within 5 seconds, and a request within 10; an idle connection is closed after a
// minute. So six listeners use fewer files than a program's limit (1024, getrlimit(2) on Debian). A
// depot's, to which a fleet sends, allows more connections.
package listener
