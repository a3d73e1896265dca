package page_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/validator/depot/depottest"
	"leima/validator/depot/page"
)

// Ensure that where the disk is full nobody sees a card without the book, which stays whole; that
// nobody waits afterwards for having tried to sign on then; and that all goes on when there is room.
func TestBooksDiskIsFull(t *testing.T) {
	depottest.OnSmallDisk(t, "1m", func(t *testing.T, disk *depottest.SmallDisk) {
		d := newDepot(t, func(d *depotFixture) { d.page.Folder = disk.Folder })
		b, signsOn := d.as(page.Service), d.browser()
		looks, code := 0, http.StatusOK
		for ; code == http.StatusOK; looks++ { // until the book's last page has no room
			require.Less(t, looks, 1000)
			code, _ = b.post("/card", "number", "924699001100000004")
			if looks == 0 {
				disk.Fill()
			}
		}
		require.Equal(t, http.StatusInternalServerError, code)
		for range 20 {
			code, _ = signsOn.post("/sign-on", "number", "3", "pin", "482915")
			require.Equal(t, http.StatusInternalServerError, code)
		}
		raw, err := os.ReadFile(filepath.Join(disk.Folder, "page.book"))
		require.NoError(t, err)
		require.Equal(t, looks-1, bytes.Count(raw, []byte("\n")))
		require.True(t, bytes.HasSuffix(raw, []byte("}\n")))

		disk.Resize("2m")
		code, says := signsOn.post("/sign-on", "number", "3", "pin", "482915")
		require.Equal(t, http.StatusOK, code, says)
		code, _ = b.post("/card", "number", "924699001100000004")
		require.Equal(t, http.StatusOK, code)
		raw, err = os.ReadFile(filepath.Join(disk.Folder, "page.book"))
		require.NoError(t, err)
		require.Equal(t, looks, bytes.Count(raw, []byte("\n")))
	})
}
