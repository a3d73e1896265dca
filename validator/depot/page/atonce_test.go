package page_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"leima/validator/depot/depottest"
	"leima/validator/depot/page"
	"leima/validator/signon"
)

// Ensure that sixteen browsers at once sign on, read and sign off, each as its own person, while
// entries come, and that each CSV is whole.
func TestSixteenAtOnce(t *testing.T) {
	t.Parallel()
	d := newDepot(t)
	of := depottest.NewDevice(t, 1)
	of.Record(5, 1)
	d.sent(of)
	roles := []signon.Role{page.Operator, page.Service, page.Finance}
	own := map[signon.Role]string{
		page.Operator: "/fleet", page.Service: "/work", page.Finance: "/settlement.csv",
	}
	var all sync.WaitGroup
	for n := range 16 {
		all.Go(func() {
			b, role := d.browser(), roles[n%3]
			for range 5 {
				code, says := b.post("/sign-on", "number", fmt.Sprint(persons[role]), "pin", "482915")
				if code != http.StatusOK {
					t.Errorf("%s: %d %s", role, code, says)
					return
				}
				b.token = token.FindStringSubmatch(says)[1]
				for other, path := range own {
					code, says := b.get(path)
					if (code == http.StatusOK) != (other == role) ||
						other == role && path == "/settlement.csv" && !strings.HasSuffix(says, "\n") {
						t.Errorf("%s by %s: %d %s", path, role, code, says)
					}
				}
				b.post("/sign-off")
				if code, _ := b.get(own[role]); code != http.StatusUnauthorized {
					t.Errorf("%s is signed on: %d", role, code)
				}
			}
		})
	}
	for range 20 {
		require.NoError(t, of.Journal.Record(tapped(of, of.Journal.Next().Sequence)))
		d.sent(of)
	}
	all.Wait()
}

// Ensure that wrong PINs that come at once are no more than those that come one after another, and
// that a person waits for none of them where they have signed on before.
func TestWrongPINsAtOnce(t *testing.T) {
	t.Parallel()
	d := newDepot(t)
	own := d.as(page.Service)
	var all sync.WaitGroup
	codes := make(chan int, 40)
	for range cap(codes) {
		all.Go(func() {
			code, _ := d.browser().post("/sign-on", "number", "2", "pin", "770077")
			codes <- code
		})
	}
	all.Wait()
	close(codes)
	count := map[int]int{}
	for code := range codes {
		count[code]++
	}
	require.Equal(t, map[int]int{
		http.StatusUnauthorized: 5, http.StatusTooManyRequests: cap(codes) - 5,
	}, count)
	code, says := own.post("/sign-on", "number", "2", "pin", "482915")
	require.Equal(t, http.StatusOK, code, says)
}
