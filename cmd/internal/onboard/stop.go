package onboard

import (
	"fmt"
	"os"
	"strings"

	"leima/cardlayout"
	"leima/cmd/internal/feed"
	"leima/hw/disk"
)

// stopFile keeps the last zone of the first stop by the feed: its zone, a blank and its id.
const stopFile = "stop"

// locate takes the zone of the first stop from the feed, if there is one and no zone is configured.
// If the feed cannot be read, or lacks the stop, the last zone stays.
func (c *Config) locate() error {
	if c.Stops == "" {
		return nil
	}
	zone, err := c.zoneOfFeed()
	if err == nil && c.Service.Zone == "" {
		c.Service.Zone, c.said = zone, zone
	}
	if err == nil {
		return nil
	}
	if c.Service.Zone == "" {
		kept, _ := os.ReadFile(c.InState(stopFile)) // none is as good as a damaged one
		zone, stop, _ := strings.Cut(string(kept), " ")
		if _, bad := cardlayout.ParseZones(zone); bad == nil && stop == c.Service.Stop {
			c.Service.Zone = zone
		}
	}
	if c.Service.Zone == "" {
		return fmt.Errorf("%w: mend the feed, or say in service.zone where the bus begins", err)
	}
	c.unread = err
	return nil
}

// zoneOfFeed is the zone of the first stop by the feed; the stop is not checked if a zone is
// configured.
func (c *Config) zoneOfFeed() (string, error) {
	stops, _, err := feed.Stops(c.File(c.Stops))
	if err != nil || c.Service.Zone != "" {
		return "", err
	}
	stop, known := stops.Lookup(c.Service.Stop)
	switch {
	case !known:
		return "", fmt.Errorf("service.stop is %q: the feed %s has no such stop", c.Service.Stop,
			c.Stops)
	case stop.Zone == 0:
		return "", fmt.Errorf("service.stop is %q: the feed %s gives it no zone", c.Service.Stop,
			c.Stops)
	}
	return stop.Zones().String(), nil
}

// saveStop stores the zone for a start at which the feed cannot be read, and logs such a start.
func (d *Device) saveStop() {
	c := d.config
	if c.unread != nil {
		d.Log.Error("the timetable feed cannot be read: the bus begins in the zone of its "+
			"configuration, or else in that which the feed has said last", "zone", c.Service.Zone,
			"error", c.unread)
	}
	if c.said == "" {
		return
	}
	text := []byte(c.said + " " + c.Service.Stop)
	if err := disk.Sync.Replace(c.InState(stopFile), 0o600, disk.Bytes(text)); err != nil {
		d.Log.Warn("what the timetable feed says is not kept: make room in the state folder",
			"error", err)
	}
}
