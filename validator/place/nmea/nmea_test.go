package nmea_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/place"
	"leima/validator/place/nmea"
)

// summed makes a sentence of its body.
func summed(body string) string {
	var sum byte
	for _, b := range []byte(body) {
		sum ^= b
	}
	return fmt.Sprintf("$%s*%02X", body, sum)
}

// Ensure that RMC gives position, speed in m/s and time, of whatever satellites, and of receivers of
// old and new versions of the standard.
func TestRMC(t *testing.T) {
	noon := time.Date(2026, time.November, 28, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		sentence string
		want     place.Position
		at       time.Time
	}{
		"the standard's example": {
			"$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A",
			place.Position{Latitude: 48.1173, Longitude: 11.516667, Speed: 11.523556},
			time.Date(1994, time.March, 23, 12, 35, 19, 0, time.UTC),
		},
		"Joensuu, with mode and navigational status": {
			summed("GNRMC,120000.00,A,6236.0600,N,02945.7900,E,10.0,,281126,,,A,V"),
			place.Position{Latitude: 62.601, Longitude: 29.763167, Speed: 5.144444},
			noon,
		},
		"south and west, standing, a tenth of a second": {
			summed("GLRMC,120000.1,A,3351.50,S,15112.50,W,0.0,0,281126,,") + "\r\n",
			place.Position{Latitude: -33.858333, Longitude: -151.208333},
			noon.Add(100 * time.Millisecond),
		},
	} {
		got, at, err := nmea.RMC(c.sentence)
		require.NoError(t, err, name)
		require.InDelta(t, c.want.Latitude, got.Latitude, 1e-6, name)
		require.InDelta(t, c.want.Longitude, got.Longitude, 1e-6, name)
		require.InDelta(t, c.want.Speed, got.Speed, 1e-6, name)
		require.Zero(t, got.Accuracy, name)
		require.Equal(t, c.at, at, name)
	}
}

// Ensure that a receiver without a fix, as in a tunnel, says no position, which is no error.
func TestNoFix(t *testing.T) {
	for _, body := range []string{
		"GPRMC,120000,V,,,,,,,281126,,",
		"GPRMC,120000,V,6236.06,N,02945.79,E,10.0,,281126,,",
		"GPRMC,,V,,,,,,,,,,N",
	} {
		got, _, err := nmea.RMC(summed(body))
		require.NoError(t, err, body)
		require.Nil(t, got, body)
	}
}

// Ensure that what is not a whole and possible RMC gives no position.
func TestNoSentence(t *testing.T) {
	const good = "GPRMC,120000,A,6236.06,N,02945.79,E,10.0,,281126,,"
	for name, c := range map[string]struct{ sentence, says string }{
		"nothing":                     {"", "no NMEA sentence"},
		"JSON":                        {`{"version":"1.0.0"}`, "no NMEA sentence"},
		"no checksum":                 {"$" + good, "without its checksum"},
		"half a checksum":             {"$" + good + "*3", "without its checksum"},
		"a wrong checksum":            {"$" + good + "*00", "wrong checksum"},
		"a checksum of no digits":     {"$" + good + "*zz", "wrong checksum"},
		"one digit changed":           {strings.Replace(summed(good), "6236", "6237", 1), "wrong checksum"},
		"too long":                    {summed(good + strings.Repeat("0", 100)), "at most 120 bytes"},
		"another sentence":            {summed("GPGGA,120000,6236.06,N,02945.79,E,1,8,0.9,80,M,,,,"), nmea.ErrOther.Error()},
		"cut short":                   {summed("GPRMC,120000,A,6236.06,N"), "with 5 fields: want 10"},
		"no latitude":                 {summed(strings.Replace(good, "6236.06", "", 1)), "cannot be"},
		"beyond the pole":             {summed(strings.Replace(good, "6236.06", "9000.01", 1)), "no such angle"},
		"a latitude that is none":     {summed(strings.Replace(good, "6236.06", "NaN", 1)), "no such angle"},
		"south of east":               {summed(strings.Replace(good, ",E,", ",S,", 1)), "no such angle"},
		"no speed":                    {summed(strings.Replace(good, "10.0", "", 1)), "cannot be"},
		"a speed that no bus has":     {summed(strings.Replace(good, "10.0", "1e9", 1)), "no such speed"},
		"a negative speed":            {summed(strings.Replace(good, "10.0", "-1", 1)), "no such speed"},
		"the 31st of November":        {summed(strings.Replace(good, "281126", "311126", 1)), "cannot be"},
		"a receiver without its date": {summed(strings.Replace(good, "281126", "", 1)), "cannot be"},
	} {
		got, _, err := nmea.RMC(c.sentence)
		require.ErrorContains(t, err, c.says, name)
		require.Nil(t, got, name)
	}
}

// Ensure that any bytes give a place on the earth or none.
func FuzzRMC(f *testing.F) {
	f.Add("$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A")
	f.Add(summed("GPRMC,120000,V,,,,,,,281126,,"))
	f.Fuzz(func(t *testing.T, sentence string) {
		for _, s := range []string{sentence, summed(sentence)} {
			p, at, err := nmea.RMC(s)
			if err != nil || p == nil {
				continue
			}
			require.LessOrEqual(t, math.Abs(p.Latitude), 90.)
			require.LessOrEqual(t, math.Abs(p.Longitude), 180.)
			require.True(t, p.Speed >= 0 && p.Speed < 600)
			require.False(t, at.IsZero())
		}
	})
}
