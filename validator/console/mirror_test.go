package console_test

import (
	"bytes"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/fare"
	"leima/hw/clock"
	"leima/validator/api"
	"leima/validator/console"
)

// Ensure that the own device has the bus' tariffs and its block list, and has them still
// when both programs were stopped and only the console is started again.
func TestMirror(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.play(d.Bus, "card Leo  kind personal, born 1990-01-01\nblock Leo")
	require.Empty(t, d.own.Terminal.State().Tariff)
	d.up()
	d.await(func(s console.States) bool { return s.Own.Tariff == s.Bus.Tariff && s.Own.List == 1 })
	d.play(d.Bus, "card Aku  kind personal, born 1990-01-01\nblock Aku")
	d.tap(d.Bus, "Aku") // whereupon the validator tells its state
	d.await(func(s console.States) bool { return s.Own.List == 2 })
	d.down()
	d.restart()
	d.await(func(s console.States) bool { return s.Own.Tariff != "" && s.Own.List == 2 })
	for _, name := range []string{"Aku", "Leo"} {
		require.Equal(t, fare.Blocked, d.tap(d.own, name).Decision.Reason, name)
	}
}

// Ensure that a copy that was damaged on the way is not taken, and changes nothing; and that
// it is fetched again.
func TestDamagedCopy(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.play(d.Bus, "card Leo  kind personal, born 1990-01-01\nblock Leo")
	d.up()
	d.await(func(s console.States) bool { return s.Own.List == 1 })
	tariffs, err := os.ReadFile(d.folder + "/tariffs")
	require.NoError(t, err)
	list, err := os.ReadFile(d.folder + "/list")
	require.NoError(t, err)
	d.down()

	d.play(d.Bus, "card Aku  kind personal, born 1990-01-01\nblock Aku")
	for _, name := range []string{"prices", "blocklist"} {
		path := d.folder + "/bus/" + name
		whole, err := os.ReadFile(path)
		require.NoError(t, err)
		damaged := bytes.Clone(whole)
		damaged[len(damaged)/2] ^= 1
		d.damage(name, damaged)
		d.up()
		complaint := map[string]string{
			"prices":    "tariffs are not copied",
			"blocklist": "list is not copied",
		}[name]
		require.Eventually(t, func() bool { return strings.Contains(d.log.String(), complaint) },
			10*time.Second, 5*time.Millisecond)
		d.damage(name, nil)
		require.Equal(t, uint32(1), d.own.Terminal.State().List)
		require.NotEmpty(t, d.own.Terminal.State().Tariff)
		for file, want := range map[string][]byte{"tariffs": tariffs, "list": list} {
			now, err := os.ReadFile(d.folder + "/" + file)
			require.NoError(t, err)
			require.Equal(t, want, now, file)
		}
		require.False(t, exists(d.folder+"/list.new"))
		require.False(t, exists(d.folder+"/tariffs.new"))
		d.down()
	}
	d.up()
	d.await(func(s console.States) bool { return s.Own.List == 2 })
}

// Ensure that a copy that was damaged on the disk keeps no console from starting, and is
// fetched again.
func TestDamagedDisk(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.play(d.Bus, "card Leo  kind personal, born 1990-01-01\nblock Leo")
	d.up()
	d.await(func(s console.States) bool { return s.Own.List == 1 })
	d.stop()
	for _, name := range []string{"tariffs", "list"} {
		require.NoError(t, os.WriteFile(d.folder+"/"+name, []byte("nothing"), 0o600))
	}
	d.restart()
	d.await(func(s console.States) bool { return s.Own.List == 1 && s.Own.Tariff != "" })
}

// damage has the bus give something else; nil: what it has.
func (d *consoleFixture) damage(name string, text []byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.damaged == nil {
		d.damaged = map[string][]byte{}
	}
	d.damaged[name] = text
}

func (d *consoleFixture) copyOf(name string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if text := d.damaged[name]; text != nil {
			return io.NopCloser(bytes.NewReader(text)), nil
		}
		return os.Open(d.folder + "/bus/" + name)
	}
}

// Ensure that the own device takes no time that the bus does not know: it goes on by its own
// measure, and says no more of it than that it is plausible.
func TestClockFollowsNoGuess(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.stop()
	begun, gone := d.Clock.Now(), atomic.Int64{}
	d.machine = func() time.Time { return begun.Add(time.Duration(gone.Load())) }
	d.restart()
	d.up()
	d.driver(7)
	right := d.console.Clock.Now()
	require.Equal(t, clock.Plausible, d.own.Terminal.State().Time.Quality, "as the bus says")
	d.tap(d.Bus, "Aino")
	d.play(d.Bus, "clock 2016-03-02 08:00")
	d.tap(d.Bus, "Aino")
	gone.Store(int64(2 * time.Hour)) // which the bus' own measure has missed
	d.tap(d.Bus, "Aino")
	d.await(func(s console.States) bool { return s.Bus != nil && s.Bus.Clock == api.ClockUnknown })
	require.InDelta(t, 2*time.Hour, d.console.Clock.Now().Sub(right), float64(time.Minute))
	require.False(t, d.own.Terminal.State().Estimated)
}

// Ensure that the own clock is the bus', and still is when the bus is gone and the console
// starts alone: a machine without a battery wakes up in another year.
func TestClock(t *testing.T) {
	t.Parallel()
	d := aConsole(t)
	d.stop()
	d.machine = func() time.Time { return d.Clock.Now().AddDate(-20, 0, 0) }
	d.restart()
	require.NotEqual(t, d.Clock.Now(), d.console.Clock.Now())
	d.up()
	require.True(t, d.Clock.Now().Equal(d.console.Clock.Now()))
	d.down()
	d.restart()
	require.True(t, d.Clock.Now().Equal(d.console.Clock.Now()))
	d.driver(7)
	require.False(t, d.own.Terminal.State().Estimated)
}
