// Package subscription hears services of the bus that send their data over HTTP, in XML, to those
// who have subscribed: the life of such a subscription, which VDV 301 and ITxPT share.
//
// A service is found and asked for what it knows; it is then subscribed to and sends what is new.
// What cannot be subscribed to is asked for again and again, and so is everything while nothing is
// sent. Each minute the service is looked for again, asked, and subscribed to again, because it may
// have been started again or have moved; earlier if it is silent, or if its time goes back.
//
// Its rules: only the service may send, and at most 256 KiB at once; it is heard at most twenty
// times a second; of what it sends and nobody has read yet, the newest of each kind is kept. A
// service that does not answer three times in a row, or answers nothing of use, is lost.
package subscription
