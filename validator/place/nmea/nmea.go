// Package nmea reads where the bus is from a satellite receiver's sentences (NMEA 0183).
//
// It reads RMC alone, of any system of satellites: time, position and speed in one sentence. Its
// one rule: a sentence without its checksum, or with a wrong one, is not read.
package nmea

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"leima/validator/place"
)

// ErrOther: a sentence of another kind than RMC.
var ErrOther = errors.New("no RMC sentence")

// longest is the length of a sentence. The standard has 82; some receivers add digits.
const longest = 120

// knot is a knot in m/s.
const knot = 1852. / 3600

// The fields of RMC, counted from its name.
const (
	clock = 1 + iota
	status
	latitude
	northSouth
	longitude
	eastWest
	speed
	_ // course
	date
	fields // and those that later versions of the standard have added
)

// RMC reads a sentence: the position, nil if the receiver has no fix, and when it was there by the
// satellites' time.
func RMC(sentence string) (*place.Position, time.Time, error) {
	f, err := split(sentence)
	switch {
	case err != nil:
		return nil, time.Time{}, err
	case len(f[0]) != len("GPRMC") || f[0][2:] != "RMC":
		return nil, time.Time{}, ErrOther
	case len(f) < fields:
		return nil, time.Time{}, fmt.Errorf("RMC with %d fields: want %d", len(f), fields)
	case f[status] != "A":
		return nil, time.Time{}, nil
	}
	north, err1 := angle(f[latitude], f[northSouth], "N", "S", 90)
	east, err2 := angle(f[longitude], f[eastWest], "E", "W", 180)
	knots, err3 := strconv.ParseFloat(f[speed], 64)
	if err3 == nil && !(knots >= 0 && knots < 1000) {
		err3 = errors.New("no such speed")
	}
	at, err4 := time.Parse("020106 150405", f[date]+" "+f[clock])
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return nil, time.Time{}, fmt.Errorf("RMC that cannot be: %w", err)
	}
	return &place.Position{Latitude: north, Longitude: east, Speed: knots * knot}, at, nil
}

// split checks a sentence and returns its fields.
func split(sentence string) ([]string, error) {
	body, sum, summed := strings.Cut(strings.TrimRight(sentence, "\r\n"), "*")
	switch {
	case len(sentence) > longest || !strings.HasPrefix(body, "$"):
		return nil, fmt.Errorf("no NMEA sentence: want $…*hh, at most %d bytes", longest)
	case !summed || len(sum) != 2:
		return nil, errors.New("a sentence without its checksum")
	}
	var xor byte
	for _, b := range []byte(body[1:]) {
		xor ^= b
	}
	if want, err := strconv.ParseUint(sum, 16, 8); err != nil || byte(want) != xor {
		return nil, errors.New("a sentence with a wrong checksum")
	}
	return strings.Split(body[1:], ","), nil
}

// angle reads degrees and minutes, as ddmm.mm or dddmm.mm, and on which side they are.
func angle(text, side, positive, negative string, most float64) (float64, error) {
	value, err := strconv.ParseFloat(text, 64)
	degrees := float64(int(value) / 100)
	degrees += (value - 100*degrees) / 60
	switch {
	case err != nil:
		return 0, err
	case !(value >= 0 && degrees <= most) || side != positive && side != negative:
		return 0, errors.New("no such angle")
	case side == negative:
		return -degrees, nil
	}
	return degrees, nil
}
