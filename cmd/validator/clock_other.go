//go:build !linux

package main

// synced knows of nobody here who keeps the clock right: buses run Linux.
func synced() bool { return false }
