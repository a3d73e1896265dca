// Package calendar knows the days of traffic and of school in Finland: which days are
// public holidays, which are free by custom, and on which there is school.
//
// It computes; it knows no tariff and no card's right. Package tariff makes tables of it,
// which a decision looks up. Its one rule: a holiday follows from its year alone, a
// school day from what a municipality has published and from nothing else.
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
// A municipality decides them (Basic Education Act 628/1998, section 23). There may be
// school on a Saturday, and none on the Friday after Ascension Day, so that they are
// data: terms, the breaks within them, extra days and missing ones.
package calendar
