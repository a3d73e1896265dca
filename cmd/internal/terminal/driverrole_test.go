package terminal_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cmd/internal/chromium"
)

// command is what the page sends when a driver has pressed something.
func command(device, command string) string {
	return fmt.Sprintf(`{"id": "of-this-test-%d", "device": %q, "command": %s}`, len(command),
		device, command)
}

// selling is a ticket for an adult.
const selling = `{"kind": "sell", "sell": {"group": "adult", "zones": "A", "persons": 1}}`

// Ensure that an inspector looks at cards and marks what is wrong, and neither sells nor loads
// nor moves the bus: the page does not offer it, and the program does not do it.
func TestInspectorLooksOnly(t *testing.T) {
	t.Parallel()
	c := aCab(t, 800, 480)
	c.signOn("8")
	for _, not := range []string{
		"#persons", "#party-open", "#zones-open", "#pram-open", "#lent",
		"#sell-open", "#load-open", "#free-open", "#faulty-open",
	} {
		c.Misses(not)
	}
	c.Until(`document.querySelector("#place-open").disabled`)
	for _, not := range []string{
		selling, `{"kind": "load", "load": {"amount": 2000}}`,
		`{"kind": "take_back", "take_back": "provider"}`,
		`{"kind": "free", "free": {"reason": "devices", "persons": 1}}`,
	} {
		require.Equal(t, http.StatusForbidden, c.post("/api/command", command("own", not)), not)
	}
	require.Equal(t, http.StatusForbidden, c.post("/api/command",
		command("bus", `{"kind": "next_tap", "next_tap": {"persons": {"holder": 2}}}`)))

	c.tap("Leo", "value")
	c.Click("#check-open")
	c.Sees("#armed")
	c.tap("Leo", "checked")
	c.Sees("#check")
	c.press("#check-part-history")
	c.Says("#history", "2,10")
	c.Click("#mark-1")
	c.Click("#mark-say-1")
	c.Click("#mark-confirm")
	c.Misses("#mark")
	c.Click("#check [data-close]")
	c.cash("0,00")
	c.signOff()
}

// funded asks for a load of twenty euros that a benefit has paid, on the next card.
func (c *cab) funded() {
	c.t.Helper()
	c.Click("#load-open")
	c.Type("#load-amount", "20,00")
	c.press("#load-part-payment")
	c.press("#load-by-benefit")
	c.Until(`document.querySelector("#load-paid").value === "20,00"`)
	c.press("#load-type-1")
	c.Type("#load-reference", "8F3K 2207")
	c.Until(`document.querySelector("#load-confirm").disabled`)
	for _, confirmed := range []string{"amount", "site", "type"} {
		c.Until(`document.querySelector("#load-confirm").disabled`)
		c.Click("#load-ok-" + confirmed)
	}
	c.Keep("benefit")
	c.Click("#load-confirm")
	c.Sees("#armed")
}

// Ensure that a benefit loads the employee's own card and no bearer's, once amount, place and
// kind were confirmed; that no cash is due for it; and that on its day the
// provider takes it back and no driver does.
func TestBenefitIsLoadedAndVoided(t *testing.T) {
	t.Parallel()
	c := aCab(t, 800, 480)
	c.signOn("7")
	c.funded()
	c.tap("Leo", "not loaded")
	c.Says("#taps > li .wrong", "R-206")
	c.funded()
	c.tap("Aino", "value loaded")
	c.Says("#taps > li .price", "+20,00")
	c.receipt("20,00")
	c.cash("0,00")

	c.Click("#load-open")
	c.Sees("#take-back")
	c.Misses("#void-today")
	c.Click("#take-back")
	c.Sees("#armed")
	c.tap("Aino", "not loaded")
	c.Says("#taps > li .wrong", "R-207")
	require.Equal(t, http.StatusForbidden, c.post("/api/command",
		command("bus", `{"kind": "take_back", "take_back": "provider"}`)))
	c.signOff()

	c.signOn("9")
	c.Click("#load-open")
	c.Click("#void-today")
	c.Sees("#armed")
	c.tap("Aino", "load taken back")
	c.Says("#taps > li .price", "-20,00")
	c.receipt("20,00")
	c.cash("0,00")
	c.signOff()
}

