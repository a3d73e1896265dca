package main

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"time"

	"leima/cmd/internal/program"
	"leima/validator/testrig"
)

// The report of a soak is one page with its pictures.

//go:embed report.html
var reportText string

var reportPage = template.Must(template.New("report").Parse(reportText))

// A report is the content of the page.
type report struct {
	Title, Began, Took, Endings, Ended string
	Lines                              [][2]string // the probed lines
	Marks                              []string
	Rows                               []reportRow
	Commands                           string
	Histogram, Curve, Course           chart
	Shares                             []share
	Steps                              []stepChart
}

// A stepChart is the histogram of a step.
type stepChart struct {
	Name  string
	Chart chart
}

// A reportRow is a line of the table.
type reportRow struct {
	Name  string
	Cells []string
}

// A chart is a drawing of width × height with the labels of its axes.
type chart struct {
	Width, Height int
	Bars          []bar
	Lines         []polyline
	Bottom, Left  []label
	Under         string // label of the lower axis
}

// Below is a position below the lower axis.
func (c chart) Below(distance int) int { return c.Height + distance }

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
		Title: fmt.Sprintf("%d taps on %s", len(s.Taps), s.card), Lines: reported(s.probed),
		Began:     s.began.Format(timeLayout + ":05 -07:00"),
		Took:      s.took.Round(time.Millisecond).String(),
		Endings:   s.endings(),
		Ended:     s.ended,
		Commands:  s.work(),
		Histogram: histogram(whole, wide, high), Curve: curve(whole), Course: course(s.SoakResult),
		Shares: shares(steps, testrig.Percentile(whole, 99)),
	}
	for _, mark := range marks {
		r.Marks = append(r.Marks, mark.name)
	}
	r.Rows = append(r.Rows, rowOfTimes("tap", whole))
	for n, sorted := range steps {
		name := testrig.Step(n).String()
		r.Rows = append(r.Rows, rowOfTimes(name, sorted))
		r.Steps = append(r.Steps, stepChart{name, histogram(sorted, wide, high/2)})
	}
	return reportPage.Execute(w, r)
}

func rowOfTimes(name string, sorted []time.Duration) reportRow {
	row := reportRow{Name: name}
	for _, mark := range marks {
		took := millis(testrig.Percentile(sorted, mark.percent))
		row.Cells = append(row.Cells, fmt.Sprintf("%.3f", took))
	}
	return row
}

// The size of a picture.
const wide, high = 640, 240

// histogram shows the number of taps by duration; the last bar is all taps longer than p99.9.
func histogram(sorted []time.Duration, wide, high int) chart {
	c := chart{Width: wide, Height: high, Under: "ms"}
	bins := testrig.Histogram(sorted, 40)
	highest := 1
	for _, bin := range bins {
		highest = max(highest, bin.Count)
	}
	width := float64(wide) / float64(max(1, len(bins)))
	for n, bin := range bins {
		h := float64(bin.Count) / float64(highest) * float64(high)
		x := float64(n) * width
		c.Bars = append(c.Bars, bar{
			X: x, Y: float64(high) - h, W: width - 1, H: h,
			Title: fmt.Sprintf("%.3f to %.3f ms: %d", millis(bin.From), millis(bin.To), bin.Count),
		})
		if n%10 == 0 {
			c.Bottom = append(c.Bottom, label{x, fmt.Sprintf("%.3f", millis(bin.From))})
		}
	}
	c.Left = []label{{0, fmt.Sprint(highest)}, {float64(high), "0"}}
	return c
}

// curve is the duration by percentile, on an axis on which each further nine is as wide as the
// last.
func curve(sorted []time.Duration) chart {
	c := chart{Width: wide, Height: high, Under: "percentile"}
	if len(sorted) == 0 {
		return c
	}
	nines := math.Ceil(math.Log10(float64(len(sorted)) + 1))
	top := float64(testrig.Percentile(sorted, 100))
	points := ""
	for n := 0.0; n <= 200; n++ {
		percent := 100 - 100*math.Pow(10, -nines*n/200)
		y := high - float64(testrig.Percentile(sorted, percent))/top*high
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

// course shows the taps in their order: the median and the worst of each segment of the soak.
func course(s *testrig.SoakResult) chart {
	c := chart{Width: wide, Height: high, Under: "tap"}
	pieces := s.Course(160)
	top := 1.0
	for _, piece := range pieces {
		top = max(top, millis(piece.Worst))
	}
	var worst, median string
	for n, piece := range pieces {
		x := float64(wide) * float64(n) / float64(max(1, len(pieces)-1))
		worst += fmt.Sprintf("%.1f,%.1f ", x, high-millis(piece.Worst)/top*high)
		median += fmt.Sprintf("%.1f,%.1f ", x, high-millis(piece.Median)/top*high)
	}
	c.Lines = []polyline{{"worst", worst}, {"time", median}}
	c.Bottom = []label{{0, "1"}, {wide, fmt.Sprint(len(s.Taps))}}
	c.Left = []label{{0, fmt.Sprintf("%.2f ms", top)}, {high, "0"}}
	return c
}

// shares are the steps as bars, relative to the p99 of the whole tap.
func shares(steps [testrig.Steps][]time.Duration, whole time.Duration) (all []share) {
	for n, sorted := range steps {
		half, most := testrig.Percentile(sorted, 50), testrig.Percentile(sorted, 99)
		all = append(all, share{
			Name: testrig.Step(n).String(), Class: fmt.Sprintf("step%d", n),
			Half: fmt.Sprintf("%.3f", millis(half)), Most: fmt.Sprintf("%.3f", millis(most)),
			HalfW: part(half, whole), MostW: part(most, whole),
		})
	}
	return all
}

func part(d, whole time.Duration) float64 {
	return min(100, 100*float64(d)/float64(max(1, whole)))
}

// reported are the probed lines, with the version of this program.
func reported(p testrig.ProbeResult) [][2]string {
	return append(probedLines(p), [2]string{"measured by", program.Named("bench")})
}
