package cardlayout

import (
	"fmt"
	"time"
)

// Day counts the days since 1.1.1997, the first day of the card structure (EN 1545-1 DateStamp).
// The public files hold 14 bits of it, up to 9.11.2041; only a birth date may be negative. 0 is no
// day in all fields but the birth date.
type Day int32

// MaxDay is the last day that a public file can hold, 9.11.2041.
const MaxDay Day = 1<<14 - 1

var epoch = time.Date(1997, time.January, 1, 0, 0, 0, 0, time.UTC)

const secondsPerDay = 24 * 60 * 60

// DayOf is the calendar day of t in t's own location.
func DayOf(t time.Time) Day {
	year, month, day := t.Date()
	seconds := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() - epoch.Unix()
	return Day(floorDiv(seconds, secondsPerDay))
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// Date is the day's year, month and day of month.
func (d Day) Date() (int, time.Month, int) {
	return time.Unix(epoch.Unix()+int64(d)*secondsPerDay, 0).UTC().Date()
}

// String writes the day as 2006-01-02.
func (d Day) String() string {
	year, month, day := d.Date()
	return fmt.Sprintf("%04d-%02d-%02d", year, month, day)
}

// MarshalText writes the output of String.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the output of MarshalText.
func (d *Day) UnmarshalText(text []byte) (err error) {
	*d, err = ParseDay(string(text))
	return err
}

// ParseDay reads the output of String.
func ParseDay(text string) (Day, error) {
	t, err := time.Parse("2006-01-02", text)
	if err != nil {
		return 0, fmt.Errorf("day %q: want year-month-day, for example 2026-03-02", text)
	}
	return DayOf(t), nil
}

// Stamp is a local date and minute, as the public files hold them.
type Stamp struct {
	Day    Day
	Minute uint16 // since midnight, 0 to 1439
}

// StampOf is t's date and minute in t's own location; seconds are cut off.
func StampOf(t time.Time) Stamp {
	hour, minute, _ := t.Clock()
	return Stamp{Day: DayOf(t), Minute: uint16(hour*60 + minute)}
}

// String writes the stamp as 2006-01-02T15:04.
func (s Stamp) String() string { return s.Day.String() + "T" + s.Clock() }

// Clock writes only the time of day, as 15:04.
func (s Stamp) Clock() string { return fmt.Sprintf("%02d:%02d", s.Minute/60, s.Minute%60) }

// ParseStamp reads the output of String.
func ParseStamp(text string) (Stamp, error) {
	t, err := time.Parse("2006-01-02T15:04", text)
	if err != nil {
		return Stamp{}, fmt.Errorf("time %q: want for example 2026-03-02T08:15", text)
	}
	return StampOf(t), nil
}

// Instant counts the seconds since 1.1.1997 00:00:00 UTC, for the private files: local minutes do
// not distinguish 08:10:00 from 08:10:59 and come twice in the October night. 0 is no instant. It
// ends in 2133.
type Instant uint32

// InstantOf is t in whole seconds; a time before 1997 or after 2133 is 0.
func InstantOf(t time.Time) Instant {
	seconds := t.Unix() - epoch.Unix()
	if seconds < 0 || seconds > 1<<32-1 {
		return 0
	}
	return Instant(seconds)
}

// Time is the instant in UTC.
func (i Instant) Time() time.Time { return time.Unix(epoch.Unix()+int64(i), 0).UTC() }

// String writes the instant as 2006-01-02T15:04:05Z.
func (i Instant) String() string { return i.Time().Format(time.RFC3339) }

// parseInstant reads the output of String.
func parseInstant(text string) (Instant, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err == nil && InstantOf(t) == 0 && t.Unix() != epoch.Unix() {
		err = fmt.Errorf("out of range")
	}
	if err != nil {
		return 0, fmt.Errorf("instant %q: want for example 2026-03-02T06:15:30Z", text)
	}
	return InstantOf(t), nil
}
