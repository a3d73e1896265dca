// Package page is the page of a depot, for a browser: the fleet for its operators, a card's story
// and the cases to look at for customer service, takings and rows for the finance department. It
// shows what the store and the settlement hold, and changes neither.
//
// Its one rule: each role sees its own, and nothing of a card is shown before the book says who has
// looked at it.
//
// The pages are made here, in the language of the browser's choice, and need no script. What is
// shown is text; a card's number stands in no address and no log.
//
// # Who may
//
// A person signs on with a number and a PIN (package signon), and has a role. The register is read
// again with each request: who was removed from it, or has a new PIN, is signed off. A session ends
// after a quarter of an hour without a request.
//
// # The book
//
// What persons have done stands in one file that is only appended to, a JSON object in each line:
// whom somebody has looked at, what cash was handed over, which case is done, what was exported. A
// card has a mark there, which is a hash of its number with the page's pepper.
//
// # Without the private key
//
// Whose card an entry is of is sealed. Without the back office's private key there is no
// settlement, and only the fleet can be shown.
package page
