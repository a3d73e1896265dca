package emulated

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
	"leima/validator/oncard"
	"leima/validator/servicepoint"
)

// A State is the state of the cards and one reader.
type State struct {
	Cards        []Card `json:"cards"`
	CardOnReader string `json:"on_reader"` // the name of the card on the reader
	Broken       bool   `json:"broken"`
}

// A Card is a passenger's card.
type Card struct {
	Name    string `json:"name"`
	Summary string `json:"summary"` // its content in a few words
}

// An Operation acts on a card or a reader: put, take, tear, break or mend.
type Operation struct {
	Kind string `json:"kind"`
	Card string `json:"card,omitempty"`
}

// A Control controls a reader, in this program or in another.
type Control interface {
	State(context.Context) (State, error)
	Do(context.Context, Operation) (State, error)
}

// A LocalControl controls a reader in this program. Keys open the cards for their summary.
type LocalControl struct {
	*Reader
	Keys oncard.Keys
}

var _ Control = LocalControl{}

// State implements Control.
func (l LocalControl) State(context.Context) (s State, err error) {
	names, err := l.Cards.Names()
	if err != nil {
		return s, err
	}
	s.CardOnReader, s.Broken = l.status()
	for _, name := range names {
		s.Cards = append(s.Cards, Card{name, l.summary(name)})
	}
	return s, nil
}

// Do implements Control.
func (l LocalControl) Do(ctx context.Context, a Operation) (State, error) {
	var err error
	switch a.Kind {
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
		err = fmt.Errorf("%.20q: want put, take, tear, break or mend", a.Kind)
	}
	if err != nil {
		return State{}, err
	}
	return l.State(ctx)
}

// summary is the content of a card as stored last, in a few words.
func (l LocalControl) summary(name string) string {
	card, err := l.Cards.Read(name)
	if err != nil {
		return ""
	}
	c, err := servicepoint.Inspect(emu.Air{}.Present(card), l.Keys, rand.Reader)
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

// Path is the path of a control over HTTP.
const Path = "/emulated"

// Handler serves a control over HTTP.
func Handler(s Control) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var scene State
		var err error
		switch r.Method {
		case http.MethodGet:
			scene, err = s.State(r.Context())
		case http.MethodPost:
			var act Operation
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

// A RemoteControl controls a reader in another program. Send sends a request to that program.
type RemoteControl struct {
	Send func(ctx context.Context, method, path string, body io.Reader) (*http.Response, error)
}

var _ Control = RemoteControl{}

// State implements Control.
func (r RemoteControl) State(ctx context.Context) (State, error) {
	return r.ask(ctx, http.MethodGet, nil)
}

// Do implements Control.
func (r RemoteControl) Do(ctx context.Context, a Operation) (State, error) {
	text, err := json.Marshal(a)
	if err != nil {
		return State{}, err
	}
	return r.ask(ctx, http.MethodPost, bytes.NewReader(text))
}

func (r RemoteControl) ask(ctx context.Context, method string, body io.Reader) (
	s State, err error,
) {
	answer, err := r.Send(ctx, method, Path, body)
	if err != nil {
		return s, err
	}
	defer answer.Body.Close()
	said := struct {
		*State
		Error string `json:"error"`
	}{State: &s}
	if err := json.NewDecoder(io.LimitReader(answer.Body, 1<<20)).Decode(&said); err != nil {
		return s, err
	}
	if said.Error != "" {
		return s, errors.New(said.Error)
	}
	return s, nil
}
