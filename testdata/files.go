// Package testdata holds what tests, examples and the README read.
package testdata

import "embed"

// Files are the published tariffs and the terms of cities.
//
//go:embed tariffs terms
var Files embed.FS
