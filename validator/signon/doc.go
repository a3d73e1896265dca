// Package signon is how a person signs on at a page of ours: by a number and a PIN, of which only a
// hash is kept, made with a pepper that is not in the register. The driver's console and the
// depot's page share it. It knows no network, and no page.
//
// Its one rule: an attempt counts as wrong until it has proved right.
//
// # Wrong PINs
//
// Wrong PINs count by number and browser. A browser of an earlier sign-on is recognized by a cookie
// of 256 random bits, of which a hash is stored: a number that has signed on there has a separate
// lane, and does not wait for the attempts of others. Its attempts at other numbers count in a lane
// that all such browsers share, and those of all other browsers in the lane of unknown browsers. So
// neither other cookies nor a known PIN gain any attempts at a number.
//
// In a lane a number has five attempts, then waits a minute, two, four, up to a day; thirty days
// after the last one they are forgotten, and once the number has a new PIN. So there are 15 on the
// first day and one a day then: 380 a year, which find a PIN of four digits with a probability of
// 4 %, and one of six with 0.04 %; twice that in the two shared lanes. A shared lane has two
// hundred attempts for all numbers together before it waits in the same way: an attacker who uses
// these and pauses for thirty days has 2,500 a year, however many persons there are.
//
// A number under attack waits at browsers that do not know it, and after hundreds of wrong PINs
// every number does; at the person's own browser none does.
package signon
