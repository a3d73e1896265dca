//go:build !pcsc || !linux

// Package pcscdtest gives tests their own pcscd. Without PC/SC in the build it is empty.
package pcscdtest
