// Package service tells the service manager how a program is, as sd_notify(3) says: that it serves,
// what it waits for, that it is alive. It also keeps why a program has ended, for those who ask
// afterwards. Without a service manager it says nothing.
package service

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// Ready says that the program serves.
func Ready() { notify(daemon.SdNotifyReady) }

// Stopping says that the program ends.
func Stopping() { notify(daemon.SdNotifyStopping) }

// Reload says that the program takes new data into use while reload runs.
func Reload(reload func()) {
	notify(daemon.SdNotifyReloading + "\n" + daemon.SdNotifyMonotonicUsec())
	reload()
	Ready()
}

// notify tells the service manager. It ends a program that it does not hear, which is answer
// enough.
func notify(state string) { _, _ = daemon.SdNotify(false, state) }

// unwatched is how often the status is said where there is no watchdog.
const unwatched = 15 * time.Second

// Watch feeds the watchdog, and says the status, each time alive returns one, until stop is called.
// alive is called twice in the watchdog's time; while it returns an error, or does not return, the
// watchdog goes hungry.
func Watch(alive func(context.Context) (status string, err error), log *slog.Logger) (stop func()) {
	if os.Getenv("NOTIFY_SOCKET") == "" {
		return func() {}
	}
	period := unwatched
	if limit, err := daemon.SdWatchdogEnabled(false); err == nil && limit > 0 {
		period = limit / 2
	}
	ctx, cancel := context.WithCancel(context.Background())
	var watching sync.WaitGroup
	watching.Go(func() {
		beat := time.NewTicker(period)
		defer beat.Stop()
		for ctx.Err() == nil {
			if status, err := alive(ctx); err == nil {
				notify("STATUS=" + status + "\n" + daemon.SdNotifyWatchdog)
			} else if ctx.Err() == nil {
				log.Error("the watchdog is not fed: the program is restarted if it stays so",
					"error", err)
			}
			select {
			case <-ctx.Done():
			case <-beat.C:
			}
		}
	})
	return func() { cancel(); watching.Wait() }
}
