package validator

import "leima/fare"

// text is two lines in each language: what happened, and what to do.
type text map[Language][2]string

var idleText = text{
	Finnish: {"Näytä kortti", ""},
	Swedish: {"Visa ditt kort", ""},
	English: {"Present your card", ""},
}

var pausedText = text{
	Finnish: {"Laite ei ole käytössä", "Kysy kuljettajalta"},
	Swedish: {"Apparaten är inte i bruk", "Fråga föraren"},
	English: {"Not in service", "Ask the driver"},
}

var endingTexts = map[Ending]text{
	TryAgain: {
		Finnish: {"Näytä kortti uudelleen", "Pidä kortti paikallaan"},
		Swedish: {"Visa kortet på nytt", "Håll det stilla"},
		English: {"Present the card again", "Hold it still"},
	},
	Uncertain: {
		Finnish: {"Leimaus jäi kesken", "Näytä sama kortti uudelleen"},
		Swedish: {"Stämplingen blev på hälft", "Visa samma kort på nytt"},
		English: {"Not finished yet", "Present the same card again"},
	},
	Fault: {
		Finnish: {"Laite ei toimi", "Käytä toista lukijaa"},
		Swedish: {"Apparaten fungerar inte", "Använd en annan läsare"},
		English: {"The reader is out of order", "Use the other one, or ask the driver"},
	},
}

var reasonTexts = map[fare.Reason]text{
	fare.NotOurs: {
		Finnish: {"Korttia ei tunneta", "Käytä matkakorttia"},
		Swedish: {"Okänt kort", "Använd ett resekort"},
		English: {"Unknown card", "Use a travel card"},
	},
	fare.Forged: {
		Finnish: {"Kortti ei kelpaa", "Kysy kuljettajalta"},
		Swedish: {"Kortet duger inte", "Fråga föraren"},
		English: {"This card is not valid", "Ask the driver"},
	},
	fare.Malformed: {
		Finnish: {"Kortti on vioittunut", "Näytä kortti kuljettajalle"},
		Swedish: {"Kortet är skadat", "Visa det för föraren"},
		English: {"This card is damaged", "Show it to the driver"},
	},
	fare.UnknownVersion: {
		Finnish: {"Laite ei tunne korttia vielä", "Näytä kortti kuljettajalle"},
		Swedish: {"Kortet är för nytt för apparaten", "Visa det för föraren"},
		English: {"Card newer than this reader", "Show it to the driver"},
	},
	fare.Blocked: {
		Finnish: {"Kortti on suljettu", "Ota yhteys palvelupisteeseen"},
		Swedish: {"Kortet är spärrat", "Kontakta servicestället"},
		English: {"This card is blocked", "Contact the service point"},
	},
	fare.Expired: {
		Finnish: {"Kortti on vanhentunut", "Vaihda kortti palvelupisteessä"},
		Swedish: {"Kortet har gått ut", "Byt det på servicestället"},
		English: {"This card has expired", "Change it at the service point"},
	},
	fare.Unheard: {
		Finnish: {"Hyvää matkaa", ""},
		Swedish: {"Trevlig resa", ""},
		English: {"Accepted", ""},
	},
	fare.AlreadyStamped: {
		Finnish: {"Kortti on jo leimattu", "Uutta veloitusta ei tehty"},
		Swedish: {"Kortet är redan stämplat", "Inget har debiterats"},
		English: {"Already stamped on this trip", "Nothing was charged"},
	},
	fare.PartyRefused: {
		Finnish: {"Seurue ei voi matkustaa kortilla", "Kysy kuljettajalta"},
		Swedish: {"Sällskapet kan inte resa på kortet", "Fråga föraren"},
		English: {"Not on one card together", "Ask the driver"},
	},
	fare.Transfer: {
		Finnish: {"Vaihto", ""},
		Swedish: {"Byte", ""},
		English: {"Transfer", ""},
	},
	fare.School: {
		Finnish: {"Koululaislippu", ""},
		Swedish: {"Skolbiljett", ""},
		English: {"School ticket", ""},
	},
	fare.Season: {
		Finnish: {"Kausilippu", ""},
		Swedish: {"Periodbiljett", ""},
		English: {"Season ticket", ""},
	},
	fare.SeasonStarted: {
		Finnish: {"Kausilippu alkaa", ""},
		Swedish: {"Periodbiljetten börjar", ""},
		English: {"Season ticket begins", ""},
	},
	fare.SeasonFollows: {
		Finnish: {"Odottava kausilippu alkaa", ""},
		Swedish: {"Den väntande periodbiljetten börjar", ""},
		English: {"Waiting season ticket begins", ""},
	},
	fare.Value: {
		Finnish: {"Arvolippu", ""},
		Swedish: {"Värdebiljett", ""},
		English: {"Value ticket", ""},
	},
	fare.NoFare: {
		Finnish: {"Matkalla ei ole hintaa", "Kysy kuljettajalta"},
		Swedish: {"Resan har inget pris", "Fråga föraren"},
		English: {"No price for this trip", "Ask the driver"},
	},
	fare.TooMany: {
		Finnish: {"Liikaa yhdelle kortille", "Käytä useampaa korttia"},
		Swedish: {"För många på ett kort", "Använd flera kort"},
		English: {"Too many for one card", "Use several cards"},
	},
	fare.BalanceLow: {
		Finnish: {"Arvo ei riitä", "Lataa arvoa tai osta kertalippu"},
		Swedish: {"Värdet räcker inte", "Ladda värde eller köp enkelbiljett"},
		English: {"Not enough value", "Load value or buy a single ticket"},
	},
	fare.Checked: {
		Finnish: {"Kortti tarkastettu", ""},
		Swedish: {"Kortet har kontrollerats", ""},
		English: {"Card checked", ""},
	},
	fare.ValueLoaded: {
		Finnish: {"Arvoa ladattu", ""},
		Swedish: {"Värde har laddats", ""},
		English: {"Value loaded", ""},
	},
	fare.SeasonLoaded: {
		Finnish: {"Kausilippu ladattu", ""},
		Swedish: {"Periodbiljett laddad", ""},
		English: {"Season ticket loaded", ""},
	},
	fare.LoadTakenBack: {
		Finnish: {"Lataus peruttu", ""},
		Swedish: {"Laddningen har återtagits", ""},
		English: {"Load taken back", ""},
	},
	fare.LoadUnheard: {
		Finnish: {"Tapahtuma on jo kortilla", ""},
		Swedish: {"Åtgärden finns redan på kortet", ""},
		English: {"Done already", ""},
	},
	fare.NotLoaded: {
		Finnish: {"Korttia ei ladattu", "Kysy kuljettajalta"},
		Swedish: {"Kortet laddades inte", "Fråga föraren"},
		English: {"Nothing was loaded", "Ask the driver"},
	},
}

