package terminal_test

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Ensure that the driver is told, in each language, of a clock that shows what cannot be, and that
// passengers are served meanwhile.
func TestWrongClockIsTold(t *testing.T) {
	t.Parallel()
	c := aCab(t, 800, 480)
	c.signOn("7")
	c.tap("Aino", "value")
	street := filepath.Join(c.folder, "testdata", "taps", "street.tap")
	text, err := os.ReadFile(street)
	require.NoError(t, err)
	text = append(text, "\nclock 2038-01-19 08:00\n"...)
	require.NoError(t, os.WriteFile(street, text, 0o644))
	c.end(c.validator, syscall.SIGKILL)
	c.startValidator()
	c.link("clock")
	for language, says := range map[string]string{
		"fi": "Aika ei ole tiedossa: kello näyttää mahdotonta aikaa.",
		"sv": "Tiden är inte känd: klockan visar en omöjlig tid.",
		"en": "The time is not known: the clock shows what cannot be.",
	} {
		c.press("#menu-open")
		c.press("#lang-" + language)
		c.press("#menu [data-close]")
		c.Until(fmt.Sprintf("document.querySelector('#down-text').textContent.startsWith(%q)", says))
		c.Sees("#down")
	}
	c.tap("Leo", "value")
	c.link("clock")
}
