package street

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"leima/cardlayout"
	"leima/hw/emu"
	"leima/validator/desk"
)

// A Scene is what is to be seen in the street, at one reader.
type Scene struct {
	Cards  []Passenger `json:"cards"`
	Lies   string      `json:"lies"` // whose card lies on the reader
	Broken bool        `json:"broken"`
}

// A Passenger is somebody with a card.
type Passenger struct {
	Name string `json:"name"`
	Says string `json:"says"` // what is on the card
}

// An Act is what somebody does there: put, take, tear, break or mend.
type Act struct {
	Act  string `json:"act"`
	Card string `json:"card,omitempty"`
}

// A Stage is where it happens: a reader in this program, or in another.
type Stage interface {
	Scene(context.Context) (Scene, error)
	Do(context.Context, Act) (Scene, error)
}

// A Local is a reader in this program. Its keys open the passengers' cards, to tell what
// is on them.
type Local struct {
	*Reader
	Keys desk.Keys
}

var _ Stage = Local{}

// Scene implements Stage.
func (l Local) Scene(context.Context) (s Scene, err error) {
	names, err := l.Cards.Names()
	if err != nil {
		return s, err
	}
	s.Lies, s.Broken = l.lies()
	for _, name := range names {
		s.Cards = append(s.Cards, Passenger{name, l.says(name)})
	}
	return s, nil
}

// Do implements Stage.
func (l Local) Do(ctx context.Context, a Act) (Scene, error) {
	var err error
	switch a.Act {
	case "put":
		err = l.Put(a.Card)
	case "tear":
		err = l.Tear(a.Card)
	case "take":
		err = l.Take()
	case "break":
		err = l.Break()
	case "mend":
		err = l.Mend()
	default:
		err = fmt.Errorf("%.20q: want put, take, tear, break or mend", a.Act)
	}
	if err != nil {
		return Scene{}, err
	}
	return l.Scene(ctx)
}

// says is what is on a card, as it was kept last, in a few words.
func (l Local) says(name string) string {
	card, err := l.Cards.Read(name)
	if err != nil {
		return ""
	}
	c, err := desk.Inspect(emu.Air{}.Present(card), l.Keys, rand.Reader)
	if err != nil {
		return ""
	}
	text := fmt.Sprintf("%v, %v, %v €", c.Card.Kind, c.Card.Group, c.Card.Purse)
	for _, s := range c.Card.Seasons {
		switch {
		case s == cardlayout.Season{}:
		case s.First == 0:
			text += fmt.Sprintf(", season of %d days", s.Days)
		default:
			text += fmt.Sprintf(", season until %v", s.Last)
		}
	}
	if c.Card.Blocked {
		text += ", blocked"
	}
	return text
}

// Path is where a stage is found over HTTP.
const Path = "/street"

// Handler lets others act on a stage.
func Handler(s Stage) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var scene Scene
		var err error
		switch r.Method {
		case http.MethodGet:
			scene, err = s.Scene(r.Context())
		case http.MethodPost:
			var act Act
			err = json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&act)
			if err == nil {
				scene, err = s.Do(r.Context(), act)
			}
		default:
			err = errors.New("want GET or POST")
		}
		w.Header().Set("Content-Type", "application/json")
		if err != nil {
			w.WriteHeader(http.StatusUnprocessableEntity)
			_ = json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
			return
		}
		_ = json.NewEncoder(w).Encode(scene)
	})
}

// A Remote is a stage in another program. Send sends a request to that program.
type Remote struct {
	Send func(ctx context.Context, method, path string, body io.Reader) (*http.Response, error)
}

var _ Stage = Remote{}

// Scene implements Stage.
func (r Remote) Scene(ctx context.Context) (Scene, error) {
	return r.ask(ctx, http.MethodGet, nil)
}

// Do implements Stage.
func (r Remote) Do(ctx context.Context, a Act) (Scene, error) {
	text, err := json.Marshal(a)
	if err != nil {
		return Scene{}, err
	}
	return r.ask(ctx, http.MethodPost, bytes.NewReader(text))
}

func (r Remote) ask(ctx context.Context, method string, body io.Reader) (s Scene, err error) {
	answer, err := r.Send(ctx, method, Path, body)
	if err != nil {
		return s, err
	}
	defer answer.Body.Close()
	said := struct {
		*Scene
		Error string `json:"error"`
	}{Scene: &s}
	if err := json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(&said); err != nil {
		return s, err
	}
	if said.Error != "" {
		return s, errors.New(said.Error)
	}
	return s, nil
}
