// Package calendar knows Finland's days of traffic and of school: the public holidays, the days
// that are free by custom, and the school days.
//
// It computes the days; package tariff makes tables of them for decisions. Its one rule: a holiday
// follows only from its year, a school day only from what a municipality has published.
//
// # Public holidays
//
// Every Sunday, and: 1.1., Epiphany 6.1., Good Friday, Easter Sunday and Monday, 1.5.,
// Ascension Day, Pentecost, Midsummer Day (the Saturday of 20.-26.6.), All Saints' Day
// (the Saturday of 31.10.-6.11.), 6.12., 25.12. and 26.12. Midsummer Eve and Christmas
// Eve are free by custom and by collective agreements, not by law. (Kirkkolaki
// 652/2023, chapter 3; the laws on 1.5. and 6.12.) This has been so since 1992; before,
// Epiphany and Ascension Day were Saturdays.
//
// # School days
//
// A municipality decides them (Basic Education Act 628/1998, section 23). A Saturday may be a
// school day, and the Friday after Ascension Day may not. They are therefore data: terms, the
// breaks within them, extra days and missing ones.
package calendar
