//go:build pcsc && linux

package cmd_test

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/programs"
	"leima/hw/pcsc/pcscdtest"
)

func TestMain(m *testing.M) { pcscdtest.Main(programs.Tests{M: m}) }

// Ensure that a person who follows the chapter on readers, line by line, with the virtual reader
// gets from a blank card to a tap and back.
func TestWithAReader(t *testing.T) {
	t.Parallel()
	pcscdtest.Need(t)
	_, chapter, _ := strings.Cut(readme(t), "\n## With a reader\n")
	chapter, _, _ = strings.Cut(chapter, "\n## ")
	fences := regexp.MustCompile("(?s)```shell\n(.*?)```").FindAllStringSubmatch(chapter, -1)
	require.Len(t, fences, 2)
	folder := aFolder(t)
	background(t, folder, fences[1][1])
	for _, line := range lines(fences[0][1]) {
		if strings.Contains(line, "validator run") {
			taps(t, folder, line)
			continue
		}
		t.Log(line + "\n" + program(t, folder, line))
	}
	require.FileExists(t, filepath.Join(folder, "soak.html"))
}

// lines are the commands of a block, without what is said of them.
func lines(block string) (commands []string) {
	for line := range strings.Lines(strings.TrimSpace(block)) {
		line, _, _ = strings.Cut(line, "#")
		commands = append(commands, strings.TrimSpace(line))
	}
	return commands
}

func program(t *testing.T, folder, line string) string {
	t.Helper()
	words := strings.Fields(line)
	return run(t, folder, filepath.Join(folder, words[0]), words[1:]...)
}

func start(t *testing.T, folder, line string) (cmd *exec.Cmd, output *bufio.Scanner) {
	t.Helper()
	words := strings.Fields(strings.TrimSpace(line))
	cmd = exec.Command(filepath.Join(folder, words[0]), words[1:]...)
	cmd.Dir, cmd.Stderr = folder, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	return cmd, bufio.NewScanner(out)
}

// background starts what goes on until the test ends.
func background(t *testing.T, folder, line string) {
	t.Helper()
	cmd, output := start(t, folder, line)
	t.Cleanup(func() {
		require.NoError(t, cmd.Process.Signal(os.Interrupt))
		require.NoError(t, cmd.Wait())
	})
	require.True(t, output.Scan(), "it says that the card lies there")
	until := time.Now().Add(10 * time.Second)
	for !bytes.Contains([]byte(run(t, folder, filepath.Join(folder, "bin/bench"), "readers")),
		[]byte(pcscdtest.First)) {
		require.True(t, time.Now().Before(until))
		time.Sleep(50 * time.Millisecond)
	}
}

// taps runs the validator until the card that lies there has been let in.
func taps(t *testing.T, folder, line string) {
	t.Helper()
	cmd, output := start(t, folder, line)
	hung := time.AfterFunc(30*time.Second, func() { _ = cmd.Process.Kill() })
	defer hung.Stop()
	said := ""
	for output.Scan() {
		said += output.Text() + "\n"
		if strings.Contains(output.Text(), "GREEN") {
			require.NoError(t, cmd.Process.Signal(os.Interrupt))
		}
	}
	require.NoError(t, cmd.Wait(), said)
	require.Contains(t, said, "GREEN")
	t.Log(line + "\n" + said)
}
