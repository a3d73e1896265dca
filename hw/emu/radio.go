package emu

import "time"

// This file is the model of time. The radio part is ISO/IEC 14443 arithmetic and agrees with
// published traces to within a hundredth. The card's own time is not published for any command that
// writes: those figures are assumptions inside the range of public traces and short data sheets
// (proxmark3, traces/hf_mfdes_sniff.trace: simple commands 0.8 to 1.1 ms, authentication steps 2.0
// to 2.5 ms; EV2 short data sheet: a programming cycle takes 1 ms). They are not measurements.
const (
	activationTime = 8500 * time.Microsecond // request to ATS, proxmark3 rats7.trace
	simpleTime     = 1000 * time.Microsecond
	authTime       = 2250 * time.Microsecond
	pageTime       = 1500 * time.Microsecond // for each 32-byte page written
	commitTime     = 6000 * time.Microsecond
)

func (w work) duration() time.Duration {
	return w.time + time.Duration(w.pages)*pageTime
}

// A Rate is a bit rate of the air interface, the same in both directions.
type Rate uint8

// The bit rates of ISO/IEC 14443-2 in kbit/s.
const (
	Rate106 Rate = iota
	Rate212
	Rate424
	Rate848

	rates = 4
)

func (r Rate) String() string {
	if r >= rates {
		return "unknown rate"
	}
	return [rates]string{"106", "212", "424", "848"}[r] + " kbit/s"
}

// cycles are periods of the carrier, 13.56 MHz: all times of ISO/IEC 14443 are whole numbers of
// them.
type cycles int64

const (
	bitCycles   cycles = 128  // one bit at 106 kbit/s, halved at each faster rate
	startCycles cycles = 512  // start of a card's frame above 106 kbit/s
	delayCycles cycles = 1172 // least delay between the frames of the two sides
)

func (n cycles) duration() time.Duration { return time.Duration(n) * 100_000 / 1356 }

// blockOverhead is the part of a block beside its information field: PCB and CRC, without CID and
// NAD (ISO/IEC 14443-4).
const blockOverhead = 3

// readerFrame is the time of a reader's frame of n bytes: nine bits for each and one at either end.
func (r Rate) readerFrame(n int) cycles {
	return cycles(9*n+2) * (bitCycles >> r)
}

// cardFrame is the time of a card's frame. Above 106 kbit/s it begins with 32
// periods of the subcarrier instead of a start bit.
func (r Rate) cardFrame(n int) cycles {
	if r == Rate106 {
		return cycles(9*n+1) * bitCycles
	}
	return startCycles + cycles(9*n)*(bitCycles>>r)
}

// An exchange is one block from the reader and the card's block in answer, by the lengths of their
// information fields.
type exchange struct{ sent, received int }

// cycles is the time of both frames with the delay between them and the delay before the next.
func (e exchange) cycles(r Rate) cycles {
	return r.readerFrame(e.sent+blockOverhead) + r.cardFrame(e.received+blockOverhead) +
		2*delayCycles
}

// blocks is the number of blocks for n bytes. An empty answer needs one too.
func blocks(n, frame int) int {
	inf := frame - blockOverhead
	return max(1, (n+inf-1)/inf)
}

// conversation is the radio time of a command and its answer: each block but the last is
// acknowledged, or requested, by an R-block without information.
func conversation(r Rate, sent, received, frame int) (sum cycles) {
	inf := frame - blockOverhead
	for ; sent > inf; sent -= inf {
		sum += exchange{inf, 0}.cycles(r)
	}
	sum += exchange{sent, min(received, inf)}.cycles(r)
	for received -= inf; received > 0; received -= inf {
		sum += exchange{0, min(received, inf)}.cycles(r)
	}
	return sum
}

// frames are the frame lengths that the card supports, with their FSCI, the code in the ATS
// (ISO/IEC 14443-4, table of FSCI to FSC).
var frames = [...]struct {
	length int
	code   byte
}{{64, 5}, {128, 7}, {256, 8}}

// frameCode returns the FSCI of a frame length, or 0 if the card does not support it.
func frameCode(n int) byte {
	for _, f := range frames {
		if f.length == n {
			return f.code
		}
	}
	return 0
}
