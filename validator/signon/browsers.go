package signon

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// A browserUse records that a number has signed on at a browser.
type browserUse struct {
	Browser string    `json:"browser"` // the SHA-256 of its secret
	Number  uint32    `json:"number"`
	Last    time.Time `json:"last"`
}

// browsersOf is the number of known browsers of a number; the oldest gives way to the next. So a
// driver who signs on at many browsers affects no other driver.
const browsersOf = 8

// Remembered is how long a browser stays known after its last sign-on, and keeps its secret.
const Remembered = 400 * 24 * time.Hour

// hashOf is the stored form of a browser's secret: with the state folder alone no browser can pass
// for a known one. The secret has 256 random bits.
func hashOf(browser string) string {
	sum := sha256.Sum256([]byte(browser))
	return hex.EncodeToString(sum[:])
}

// lane is the lane of attempts at a number from a browser.
func (a *Attempts) lane(number uint32, browser string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	hash, lane := hashOf(browser), unknownBrowsers
	for _, v := range a.Browsers {
		switch {
		case v.Browser != hash || a.now().Sub(v.Last) > Remembered:
		case v.Number == number:
			return hash
		default:
			lane = knownBrowsers
		}
	}
	return lane
}

// Known reports whether a driver has signed on at a browser.
func (a *Attempts) Known(browser string) bool {
	return a.lane(allNumbers, browser) != unknownBrowsers
}

// Remember records that a number has signed on at a browser.
func (a *Attempts) Remember(number uint32, browser string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	now, hash, others := a.now(), hashOf(browser), 0
	kept := []browserUse{{hash, number, now}}
	for _, v := range a.Browsers { // the newest first
		if v.Number == number && v.Browser == hash {
			continue
		}
		if v.Number == number {
			others++
		}
		if v.Number == number && others >= browsersOf || now.Sub(v.Last) > Remembered {
			delete(a.Wrong[v.Browser], v.Number)
			continue
		}
		kept = append(kept, v)
	}
	a.Browsers = kept
	return WriteJSON(a.path, a)
}
