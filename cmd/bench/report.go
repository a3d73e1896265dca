package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"time"

	"leima/validator/sim"
)

// The report of a soak is one page that needs nothing else: its pictures are in it.

//go:embed report.html
var reportText string

var reportPage = template.Must(template.New("report").Parse(reportText))

// A report is what the page shows.
type report struct {
	Title, Card, Began, Took, Endings string
	Marks                             []string
	Rows                              []reportRow
	Commands                          string
	Histogram, Curve, Course          chart
	Shares                            []share
}

// A reportRow is a line of the table.
type reportRow struct {
	Name  string
	Cells []string
}

// A chart is a drawing area of width × height with its axes' labels.
type chart struct {
	Width, Height int
	Bars          []bar
	Lines         []polyline
	Bottom, Left  []label
	Under         string // what the lower axis is
}

type bar struct {
	X, Y, W, H float64
	Title      string
}

type polyline struct {
	Class, Points string
}

type label struct {
	At   float64
	Text string
}

// A share is a step's part of the whole, in per cent, at p50 and at p99.
type share struct {
	Name, Half, Most string
	HalfW, MostW     float64
	Class            string
}

// writeReport writes the page of a soak.
func writeReport(w io.Writer, s *soaked) error {
	whole, steps := s.Sorted()
	r := report{
		Title: fmt.Sprintf("%d taps on %s", len(s.Taps), s.card), Card: string(s.card),
		Began: s.began.Format(timeLayout), Took: s.took.Round(time.Millisecond).String(),
		Endings:   s.endings(),
		Commands:  s.work(),
		Histogram: histogram(whole), Curve: curve(whole), Course: course(s.Taps),
		Shares: shares(steps, sim.Percentile(whole, 99)),
	}
	for _, mark := range marks {
		r.Marks = append(r.Marks, mark.name)
	}
	r.Rows = append(r.Rows, rowOfTimes("tap", whole))
	for n, sorted := range steps {
		r.Rows = append(r.Rows, rowOfTimes(sim.Step(n).String(), sorted))
	}
	return reportPage.Execute(w, r)
}

func rowOfTimes(name string, sorted []time.Duration) reportRow {
	row := reportRow{Name: name}
	for _, mark := range marks {
		took := millis(sim.Percentile(sorted, mark.percent))
		row.Cells = append(row.Cells, fmt.Sprintf("%.3f", took))
	}
	return row
}

// The size of a picture.
const wide, high = 640, 240

// histogram counts the taps by what they took, up to p99.9; the last bar holds the rest.
func histogram(sorted []time.Duration) chart {
	c := chart{Width: wide, Height: high, Under: "ms a tap took"}
	if len(sorted) == 0 {
		return c
	}
	const bins = 40
	low, most := sorted[0], sim.Percentile(sorted, 99.9)
	step := max((most-low)/bins, 1)
	var counts [bins + 1]int
	for _, took := range sorted {
		counts[min(int((took-low)/step), bins)]++
	}
	highest := 1
	for _, n := range counts {
		highest = max(highest, n)
	}
	width := float64(wide) / (bins + 1)
	for n, count := range counts {
		h := float64(count) / float64(highest) * high
		from, to := low+step*time.Duration(n), low+step*time.Duration(n+1)
		c.Bars = append(c.Bars, bar{X: float64(n) * width, Y: high - h, W: width - 1, H: h,
			Title: fmt.Sprintf("%.3f to %.3f ms: %d", millis(from), millis(to), count)})
		if n%10 == 0 {
			start := fmt.Sprintf("%.2f", millis(from))
			c.Bottom = append(c.Bottom, label{float64(n) * width, start})
		}
	}
	c.Left = []label{{0, fmt.Sprint(highest)}, {high, "0"}}
	return c
}

// curve is the time by percentile, drawn so that each further nine is as wide as the last.
func curve(sorted []time.Duration) chart {
	c := chart{Width: wide, Height: high, Under: "percentile"}
	if len(sorted) == 0 {
		return c
	}
	nines := math.Ceil(math.Log10(float64(len(sorted)) + 1))
	top := float64(sim.Percentile(sorted, 100))
	points := ""
	for n := 0.0; n <= 200; n++ {
		percent := 100 - 100*math.Pow(10, -nines*n/200)
		y := high - float64(sim.Percentile(sorted, percent))/top*high
		points += fmt.Sprintf("%.1f,%.1f ", wide*n/200, y)
	}
	c.Lines = []polyline{{"time", points}}
	for n := 0.0; n <= nines; n++ {
		percent := 100 - 100*math.Pow(10, -n)
		c.Bottom = append(c.Bottom, label{wide * n / nines, fmt.Sprintf("%.6g", percent)})
	}
	c.Left = []label{{0, fmt.Sprintf("%.2f ms", top/float64(time.Millisecond))}, {high, "0"}}
	return c
}

// course is how the taps went one after the other: the median and the worst of each piece
// of the soak.
func course(taps []sim.Tapped) chart {
	c := chart{Width: wide, Height: high, Under: "tap"}
	const most = 160
	pieces := min(most, len(taps)/10+1, len(taps))
	var medians, worsts []float64
	top := 1.0
	for n := range pieces {
		part := sim.Soaking{Taps: taps[len(taps)*n/pieces : len(taps)*(n+1)/pieces]}
		whole, _ := part.Sorted()
		medians = append(medians, millis(sim.Percentile(whole, 50)))
		worsts = append(worsts, millis(sim.Percentile(whole, 100)))
		top = max(top, worsts[n])
	}
	draw := func(values []float64) (points string) {
		for n, v := range values {
			x := float64(wide) * float64(n) / float64(max(1, len(values)-1))
			points += fmt.Sprintf("%.1f,%.1f ", x, high-v/top*high)
		}
		return points
	}
	c.Lines = []polyline{{"worst", draw(worsts)}, {"time", draw(medians)}}
	c.Bottom = []label{{0, "1"}, {wide, fmt.Sprint(len(taps))}}
	c.Left = []label{{0, fmt.Sprintf("%.2f ms", top)}, {high, "0"}}
	return c
}

// shares are the steps as bars, measured by the p99 of the whole tap.
func shares(steps [sim.Steps][]time.Duration, whole time.Duration) (all []share) {
	for n, sorted := range steps {
		half, most := sim.Percentile(sorted, 50), sim.Percentile(sorted, 99)
		all = append(all, share{
			Name: sim.Step(n).String(), Class: fmt.Sprintf("step%d", n),
			Half: fmt.Sprintf("%.3f", millis(half)), Most: fmt.Sprintf("%.3f", millis(most)),
			HalfW: part(half, whole), MostW: part(most, whole),
		})
	}
	return all
}

func part(d, whole time.Duration) float64 {
	return min(100, 100*float64(d)/float64(max(1, whole)))
}
