// Package metrics says how a validator is, in figures for a monitoring system (Prometheus). It
// knows no card and no person.
package metrics

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"leima/validator"
	"leima/validator/api"
	"leima/validator/journal"
)

// A Source is where the figures come from. Lists and Place may be nil.
type Source struct {
	Flushes Flushes
	State   func(context.Context) (api.State, error)
	Journal *journal.Journal
	Lists   func() []List
	Place   func() Place
}

// A List is a list that the device has had sent.
type List struct {
	Name    string // block, action or tariffs
	Version uint32
	Made    time.Time
	Alarm   bool // the last bundle was refused
}

// A Place is how well it is known where the bus is.
type Place struct {
	Source    string
	Age       time.Duration
	Sure      bool
	Unsure    time.Duration // since the start
	Conflicts uint64        // since the start
}

// A Validator's metrics, as they are read and as taps end.
type Validator struct {
	source  Source
	taps    *prometheus.CounterVec
	seconds prometheus.Histogram
	unknown prometheus.Counter
	handler http.Handler
}

// New makes the metrics of a validator of a version.
func New(source Source, version string) *Validator {
	m := &Validator{
		source: source,
		taps: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "leima_taps_total", Help: "Taps, by how they ended and why.",
		}, []string{"ending", "reason"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "leima_tap_seconds", Help: "How long taps took, from the card found to the lamp.",
			Buckets: []float64{0.1, 0.2, 0.3, 0.5, 1},
		}),
		unknown: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "leima_commits_unknown_total",
			Help: "Commits that the card did not answer.",
		}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "leima_build_info", Help: "The version of the program.",
		ConstLabels: prometheus.Labels{"version": version},
	})
	build.Set(1)
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.taps, m.seconds, m.unknown, source.Flushes, build, m)
	m.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2})
	return m
}

// Handler answers with the metrics.
func (m *Validator) Handler() http.Handler { return m.handler }

// Tapped counts a tap that has ended.
func (m *Validator) Tapped(o *validator.Outcome) {
	reason := ""
	if o.Event.Reason != 0 {
		reason = o.Event.Reason.String()
	}
	m.taps.WithLabelValues(o.Ending.String(), reason).Inc()
	m.seconds.Observe(o.Took.Seconds())
	if o.Ending == validator.Uncertain {
		m.unknown.Inc()
	}
}

// Flushes are the times that the disk takes.
type Flushes struct{ prometheus.Histogram }

// NewFlushes makes the figure of the disk, which begins before all others.
func NewFlushes() Flushes {
	return Flushes{prometheus.NewHistogram(prometheus.HistogramOpts{
		Name:    "leima_journal_commit_seconds",
		Help:    "How long the disk took for an entry on which a card's commit waits.",
		Buckets: []float64{0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5},
	})}
}

// Timed is a journal whose flushes are timed.
func (f Flushes) Timed(j validator.Journal) validator.Journal { return timed{j, f} }

type timed struct {
	validator.Journal
	flushes Flushes
}

// Flush implements validator.Journal.
func (t timed) Flush() error {
	begin := time.Now()
	err := t.Journal.Flush()
	t.flushes.Observe(time.Since(begin).Seconds())
	return err
}

// gauge describes a figure that is read when it is asked for.
func gauge(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("leima_"+name, help, labels, nil)
}

