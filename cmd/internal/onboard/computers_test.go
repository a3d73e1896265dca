package onboard

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Ensure that where a computer or the inventory is wants a host and a port, or a search for the
// computer, and that nothing is heard that is not configured.
func TestWhereComputersAre(t *testing.T) {
	t.Parallel()
	for at, good := range map[string]bool{
		"": true, "dns-sd": true, "192.0.2.1:8080": true, "obu.local:80": true, "[::1]:80": true,
		"192.0.2.1": false, ":80": false, "obu:http": false, "obu:0": false, "obu:65536": false,
		"DNS-SD": false, "http://obu:80": false,
	} {
		c := new(Config)
		c.Sources.VDV301 = at
		require.Equal(t, good, c.checkComputers() == nil, at)
		c = new(Config)
		c.Sources.ITxPT = at
		require.Equal(t, good, c.checkComputers() == nil, at)
		c = new(Config)
		c.Inventory.Listen = at
		require.Equal(t, good && at != "dns-sd", c.checkComputers() == nil, at)
	}
	require.Empty(t, new(Config).computers(nil, nil))
}
