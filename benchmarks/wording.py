"""From which cosine on may the original page's sentence be quoted in place of the summary's?

    python benchmarks/wording.py

A made-up summary and a made-up page: thirty sentences of the one with those of the other that say the same, and
sentences of the page that are near in matter but say something else. For each cosine it prints what
`assistant.wording` would quote: with the right sentence on the page, and with it taken away.
"""

from __future__ import annotations

import numpy as np

from assistant.embedding import open_embedder
from assistant.passages import plain
from assistant.settings import load_settings
from assistant.wording import holds_all

SAME = (
    (
        "Heinolan kaupunginvaltuusto hyväksyi kaupungin strategian 16.5.2022.",
        "Kaupunginvaltuusto hyväksyi kokouksessaan maanantaina 16.5.2022 Heinolan uuden strategian.",
    ),
    (
        "Heinolan strategian arvot ovat välittäminen, uudistuminen ja tuloksellisuus.",
        "Uuden strategian arvoiksi valittiin välittäminen, uudistuminen ja tuloksellisuus.",
    ),
    (
        "Strategian valmistelua johti Heinolassa kaupunginjohtaja Jari Parkkonen.",
        "Valmistelutyötä on johtanut kaupunginjohtaja Jari Parkkonen.",
    ),
    (
        "Heinolan uimahallin peruskorjaus maksaa 4,2 miljoonaa euroa.",
        "Uimahallin remontin kokonaiskustannus on 4,2 miljoonaa euroa.",
    ),
    (
        "Heinolan uimahallin peruskorjaus alkaa kesäkuussa 2024.",
        "Työt uimahallilla käynnistyvät kesäkuussa 2024.",
    ),
    (
        "Heinolan uimahalli avataan uudelleen 1.9.2025.",
        "Uimahallin ovet aukeavat jälleen kävijöille 1.9.2025.",
    ),
    (
        "Heinolan kirjaston lainat kasvoivat vuonna 2023 12 prosenttia.",
        "Kirjastosta lainattiin vuonna 2023 12 prosenttia enemmän kuin vuotta aiemmin.",
    ),
    (
        "Heinolan kirjasto on avoinna arkisin klo 10–18.",
        "Kirjasto palvelee arkipäivisin klo 10–18.",
    ),
    (
        "Heinolan kaupungin veroprosentti on 8,9 vuonna 2025.",
        "Kunnallisveroprosentti säilyy 8,9:ssä vuonna 2025.",
    ),
    (
        "Heinolan kaupungin tilinpäätös 2023 oli 1,3 miljoonaa euroa ylijäämäinen.",
        "Vuoden 2023 tilinpäätös näyttää 1,3 miljoonan euron ylijäämää.",
    ),
    (
        "Heinolan kaupungin lainakanta oli 2023 lopussa 61 miljoonaa euroa.",
        "Lainaa kaupungilla oli vuoden 2023 päättyessä 61 miljoonaa euroa.",
    ),
    (
        "Heinolan väkiluku oli vuoden 2023 lopussa 18 211.",
        "Vuoden 2023 viimeisenä päivänä Heinolassa asui 18 211 ihmistä.",
    ),
    (
        "Heinolan asukaskyselyyn vastasi 305 asukasta.",
        "Kyselyyn saatiin vastaukset 305 asukkaalta.",
    ),
    (
        "Heinolan asukaskyselyssä parhaan arvosanan sai luonto.",
        "Parhaat arvosanat vastaajat antoivat luonnolle.",
    ),
    (
        "Heinolan kouluverkkoa karsitaan niin, että Myllyojan koulu lakkautetaan.",
        "Myllyojan koulun toiminta päättyy kouluverkon tiivistämisen vuoksi.",
    ),
    (
        "Heinolan lukion rehtorina aloittaa Maria Salonen 1.8.2024.",
        "Lukion uusi rehtori Maria Salonen aloittaa työssään 1.8.2024.",
    ),
    (
        "Heinolan nuorisovaltuustoon valittiin 14 nuorta.",
        "Nuorisovaltuustossa aloittaa 14 nuorta.",
    ),
    (
        "Heinolan osallistuvassa budjetoinnissa jaettiin 30 000 euroa.",
        "Osallistuvaan budjetointiin oli varattu 30 000 euroa.",
    ),
    (
        "Heinolan osallistuvan budjetoinnin voitti ehdotus frisbeegolfradasta.",
        "Eniten ääniä sai idea frisbeegolfradan rakentamisesta.",
    ),
    (
        "Heinolan työllisyyspalvelut siirtyivät kaupungille 1.1.2025.",
        "Vastuu työllisyyspalveluista siirtyi valtiolta kaupungille 1.1.2025.",
    ),
    (
        "Heinolan työttömyysaste oli lokakuussa 13,4 prosenttia.",
        "Työttömiä oli lokakuussa 13,4 prosenttia työvoimasta.",
    ),
    (
        "Heinola kuuluu Päijät-Hämeen hyvinvointialueeseen.",
        "Sosiaali- ja terveyspalvelut heinolalaisille järjestää Päijät-Hämeen hyvinvointialue.",
    ),
    (
        "Heinolan kaupunki ei nosta kiinteistöveroa.",
        "Kiinteistöveroon ei tule korotusta.",
    ),
    (
        "Heinolan tavoitteena on olla hiilineutraali vuonna 2030.",
        "Kaupunki tavoittelee hiilineutraaliutta vuoteen 2030 mennessä.",
    ),
    (
        "Heinolan ilmastotiekartan laati kaupunki yhdessä yritysten kanssa.",
        "Ilmastotiekartta tehtiin kaupungin ja alueen yritysten yhteistyönä.",
    ),
    (
        "Kuntalaisaloite Heinolassa tehdään kirjaamoon tai Kuntalaisaloite.fi-palvelussa.",
        "Aloitteen voi jättää kaupungin kirjaamoon tai tehdä Kuntalaisaloite.fi-palvelussa.",
    ),
    (
        "Heinolan kaupunginhallituksen puheenjohtajana toimii Kirsi Lehtimäki.",
        "Kaupunginhallitusta luotsaa puheenjohtajana Kirsi Lehtimäki.",
    ),
    (
        "Heinolan kaupunginhallitus kokoontuu maanantaisin.",
        "Hallitus pitää kokouksensa maanantaisin.",
    ),
    (
        "Heinolan strategian toteutumista seurataan kaksi kertaa vuodessa.",
        "Strategian etenemistä arvioidaan kahdesti vuodessa, kaksi kertaa valtuustossa.",
    ),
    (
        "Heinolan strategian kärkiteemat ovat elinvoima, hyvinvointi ja luonto.",
        "Kärkiteemoja on kolme: elinvoima, hyvinvointi ja luonto.",
    ),
)
"""(summary, original) that say the same."""

