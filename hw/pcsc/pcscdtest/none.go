//go:build !pcsc || !linux

// Package pcscdtest gives tests a pcscd of their own. Without PC/SC in the program there is
// nothing in it.
package pcscdtest
