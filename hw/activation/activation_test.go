package activation

import (
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	require.NoError(t, err)
	return b
}

// Ensure that the ATS of a DESFire card says what its data sheet does: frames of 64 bytes,
// 848 kbit/s both ways, 77.33 ms, and a guard time of 604 µs.
func TestParseATS(t *testing.T) {
	a, err := ParseATS(unhex(t, "067577810280"))
	require.NoError(t, err)
	require.Equal(t, ATS{
		Frame: 64, BitRates: []int{106, 212, 424, 848}, Wait: a.Wait,
		Guard: a.Guard, CID: true, Historical: []byte{0x80},
	}, a)
	require.Equal(t, 77330*time.Microsecond, a.Wait.Round(10*time.Microsecond))
	require.Equal(t, 604*time.Microsecond, a.Guard.Round(time.Microsecond))

	for text, frame := range map[string]int{"0278": 256, "0270": 16, "027F": 32, "01": 32} {
		ats := unhex(t, text)
		if text != "01" {
			ats = append(ats, 0, 0x80, 0)
			ats[0] = byte(len(ats))
		}
		a, err := ParseATS(ats)
		require.NoError(t, err, text)
		require.Equal(t, frame, a.Frame, text)
	}
	for _, wrong := range []string{"", "0675", "067577810280FF", "0275"} {
		_, err := ParseATS(unhex(t, wrong))
		require.Error(t, err, wrong)
	}
}

// Ensure that both answers to reset that readers give for a DESFire card are understood.
func TestParseATR(t *testing.T) {
	a, err := ParseATR(unhex(t, "3B8180018080"))
	require.NoError(t, err)
	require.Equal(t, []byte{0x80}, a.Historical)
	require.Nil(t, a.ATS)
	a, err = ParseATR(unhex(t, "3B8680010675778102800"+"0"))
	require.NoError(t, err)
	require.Equal(t, 64, a.ATS.Frame)
	for _, wrong := range []string{"", "3B8180018081", "3B81800180", "3B6800000073C84012009000"} {
		_, err := ParseATR(unhex(t, wrong))
		require.Error(t, err, wrong)
	}
}

// Ensure that no bytes whatever make a panic.
func FuzzParse(f *testing.F) {
	f.Add([]byte{0x06, 0x75, 0x77, 0x81, 0x02, 0x80})
	f.Add([]byte{0x3B, 0x81, 0x80, 0x01, 0x80, 0x80})
	f.Fuzz(func(t *testing.T, p []byte) {
		if a, err := ParseATS(p); err == nil {
			require.GreaterOrEqual(t, a.Frame, 16)
		}
		_, _ = ParseATR(p)
	})
}
