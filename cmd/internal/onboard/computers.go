package onboard

import (
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"

	"leima/validator/place"
	"leima/validator/place/dnssd"
	"leima/validator/place/itxpt"
	"leima/validator/place/subscription"
	"leima/validator/place/vdv301"
)

// computers are the bus's computers that are heard over HTTP.
func (c *Config) computers(elapsed func() time.Duration, log *slog.Logger) (all []Listener) {
	if c.Sources.VDV301 != "" {
		dialect := &vdv301.Dialect{Zones: c.Sources.Zones, Vehicle: c.Service.Vehicle}
		all = append(all, &subscription.Client{
			Source: place.VDV301, Find: dialect.Find(c.Sources.VDV301), Elapsed: elapsed, Log: log,
		})
	}
	if c.Sources.ITxPT != "" {
		all = append(all, &subscription.Client{
			Source: place.ITxPT, Find: itxpt.FindAVMS(c.Sources.ITxPT), Elapsed: elapsed, Log: log,
		}, &itxpt.Receiver{Elapsed: elapsed, Log: log})
	}
	return all
}

// checkComputers checks where the computers are, and where the inventory is.
func (c *Config) checkComputers() error {
	for key, at := range map[string]string{
		"vdv301": c.Sources.VDV301, "itxpt": c.Sources.ITxPT,
	} {
		if at != "" && at != dnssd.Anywhere && !addresses(at) {
			return fmt.Errorf("place.%s is %q: want %q, to look for it on the bus's network, or "+
				"its host:port", key, at, dnssd.Anywhere)
		}
	}
	if at := c.Inventory.Listen; at != "" && !addresses(at) {
		return fmt.Errorf("inventory.listen is %q: want host:port, which is announced", at)
	}
	return nil
}

// addresses reports whether a text is a host and a port.
func addresses(at string) bool {
	host, port, err := net.SplitHostPort(at)
	number, none := strconv.ParseUint(port, 10, 16)
	return err == nil && none == nil && host != "" && number != 0
}
