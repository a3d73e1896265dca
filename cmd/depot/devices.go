package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"leima/cmd/internal/program"
	"leima/validator/lists/bundle"
)

type addCommand struct {
	Folder folder `arg:"" help:"The depot's folder."`
	Device uint16 `arg:"" help:"The device's number."`
	Key    string `required:"" placeholder:"KEY" help:"Its public key, of its commission."`
}

func (c *addCommand) run(s *stage) error {
	if _, err := c.Folder.read(); err != nil {
		return err
	}
	name, key := strconv.Itoa(int(c.Device)), strings.TrimSpace(c.Key)
	if _, _, err := parseDevice(name, key); err != nil {
		return program.Usage(fmt.Errorf("device %d with the key %q: %w", c.Device, c.Key, err))
	}
	former := false
	err := changeRegister(c.Folder.file(registerFile), func(listed map[string]registered) error {
		for other, of := range listed {
			if other != name && of.Key == key && of.Withdrawn == nil {
				return program.Usage(fmt.Errorf("device %s has this key: each device has its own, "+
					"as its \"validator commission\" prints it", other))
			}
		}
		if of, known := listed[name]; known && of.Withdrawn == nil && of.Key != key {
			return program.Usage(fmt.Errorf("device %d is in the register with another key: "+
				"withdraw it first, if it has a new one", c.Device))
		}
		former = listed[name].Key != "" && listed[name].Key != key
		listed[name] = registered{Key: key}
		return nil
	})
	if err == nil {
		s.say("device %d may send its journal", c.Device)
	}
	if err == nil && former {
		s.say("It had another key. If it is another device, or has begun a new journal, withdraw " +
			"it and\ngive it another number: of two journals of one number the second is kept, " +
			"and not settled")
	}
	return err
}

var errUnregistered = errors.New("is not in the register: \"depot device list\" lists those " +
	"that are")

type withdrawCommand struct {
	Folder folder `arg:"" help:"The depot's folder."`
	Device uint16 `arg:"" help:"The device's number."`
}

func (c *withdrawCommand) run(s *stage) error {
	if _, err := c.Folder.read(); err != nil {
		return err
	}
	now := time.Now().UTC().Truncate(time.Second)
	err := changeRegister(c.Folder.file(registerFile), func(listed map[string]registered) error {
		name := strconv.Itoa(int(c.Device))
		of, known := listed[name]
		switch {
		case !known:
			return program.Usage(fmt.Errorf("device %d %w", c.Device, errUnregistered))
		case of.Withdrawn != nil:
			return program.Usage(fmt.Errorf("device %d was withdrawn at %s already", c.Device,
				of.Withdrawn.Format(time.RFC3339)))
		}
		of.Withdrawn = &now
		listed[name] = of
		return nil
	})
	if err == nil {
		s.say("device %d may send no more", c.Device)
	}
	return err
}

type listCommand struct {
	Folder folder `arg:"" help:"The depot's folder."`
	JSON   bool   `name:"json" help:"Write JSON."`
}

// A listedDevice is a device as JSON.
type listedDevice struct {
	Device    uint16     `json:"device"`
	Key       string     `json:"key"`
	Withdrawn *time.Time `json:"withdrawn,omitempty"`
}

func (c *listCommand) run(s *stage) error {
	if _, err := c.Folder.read(); err != nil {
		return err
	}
	devices, err := readRegister(c.Folder.file(registerFile))
	if err != nil {
		return program.Usage(err)
	}
	answer := []listedDevice{}
	for _, number := range slices.Sorted(maps.Keys(devices)) {
		d := devices[number]
		key := bundle.PublicKey(d.key).String()
		answer = append(answer, listedDevice{number, key, d.withdrawn})
		switch {
		case c.JSON:
		case d.withdrawn != nil:
			s.say("%5d  %s  withdrawn %s", number, key, d.withdrawn.Format(time.RFC3339))
		default:
			s.say("%5d  %s", number, key)
		}
	}
	if c.JSON {
		return s.json(answer)
	}
	return nil
}
