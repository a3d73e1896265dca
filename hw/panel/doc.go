// Package panel shows a validator's signals on a text terminal: as a screen of 80
// columns and 24 lines that is drawn anew each time, or as a transcript of one line
// for each tap, for a pipe or a log.
//
// It decides nothing of what is shown. Its one rule: Show never blocks, whatever the
// terminal does.
package panel
