package journal

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var kills = flag.Int("kills", 300, "how often TestKilled kills its child, 20 seconds at most; "+
	"more than 300: until that is done")

// childJournal names the journal of a child process, and tells it that it is one.
const childJournal = "LEIMA_CHILD_JOURNAL"

// killed are limits under which a child begins segments, prunes and gives up again and again.
var killed = Limits{Size: 512 << 10, Doubt: 24 * time.Hour, segment: 4 << 10}

// A child is not a test: it uses a journal until it is killed, and confirms on its
// standard output what it was told has been kept.
func TestChild(t *testing.T) {
	t.Parallel()
	path := os.Getenv(childJournal)
	if path == "" {
		t.Skip("nobody has begun it as a child")
	}
	j, err := OpenWithin(path, killed)
	require.NoError(t, err)
	sealing(t, j)
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	hour := int(j.Latest().Sub(testTime) / time.Hour)
	for next := j.Extent().Last + 1; ; {
		operate(t, j, random, &hour)
		var words strings.Builder
		require.NoError(t, j.Entries(next, func(e Entry) error {
			next = e.Position + 1
			_, err := fmt.Fprintln(&words, "entry", e.Position, said(e))
			return err
		}))
		x := j.Extent()
		if behind := x.Last - x.Acknowledged; behind > 100 {
			require.NoError(t, j.Acknowledge(x.Last-50))
		}
		fmt.Fprintln(&words, "acknowledged", j.Extent().Acknowledged)
		if _, err := io.WriteString(os.Stdout, words.String()); err != nil {
			return // nobody listens any more
		}
	}
}

// said is what is said of an entry.
func said(e Entry) string {
	return fmt.Sprintf("%s of %d %x", strings.ReplaceAll(e.Kind.String(), " ", "-"),
		e.Event.ID.Sequence+e.Of.Sequence, e.Hash)
}

// A parent is what was confirmed to it.
type parent struct {
	path         string
	entries      []string // entry n at n-1
	acknowledged uint64
}

// round lets a child use the journal, and kills it at any instant: while it opens the
// file, or some time after it has confirmed something.
func (p *parent) round(t *testing.T, random *rand.Rand) {
	child := exec.Command(os.Args[0], "-test.run=^TestChild$")
	child.Env = append(os.Environ(), childJournal+"="+p.path)
	pipe, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	kill := func() { _ = child.Process.Kill() } // it may have ended itself: found below
	lines := bufio.NewReader(pipe)
	if random.IntN(10) == 0 {
		time.AfterFunc(time.Duration(random.IntN(30))*time.Millisecond, kill)
	} else if line, err := lines.ReadString('\n'); err == nil {
		p.confirm(t, line)
		time.AfterFunc(time.Duration(random.IntN(20_000))*time.Microsecond, kill)
	}
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break // what is half of a line was not confirmed
		}
		if strings.HasPrefix(line, "---") {
			words, _ := io.ReadAll(lines)
			require.FailNow(t, "the child failed", "%s", words)
		}
		p.confirm(t, line)
	}
	_ = child.Wait()
	require.Equal(t, -1, child.ProcessState.ExitCode(), "it was killed, and did not end")
}

func (p *parent) confirm(t *testing.T, line string) {
	words := strings.SplitN(strings.TrimSpace(line), " ", 3)
	require.GreaterOrEqual(t, len(words), 2, line)
	number, err := strconv.ParseUint(words[1], 10, 64)
	require.NoError(t, err, line)
	switch words[0] {
	case "entry":
		require.EqualValues(t, len(p.entries)+1, number, "confirmed in order")
		p.entries = append(p.entries, words[2])
	case "acknowledged":
		p.acknowledged = number
	default:
		require.Fail(t, line)
	}
}

// audit compares the journal with what was confirmed. What the child was doing when it
// was killed may be there.
func (p *parent) audit(t *testing.T) {
	j, err := OpenWithin(p.path, killed)
	require.NoError(t, err)
	defer j.Close()
	require.NoError(t, j.Verify(nil))
	x := j.Extent()
	require.GreaterOrEqual(t, int(x.Last), len(p.entries), "confirmed, and lost")
	require.LessOrEqual(t, int(x.Last), len(p.entries)+1+maxExpiries)
	require.GreaterOrEqual(t, x.Acknowledged, p.acknowledged)
	require.LessOrEqual(t, x.First, x.Acknowledged+1, "pruned, and not acknowledged")
	events := uint32(0)
	require.NoError(t, j.Entries(0, func(e Entry) error {
		if e.Position <= uint64(len(p.entries)) {
			require.Equal(t, p.entries[e.Position-1], said(e))
		} else {
			p.entries = append(p.entries, said(e))
		}
		events = max(events, e.Event.ID.Sequence)
		return nil
	}))
	require.Equal(t, id(events+1), j.Next())
	p.acknowledged = x.Acknowledged
}

