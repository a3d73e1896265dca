package page

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"time"

	"leima/validator/api"
	"leima/validator/messages"
	"leima/validator/signon"
)

// The cookies: of a session, of a browser (package signon), and of its language.
const (
	cookieName   = "leima-depot"
	browserName  = "leima-depot-browser"
	languageName = "leima-depot-language"
)

// idle is how long a session lasts without a request, and mostSessions how many there are.
const (
	idle         = 15 * time.Minute
	mostSessions = 1000
)

// A session is a person at a browser.
type session struct {
	person signon.Person
	token  string
	used   time.Time
}

// secret is 256 random bits and a few more.
func secret() string { return rand.Text() + rand.Text() }

func hashOf(cookie string) string {
	sum := sha256.Sum256([]byte(cookie))
	return hex.EncodeToString(sum[:])
}

// sessionOf is the session of a request; nil if there is none, or if its person may not sign on any
// more.
func (p *Page) sessionOf(q *http.Request) *session {
	cookie := hashOf(signon.Cookie(q, cookieName))
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.sessions[cookie]
	if s == nil {
		return nil
	}
	now := p.Now()
	if now.Sub(s.used) > idle || !p.stillMay(s) {
		delete(p.sessions, cookie)
		return nil
	}
	s.used = now
	return s
}

// stillMay reports whether the register has the person of a session, with that role and that PIN.
func (p *Page) stillMay(s *session) bool {
	register, err := p.Persons()
	if err != nil {
		p.Log.Error("nobody can use the page", "error", err)
		return false
	}
	return slices.ContainsFunc(register, func(o signon.Person) bool {
		return o.Number == s.person.Number && o.Role == s.person.Role &&
			bytes.Equal(o.PIN, s.person.PIN)
	})
}

// signOn begins a session.
func (p *Page) signOn(v *visit) error {
	number, err := strconv.ParseUint(v.q.PostFormValue("number"), 10, 32)
	if err != nil {
		return api.Refuse(http.StatusBadRequest, "want a number and a PIN")
	}
	browser := signon.Cookie(v.q, browserName)
	person, err := p.attempts.SignOn(p.Persons, uint32(number), v.q.PostFormValue("pin"), browser)
	if err != nil {
		return err
	}
	if !p.attempts.Known(browser) {
		browser = secret() // nobody can have planted it there
		signon.SetCookie(v.w, browserName, browser, p.Secure, signon.Remembered)
	}
	if err := p.attempts.Remember(person.Number, browser); err != nil {
		return err
	}
	cookie := secret()
	p.begin(cookie, person)
	signon.SetCookie(v.w, cookieName, cookie, p.Secure, 0)
	return v.goTo("/")
}

// begin keeps a session. If there is one too many, the one that was not used for longest ends.
func (p *Page) begin(cookie string, person signon.Person) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.sessions) >= mostSessions {
		oldest := ""
		for name, s := range p.sessions {
			if oldest == "" || s.used.Before(p.sessions[oldest].used) {
				oldest = name
			}
		}
		delete(p.sessions, oldest)
	}
	p.sessions[hashOf(cookie)] = &session{person, secret(), p.Now()}
}

func (p *Page) signOff(v *visit) error {
	p.mu.Lock()
	delete(p.sessions, hashOf(signon.Cookie(v.q, cookieName)))
	p.mu.Unlock()
	return v.goTo("/")
}

// wrongPIN records an attempt. What was typed may itself be a PIN, and is not told.
func (p *Page) wrongPIN(_ uint32, wait time.Duration) {
	p.Log.Warn("a PIN was wrong at the depot's page", "locked", wait.Round(time.Second))
}

// language is the language of a browser's choice.
func language(q *http.Request) messages.Language {
	chosen := messages.Language(signon.Cookie(q, languageName))
	if !slices.Contains(messages.Languages, chosen) {
		return messages.Finnish
	}
	return chosen
}

// choose chooses the language.
func choose(v *visit) error {
	chosen := messages.Language(v.q.PostFormValue("language"))
	if !slices.Contains(messages.Languages, chosen) {
		return api.Refuse(http.StatusBadRequest, "there is no such language")
	}
	signon.SetCookie(v.w, languageName, string(chosen), v.q.TLS != nil, signon.Remembered)
	return v.goTo("/")
}
