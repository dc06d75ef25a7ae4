"""From which cosine on may the original page's sentence be quoted in place of the summary's?

    python benchmarks/wording.py

A made-up summary and a made-up page: thirty sentences of the one with those of the other that say the same, and
sentences of the page that are near in matter but say something else. And every document of the index, parted in halves
that stand for summary and page: whatever is quoted there is the wrong sentence (but where a text says a thing twice).
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import numpy as np

from assistant.embedding import Vectors, open_embedder
from assistant.index import Index
from assistant.passages import plain
from assistant.settings import load_settings
from assistant.wording import holds_all, rarity, told

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


Texts = list[str]


def main() -> None:
    """Prints the table, a line for each cosine and share of words."""
    settings = load_settings()
    embedder = open_embedder(settings)
    ours, theirs = [a for a, _ in SAME], [b for _, b in SAME] + list(OTHERS)
    vectors = embedder.passages([plain(text) for text in ours + theirs])
    cosines = vectors[: len(ours)] @ vectors[len(ours) :].T
    halves = list(_halves(Index.open_current(settings.index)))
    total = sum(len(summary) for summary, _, _ in halves)
    right = dict(SAME)
    print("cosine, words | right of 30 | wrong | of a page that says none of it: wrong")
    for least in (0.90, 0.92, 0.93, 0.94, 0.95):
        for share in (0.0, 0.4, 0.5, 0.6):
            found = dict(_quoted(ours, theirs, cosines, least, share))
            good = sum(right[summary] == original for summary, original in found.items())
            elsewhere = sum(len(list(_quoted(*half, least, share))) for half in halves)
            print(f"{least:.2f}, {share:.1f} | {good} | {len(found) - good} | {elsewhere / total:.1%}", flush=True)


def _quoted(ours: Texts, theirs: Texts, cosines: Vectors, least: float, share: float) -> Iterator[tuple[str, str]]:
    """(summary, original) of each sentence that would be told in the original's words; cosines (ours, theirs)."""
    weight = rarity(ours + theirs)
    for summary, row in zip(ours, cosines, strict=True):
        for number in np.argsort(-row, kind="stable"):
            if row[number] < least:
                break
            if told(summary, theirs[number], weight) >= share and holds_all(summary, theirs[number]):
                yield summary, theirs[number]
                break


def _halves(index: Index) -> Iterator[tuple[Texts, Texts, Vectors]]:
    """Every document's sentences parted at random, one half as the summary and the other as the page: they are about
    the same matter, in much the same words, and say different things."""
    chance = random.Random(1)
    for document in index.documents():
        passages = [p for p in index.passages_of(document.id) if not document.in_original(p.start)]
        sentences = [sentence for passage in passages for sentence in passage.sentences]
        chance.shuffle(sentences)
        half = len(sentences) // 2
        if half:
            vectors = index.sentence_vectors([sentence.id for sentence in sentences])
            texts = [sentence.text for sentence in sentences]
            yield texts[:half], texts[half:], vectors[:half] @ vectors[half:].T


if __name__ == "__main__":
    main()
