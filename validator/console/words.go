package console

import (
	"leima/fare/words"
)

// texts are what stands on receipts, in the order of words.All: Finnish, which is canonical,
// Swedish, English.
var texts = map[string][3]string{
	"single":   {"KERTALIPPU", "ENKELBILJETT", "SINGLE TICKET"},
	"load":     {"LATAUSKUITTI", "LADDNINGSKVITTO", "LOAD"},
	"reversal": {"LATAUKSEN PERUUTUS", "ÅTERTAGEN LADDNING", "LOAD TAKEN BACK"},
	"history":  {"KORTTIHISTORIA", "KORTHISTORIK", "CARD HISTORY"},
	"misuse":   {"KORTIN VÄÄRINKÄYTTÖ", "MISSBRUK AV KORT", "MISUSE OF A CARD"},
	"report":   {"VUORORAPORTTI", "SKIFTRAPPORT", "SHIFT REPORT"},

	"single ticket":    {"Kertalippu", "Enkelbiljett", "Single ticket"},
	"night supplement": {"Yövuorolisä", "Nattillägg", "Night supplement"},
	"value":            {"Arvo", "Värde", "Value"},
	"season":           {"Kausilippu", "Periodbiljett", "Season ticket"},
	"load commission":  {"Latausprovisio", "Laddningsprovision", "Load commission"},
	"inspection fee":   {"Tarkastusmaksu", "Kontrollavgift", "Inspection fee"},

	"adult":   {"Aikuinen", "Vuxen", "Adult"},
	"child":   {"Lapsi", "Barn", "Child"},
	"youth":   {"Nuori", "Ungdom", "Youth"},
	"student": {"Opiskelija", "Studerande", "Student"},
	"senior":  {"Seniori", "Senior", "Senior"},
	"special": {"Erityisryhmä", "Specialgrupp", "Special group"},

	"line":    {"Linja", "Linje", "Line"},
	"trip":    {"Lähtö", "Avgång", "Departure"},
	"driver":  {"Kuljettaja", "Förare", "Driver"},
	"shift":   {"Vuoro", "Skift", "Shift"},
	"zones":   {"Vyöhykkeet", "Zoner", "Zones"},
	"until":   {"Voimassa asti", "Gäller till", "Valid until"},
	"total":   {"YHTEENSÄ", "SAMMANLAGT", "TOTAL"},
	"card":    {"Kortti", "Kort", "Card"},
	"balance": {"Arvoa kortilla", "Värde på kortet", "Value on the card"},
	"waits":   {"odottaa", "väntar", "waits"},
	"paid by": {"maksaja", "betalare", "paid by"},
	"persons": {"Matkustajia", "Resenärer", "Persons"},
	"charged": {"Veloitettu korteilta", "Debiterat från kort", "Charged to cards"},
	"tickets": {"Kertalippuja", "Enkelbiljetter", "Single tickets"},
	"loads":   {"Latauksia", "Laddningar", "Loads"},
	"loaded":  {"Ladattu arvoa", "Laddat värde", "Value loaded"},
	"others":  {"Muiden maksamaa", "Betalt av andra", "Paid by others"},
	"alarms":  {"Suljettuja kortteja", "Spärrade kort", "Blocked cards"},
	"faults":  {"Laitevikoja", "Apparatfel", "Device faults"},

	"open":      {"Vahvistamatta", "Obekräftade", "Not confirmed"},
	"open cash": {"Niiden käteinen", "Deras kontanter", "Cash for them"},
	"cash":      {"TILITETTÄVÄ KÄTEINEN", "KONTANTER ATT REDOVISA", "CASH TO HAND OVER"},
	"missing":   {"Bussin osuus puuttuu", "Bussens del saknas", "The bus' part is missing"},
	"held": {"Kortti otettu haltuun, säilytys asti", "Kortet omhändertaget, hålls till",
		"Card taken, kept until"},
	"no history": {"Ei tapahtumia", "Inga händelser", "No events"},
	"personal":   {"Henkilökohtainen", "Personligt", "Personal"},
	"bearer":     {"Haltijakohtainen", "Innehavarkort", "Bearer"},
	"company":    {"Yrityskortti", "Företagskort", "Company"},
	"benefit":    {"työsuhde-etu", "personalförmån", "benefit"},
	"employer":   {"työnantaja", "arbetsgivare", "employer"},
}

// in is a text in a language; a word without a text is written as it is.
func in(language words.Language, key string) string {
	text, known := texts[key]
	if !known {
		return key
	}
	for n, l := range words.All {
		if l == language {
			return text[n]
		}
	}
	return text[0]
}
