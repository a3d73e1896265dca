// Package panel shows a validator's signals: on a text terminal, as a screen of 80 columns and 24
// lines or as a transcript with a line or two for each tap; and on a page that a browser shows in
// full screen.
//
// It decides nothing about their content. Its one rule: Show never blocks, whatever the terminal or
// the browser does.
package panel