OTHERS = (
    "Strategia laadittiin yhdessä asukkaiden, henkilöstön ja yrittäjien kanssa.",
    "Strategiaa valmisteltiin kolmessa työpajassa syksyllä 2021.",
    "Valtuusto hyväksyi samassa kokouksessa 16.5.2022 myös hallintosäännön.",
    "Uimahallin kävijämäärä oli viime vuonna 85 000.",
    "Uimahallin remontin suunnittelu maksoi 0,3 miljoonaa euroa.",
    "Kirjaston lehtisali on avoinna arkisin klo 8–20.",
    "Kirjaston kävijämäärä kasvoi vuonna 2023 7 prosenttia.",
    "Vuoden 2022 tilinpäätös oli 2,1 miljoonaa euroa alijäämäinen.",
    "Arvot ohjaavat kaupungin henkilöstön työtä joka päivä.",
    "Arvoista keskusteltiin valtuuston seminaarissa.",
    "Kaupunginjohtaja Jari Parkkonen kiitti valmisteluun osallistuneita.",
    "Lukion rehtori Maria Salonen on aiemmin toiminut opettajana.",
    "Kysely tehtiin verkossa kesäkuussa.",
    "Heikoimman arvosanan vastaajat antoivat joukkoliikenteelle.",
    "Kiinteistöveroa korotetaan ensi vuonna.",
    "Työttömyys kasvoi vuodentakaisesta 1,2 prosenttiyksikköä.",
    "Kaupunginhallituksen varapuheenjohtaja on Matti Virtanen.",
    "Nuorisovaltuusto kokoontuu kerran kuussa.",
    "Hiilineutraalius edellyttää päästöjen vähentämistä 80 prosentilla.",
    "Strategia ulottuu vuoteen 2030.",
    "Strategian kärkiteemoista keskusteltiin asukasillassa.",
    "Kaupunginhallitus käsitteli strategiaa kokouksessaan huhtikuussa.",
)
"""What else stands on the page."""


def main() -> None:
    """Prints the table."""
    embedder = open_embedder(load_settings())
    ours, theirs = [a for a, _ in SAME], [b for _, b in SAME] + list(OTHERS)
    vectors = (embedder.passages([plain(text) for text in texts]) for texts in (ours, theirs))
    cosines = np.matmul(next(vectors), next(vectors).T)
    held = np.array([[holds_all(a, b) for b in theirs] for a in ours])
    own = np.eye(len(ours), len(theirs), dtype=bool)
    print("cosine | right | wrong | wrong, the right one away | the same by cosine alone")
    for least in np.arange(0.88, 0.97, 0.01):
        fits = held & (cosines >= least - 1e-6)
        best = np.where(fits, cosines, -1).argmax(axis=1)
        right = int((fits.any(axis=1) & (best == np.arange(len(ours)))).sum())
        wrong = int(fits.any(axis=1).sum()) - right
        away = int((fits & ~own).any(axis=1).sum())
        alone = int(((cosines >= least - 1e-6) & ~own).any(axis=1).sum())
        print(f"{least:6.2f} | {right:5} | {wrong:5} | {away:25} | {alone:24}")


if __name__ == "__main__":
    main()
