package words

import "leima/fare"

// rules are the rules of travel that a decision can rest on, each in one sentence as a
// driver would tell a passenger: Finnish, which is canonical, Swedish, English.
var rules = map[fare.RuleID]languages{
	4: {
		"Hinta on voimassa olevan hinnaston mukainen.",
		"Priset följer den gällande prislistan.",
		"The price is that of the price list in force.",
	},
	11: {
		"Tuote ei sovi tämän lajin kortille.",
		"Produkten passar inte på ett kort av det här slaget.",
		"The product does not go on a card of this kind.",
	},
	16: {
		"Haltijakohtaisen kortin ikäryhmä ei muutu.",
		"Innehavarkortets åldersgrupp ändras inte.",
		"The age group of a bearer card never changes.",
	},
	24: {
		"Vuorokausilippu alkaa ensimmäisestä leimauksesta.",
		"Dygnsbiljetten börjar gälla vid första stämplingen.",
		"A day ticket begins with its first validation.",
	},
	25: {
		"Kertalippu oikeuttaa vaihtoon siihen painettuun aikaan asti.",
		"Enkelbiljetten ger rätt till byte till den tryckta tiden.",
		"A single ticket lets change until the time printed on it.",
	},
	27: {
		"Kortti kuuluu yhteen liikennöintialueeseen.",
		"Kortet hör till ett enda trafikområde.",
		"A card belongs to one operating area.",
	},
	32: {
		"Kortin käyttöikä on päättynyt.",
		"Kortets livslängd är slut.",
		"The card is past its technical life.",
	},
	34: {
		"Korttia ei saa muuttaa eikä kopioida.",
		"Kortet får inte ändras eller kopieras.",
		"A card must not be changed or copied.",
	},
	40: {
		"Kortti leimataan aina ajoneuvoon noustessa.",
		"Kortet stämplas alltid vid påstigning.",
		"A card is stamped always when boarding.",
	},
	41: {
		"Kortilla on oltava matkaan oikeuttava lippu.",
		"Kortet måste ha en biljett som ger rätt till resan.",
		"The card must hold a ticket that entitles to the trip.",
	},
	42: {
		"Kausilippu käy vain omalla alueella; arvo veloitetaan tämän alueen hinnoin.",
		"Perioden gäller bara på eget område; värde dras enligt det här områdets priser.",
		"A season is good in its own area only; value pays by this area's prices.",
	},
	43: {
		"Käytöstä muualla jää merkintä molempien alueiden rekistereihin.",
		"Resan antecknas i båda områdenas register.",
		"Use elsewhere is noted in the registers of both areas.",
	},
	44: {
		"Lippu alkaa ensimmäisestä leimauksesta.",
		"Biljetten börjar gälla vid första stämplingen.",
		"A ticket begins with its first validation.",
	},
	46: {
		"Kortilla voi olla sekä kausi että arvoa.",
		"Kortet kan ha både en period och värde.",
		"A card may hold a season and value.",
	},
	47: {
		"Odottava kausi alkaa, kun edellinen on käytetty.",
		"Den väntande perioden börjar när den föregående är slut.",
		"A waiting season begins when the one before it is used up.",
	},
	48: {
		"Vaihto-oikeus on voimassa maksetuilla vyöhykkeillä.",
		"Bytesrätten gäller i de zoner som är betalda.",
		"A transfer right holds in the zones that were paid.",
	},
	49: {
		"Vaihtoaika lasketaan ensimmäisestä leimauksesta eikä se pitene.",
		"Bytestiden räknas från den första stämplingen och förlängs inte.",
		"The transfer time counts from the first validation and is never prolonged.",
	},
	50: {
		"Kertalipulla vaihdetaan näyttämällä se kuljettajalle.",
		"Med enkelbiljett byter man genom att visa den för föraren.",
		"Who changes with a single ticket shows it to the driver.",
	},
	51: {
		"Arvolla voi maksaa usean henkilön matkan alueen ehtojen mukaan.",
		"Med värde kan flera personers resa betalas enligt områdets villkor.",
		"Value may pay for several persons as the area's terms say.",
	},
	52: {
		"Kortin haltija ei poistu ennen muita.",
		"Kortets innehavare stiger inte av före de andra.",
		"The holder does not leave before the others.",
	},
	53: {
		"Henkilökohtaista lippua käyttää vain kortin omistaja.",
		"En personlig biljett används bara av kortets ägare.",
		"A personal ticket is used by the card's owner alone.",
	},
	54: {
		"Ikä todistetaan pyydettäessä.",
		"Åldern styrks på begäran.",
		"Age is proved on request.",
	},
	55: {
		"Kortin voi luovuttaa saman tai alemman ikäryhmän henkilölle.",
		"Kortet kan lånas ut till någon i samma eller en lägre åldersgrupp.",
		"A card may be lent to somebody of the same or a lower age group.",
	},
	56: {
		"Lapsi on alempi ikäryhmä kuin nuori ja nuori kuin aikuinen.",
		"Barn är en lägre åldersgrupp än ungdom och ungdom än vuxen.",
		"Child is a lower age group than youth, and youth than adult.",
	},
	57: {
		"Laitteen vika ei maksa matkustajalle mitään.",
		"Ett fel på apparaten kostar inte passageraren något.",
		"A broken device costs the passenger nothing.",
	},
	58: {
		"Viallisesta kortista säädetään alueen ehdoissa.",
		"Om trasiga kort bestäms i områdets villkor.",
		"The area's terms say what becomes of a faulty card.",
	},
	59: {
		"Yövuorolisä peritään kertalipuista, ei arvolipuista.",
		"Nattillägg tas på enkelbiljetter, inte på värdebiljetter.",
		"The night supplement is on single tickets, not on value tickets.",
	},
	60: {
		"Lippuun painetaan voimassaoloaika.",
		"Giltighetstiden trycks på biljetten.",
		"The time of validity is printed on the ticket.",
	},
	61: {
		"Kortille ladataan palvelu- ja myyntipisteissä, bussissa ja verkossa.",
		"Kortet laddas på serviceställen, hos ombud, i bussen och på webben.",
		"Cards are loaded at service and sales points, on buses and on the web.",
	},
	62: {
		"Verkkokauppa lataa arvoa ja kausia.",
		"Webbutiken laddar värde och perioder.",
		"The web shop loads value and seasons.",
	},
	63: {
		"Verkkokaupassa ei peritä palvelumaksua.",
		"I webbutiken tas ingen serviceavgift.",
		"The web shop charges no service fee.",
	},
	64: {
		"Lataamisesta peritään myyntipisteen palkkio.",
		"För laddning tas försäljningsställets provision.",
		"Loading costs the commission of the sales point.",
	},
	65: {
		"Kausilipulla matkustetaan rajattomasti sen aikana ja vyöhykkeillä.",
		"Med periodbiljett reser man obegränsat under dess tid och i dess zoner.",
		"A season gives any number of trips within its time and its zones.",
	},
	66: {
		"Poikkeusmatka valitaan ennen kortin näyttämistä.",
		"En avvikande resa väljs innan kortet visas.",
		"An exceptional trip is chosen before the card is shown.",
	},
	70: {
		"Asiakasryhmä määräytyy iän mukaan.",
		"Kundgruppen bestäms av åldern.",
		"The customer group goes by age.",
	},
	71: {
		"Uutta kautta ei ladata ennen asiakasryhmän päivitystä.",
		"En ny period laddas inte innan kundgruppen har uppdaterats.",
		"No new season is loaded before the customer group is updated.",
	},
	72: {
		"Veloitus on aina oikean asiakasryhmän mukainen.",
		"Debiteringen följer alltid den rätta kundgruppen.",
		"The debit is always by the true customer group.",
	},
	73: {
		"Väärän ikäryhmän kortti voidaan ottaa haltuun.",
		"Ett kort av fel åldersgrupp kan omhändertas.",
		"The card of a wrong age group may be taken.",
	},
	74: {
		"Opiskeluoikeuden päätyttyä hinta on iän mukainen.",
		"När studierätten har upphört följer priset åldern.",
		"When the right of a student has ended the price goes by age.",
	},
	75: {
		"Asiakasryhmä on kortille merkitty.",
		"Kundgruppen är den som står på kortet.",
		"The customer group is that on the card.",
	},
	80: {
		"Väärinkäytöstä peritään kertalipun hinta.",
		"För missbruk tas enkelbiljettens pris.",
		"Misuse costs the price of a single ticket.",
	},
	81: {
		"Väärin käytetty henkilökohtainen kortti voidaan ottaa haltuun.",
		"Ett missbrukat personligt kort kan omhändertas.",
		"A personal card that is misused may be taken.",
	},
	82: {
		"Haltuun otettu kortti noudetaan palvelupisteestä.",
		"Ett omhändertaget kort hämtas på serviceställe.",
		"A card that was taken is fetched at the service point.",
	},
	83: {
		"Haltijakohtainen kortti jää matkustajalle.",
		"Ett innehavarkort blir hos passageraren.",
		"A bearer card stays with the passenger.",
	},
	103: {
		"Suljetulla kortilla ei voi matkustaa.",
		"Ett spärrat kort ger ingen rätt att resa.",
		"Nobody travels on a blocked card.",
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
	125: {
		"Virheellinen lataus perutaan heti siellä, missä se tehtiin.",
		"En felaktig laddning återtas genast där den gjordes.",
		"A wrong load is taken back at once where it was made.",
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
	143: {
		"Opiskelijan oikeus on voimassa kortille merkittyyn päivään.",
		"Studierätten gäller till den dag som står på kortet.",
		"The right of a student holds until the day on the card.",
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
}