// Ensure that a process killed at any instant loses nothing that it has confirmed, and
// that the next one goes on where it was: again and again, with one journal.
func TestKilled(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	p := &parent{path: filepath.Join(memory(t), "journal")}
	require.NoError(t, Create(p.path, testDevice))
	begun, rounds, wanted := time.Now(), 0, *kills
	if testing.Short() {
		wanted = min(wanted, 40)
	}
	for rounds < wanted && (wanted > 300 || time.Since(begun) < 20*time.Second) {
		p.round(t, random)
		p.audit(t)
		rounds++
	}
	t.Logf("killed %d times, %d entries were confirmed, %d of them acknowledged",
		rounds, len(p.entries), p.acknowledged)
	require.Positive(t, rounds)
	require.Greater(t, len(p.entries), rounds)
}

// kill leaves a journal as a program that is killed: the system has what was written, the disk
// perhaps not.
func kill(t *testing.T, j *Journal) {
	j.using.Lock()
	defer j.using.Unlock()
	require.NoError(t, j.release())
	j.unread = errClosed
	j.refuses = errClosed
}

// Ensure that what a killed program has not flushed is flushed before it is exported or signed.
func TestKilledUnflushed(t *testing.T) {
	t.Parallel()
	path := created(t)
	j := open(t, path)
	require.NoError(t, j.Begin(tap(1, 1)))
	require.NoError(t, j.Flush())
	require.NoError(t, j.Settle(id(1), testReceipt))
	kill(t, j)
	var flushed []string
	j, err := openJournal(path, path, defaultLimits, true, func(file *os.File) error {
		flushed = append(flushed, file.Name())
		return nil
	})
	require.NoError(t, err)
	defer j.Close()
	name, _ := newestOf(t, path)
	require.Equal(t, []string{name, path, filepath.Dir(path)}, flushed)
}

// Ensure that a journal whose opening cannot flush it is not opened.
func TestOpeningFlushFails(t *testing.T) {
	t.Parallel()
	path := filled(t)
	for n := range 3 {
		_, err := openJournal(path, path, defaultLimits, true, func(*os.File) error {
			if n--; n < 0 {
				return errWorn
			}
			return nil
		})
		require.ErrorIs(t, err, errWorn)
	}
	require.NoError(t, open(t, path).Verify(nil))
}

// Ensure that a program may be killed between the name of a segment and the flush of its folder,
// and then the power be cut: what was confirmed in between is there.
func TestKilledInRoll(t *testing.T) {
	t.Parallel()
	folder := memory(t)
	path, copied := filepath.Join(folder, "journal"), filepath.Join(folder, "copy")
	require.NoError(t, Create(path, testDevice))
	eye := &camera{t: t, path: path, random: rand.New(rand.NewPCG(5, 6)), durable: mediumOf(t, path)}
	j, err := openJournal(path, path, small, true, eye.flush)
	require.NoError(t, err)
	require.NoError(t, j.Begin(tap(1, 1)))
	require.NoError(t, j.Flush())
	j.flush = func(file *os.File) error {
		if file.Name() == path {
			panic("killed")
		}
		return eye.flush(file)
	}
	require.Panics(t, func() { _ = j.roll() })
	kill(t, j)
	j, err = openJournal(path, path, small, true, eye.flush)
	require.NoError(t, err)
	require.Len(t, j.segments, 2)
	require.NoError(t, j.Begin(tap(2, 2)))
	require.NoError(t, j.Flush())
	kill(t, j)
	put(t, copied, eye.durable.files())
	j = openSmall(t, copied)
	require.Equal(t, id(3), j.Next())
	require.Equal(t, 2, j.Unresolved())
}

// Ensure that the hash of a card goes at the next start where its zeros were not written: from the
// newest segment, and from any before it in which they failed.
func TestHashGoesAtTheNextStart(t *testing.T) {
	t.Parallel()
	for rolls := range 4 {
		j := openSmall(t, created(t))
		sealing(t, j)
		require.NoError(t, j.Begin(passenger(1, 1)))
		require.NoError(t, j.Settle(id(1), testReceipt))
		require.NoError(t, j.Flush())
		name, before := newestOf(t, j.path)
		j.flush = func(file *os.File) error {
			if file.Name() != name {
				return nil
			}
			return errors.Join(errWorn, os.WriteFile(name, before, 0o600)) // the disk keeps the hash
		}
		for n := range rolls {
			require.ErrorIs(t, j.roll(), errWorn)
			require.NoError(t, j.Record(passenger(uint32(2+n), 2)))
		}
		kill(t, j)
		require.Len(t, slotsIn(filesIn(t, j.path)[filepath.Base(name)]), 1)
		j = openSmall(t, j.path)
		require.Len(t, j.segments, rolls+1)
		require.Empty(t, slotsIn(filesIn(t, j.path)[filepath.Base(name)]), rolls)
		require.NoError(t, j.Verify(nil))
		require.NoError(t, j.Record(tap(uint32(2+rolls), 2)))
		require.NoError(t, j.roll())
		require.Empty(t, j.unswept)
		require.NoError(t, j.Verify(nil))
	}
}
