package main

import (
	"encoding/hex"
	"fmt"
	"strings"

	"leima/cardlayout"
	"leima/hw/desfire"
	"leima/validator/servicepoint"
)

// The JSON of a card's contents. doc.go describes the conventions.
type (
	contentsAnswer struct {
		Card        cardAnswer        `json:"card"`
		UID         string            `json:"uid"`
		Profile     string            `json:"profile"`
		Application applicationAnswer `json:"application"`
		Differs     []string          `json:"differs,omitempty"` // in the public files
		History     []eventAnswer     `json:"history"`           // the newest last
		Signature   *tmacAnswer       `json:"signature,omitempty"`
		Holder      *holderAnswer     `json:"holder,omitempty"`
		Files       map[string]string `json:"files,omitempty"` // by number
	}

	applicationAnswer struct {
		Version    uint8  `json:"version"`
		KeyVersion uint8  `json:"key_version"`
		Number     string `json:"number"`
		Platform   uint8  `json:"platform"`
		MACed      bool   `json:"maced"`
	}

	eventAnswer struct {
		Debit          bool             `json:"debit"`
		At             string           `json:"at"`
		Until          string           `json:"until,omitempty"`
		FareCents      cardlayout.Cents `json:"fare_cents"`
		Persons        uint8            `json:"persons"`
		RemainingCents cardlayout.Cents `json:"remaining_cents"`
	}

	tmacAnswer struct {
		Counter uint32 `json:"counter"`
		Value   string `json:"value"`
	}

	holderAnswer struct {
		Name         string `json:"name"`
		IdentityCode string `json:"identity_code,omitempty"`
		Municipality uint16 `json:"municipality,omitempty"`
		Sex          uint8  `json:"sex,omitempty"`
		UserGroup    string `json:"user_group,omitempty"`
		Company      string `json:"company,omitempty"`
	}
)

func (c *inspectCommand) answer(contents servicepoint.Contents) contentsAnswer {
	a := contents.Application
	answer := contentsAnswer{
		Card: cardOf(contents.Card), UID: hex.EncodeToString(contents.UID[:]),
		Profile: contents.Profile.String(),
		Application: applicationAnswer{
			a.Version, a.KeyVersion, digits(a.Number), a.Platform,
			a.MACed,
		},
		Differs: changes(contents.Card, contents.Others),
		History: []eventAnswer{}, Signature: tmacOf(contents.TMAC),
	}
	for _, r := range contents.History {
		answer.History = append(answer.History, eventAnswer{
			r.Debit, stamp(r.Boarded),
			stamp(r.Until), r.Fare, r.Persons, r.Remaining,
		})
	}
	if h := contents.Holder; h != nil {
		answer.Holder = &holderAnswer{
			h.Name, h.IdentityCode, h.Municipality, h.Sex,
			h.UserGroup, h.Company,
		}
	}
	if c.Raw {
		answer.Files = map[string]string{}
		for _, no := range filesOf(&contents.Image) {
			answer.Files[fmt.Sprint(no)] = hex.EncodeToString(contents.Image.File(no))
		}
	}
	return answer
}

func tmacOf(r desfire.TMAC) *tmacAnswer {
	if r == (desfire.TMAC{}) {
		return nil
	}
	return &tmacAnswer{Counter: r.TMC, Value: hex.EncodeToString(r.TMV[:])}
}

// digits is a card's number as machines exchange it.
func digits(n cardlayout.Number) string { return strings.ReplaceAll(n.String(), " ", "") }

func day(d cardlayout.Day) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

func stamp(s cardlayout.Stamp) string {
	if s == (cardlayout.Stamp{}) {
		return ""
	}
	return s.String()
}

func instant(i cardlayout.Instant) string {
	if i == 0 {
		return ""
	}
	return i.String()
}
