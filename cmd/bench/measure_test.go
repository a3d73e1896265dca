package main

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// Ensure that every tap is measured in both profiles and at every frame size, for
// people and for machines.
func TestMeasure(t *testing.T) {
	var out, errs bytes.Buffer
	args := []string{"measure", "--time", "1ms", "--tariffs", "../../testdata/tariffs", "--json"}
	require.Zero(t, run(context.Background(), args, nil, &out, &errs), errs.String())
	var all []measured
	require.NoError(t, json.Unmarshal(out.Bytes(), &all))
	require.Len(t, all, 4*8)
	for _, m := range all {
		require.Greater(t, m.Exchanges, 7, "%+v", m)
		require.Positive(t, m.Sent*m.Received*m.Commands)
		require.Greater(t, m.Modelled[0], m.Modelled[3], "faster bits take less time")
		require.Positive(t, m.CPU)
	}

	out.Reset()
	require.Zero(t, run(context.Background(), args[:5], nil, &out, &errs), errs.String())
	require.Equal(t, 4+1+4*8, bytes.Count(out.Bytes(), []byte("\n")))
}
