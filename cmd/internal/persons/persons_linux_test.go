package persons_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"leima/cmd/internal/persons"
)

// terminal is one at which something was typed.
func terminal(t *testing.T, typed string) *os.File {
	t.Helper()
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = keyboard.Close() })
	require.NoError(t, unix.IoctlSetPointerInt(int(keyboard.Fd()), unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(int(keyboard.Fd()), unix.TIOCGPTN)
	require.NoError(t, err)
	screen, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = screen.Close() })
	_, err = keyboard.WriteString(typed)
	require.NoError(t, err)
	return screen
}

// Ensure that a PIN which nobody sees is typed twice, and that one from a pipe is read once.
func TestPINIsTypedTwice(t *testing.T) {
	var asked strings.Builder
	pin, err := persons.PIN(t.Context(), "", terminal(t, "482915\n482915\n"), &asked)
	require.NoError(t, err)
	require.Equal(t, "482915", pin)
	require.Equal(t, "PIN: \nThe PIN again: \n", asked.String())
	_, err = persons.PIN(t.Context(), "", terminal(t, "482915\n482951\n"), &asked)
	require.ErrorContains(t, err, "not the same, and nobody was added")
	require.NotContains(t, err.Error(), "4829")
	pin, err = persons.PIN(t.Context(), "", strings.NewReader("482915\n"), &asked)
	require.NoError(t, err)
	require.Equal(t, "482915", pin)
}
