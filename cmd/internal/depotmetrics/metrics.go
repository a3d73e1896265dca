// Package depotmetrics says how a depot is, in figures for a monitoring system (Prometheus). It
// knows no card and no person. Of a device it says nothing by its number: the alarms in the log do.
package depotmetrics

import (
	"context"
	"net/http"
	"os"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"leima/validator/depot"
	"leima/validator/depot/settlement"
	"leima/validator/ledger"
	"leima/validator/lists/manifest"
)

// A Source is where the figures come from. Ledger and Manifest may be nil.
type Source struct {
	Heard    *Heard
	Receiver *depot.Receiver
	Devices  func() []uint16 // of the register, which were not withdrawn
	Ledger   *settlement.Ledger
	Manifest func() (manifest.Manifest, error)
	Folder   string            // whose disk is the depot's
	Files    map[string]string // paths in it, by name
}

// A Depot's metrics, as they are read.
type Depot struct{ source Source }

// New makes the handler of the metrics of a depot of a version.
func New(source Source, version string) http.Handler {
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "leima_build_info", Help: "The version of the program.",
		ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	registry := prometheus.NewRegistry()
	registry.MustRegister(source.Heard.entries, source.Heard.gone, build, &Depot{source})
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2})
}

// silent is how long a device that is well is not silent, as it reports each hour.
const silent = 24 * time.Hour

// gauge describes a figure that is read when it is asked for.
func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("leima_depot_"+name, help, labels, nil)
}

var (
	devices = gauge("devices", "Devices of the register that were not withdrawn.")
	quiet   = gauge("devices_silent", "Devices of which nothing has come for a day.")
	silence = gauge("silence_seconds",
		"How long nothing has come of the device that has sent nothing for longest.")
	alarms   = gauge("alarms", "Forks and gaps of the devices' journals.", "kind")
	cases    = gauge("cases", "Cases of the settlement, by their verdict.", "verdict")
	behind   = gauge("ledger_behind_batches", "Batches in the store that the ledger has not added.")
	verified = prometheus.NewDesc("leima_depot_signatures_verified_total",
		"Signatures of cards that were verified, since the ledger was made.", nil, nil)
	unverified = gauge("signatures_waiting", "Signatures of cards that wait to be verified.")

	files = gauge("file_bytes", "Size of a file of the depot.", "file")
	free  = gauge("disk_free_bytes", "Room that is left on the depot's disk.")

	manifestVersion = gauge("manifest_version", "Version of the lists' manifest.")
	manifestExpires = gauge("manifest_expires_timestamp_seconds",
		"Time when the lists' manifest expires.")
)

// Describe implements prometheus.Collector. The figures are known when they are collected.
func (d *Depot) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector. What cannot be read is not there.
func (d *Depot) Collect(to chan<- prometheus.Metric) {
	as := func(kind prometheus.ValueType) say {
		return func(what *prometheus.Desc, value float64, labels ...string) {
			to <- prometheus.MustNewConstMetric(what, kind, value, labels...)
		}
	}
	is := as(prometheus.GaugeValue)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	d.collectDisk(is)
	d.collectFleet(ctx, is)
	d.collectLedger(ctx, is, as(prometheus.CounterValue))
	if d.source.Manifest == nil {
		return
	}
	if m, err := d.source.Manifest(); err == nil && m.Version > 0 {
		is(manifestVersion, float64(m.Version))
		is(manifestExpires, float64(m.Expires.Unix()))
	}
}

// patience is how long the store may take, within Prometheus's own.
const patience = 8 * time.Second

// say says one figure.
type say func(what *prometheus.Desc, value float64, labels ...string)

func (d *Depot) collectDisk(is say) {
	for name, path := range d.source.Files {
		if info, err := os.Stat(path); err == nil {
			is(files, float64(info.Size()), name)
		}
	}
	var disk syscall.Statfs_t
	if syscall.Statfs(d.source.Folder, &disk) == nil {
		is(free, float64(disk.Bavail)*float64(disk.Bsize))
	}
}

func (d *Depot) collectFleet(ctx context.Context, is say) {
	fleet := d.source.Devices()
	longest, many := d.source.Heard.silence(fleet)
	is(devices, float64(len(fleet)))
	is(quiet, float64(many))
	is(silence, longest.Seconds())
	forks, gaps := 0, 0
	for _, device := range fleet {
		raised, err := d.source.Receiver.Alarms(ctx, device)
		if err != nil {
			return
		}
		for _, a := range raised {
			if a.Kind == depot.Fork {
				forks++
			} else {
				gaps++
			}
		}
	}
	is(alarms, float64(forks), "fork")
	is(alarms, float64(gaps), "gap")
}

func (d *Depot) collectLedger(ctx context.Context, is, total say) {
	if d.source.Ledger == nil {
		return
	}
	added := d.source.Ledger.Cursor()
	if last, err := d.source.Receiver.Store.Last(ctx); err == nil {
		is(behind, float64(last-min(last, added)))
	}
	done, wait := d.source.Ledger.Verified()
	is(unverified, float64(wait))
	total(verified, float64(done))
	counts := map[string]int{late: 0}
	for _, v := range []ledger.Verdict{
		ledger.InDoubt, ledger.Missing, ledger.Forged, ledger.Doubled,
	} {
		counts[v.String()] = 0
	}
	err := d.source.Ledger.Cases(func(r settlement.Row) error {
		if r.Late {
			counts[late]++
		} else {
			counts[r.Verdict.String()]++
		}
		return nil
	})
	if err != nil {
		return
	}
	for verdict, n := range counts {
		is(cases, float64(n), verdict)
	}
}

// late stands for missing, as long as it is not sure.
const late = "late"
