package main

import (
	"context"
	"errors"

	"leima/cmd/internal/text"
	"leima/validator/messages"
)

// A failure is an error with an exit code. An error without one leads to exitFailed.
type failure struct {
	code int
	error
}

func (f failure) Unwrap() error { return f.error }

// refusal marks an error as a refusal: nothing is broken.
func refusal(err error) error { return failure{exitRefused, err} }

// refusalIn is a refusal in a language, for errors of package fare.
func refusalIn(err error, language string) error {
	return refusal(errors.New(messages.Language(language).Error(err)))
}

// mistake marks an error as one of the command line or of an input text.
func mistake(err error) error { return failure{exitUsage, err} }

// errReported means that the error was shown already.
var errReported = errors.New("told already")

// errStopped means that Ctrl-C was pressed.
var errStopped = errors.New("stopped before it was done")

func codeOf(err error) int {
	var f failure
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &f):
		return f.code
	}
	return exitFailed
}

// stopped is errStopped once ctx has ended.
func stopped(ctx context.Context) error {
	if ctx.Err() != nil {
		return errStopped
	}
	return nil
}

// cause is the reason in an error that names a path once more.
func cause(err error) error { return text.Cause(err) }
