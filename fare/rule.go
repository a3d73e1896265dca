package fare

import "fmt"

// RuleID is the number of a rule of travel, R-001 to R-207.
type RuleID uint16

func (r RuleID) String() string { return fmt.Sprintf("R-%03d", uint16(r)) }

// The rules that decisions, sales and refusals name. testdata/rules.md lists all.
const (
	RulePriceList           RuleID = 4   // the price list in force decides (hinnasto)
	RuleFees                RuleID = 5   // what costs besides tickets: card, load, processing
	RuleProductFitsCard     RuleID = 11  // a product fits only some kinds of card and groups
	RuleBearerGroup         RuleID = 16  // the group of a bearer card never changes
	RuleGroupUpdate         RuleID = 17  // a personal card gets its group at the service point
	RuleDayTicket           RuleID = 24  // a disposable card holds a day ticket (vuorokausilippu)
	RuleSingleTicket        RuleID = 25  // single tickets, with their end printed (kertalippu)
	RuleOneArea             RuleID = 27  // a card belongs to one area and is loaded there
	RuleCareOfCard          RuleID = 31  // replacing a neglected card costs
	RuleCardLifetime        RuleID = 32  // an expired card pays nothing (tekninen käyttöikä)
	RuleResidualValue       RuleID = 33  // the value of an expired card is moved for one more year
	RuleNoAlteration        RuleID = 34  // a card is neither changed nor copied
	RuleEachBoarding        RuleID = 40  // a card is validated at every boarding (leimaus)
	RuleValidTicket         RuleID = 41  // a passenger has a valid ticket or pays
	RuleOtherArea           RuleID = 42  // another area's card pays value, its seasons do not count
	RuleFirstValidation     RuleID = 44  // a season begins with its first validation
	RuleWaitingSeason       RuleID = 47  // one more season of the same kind may wait
	RuleTransferRight       RuleID = 48  // a value ticket gives a transfer right (vaihto-oikeus)
	RuleTransferTime        RuleID = 49  // it counts from the first validation, never prolonged
	RulePaperTransfer       RuleID = 50  // a paper ticket is a transfer when shown
	RuleParty               RuleID = 51  // value pays for several persons, as the area says
	RulePartyTogether       RuleID = 52  // a party travels and leaves together
	RulePersonalTicket      RuleID = 53  // a personal ticket is for its owner only
	RuleProofOfAge          RuleID = 54  // users of reduced tickets prove their age
	RuleLending             RuleID = 55  // a bearer card may be lent to the same or a lower group
	RuleDeviceFault         RuleID = 57  // a fault of our devices costs the passenger nothing
	RuleFaultyCard          RuleID = 58  // a faulty card travels free or at a single fare
	RuleNightSupplement     RuleID = 59  // single tickets cost more at night (yövuorolisä)
	RuleLoading             RuleID = 61  // where a product is loaded (lataaminen)
	RuleCommission          RuleID = 64  // a load costs a commission (latausprovisio)
	RuleSeason              RuleID = 65  // a season is for any number of trips within its zones
	RuleUpdateBeforeSeason  RuleID = 71  // no new season before an outgrown group is updated
	RuleTrueGroup           RuleID = 72  // value is charged by the true age group
	RuleWrongAgeGroup       RuleID = 73  // the card of a wrong age group may be taken
	RuleStudiesEnded        RuleID = 74  // a student whose studies have ended pays by age
	RuleMisuse              RuleID = 80  // misuse costs a single fare and a fee (väärinkäyttö)
	RuleConfiscation        RuleID = 81  // whose card a driver may take (haltuunotto)
	RuleBearerNotTaken      RuleID = 83  // a bearer card is never taken
	RuleBlockedCard         RuleID = 103 // a blocked card pays nothing (sulkulista)
	RuleReplacement         RuleID = 104 // a blocked card is replaced for a fee, its tickets moved
	RuleBearerNotBlocked    RuleID = 108 // a bearer card is neither blocked nor replaced
	RuleCompanyBlocked      RuleID = 109 // a company's card can be blocked
	RuleFaultyCardReplaced  RuleID = 110 // a faulty card is replaced, its known tickets moved
	RuleRefund              RuleID = 120 // value and unused seasons are paid back (palautus)
	RuleRefundFee           RuleID = 121 // a refund costs a processing fee (käsittelymaksu)
	RuleRefundFeeByPeriod   RuleID = 122 // for a long season one fee for every 30 days
	RuleBearerNotRefunded   RuleID = 123 // nothing of a bearer card is paid back
	RuleWrongLoad           RuleID = 125 // a wrong load is taken back at once, where it was made
	RuleClaimTime           RuleID = 127 // claims are made in time (määräaika)
	RuleTravelCosts         RuleID = 128 // travel costs are paid up to some single tickets
	RuleWrongDebit          RuleID = 129 // a wrong debit goes back to the card, or in trips or cash
	RuleErrorMark           RuleID = 130 // the driver marks an error on the card's history
	RuleClaimDocuments      RuleID = 131 // a claim needs identity and documents
	RulePriceOfUse          RuleID = 132 // used tickets are priced by the tariff of their time
	RuleUnusedByTrips       RuleID = 133 // unusable season: price less the trips made (Oulu)
	RuleUnusedByDays        RuleID = 134 // unusable season: price by unused days (Lappeenranta)
	RuleUnusedFees          RuleID = 135 // unusable season: less fees, unless the provider erred
	RuleStudentAge          RuleID = 140 // students have a least age
	RuleStudentCertificate  RuleID = 142 // full-time studies, with a recent certificate
	RuleStudentUntil        RuleID = 143 // a student's right ends on a date of the next year
	RuleStudiesWithoutRight RuleID = 145 // some studies give no right
	RuleFirstAtServicePoint RuleID = 146 // the first student ticket is bought at the service point
	RuleStudentValue        RuleID = 147 // a student's value ticket is personal
	RuleKelaSeason          RuleID = 152 // Kela's season has one price and needs its certificate
	RuleSeniorHours         RuleID = 153 // seniors pay less value at some hours, on a personal card
	RuleVeteranTicket       RuleID = 156 // veterans travel free by showing a ticket
	RuleChildrenAlong       RuleID = 158 // children under school age travel free with a payer
	RulePayingCompanion     RuleID = 159 // who counts as a payer
	RulePram                RuleID = 160 // with a pram free in some hours (lastenvaunuetuus)
	RuleSchoolTicket        RuleID = 161 // school tickets: school days, hours, trips
	RuleSchoolFirst         RuleID = 166 // a school ticket goes before value
	RuleEmployerPaid        RuleID = 170 // what an employer paid is never paid back
	RuleUsageHistory        RuleID = 176 // how far back use is told, and to whom
	RuleWaitingActions      RuleID = 195 // loads bought elsewhere reach the card at its next tap
	RuleBenefitNotOnline    RuleID = 201 // a benefit does not pay in the web shop
	RuleBenefitConfirmed    RuleID = 202 // amount, place and benefit are confirmed before payment
	RuleBenefitReceipt      RuleID = 204 // the provider gets a receipt
	RuleBenefitAlone        RuleID = 205 // a benefit's payment delivers nothing by itself
	RuleBenefitOwner        RuleID = 206 // a benefit is for its owner's card
	RuleBenefitVoid         RuleID = 207 // only the provider voids a payment, on the same day
)
