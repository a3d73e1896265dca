// Package words says in Finnish, Swedish and English what package fare has decided and by
// which rules of travel.
//
// It decides nothing and formats no amounts. Its one rule: whatever a decision can hold has
// words in all three languages, and the Finnish ones are canonical.
package words

import (
	"fmt"

	"leima/fare"
)

// A Language is one in which there are words.
type Language string

// The languages.
const (
	Finnish Language = "fi"
	Swedish Language = "sv"
	English Language = "en"
)

// All are the languages, the canonical one first.
var All = []Language{Finnish, Swedish, English}

// languages are the same words in all of them, in the order of All.
type languages [3]string

func (l languages) in(language Language) string {
	for n, known := range All {
		if known == language {
			return l[n]
		}
	}
	return l[len(l)-1]
}

// Rule is a rule of travel in a sentence. A rule without words is its number alone.
func Rule(id fare.RuleID, language Language) string {
	for _, table := range []map[fare.RuleID]languages{rules, officeRules} {
		if words, known := table[id]; known {
			return words.in(language)
		}
	}
	return id.String()
}

// HasRule tells whether there are words for a rule.
func HasRule(id fare.RuleID) bool { return Rule(id, English) != id.String() }

// Reason is why a decision is what it is, in a few words.
func Reason(r fare.Reason, language Language) string {
	if words, known := reasons[r]; known {
		return words.in(language)
	}
	return fmt.Sprint(r)
}

// Finding is what an inspector is told of a card.
func Finding(f fare.Finding, language Language) string {
	if words, known := findings[f]; known {
		return words.in(language)
	}
	return fmt.Sprint(f)
}

// Detail is what kind of thing in the price list a fare rests on.
func Detail(k fare.DetailKind, language Language) string {
	if words, known := details[k]; known {
		return words.in(language)
	}
	return fmt.Sprintf("detail %d", uint8(k))
}

// Assumed says that what follows is not published.
func Assumed(language Language) string { return assumed.in(language) }

var assumed = languages{"oletettu", "antaget", "assumed"}

// Unpriced says why children under school age travel free where an area's documents say nothing
// of them: it rests on the price list, and on no other area's rule.
func Unpriced(language Language) string { return unpriced.in(language) }

var unpriced = languages{
	"Alle kouluikäisille ei ole hintaa eikä muuta sääntöä: he matkustavat maksutta.",
	"För barn under skolåldern finns varken pris eller annan regel: de reser avgiftsfritt.",
	"For children under school age there is neither a price nor another rule: they travel free.",
}

var details = map[fare.DetailKind]languages{
	fare.BandPrice: {"Ajankohdan hinta", "Tidpunktens pris", "The price at this time"},
	fare.BandSupplement: {"Lisä henkilöltä", "Tillägg per person",
		"The supplement for each person"},
	fare.DayCapReached: {"Päivän enimmäishinta", "Dagens högsta pris", "The most of a day"},
}

