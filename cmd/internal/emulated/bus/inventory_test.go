package bus

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"leima/validator/api"
	"leima/validator/inventory"
	"leima/validator/place/dnssd"
	"leima/validator/place/dnssd/dnssdtest"
)

// Ensure that a validator is found on the bus's network as the module that it is, that it says how
// it is, and that it is gone from there when it has ended.
func TestBusIsInTheInventory(t *testing.T) {
	if !dnssdtest.Alone(t) {
		return
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	at := free.Addr().String()
	require.NoError(t, free.Close())
	config := aBusConfig(t, "[emulated]", fmt.Sprintf("[inventory]\nlisten = %q\n\n[emulated]", at))
	client := api.NewClient("unix:"+state(config, "api.sock"), "", nil)
	stop := running(t, config, client)
	var one dnssd.Instance
	find := func() bool {
		found, err := dnssd.Browse(context.Background(), inventory.Type)
		if one = (dnssd.Instance{}); len(found) == 1 {
			one = found[0]
		}
		return err == nil && len(found) == 1
	}
	require.Eventually(t, func() bool { return find() && one.Text["status"] == "0" }, 20*time.Second,
		time.Millisecond)
	require.Equal(t, at, one.Address.String())
	require.Regexp(t, `^leima-\d+_inventory$`, one.Name)
	answer, err := http.Get("http://" + one.Address.String() + "/" + one.Text["path"])
	require.NoError(t, err)
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Contains(t, string(text), "<XStatus page=\"1\"")
	require.Empty(t, stop())
	require.Eventually(t, func() bool { return !find() }, 20*time.Second, time.Millisecond)
}
