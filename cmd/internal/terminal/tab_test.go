package terminal

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// configured is a console's configuration with a terminal of ITxPT.
func configured(t *testing.T, madt string) (*Config, error) {
	t.Helper()
	text, err := os.ReadFile("../../../testdata/console.toml")
	require.NoError(t, err)
	text, _, _ = bytes.Cut(text, []byte("[emulated]"))
	text = bytes.Replace(text, []byte(`"emulated"`), []byte(`"pcsc"`), 1)
	path, c := filepath.Join(t.TempDir(), "console.toml"), new(Config)
	require.NoError(t, os.WriteFile(path, append([]byte("madt = '"+madt+"'\n"), text...), 0o600))
	return c, c.Read(path, c)
}

// Ensure that the page is opened as a tab on the terminal that the configuration names; that none
// is needed; and that nothing is taken for a terminal that is none.
func TestTabOfTheTerminal(t *testing.T) {
	t.Parallel()
	asked := make(chan map[string]any, 10)
	terminal := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		var said map[string]any
		_ = json.NewDecoder(q.Body).Decode(&said)
		_, _ = io.WriteString(w, `{"retCode":0,"tabId":3}`)
		asked <- said
	}))
	defer terminal.Close()
	c, err := configured(t, terminal.URL+"/madt")
	require.NoError(t, err)
	end := c.openTab("https://192.0.2.1:8080", slog.New(slog.DiscardHandler))
	said := <-asked
	require.Equal(t, []any{"NewWebTab", "https://192.0.2.1:8080"}, []any{said["req"], said["url"]})
	end()
	none, err := configured(t, "")
	require.NoError(t, err)
	none.openTab("https://192.0.2.1:8080", slog.New(slog.DiscardHandler))()
	for _, wrong := range []string{"terminal", "192.0.2.1:80", "https://192.0.2.1/", "http://", "http://a b"} {
		_, err = configured(t, wrong)
		require.ErrorContains(t, err, "madt is", wrong)
	}
}