var reasons = map[fare.Reason]languages{
	fare.NotOurs: {"Korttia ei tunneta", "Kortet känns inte igen", "Unknown card"},
	fare.Forged:  {"Kortti ei ole aito", "Kortet är inte äkta", "The card is not genuine"},
	fare.Malformed: {"Kortin tiedot ovat vioittuneet", "Kortets uppgifter är skadade",
		"The card's content is damaged"},
	fare.UnknownVersion: {"Kortti on laitetta uudempi", "Kortet är nyare än apparaten",
		"The card is newer than the device"},
	fare.Blocked: {"Kortti on suljettu", "Kortet är spärrat", "The card is blocked"},
	fare.Expired: {"Kortti on vanhentunut", "Kortet har gått ut", "The card has expired"},
	fare.Unheard: {"Matka on jo hyväksytty", "Resan har redan godkänts",
		"The trip was accepted already"},
	fare.AlreadyStamped: {"Kortti on jo leimattu", "Kortet är redan stämplat",
		"The card is stamped already"},
	fare.PartyRefused: {"Seurue ei voi matkustaa kortilla", "Sällskapet kan inte resa på kortet",
		"The party cannot travel on the card"},
	fare.Transfer:      {"Vaihto", "Byte", "Transfer"},
	fare.School:        {"Koululaislippu", "Skolbiljett", "School ticket"},
	fare.Season:        {"Kausilippu", "Periodbiljett", "Season ticket"},
	fare.SeasonStarted: {"Kausilippu alkaa", "Periodbiljetten börjar", "The season ticket begins"},
	fare.SeasonFollows: {"Odottava kausilippu alkaa", "Den väntande periodbiljetten börjar",
		"The waiting season ticket begins"},
	fare.Value:  {"Arvolippu", "Värdebiljett", "Value ticket"},
	fare.NoFare: {"Matkalla ei ole hintaa", "Resan har inget pris", "No price for this trip"},
	fare.TooMany: {"Liikaa yhdelle kortille", "För mycket för ett kort",
		"Too much for one card"},
	fare.BalanceLow: {"Arvo ei riitä", "Värdet räcker inte", "Not enough value"},
	fare.FreeDevices: {"Maksutta: laitteet eivät toimi", "Avgiftsfritt: apparaterna fungerar inte",
		"Free: the devices are out of order"},
	fare.FreeCard: {"Maksutta: viallinen kortti", "Avgiftsfritt: kortet är trasigt",
		"Free: the card is faulty"},
	fare.FreeTicket: {"Kertalippu näytetty", "Enkelbiljetten har visats",
		"The single ticket was shown"},
	fare.FreeVeteran: {"Veteraanilippu näytetty", "Veteranbiljetten har visats",
		"The veteran's ticket was shown"},
	fare.FreePram: {"Maksutta lastenvaunujen kanssa", "Avgiftsfritt med barnvagn",
		"Free with a pram"},
	fare.Checked:      {"Kortti tarkastettu", "Kortet har kontrollerats", "The card was checked"},
	fare.ValueLoaded:  {"Arvoa ladattu", "Värde har laddats", "Value was loaded"},
	fare.SeasonLoaded: {"Kausilippu ladattu", "Periodbiljetten har laddats", "A season was loaded"},
	fare.LoadTakenBack: {"Lataus peruttu", "Laddningen har återtagits",
		"The load was taken back"},
	fare.LoadUnheard: {"Tapahtuma on jo kortilla", "Åtgärden finns redan på kortet",
		"It is on the card already"},
	fare.NotLoaded:   {"Lataus ei onnistu", "Laddningen går inte", "Nothing was loaded"},
	fare.SingleSold:  {"Kertalippu myyty", "Enkelbiljett såld", "A single ticket was sold"},
	fare.Misused:     {"Kortin väärinkäyttö", "Missbruk av kort", "A card was misused"},
	fare.CardTaken:   {"Kortti otettu haltuun", "Kortet har tagits om hand", "The card was taken"},
	fare.ErrorMarked: {"Virhe merkitty", "Felet har antecknats", "An error was marked"},
	fare.ShiftBegun:  {"Työvuoro alkoi", "Skiftet började", "The shift has begun"},
	fare.ShiftEnded:  {"Työvuoro päättyi", "Skiftet slutade", "The shift has ended"},
	fare.Told:        {"Kuljettajan ohje", "Förarens anvisning", "The driver's word"},
}

var findings = map[fare.Finding]languages{
	fare.CardBlocked: {"Kortti on suljettu", "Kortet är spärrat", "The card is blocked"},
	fare.CardExpired: {"Kortti on vanhentunut", "Kortet har gått ut", "The card has expired"},
	fare.Travels:     {"Lippu on voimassa", "Biljetten gäller", "The ticket is valid"},
	fare.NotStamped: {"Lippua ei ole leimattu tällä matkalla",
		"Biljetten har inte stämplats på den här resan",
		"The ticket was not stamped on this trip"},
	fare.LeftZones: {"Lippu ei kata tätä vyöhykettä", "Biljetten gäller inte i den här zonen",
		"The ticket is not for this zone"},
	fare.RightEnded: {"Lipun aika on päättynyt", "Biljettens tid är slut",
		"The ticket's time has ended"},
	fare.NoRight: {"Kortilla ei ole lippua", "Kortet har ingen biljett",
		"There is no ticket on the card"},
}
