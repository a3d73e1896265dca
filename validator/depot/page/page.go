package page

import (
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"leima/validator/api"
	"leima/validator/depot"
	"leima/validator/depot/settlement"
	"leima/validator/listener"
	"leima/validator/messages"
	"leima/validator/signon"
)

// The roles.
const (
	Operator signon.Role = "operator" // sees the fleet
	Service  signon.Role = "service"  // of customers: sees cards, and the cases
	Finance  signon.Role = "finance"  // sees takings and rows
)

// Roles are the roles, with the least digits of their PINs.
var Roles = signon.Roles{Operator: 6, Service: 6, Finance: 6}

// A Page is the page of a depot. Its fields are set before Open and not changed afterwards.
type Page struct {
	Receiver *depot.Receiver
	Ledger   *settlement.Ledger // nil: there is no private key
	Devices  func() []uint16    // of the register, that were not withdrawn
	Known    func() []uint16    // of the register: what a withdrawn one has left is still work

	Persons func() ([]signon.Person, error) // the register, at each request
	Pepper  signon.Pepper                   // of their PINs, and of the marks in the book

	Folder string   // of the book, and of the wrong PINs
	Names  []string // under which a browser may use it, beside addresses
	Secure bool     // it is served with TLS
	Zone   *time.Location
	Now    func() time.Time
	Log    *slog.Logger

	attempts signon.Attempts
	book     book

	mu       sync.Mutex
	sessions map[string]*session // by the hash of their cookie
	heard    map[uint16]heard
}

// Open reads what is kept.
func (p *Page) Open() error {
	p.sessions, p.heard = map[string]*session{}, map[uint16]heard{}
	err := p.attempts.Open(filepath.Join(p.Folder, "page.attempts"), p.Now, p.Pepper, p.wrongPIN)
	return errors.Join(err, p.book.open(filepath.Join(p.Folder, "page.book")))
}

// Close closes the book.
func (p *Page) Close() error { return p.book.file.Close() }

// NewServer serves the page over HTTP.
func (p *Page) NewServer() *http.Server {
	server := listener.NewServer(p.Handler())
	server.WriteTimeout = 5 * time.Minute // of all rows of a city
	return server
}

// A route is a path of the page.
type route struct {
	role   signon.Role // nobody: it needs none
	answer func(*visit) error
}

// Who may, beside the roles.
const (
	nobody   signon.Role = ""
	anybody  signon.Role = "anybody" // who is signed on
	mostBody             = 16 << 10
)

func (p *Page) routes() map[string]route {
	return map[string]route{
		"GET /{$}":            {nobody, p.home},
		"GET /style.css":      {nobody, style},
		"POST /language":      {nobody, choose},
		"POST /sign-on":       {nobody, p.signOn},
		"POST /sign-off":      {anybody, p.signOff},
		"GET /fleet":          {Operator, p.fleet},
		"GET /card":           {Service, askCard},
		"POST /card":          {Service, p.card},
		"GET /work":           {Service, p.work},
		"POST /work":          {Service, p.done},
		"GET /takings":        {Finance, p.takings},
		"POST /takings":       {Finance, p.handOver},
		"GET /settlement.csv": {Finance, p.rows},
	}
}

// Handler serves the page's paths.
func (p *Page) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, r := range p.routes() {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, q *http.Request) { p.serve(w, q, r) })
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, q *http.Request) {
		p.serve(w, q, route{nobody, func(*visit) error {
			return api.Refuse(http.StatusNotFound, "there is no such path")
		}})
	})
	origin := http.NewCrossOriginProtection()
	guarded := listener.CheckHost(p.Names, origin.Handler(mux))
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		signon.Protect(w)
		if signon.Cookie(q, browserName) == "" {
			signon.SetCookie(w, browserName, secret(), p.Secure, signon.Remembered)
		}
		guarded.ServeHTTP(w, q)
	})
}

// A visit is a request, by a person or by nobody yet.
type visit struct {
	w        http.ResponseWriter
	q        *http.Request
	language messages.Language
	zone     *time.Location
	session  *session
	code     int // of the answer
}

// serve answers a request, if its person may have it answered.
func (p *Page) serve(w http.ResponseWriter, q *http.Request, r route) {
	q.Body = http.MaxBytesReader(w, q.Body, mostBody)
	v := &visit{w, q, language(q), p.Zone, p.sessionOf(q), http.StatusOK}
	err := whole(q)
	if err == nil {
		err = p.admit(v, r.role)
	}
	if err == nil {
		err = r.answer(v)
	}
	if err != nil {
		p.explain(v, err)
	}
}

// whole is the error of a form that is longer than mostBody.
func whole(q *http.Request) error {
	large := (*http.MaxBytesError)(nil)
	if errors.As(q.ParseForm(), &large) {
		return api.Refuse(http.StatusRequestEntityTooLarge,
			"what was typed is longer than this page takes: shorten it")
	}
	return nil // what else is wrong lacks its token, or a field
}

// admit is the error if a person may not do what they ask for.
func (p *Page) admit(v *visit, role signon.Role) error {
	switch s := v.session; {
	case role == nobody:
		return nil
	case s == nil:
		return errNobody
	case role != anybody && s.person.Role != role:
		return errRole
	case v.q.Method == http.MethodPost && !signon.Equal(s.token, v.q.PostFormValue("token")):
		return errToken
	case p.Ledger == nil && role != Operator && role != anybody:
		return errNoKey
	}
	return nil
}

// The refusals without a right.
var (
	errNobody = api.Refuse(http.StatusUnauthorized, "nobody is signed on here: sign on")
	errRole   = api.Refuse(http.StatusForbidden, "your role does not allow this")
	errToken  = api.Refuse(http.StatusForbidden,
		"the request does not come from this page: load it again")
	errNoKey = api.Refuse(http.StatusNotFound,
		"the depot has no private key of the back office: only the fleet can be shown")
)

// explain answers with an error. What is no refusal is told to the log alone.
func (p *Page) explain(v *visit, err error) {
	refused := new(api.Refused)
	var wait *signon.LockedError
	switch {
	case errors.As(err, &wait):
		refused = wait.Refused
	case !errors.As(err, &refused):
		p.Log.Error("the page cannot answer", "path", v.q.URL.Path, "error", err)
		refused = api.Refuse(http.StatusInternalServerError,
			"the depot cannot answer now: try again, or have its log looked at")
	}
	v.code = refused.Code
	if err := v.show("refused", refused); err != nil {
		p.Log.Error("the page cannot say why it does not answer", "error", err)
	}
}

// home leads to what a role begins with.
func (p *Page) home(v *visit) error {
	if v.session == nil {
		return v.show("signon", nil)
	}
	return v.goTo(beginning[v.session.person.Role])
}

var beginning = map[signon.Role]string{Operator: "/fleet", Service: "/work", Finance: "/takings"}

// goTo has the browser ask for another path of the page.
func (v *visit) goTo(path string) error {
	http.Redirect(v.w, v.q, path, http.StatusSeeOther)
	return nil
}
