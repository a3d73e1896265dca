package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"leima/cardlayout"
	"leima/hw/emu"
)

// A Workload is a day of a city, generated from a seed: boardings, the drivers' orders, and all
// kinds of faults. It does not depend on the results.
type Workload struct {
	Cards, Buses, Taps int

	random       *rand.Rand
	now          time.Time
	step         time.Duration // average time between two taps
	buses        []vehicle
	skews        []time.Duration // of the validators' clocks
	real         []bool          // whether they are real clocks, synchronized or not
	synchronized []bool
	issued       int
	named        []int // the passengers whose card can be blocked and is on no list yet
	trips        int
	sold         map[string]int // the loads bought elsewhere for each card
	queue        []Step         // the steps that follow from earlier ones
	done         int
}

// perBus is the number of validators on a bus.
const perBus = 2

// A vehicle is a bus on its way.
type vehicle struct {
	trip, zone int
	ends       time.Time
}

// NewWorkload generates the day of a seed.
func NewWorkload(seed uint64, cards, buses, taps int) *Workload {
	zone, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		zone = time.UTC
	}
	w := &Workload{
		Cards: cards, Buses: buses, Taps: taps,
		random: rand.New(rand.NewPCG(seed, seed)),
		now:    time.Date(2026, time.March, 2, 5, 0, 0, 0, zone),
		step:   18 * time.Hour / time.Duration(max(1, taps)),
		sold:   map[string]int{},
		buses:  make([]vehicle, buses), skews: make([]time.Duration, buses*perBus),
		real: make([]bool, buses*perBus), synchronized: make([]bool, buses*perBus),
	}
	for n := range w.skews {
		w.push(n, "tariffs jyvaskyla-2018")
		// Each validator has known the time once: by a list of today a real clock may show today.
		w.push(n, "at "+stamp(w.now), "card nobody  kind company", "tap nobody")
		if n%2 == 0 {
			w.real[n], w.synchronized[n] = true, true
			w.push(n, "block nobody", "sync on")
		}
	}
	return w
}

// Validators is the number of validators.
func (w *Workload) Validators() int { return len(w.skews) }

// Next is the next step, until the day is over.
func (w *Workload) Next() (a Step, more bool) {
	if len(w.queue) == 0 {
		if w.done >= w.Taps {
			return a, false
		}
		w.visit()
	}
	a, w.queue = w.queue[0], w.queue[1:]
	return a, true
}

func (w *Workload) push(validator int, lines ...string) {
	w.queue = append(w.queue, Step{Validator: validator, When: w.now, Lines: lines})
}

// chance is true with a probability in thousandths.
func (w *Workload) chance(perMille int) bool { return w.random.IntN(1000) < perMille }

func pick[T any](w *Workload, all ...T) T { return all[w.random.IntN(len(all))] }

// visit is one passenger's boarding, with its consequences.
func (w *Workload) visit() {
	w.now = w.now.Add(time.Duration(w.random.Int64N(int64(2*w.step) + 1))).Truncate(time.Second)
	w.trouble()
	bus := w.random.IntN(w.Buses)
	at := bus*perBus + w.random.IntN(perBus)
	name := w.passenger(at)
	lines := w.wishes()
	torn := w.chance(120)
	if torn {
		lines = append(lines, "tear "+name+" "+w.tear())
	}
	if w.chance(10) {
		torn = true
		side := pick(w, "before", "after", "later")
		lines = append(lines, fmt.Sprintf("die %s %d", side, 1+w.random.IntN(3)))
	}
	w.tap(at, name, lines...)
	switch {
	case torn && w.chance(900), w.chance(20):
		w.again(bus, at, name)
	}
}

// again is the same passenger a moment later.
func (w *Workload) again(bus, at int, name string) {
	w.now = w.now.Add(time.Duration(1+w.random.IntN(30)) * time.Second)
	switch n := w.random.IntN(10); {
	case n < 2:
		w.push(at, "restart")
	case n < 5:
		at = bus*perBus + w.random.IntN(perBus)
	case n < 6: // runs to another bus
		at = w.random.IntN(len(w.skews))
	}
	var lines []string
	if w.chance(200) {
		lines = []string{"tear " + name + " " + w.tear()}
	}
	w.tap(at, name, lines...)
}

// showing are the statements that set a validator's clock before anything happens there: its delay,
// or its wrong time.
func (w *Workload) showing(at int) []string {
	lines := []string{"clock right", "at " + stamp(w.now)}
	if w.skews[at] != 0 {
		lines = append(lines, "clock "+stamp(w.now.Add(w.skews[at])))
	}
	return lines
}

// tap is one card at one validator. It sets the time and the place of the bus first: a step must
// mean the same if earlier ones are left out.
func (w *Workload) tap(at int, name string, before ...string) {
	v := &w.buses[at/perBus]
	if !w.now.Before(v.ends) {
		w.trips++
		v.trip, v.zone = w.trips, w.random.IntN(4)
		v.ends = w.now.Add(time.Duration(15+w.random.IntN(30)) * time.Minute)
	}
	lines := append(append(w.showing(at),
		fmt.Sprintf("bus line=%d vehicle=%d trip=%d zone=%c",
			1+at/perBus%5, 1+at/perBus, v.trip, 'A'+rune(v.zone))), before...)
	w.push(at, append(lines, "tap "+name)...)
	w.done++
}