// Ensure that the next driver takes a shift over at another browser, that the one before is
// told, and can do nothing more.
func TestHandOver(t *testing.T) {
	t.Parallel()
	c := aCab(t, 800, 480)
	c.signOn("7")
	c.Click("#sell-open")
	next := &cab{t: t, Tab: chromium.Open(t, 800, 480)}
	next.Go(c.page)
	next.tries("9", providersPIN)
	next.Says("#refusal", "kuljettajan 7 vuoro on kesken")
	next.Click("#over")
	next.view("drive")
	next.Says("#handed-who", "7")
	next.Click("#report [data-close]")

	c.view("sign-on")
	c.Misses("#sell") // which was open
	c.Sees("#signed-out")
	c.Keep("told")
	require.Equal(t, http.StatusUnauthorized, c.post("/api/command", command("own", selling)))
	require.Equal(t, http.StatusOK, next.post("/api/command", command("own", selling)))
	next.cash("2,70")
	next.signOff()
	next.Misses("#signed-out")
}

// Ensure that a page that nobody touches locks itself, with what was open on it; that the taps go
// on to be shown, nothing else can be done, and its driver's PIN alone unlocks it.
func TestIdlePageIsLocked(t *testing.T) {
	t.Parallel()
	c := aCab(t, 800, 480, `idle = "10m"`, `idle = "6s"`)
	c.signOn("7")
	c.Click("#sell-open")
	c.Sees("#sell")
	c.view("locked")
	c.Misses("#sell")
	require.Equal(t, http.StatusForbidden, c.post("/api/command", command("own", selling)))
	c.tap("Aino", "value")
	c.view("locked")
	c.Type("#unlock-pin", "4321")
	c.Click("#unlock")
	c.Says("#refusal", "yrityksiä jäljellä: 4")
	c.Type("#unlock-pin", pin)
	c.Click("#unlock")
	c.view("drive")
}

// Ensure that nobody tries PINs: after five wrong ones the right one has to wait, too, and the
// page says for how long.
func TestWrongPIN(t *testing.T) {
	t.Parallel()
	c := aCab(t, 800, 480)
	for left := 4; left >= 1; left-- {
		c.tries("7", "4321")
		c.Says("#refusal", fmt.Sprintf("yrityksiä jäljellä: %d", left))
	}
	c.tries("7", "4321")
	c.Says("#refusal", "odota ainakin minuutti")
	c.tries("7", pin)
	c.Says("#refusal", "liikaa vääriä yrityksiä")
	c.Says("#refusal", "odota ")
	c.view("sign-on")
	c.Keep("locked")
	require.Equal(t, http.StatusUnauthorized, c.post("/api/command", command("own", selling)))
	require.Empty(t, chromium.Eval[string](c.Tab, "document.querySelector('#pin').value"))
}

// Ensure that where an area takes an employer's word a provider loads for one, by its number
// and the reference of its order, that no cash is due for it, and that a driver is not offered it.
func TestEmployerIsAProvidersMatter(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../../testdata/tariffs/jyvaskyla-2018.toml")
	require.NoError(t, err)
	const before = "benefits = {"
	changed := strings.Replace(string(text), before,
		"employer_on_board = { is = \"taken\", assumed = \"a test\" }\n"+before, 1)
	tariff := filepath.Join(t.TempDir(), "area.toml")
	require.NoError(t, os.WriteFile(tariff, []byte(changed), 0o600))
	c := aCab(t, 800, 480, `"tariffs/jyvaskyla-2018.toml"`, `"`+tariff+`"`)
	c.signOn("7")
	c.Click("#load-open")
	c.press("#load-part-payment")
	c.Misses("#load-employer")
	c.Click("#load [data-close]")
	c.signOff()

	c.signOn("9")
	c.Click("#load-open")
	c.Type("#load-amount", "20,00")
	c.press("#load-part-payment")
	c.press("#load-by-employer")
	c.look("employer")
	c.Until(`document.querySelector("#load-confirm").disabled`)
	c.Type("#load-employer-number", "4711")
	c.Type("#load-employer-reference", "PO 12")
	c.Click("#load-confirm")
	c.Sees("#armed")
	c.tap("Aino", "value loaded")
	c.receipt("20,00")
	c.cash("0,00")
}