// dayTexts are for a day ticket, which lies where seasons do.
var dayTexts = map[fare.Reason]text{
	fare.Season: {
		Finnish: {"Vuorokausilippu", ""},
		Swedish: {"Dygnsbiljett", ""},
		English: {"Day ticket", ""},
	},
	fare.SeasonStarted: {
		Finnish: {"Vuorokausilippu alkaa", ""},
		Swedish: {"Dygnsbiljetten börjar", ""},
		English: {"Day ticket begins", ""},
	},
	fare.SeasonFollows: {
		Finnish: {"Odottava vuorokausilippu alkaa", ""},
		Swedish: {"Den väntande dygnsbiljetten börjar", ""},
		English: {"Waiting day ticket begins", ""},
	},
}

// loadedText tells of what has come onto the card from the action list.
var loadedText = map[Language]map[fare.ActionKind]string{
	Finnish: {
		fare.ValueAction:   "Ladattu %s",
		fare.SeasonAction:  "Kausilippu ladattu",
		fare.UnblockAction: "Kortti on taas käytössä",
	},
	Swedish: {
		fare.ValueAction:   "Laddat %s",
		fare.SeasonAction:  "Periodbiljett laddad",
		fare.UnblockAction: "Kortet är åter i bruk",
	},
	English: {
		fare.ValueAction:   "Loaded %s",
		fare.SeasonAction:  "Season ticket loaded",
		fare.UnblockAction: "The card is in use again",
	},
}

var personsText = map[Language]string{
	Finnish: "%d henkilöä", Swedish: "%d personer", English: "%d persons",
}
