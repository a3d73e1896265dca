package drive

import (
	"encoding/json"
	"time"
)

// GPSD is the line that gpsd says of a moment (gpsd_json(5), TPV): of one without a position, that
// the receiver has no fix. now is the time by satellite.
func GPSD(m Moment, now time.Time) []byte {
	tpv := map[string]any{"class": "TPV", "device": "bench", "mode": 1}
	if p := m.Position; p != nil {
		tpv["mode"], tpv["time"] = 3, now.UTC().Format(time.RFC3339Nano)
		tpv["lat"], tpv["lon"], tpv["speed"], tpv["eph"] = p.Latitude, p.Longitude, p.Speed, 5
	}
	line, _ := json.Marshal(tpv)
	return append(line, '\n')
}
