package words

import "leima/fare"

// rules are the rules of cards and of travel, each in one sentence as a driver would tell a
// passenger: Finnish, which is canonical, Swedish, English.
var rules = map[fare.RuleID]languages{
	4: {
		"Hinta on voimassa olevan hinnaston mukainen.",
		"Priset följer den gällande prislistan.",
		"The price is that of the price list in force.",
	},
	5: {
		"Lippujen lisäksi peritään hinnaston mukaiset maksut.",
		"Utöver biljetterna tas prislistans avgifter.",
		"Besides tickets the fees of the price list are charged.",
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
	17: {
		"Asiakasryhmä päivitetään palvelupisteessä.",
		"Kundgruppen uppdateras på serviceställe.",
		"The customer group is updated at the service point.",
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
	31: {
		"Huolimattomasti säilytetyn kortin tilalle saa uuden hinnaston mukaan.",
		"Ett vårdslöst förvarat kort ersätts enligt prislistan.",
		"A card that was not looked after is replaced at the price list's fee.",
	},
	32: {
		"Kortin käyttöikä on päättynyt.",
		"Kortets livslängd är slut.",
		"The card is past its technical life.",
	},
	33: {
		"Vanhentuneen kortin arvo siirretään uudelle määräajassa.",
		"Värdet på ett utgånget kort flyttas till ett nytt inom utsatt tid.",
		"The value of an expired card is moved to a new one in time.",
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
		"Yövuorolisä peritään kertalipuista, arvolipuista vain hinnaston mukaan.",
		"Nattillägg tas på enkelbiljetter, på värdebiljetter bara enligt prislistan.",
		"The night supplement is on single tickets, on value only by the price list.",
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
}
