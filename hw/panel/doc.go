// Package panel shows a validator's signals: on a text terminal, as a screen of 80 columns
// and 24 lines that is drawn anew each time, or as a transcript of one line for each tap,
// for a pipe or a log; and on a page that a browser shows in full screen.
//
// It decides nothing of what is shown. Its one rule: Show never blocks, whatever the
// terminal or the browser does.
package panel