// tear is the place where a card is torn away.
func (w *Workload) tear() string {
	side := pick(w, "before", "after")
	if w.chance(400) {
		return side + " commit"
	}
	return fmt.Sprintf("%s %d", side, 1+w.random.IntN(16))
}

// wishes are the occasional orders of the driver before a tap.
func (w *Workload) wishes() []string {
	if !w.chance(30) {
		return nil
	}
	return []string{"driver " + pick(w, "2 persons", "3 persons", "1 adult 1 child",
		"zones A-B", "zones A-D", "lent", "clear")}
}

// passenger is a new passenger, while there are any, or one who has boarded before.
func (w *Workload) passenger(at int) string {
	if w.issued < w.Cards && (w.issued == 0 || w.random.IntN(max(1, w.Taps)) < w.Cards*6/5) {
		w.issued++
		name := nameOf(w.issued)
		card := w.card()
		w.push(at, "clock right", "at "+stamp(w.now), "card "+name+"  "+card)
		if strings.Contains(card, "kind") {
			w.named = append(w.named, w.issued)
		}
		return name
	}
	return nameOf(1 + w.random.IntN(w.issued))
}

func nameOf(n int) string { return fmt.Sprintf("p%05d", n) }

// card is one of the kinds of card in the city.
func (w *Workload) card() string {
	chip := pick(w, emu.EV1, emu.EV2, emu.EV2, emu.EV2, emu.EV3)
	text := fmt.Sprintf("chip %v, profile %s", chip, pick(w, "readable", "enciphered"))
	text += fmt.Sprintf(", purse %v", cardlayout.Cents(w.random.IntN(60_00)))
	season := "season1 area=209 product=30 days=30 zones=" + pick(w, "A", "A-B", "A-D")
	if chip != emu.EV1 && w.chance(100) {
		text += ", tmac false"
	}
	switch w.random.IntN(10) {
	case 0, 1, 2:
		return text + ", group " + pick(w, "adult", "child", "senior")
	case 3:
		return text + ", kind company"
	case 4, 5:
		return text + ", kind personal, born 1980-05-17, " + season
	case 6:
		return text + ", kind personal, born 1980-05-17, " + season +
			" from=2026-02-20 to=2026-03-21"
	case 7:
		return text + ", kind personal, born 2012-06-01, group child, " +
			"school trips=2 calendar=1 from=360 to=1050 until=2026-05-30"
	}
	return text + ", kind personal, born 1991-02-03"
}

// trouble is a fault without a boarding.
func (w *Workload) trouble() {
	at := w.random.IntN(len(w.skews))
	switch n := w.random.IntN(1000); {
	case w.issued == 0:
	case n < 20:
		w.push(0, "clock right", "at "+stamp(w.now), fmt.Sprintf("load %s value %s",
			nameOf(1+w.random.IntN(w.issued)), pick(w, "10.00", "20.00", "50.00")))
	case n >= 990:
		w.sell()
	case n < 22:
		w.push(at, append(w.showing(at), "restart")...)
	case n < 24:
		w.block(at)
	case n < 26:
		w.skews[at] = w.skew()
	case n < 30:
		w.skews[at] = 0 // is set right
	case n < 36:
		w.breakClock(at)
	case n < 40 && w.real[at]:
		w.synchronized[at] = !w.synchronized[at]
		w.push(at, "sync "+map[bool]string{true: "on", false: "off"}[w.synchronized[at]])
	}
}

// breakClock makes a clock show an impossible time, perhaps as synchronized: an empty battery, a
// receiver with an overflowed week number. It may be put right during the run or after a restart,
// or come up wrong.
func (w *Workload) breakClock(at int) {
	const day = 24 * time.Hour
	w.skews[at] = pick(w, 12*365*day, 1024*7*day, -1024*7*day)
	if !w.real[at] && w.chance(500) { // which is believed only of a synchronized clock
		w.skews[at] = pick(w, 40*day, 2*365*day, -5*time.Minute)
	}
	if w.chance(500) {
		w.push(at, append(w.showing(at), "restart")...)
	}
}

// sell puts a load into the action lists of most validators: the others never have it, or see a
// later one first.
func (w *Workload) sell() {
	name := nameOf(1 + w.random.IntN(w.issued))
	amount := pick(w, "5.00", "10.00", "20.00")
	for at := range w.skews {
		if w.chance(800) {
			w.push(at, fmt.Sprintf("action %s value %s expects %d from 2026-03-02", name, amount,
				w.sold[name]))
		}
	}
	w.sold[name]++
}

// block puts a card on the list of one validator.
func (w *Workload) block(at int) {
	if len(w.named) == 0 {
		return
	}
	n := w.random.IntN(len(w.named))
	w.push(at, "clock right", "at "+stamp(w.now), "block "+nameOf(w.named[n]))
	w.named = slices.Delete(w.named, n, n+1)
}

// skew is the error of a clock: it drifts, jumps an hour or a day, or begins in 1970.
func (w *Workload) skew() time.Duration {
	return pick(w, -time.Second, 40*time.Second, -20*time.Minute, time.Hour, -time.Hour,
		-24*time.Hour, 3*time.Hour, -w.now.Sub(time.Unix(0, 0)))
}
