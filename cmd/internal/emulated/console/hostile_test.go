package console

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/cardlayout/plain"
)

// Ensure that a configuration whose texts would command a terminal or a printer is refused, and
// that no such text is said.
func TestHostileConfigurationIsRefused(t *testing.T) {
	t.Parallel()
	for _, escape := range []string{`\u001b@`, `\u009b31m`, `\u202e`, `\u007f`} {
		config, _ := aConfig(t, `title = "Linja-auto"`, `title = "Linja`+escape+`"`)
		var out, errs bytes.Buffer
		code := run(context.Background(), []string{"run", "--config", config}, strings.NewReader(""), &out, &errs)
		require.Equal(t, exitUsage, code)
		require.Contains(t, errs.String(), "title: character 6 is U+")
		require.NoError(t, plain.Check(out.String()+errs.String()))
	}
	var out, errs bytes.Buffer
	code := run(context.Background(), []string{"run", "--config", "\x1b[2J"}, strings.NewReader(""), &out, &errs)
	require.Equal(t, exitUsage, code)
	require.Contains(t, errs.String(), `\u001b[2J`)
	require.NoError(t, plain.Check(out.String()+errs.String()))
}
