// Package server answers devices that send their journals to a depot (validator/upload describes
// the link). It proves who sends: the key by which a device has opened the connection must be the
// register's of the number in the path, and not withdrawn. A device writes its own journal only.
package server
