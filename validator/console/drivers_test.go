package console_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/validator/console"
	"leima/validator/signon"
)

// quickDriver is a driver whose PIN is tried faster than a real one's.
func quickDriver(number uint32, role signon.Role, pin string, pepper signon.Pepper) (
	signon.Person, error,
) {
	p := signon.Person{Number: number, Role: role, Salt: make(signon.Hex, 16), Rounds: 1_000}
	_, _ = rand.Read(p.Salt)
	p.SetPIN(pin, pepper)
	return p, p.Check(console.Roles, pepper)
}

// Ensure that nobody signs on by a register that was made with another pepper, nor as somebody
// or something else than the PIN was set for.
func TestPeppered(t *testing.T) {
	t.Parallel()
	made, err := quickDriver(7, console.RoleDriver, "1234", pepper)
	require.NoError(t, err)
	other, err := quickDriver(7, console.RoleDriver, "1234", signon.Pepper("another"))
	require.NoError(t, err)
	promoted, renumbered := made, made
	other.Pepper = made.Pepper
	promoted.Role, renumbered.Number = console.RoleProvider, 9
	for name, row := range map[string]struct {
		driver signon.Person
		want   int
	}{
		"as made": {made, http.StatusOK}, "another pepper": {other, http.StatusUnauthorized},
		"promoted": {promoted, http.StatusUnauthorized},
		"another":  {renumbered, http.StatusUnauthorized},
	} {
		d := aConsole(t, func(d *consoleFixture) {
			d.console.Drivers = func() ([]signon.Person, error) {
				return []signon.Person{row.driver}, nil
			}
		})
		code, why := d.browser().signOn(console.SignOnRequest{
			Driver: row.driver.Number, PIN: "1234",
			Departure: 201,
		})
		require.Equal(t, row.want, code, "%s: %s", name, why)
	}
	require.ErrorContains(t, made.Check(console.Roles, signon.Pepper("another")), "another key file")
	made.Pepper = nil
	require.ErrorContains(t, made.Check(console.Roles, pepper), "without the pepper")
	require.Equal(t, "REDACTED REDACTED REDACTED", fmt.Sprintf("%v %x %+v", pepper, pepper, pepper))
}

// Ensure that who may give money away has six digits at least, and everybody four.
func TestLengthOfPINs(t *testing.T) {
	t.Parallel()
	for role, shortest := range map[signon.Role]int{
		console.RoleDriver:    4,
		console.RoleInspector: 4, console.RoleProvider: 6,
	} {
		for _, digits := range []int{0, 3, 4, 5, 6, 12, 13} {
			pin := "98765432109876"[:digits]
			_, err := signon.NewPerson(7, role, pin, console.Roles, pepper, rand.Reader)
			require.Equal(t, digits >= shortest && digits <= 12, err == nil, "%s %d", role, digits)
		}
	}
}
