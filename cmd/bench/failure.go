package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
)

// A failure is an error with the exit code it leads to. An error without one leads to
// exitFailed.
type failure struct {
	code int
	error
}

func (f failure) Unwrap() error { return f.error }

// refusal is an answer of no: nothing is broken.
func refusal(err error) error { return failure{exitRefused, err} }

// mistake is the fault of what was written, on the command line or in a text.
func mistake(err error) error { return failure{exitUsage, err} }

// errTold says that all there is to say was said already.
var errTold = errors.New("told already")

// errStopped says that somebody pressed Ctrl-C.
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

// cause is the reason alone of an error that names a path once more.
func cause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
