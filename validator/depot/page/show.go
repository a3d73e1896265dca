package page

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"sync"
	"time"

	"leima/cardlayout"
	"leima/validator"
	"leima/validator/api"
	"leima/validator/depot/settlement"
	"leima/validator/messages"
	"leima/validator/signon"
)

//go:embed *.html style.css
var files embed.FS

// templates are the pages in a language.
var templates = sync.OnceValue(func() map[messages.Language]*template.Template {
	all := map[messages.Language]*template.Template{}
	for _, in := range messages.Languages {
		all[in] = template.Must(template.New("").Funcs(template.FuncMap{
			"say": in.Text, "term": in.Term, "euros": euros,
			"place": func(e *validator.Event) string {
				return strings.TrimPrefix(place(e, in), ", ")
			},
			"line":      said,
			"day":       date,
			"name":      func(l messages.Language) string { return names[l] },
			"list":      func(all ...any) []any { return all },
			"pseudonym": func(c settlement.Pseudonym) string { return fmt.Sprintf("%x", c[:]) },
			"said": func(of *api.Refused) string {
				return map[messages.Language]string{
					messages.Finnish: of.Said.Finnish, messages.Swedish: of.Said.Swedish,
					messages.English: of.Said.English,
				}[in]
			},
		}).ParseFS(files, "*.html"))
	}
	return all
})

// names are those of the languages, in themselves.
var names = map[messages.Language]string{
	messages.Finnish: "Suomi", messages.Swedish: "Svenska", messages.English: "English",
}

// shown is what a template is given.
type shown struct {
	Language  messages.Language
	Languages []messages.Language
	Person    uint32 // 0: nobody
	Role      signon.Role
	Token     string
	Path      string
	Data      any
	zone      *time.Location
}

// Clock is a time of day where the depot is.
func (s shown) Clock(at time.Time) string { return clock(at, s.zone) }

// show shows a page.
func (v *visit) show(name string, data any) error {
	s := shown{
		Language: v.language, Languages: messages.Languages, Path: v.q.URL.Path, Data: data,
		zone: v.zone,
	}
	if v.session != nil {
		s.Person, s.Role, s.Token = v.session.person.Number, v.session.person.Role, v.session.token
	}
	var text bytes.Buffer
	if err := templates()[v.language].ExecuteTemplate(&text, name+".html", s); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(v.code)
	_, _ = text.WriteTo(v.w)
	return nil
}

func style(v *visit) error {
	http.ServeFileFS(v.w, v.q, files, "style.css")
	return nil
}

// clock writes a time as in Finland: 29.11.2026 8.15.
func clock(at time.Time, zone *time.Location) string {
	if at.IsZero() {
		return ""
	}
	return at.In(zone).Format("2.1.2006 15.04")
}

// date writes a day, as 2026-11-29, as in Finland: 29.11.2026.
func date(day string) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return at.Format("2.1.2006")
}

// euros writes cents as in Finland: 2,51 €.
func euros(cents int64) string {
	if cents == int64(cardlayout.Cents(cents)) {
		return messages.Euros(cardlayout.Cents(cents))
	}
	return fmt.Sprintf("%d,%02d €", cents/100, max(cents%100, -cents%100))
}