var (
	readerUp = gauge("reader_up", "Whether the validator can serve a card: 1, else 0.")
	waiting  = gauge("journal_entries_unacknowledged",
		"Entries of the journal that no back office has acknowledged.")
	oldest = gauge("journal_oldest_unacknowledged_timestamp_seconds",
		"Time of the oldest entry that is not acknowledged.")
	uploaded = gauge("upload_last_success_timestamp_seconds",
		"Time when the depot has last acknowledged something, since the start.")
	manifestVersion = gauge("manifest_version", "Version of the last manifest of the depot.")
	manifestMade    = gauge("manifest_made_timestamp_seconds",
		"Time when the last manifest of the depot was made.")
	manifestAlarm = gauge("manifest_alarm", "Whether something of the depot was refused, or its "+
		"manifest has expired or is of a day to come: 1, else 0.")
	used = gauge("journal_used_ratio",
		"Share of its room that the journal takes, from 0 to 1.")
	listVersion = gauge("list_version", "Version of a list in use.", "list")
	listMade    = gauge("list_made_timestamp_seconds", "Time when a list was made.", "list")
	listAlarm   = gauge("list_alarm",
		"Whether the last bundle of a list was refused: 1, else 0.", "list")
	estimated = gauge("clock_estimated", "Whether the time is not known: 1, else 0.")
	placeAge  = gauge("place_age_seconds",
		"How long ago the source of the bus's place was heard.", "source")
	placeSure    = gauge("place_sure", "Whether it is sure where the bus is: 1, else 0.")
	placeUnsure  = gauge("place_unsure_seconds_total", "Time in which that was not sure.")
	placeDiffers = gauge("place_conflicts_total",
		"How often the sources of the bus's place have contradicted each other.")
)

// Describe implements prometheus.Collector. The figures are known when they are collected.
func (m *Validator) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (m *Validator) Collect(to chan<- prometheus.Metric) {
	is := func(d *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, kind, value, labels...)
	}
	state, err := m.source.State(context.Background())
	is(readerUp, prometheus.GaugeValue, truth(err == nil && state.Healthy))
	is(estimated, prometheus.GaugeValue, truth(state.Estimated))
	m.collectJournal(is)
	if u := state.Upload; u != nil && !u.Last.IsZero() {
		is(uploaded, prometheus.GaugeValue, float64(u.Last.Unix()))
	}
	if d := state.Download; d != nil {
		is(manifestVersion, prometheus.GaugeValue, float64(d.Manifest))
		is(manifestAlarm, prometheus.GaugeValue, truth(d.Alarm))
		if d.Manifest > 0 {
			is(manifestMade, prometheus.GaugeValue, float64(d.Made.Unix()))
		}
	}
	if m.source.Lists != nil {
		for _, l := range m.source.Lists() {
			is(listVersion, prometheus.GaugeValue, float64(l.Version), l.Name)
			is(listAlarm, prometheus.GaugeValue, truth(l.Alarm), l.Name)
			if !l.Made.IsZero() {
				is(listMade, prometheus.GaugeValue, float64(l.Made.Unix()), l.Name)
			}
		}
	}
	if m.source.Place != nil {
		p := m.source.Place()
		is(placeAge, prometheus.GaugeValue, p.Age.Seconds(), p.Source)
		is(placeSure, prometheus.GaugeValue, truth(p.Sure))
		is(placeUnsure, prometheus.CounterValue, p.Unsure.Seconds())
		is(placeDiffers, prometheus.CounterValue, float64(p.Conflicts))
	}
}

func (m *Validator) collectJournal(
	is func(*prometheus.Desc, prometheus.ValueType, float64, ...string),
) {
	extent := m.source.Journal.Extent()
	is(waiting, prometheus.GaugeValue, float64(extent.Last-extent.Acknowledged))
	if extent.Limit > 0 {
		is(used, prometheus.GaugeValue, float64(extent.Size)/float64(extent.Limit))
	}
	if first, ok := m.firstUnacknowledged(extent.Acknowledged); ok {
		is(oldest, prometheus.GaugeValue, float64(first.Unix()))
	}
}

// errFound ends the reading of the journal.
var errFound = errors.New("found")

// firstUnacknowledged is the time of the first event after a position.
func (m *Validator) firstUnacknowledged(after uint64) (at time.Time, found bool) {
	_ = m.source.Journal.Entries(after, func(e journal.Entry) error {
		if e.Event.At.IsZero() {
			return nil
		}
		at, found = e.Event.At, true
		return errFound
	})
	return at, found
}

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
