package words

import "leima/fare"

// officeRules are the rules of blocking, refunds, benefits and payment, in the same way.
var officeRules = map[fare.RuleID]languages{
	103: {
		"Suljetulla kortilla ei voi matkustaa.",
		"Ett spärrat kort ger ingen rätt att resa.",
		"Nobody travels on a blocked card.",
	},
	104: {
		"Suljetun kortin tilalle saa uuden, ja sen liput siirretään.",
		"Ett spärrat kort ersätts med ett nytt, och dess biljetter flyttas.",
		"A blocked card is replaced and its tickets are moved.",
	},
	108: {
		"Haltijakohtaista korttia ei voi sulkea.",
		"Ett innehavarkort kan inte spärras.",
		"A bearer card cannot be blocked.",
	},
	109: {
		"Yrityskortti voidaan sulkea.",
		"Ett företagskort kan spärras.",
		"A company card can be blocked.",
	},
	110: {
		"Viallinen kortti vaihdetaan käyttötakuun aikana.",
		"Ett trasigt kort byts under garantitiden.",
		"A faulty card is swapped within its guarantee.",
	},
	120: {
		"Tarpeeton lippu palautetaan palvelupisteessä.",
		"En biljett som inte behövs återlöses på serviceställe.",
		"A ticket that is not needed is returned at the service point.",
	},
	121: {
		"Palautuksesta peritään käsittelymaksu.",
		"För återlösning tas en expeditionsavgift.",
		"A return costs a processing fee.",
	},
	122: {
		"Pitkästä kaudesta peritään maksu jokaiselta 30 päivän jaksolta.",
		"För en lång period tas avgiften per 30 dygn.",
		"A long season costs the fee for every thirty days.",
	},
	123: {
		"Haltijakohtaisen kortin lippuja ei palauteta.",
		"Biljetter på innehavarkort återlöses inte.",
		"Tickets of a bearer card are not returned.",
	},
	125: {
		"Virheellinen lataus perutaan heti siellä, missä se tehtiin.",
		"En felaktig laddning återtas genast där den gjordes.",
		"A wrong load is taken back at once where it was made.",
	},
	126: {
		"Palveluntarjoajan virheestä ei peritä maksua.",
		"För tjänsteleverantörens fel tas ingen avgift.",
		"The provider's own error costs no fee.",
	},
	127: {
		"Vaatimus tehdään määräajassa.",
		"Ett krav framställs inom utsatt tid.",
		"A claim is made within its time.",
	},
	128: {
		"Matkakuluja korvataan enintään kaksi kertalippua.",
		"Resekostnader ersätts med högst två enkelbiljetter.",
		"Travel costs are made good up to two single tickets.",
	},
	129: {
		"Virheellinen veloitus palautetaan palvelupisteessä.",
		"En felaktig debitering återbetalas på serviceställe.",
		"A wrong debit is made good at the service point.",
	},
	130: {
		"Kuljettaja merkitsee virheen korttihistoriaan.",
		"Föraren antecknar felet i korthistoriken.",
		"The driver marks the error on the card history.",
	},
	131: {
		"Vaatija todistaa henkilöllisyytensä.",
		"Den som framställer kravet styrker sin identitet.",
		"Who makes a claim proves to be the owner.",
	},
	132: {
		"Käytetyt liput hyvitetään niiden ajan hinnoin.",
		"Använda biljetter ersätts enligt sin tids priser.",
		"Used tickets are made good at the prices of their time.",
	},
	133: {
		"Esteestä hyvitetään kauden hinta vähennettynä tehdyillä matkoilla.",
		"Vid hinder ersätts periodens pris minskat med de gjorda resorna.",
		"An obstacle is made good by the season's price less the trips made.",
	},
	134: {
		"Esteestä hyvitetään käyttämättömät päivät.",
		"Vid hinder ersätts de outnyttjade dagarna.",
		"An obstacle is made good by the days not used.",
	},
	135: {
		"Hyvityksestä vähennetään käsittelymaksut.",
		"Från ersättningen dras expeditionsavgifterna.",
		"What is made good is less the processing fees.",
	},
	140: {
		"Opiskelijakortti on vähintään 25-vuotiaan päätoimisen opiskelijan.",
		"Studerandekortet är för heltidsstuderande som har fyllt 25.",
		"A student card is for a full-time student who has turned 25.",
	},
	141: {
		"Opiskelijan kausilippu on henkilökohtainen.",
		"Studerandes periodbiljett är personlig.",
		"A student's season is personal.",
	},
	142: {
		"Opiskelijalippuun tarvitaan tuore todistus päätoimisista opinnoista.",
		"Studerandebiljetten kräver ett färskt intyg om heltidsstudier.",
		"A student ticket needs a recent certificate of full-time studies.",
	},
	143: {
		"Opiskelijan oikeus on voimassa kortille merkittyyn päivään.",
		"Studierätten gäller till den dag som står på kortet.",
		"The right of a student holds until the day on the card.",
	},
	145: {
		"Kaikki opinnot eivät oikeuta opiskelijalippuun.",
		"Alla studier ger inte rätt till studerandebiljett.",
		"Not all studies give a right to a student ticket.",
	},
	146: {
		"Ensimmäinen opiskelijalippu ostetaan palvelupisteestä.",
		"Den första studerandebiljetten köps på serviceställe.",
		"The first student ticket is bought at the service point.",
	},
	147: {
		"Opiskelijan arvolippu on aina henkilökohtainen.",
		"Studerandes värdebiljett är alltid personlig.",
		"A student's value ticket is always personal.",
	},
	150: {
		"Arvolipun asiakasryhmä on kortilla.",
		"Värdebiljettens kundgrupp står på kortet.",
		"The customer group of a value ticket is on the card.",
	},
	151: {
		"Verkossa opiskelijan kausi myydään tunnistautuneelle opiskelijalle.",
		"På webben säljs perioden till en identifierad studerande.",
		"On the web a student season is sold to a student who is identified.",
	},
	152: {
		"Koulumatkatukilippu maksaa opiskelijalle aina saman.",
		"Skolresestödets biljett kostar alltid lika mycket för den studerande.",
		"The Kela school-travel season always costs the student the same.",
	},
	153: {
		"Seniorin arvolippu on edullisempi hiljaisina tunteina.",
		"Seniorens värdebiljett är billigare under lågtrafik.",
		"A senior's value ticket is cheaper off-peak.",
	},
	154: {
		"Seniorilippu on henkilökohtainen arvolippu.",
		"Seniorbiljetten är en personlig värdebiljett.",
		"The senior ticket is a personal value ticket.",
	},
	155: {
		"Sotaveteraani ja -invalidi matkustavat maksutta kortillaan.",
		"Krigsveteraner och krigsinvalider reser avgiftsfritt med sitt kort.",
		"War veterans and invalids travel free on their card.",
	},
	156: {
		"Veteraani matkustaa maksutta näyttämällä lippunsa.",
		"En veteran reser avgiftsfritt genom att visa sin biljett.",
		"A veteran travels free by showing the ticket.",
	},
	157: {
		"Vammaispalvelulain etuus.",
		"Förmån enligt handikappservicelagen.",
		"A benefit under the disability services act.",
	},
	158: {
		"Maksavan seurassa kaksi alle 7-vuotiasta matkustaa maksutta.",
		"I sällskap av en betalande reser två barn under 7 år avgiftsfritt.",
		"Two children under 7 travel free with somebody who pays.",
	},
	159: {
		"Koululaislipulla matkustava ei ole maksava asiakas.",
		"Den som reser med skolbiljett är inte en betalande kund.",
		"Who travels on a school ticket is no paying customer.",
	},
	160: {
		"Vaunuissa olevan lapsen kuljettaja matkustaa maksutta etuuden aikoina.",
		"Den som har barn i vagn reser avgiftsfritt under förmånens tider.",
		"Who brings a child in a pram travels free at the hours of the benefit.",
	},
	161: {
		"Koululaislippu käy koulupäivinä kello- ja matkarajoin.",
		"Skolbiljetten gäller på skoldagar inom sina tider och resor.",
		"A school ticket is good on school days, within its hours and trips.",
	},
	162: {
		"Käyttämättä jäänyt koulumatka ei siirry.",
		"En outnyttjad skolresa flyttas inte över.",
		"A school trip that was not used is not carried over.",
	},
	163: {
		"Kun koulumatkat on käytetty, maksetaan muulla lipulla.",
		"När skolresorna är använda betalar man med en annan biljett.",
		"When the school trips are used up another ticket pays.",
	},
	164: {
		"Omakustanteinen kausi käy koululaisellekin.",
		"En egen period går också för elever.",
		"A pupil may have a season of his own.",
	},
	165: {
		"Koululaislipun matkamäärä on päiväkohtainen.",
		"Skolbiljettens resor räknas per dag.",
		"The trips of a school ticket are counted by the day.",
	},
	166: {
		"Lukija käyttää ensin koululipun.",
		"Läsaren använder skolbiljetten först.",
		"The reader takes the school ticket first.",
	},
	167: {
		"Koululaislipulla on kaksi matkaa koulupäivässä.",
		"Skolbiljetten har två resor per skoldag.",
		"A school ticket has two trips on a school day.",
	},
	168: {
		"Järjestys: vaihto, koululippu, kausi, odottava kausi, arvo.",
		"Ordningen: byte, skolbiljett, period, väntande period, värde.",
		"The order: transfer, school ticket, season, waiting season, value.",
	},
	170: {
		"Työnantajan kustantamaa lippua ei palauteta.",
		"En biljett som arbetsgivaren betalat återlöses inte.",
		"A ticket that an employer paid is never refunded.",
	},
	176: {
		"Tapahtumia selvitetään vuoden ajalta.",
		"Händelser utreds för ett år bakåt.",
		"Events can be looked up for one year.",
	},
	201: {
		"Etumaksu ei käy verkkokaupassa.",
		"Förmånsbetalning går inte i webbutiken.",
		"A benefit does not pay in the web shop.",
	},
	202: {
		"Summa, toimipiste ja etu vahvistetaan ennen maksua.",
		"Belopp, verksamhetsställe och förmån bekräftas före betalning.",
		"Amount, site and benefit are confirmed before paying.",
	},
	204: {
		"Palveluntarjoaja saa maksusta kuitin.",
		"Tjänsteleverantören får ett kvitto på betalningen.",
		"The provider gets a receipt of the payment.",
	},
	205: {
		"Maksu puhelimella ei yksin varaa eikä lataa lippua.",
		"Betalning med telefon varken reserverar eller laddar i sig en biljett.",
		"Payment by telephone alone neither reserves nor loads a ticket.",
	},
	206: {
		"Etu on henkilökohtainen: vain omistajan kortille.",
		"Förmånen är personlig: bara för ägarens kort.",
		"The benefit is personal: for the owner's card alone.",
	},
	207: {
		"Maksun voi perua vain palveluntarjoaja ja vain samana päivänä.",
		"Betalningen kan återtas bara av tjänsteleverantören och bara samma dag.",
		"Only the provider can void the payment, and only on the same day.",
	},
	195: {
		"Muualla ostettu lataus siirtyy kortille seuraavassa leimauksessa.",
		"En laddning som köpts på annat håll förs till kortet vid nästa stämpling.",
		"What was loaded elsewhere comes onto the card at its next validation.",
	},
}
