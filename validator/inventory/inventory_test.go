package inventory_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/inventory"
	"leima/validator/place/placetest"
)

func module(h inventory.Health) *inventory.Module {
	return &inventory.Module{
		Device: 9, Version: "v1.2.3 & <4>", MAC: "00:05:68:02:66:e5",
		Now:    func() time.Time { return time.Date(2026, time.November, 28, 12, 0, 0, 0, time.UTC) },
		Health: func() inventory.Health { return h },
	}
}

// Ensure that the status says what is well: two bits an item, 0 if it is, 1 if not, 3 if nothing is
// known of it.
func TestStatus(t *testing.T) {
	t.Parallel()
	for h, want := range map[inventory.Health][2]string{
		{Serves: true, Timed: true}: {"status=0", "xstatus=3FFFFFFF33FFFFFF"},
		{Timed: true}:               {"status=1", "xstatus=7FFFFFFF73FFFFFF"},
		{Serves: true}:              {"status=0", "xstatus=3FFFFFFF37FFFFFF"},
	} {
		text := module(h).Text()
		require.Contains(t, text, want[0])
		require.Contains(t, text, want[1])
		require.Contains(t, text, "serialnumber=9")
		for _, pair := range text {
			require.Less(t, len(pair), 256)
		}
	}
}

// Ensure that what is answered is as ITxPT's schema has it, whatever is known of the machine.
func TestIsValid(t *testing.T) {
	t.Parallel()
	schema := placetest.Published(t, "../../../shared/data/schemas/itxpt") + "/ModulesDelivery.xsd"
	unknown := module(inventory.Health{})
	unknown.MAC = ""
	for _, m := range []*inventory.Module{module(inventory.Health{Serves: true}), unknown} {
		answer := httptest.NewRecorder()
		m.ServeHTTP(answer, httptest.NewRequest("GET", "/inventory/", nil))
		placetest.Validate(t, schema, answer.Body.Bytes())
	}
}
