package onboard

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"leima/validator/api"
	"leima/validator/inventory"
	"leima/validator/listener"
	"leima/validator/place/dnssd"
)

// openInventory says on the bus's network, in the manner of ITxPT, which module this is.
func (d *listeners) openInventory(c *Config, local *api.Local) error {
	if c.Inventory.Listen == "" {
		return nil
	}
	validator := local.Terminal.Validator
	m := &inventory.Module{
		Device: c.Device, Version: validator.Version, MAC: hardwareAddress(),
		Now: validator.Now, Health: health(local),
	}
	mux := http.NewServeMux()
	mux.Handle("GET /"+inventory.Path, m)
	server := listener.NewServer(listener.CheckHost(nil, mux))
	server.WriteTimeout = 5 * time.Second
	if err := d.open("inventory", c.Inventory.Listen, server); err != nil {
		return err
	}
	_, port, _ := net.SplitHostPort(c.Inventory.Listen) // it listens
	number, _ := strconv.ParseUint(port, 10, 16)
	ctx, cancel := context.WithCancel(context.Background())
	d.ends = append(d.ends, cancel)
	go announce(ctx, validator.Log, func() []dnssd.Announcement {
		return []dnssd.Announcement{{
			Name: m.Name(), Type: inventory.Type, Port: uint16(number), Text: m.Text(),
		}}
	})
	return nil
}

// announce announces services until ctx ends, and again whenever the networks have changed.
func announce(ctx context.Context, log *slog.Logger, services func() []dnssd.Announcement) {
	for said := ""; ctx.Err() == nil; {
		err := dnssd.Announce(ctx, services)
		if ctx.Err() == nil && err.Error() != said {
			log.Warn("the validator is not announced on the bus's network, and is tried again",
				"error", err)
			said = err.Error()
		}
		select {
		case <-time.After(retry):
		case <-ctx.Done():
		}
	}
}

// health asks how the validator is, at most once a second: anybody on the bus may ask.
func health(local *api.Local) func() inventory.Health {
	var mu sync.Mutex
	var last inventory.Health
	var asked time.Duration
	return func() inventory.Health {
		mu.Lock()
		defer mu.Unlock()
		now := local.Terminal.Validator.Uptime()
		if asked == 0 || now-asked >= time.Second {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			state, err := local.State(ctx)
			last = inventory.Health{
				Serves: err == nil && state.Healthy, Timed: err == nil && !state.Estimated,
			}
			asked = now
		}
		return last
	}
}

// hardwareAddress is that of the first network; "": there is none.
func hardwareAddress() string {
	interfaces, _ := net.Interfaces()
	for _, i := range interfaces {
		if len(i.HardwareAddr) == 6 && i.Flags&net.FlagUp != 0 {
			return i.HardwareAddr.String()
		}
	}
	return ""
}
