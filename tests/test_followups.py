"""Follow-ups: what a turn takes over from the one before, and that a complete question takes nothing."""

from __future__ import annotations

import datetime

import pytest

from assistant.domain import Answer, Citation, Language, Status, Turn, Validity
from assistant.earlier import Before
from assistant.finnish import analyser
from assistant.followups import complete
from assistant.questions import language_of, understand
from assistant.vocabulary import Vocabulary

pytestmark = pytest.mark.skipif(analyser().name != "voikko", reason="forms and compounds are read by Voikko")

VOCABULARY = Vocabulary(
    [
        "Heinolan kaupungin arvot\nValtuusto hyväksyi strategian 2022. Kailaan koulun rehtori. OSBU alkoi.",
        "Maitiaislahden hanke. Hyvinvointilautakunnan jäsenet. Muutosohjelma hyväksyttiin. Netta Malin aloitti.",
    ]
)
YEAR = 2026


def completed(before: Before | str, text: str) -> str | None:
    last = Before(before) if isinstance(before, str) else before
    language: Language = language_of(text)
    return complete(text, last, VOCABULARY, language, YEAR)


@pytest.mark.parametrize(
    ("before", "text", "understood"),
    [
        # how much of something, and what is always part of something
        (
            "Supistuiko verorahoitus 2021?",
            "Kuinka monta prosenttia?",
            "Kuinka monta prosenttia verorahoitus 2021 supistui?",
        ),
        ("Kuka asettaa lautakunnan?", "Miten pitkäksi aikaa?", "Miten pitkäksi aikaa asettaa lautakunnan?"),
        ("Milloin talousarvio hyväksyttiin?", "Mikä pykälä?", "Mikä pykälä talousarvio hyväksyttiin?"),
        ("Milloin väliarviointi tehtiin?", "Kenen kanssa?", "Kenen kanssa väliarviointi tehtiin?"),
        ("Montako jäsentä hallituksessa oli?", "Valtuustossa samaan aikaan?", "Montako jäsentä valtuustossa oli?"),
        ("Mitä kaikkea nuorisopalvelut tekee?", "Kuuluuko siihen työpaja?", "Kuuluuko nuorisopalveluihin työpaja?"),
        # the same of another time
        (
            "Montako euroa budjetoitiin vuodelle 2023?",
            "Ja edelliselle vuodelle?",
            "Montako euroa budjetoitiin vuodelle 2022?",
        ),
        ("Mitä kysely koski?", "Kuinka moni siihen vastasi?", "Kuinka moni kyselyyn vastasi?"),
        (
            "Missä syyskuun 2022 seminaari pidettiin?",
            "Entä syksyn 2023 seminaari?",
            "Missä syksyn 2023 seminaari pidettiin?",
        ),
        (
            "Paljonko velkaa oli vuoden 2022 päättyessä?",
            "Entä vuoden 2024 lopussa?",
            "Paljonko velkaa oli vuoden 2024 lopussa?",
        ),
        ("Minkä arvon koulu sai kyselyssä 2023?", "Miten 2022?", "Minkä arvon koulu sai kyselyssä 2022?"),
        (
            "Missä juhla pidettiin 2022?",
            "Ketkä olivat silloin paikalla?",
            "Ketkä olivat paikalla, kun juhla pidettiin 2022?",
        ),
        ("Paljonko velkaa oli vuonna 2021?", "Ja paljonko se oli vuonna 2022?", "Paljonko velkaa oli vuonna 2022?"),
        ("Paljonko kävijöitä oli vuonna 2022?", "Ja seuraava vuosi?", "Paljonko kävijöitä oli vuonna 2023?"),
        ("Paljonko kävijöitä oli vuonna 2022?", "Entä edellinen vuosi?", "Paljonko kävijöitä oli vuonna 2021?"),
        # a part of the people, the sum for something else, a place that is none, a year that is no topic
        ("Mikä oli Heinolan työttömyys 2025?", "Entä nuorten?", "Mikä oli Heinolan nuorten työttömyys 2025?"),
        ("Paljonko pyörähankkeeseen oli budjetoitu?", "Entä koulu?", "Paljonko kouluun oli budjetoitu?"),
        (
            "Millä äänillä hallitus hyväksyi veron?",
            "Entä valtuustossa?",
            "Millä äänillä hallitus hyväksyi veron valtuustossa?",
        ),
        ("Minkä suunnitelman mukaan eletään vuoteen 2030?", "Ketkä sen tekivät?", "Ketkä suunnitelman tekivät?"),
        # whose the thing was, with a month between; thanks and talk before the question
        (
            "Käsiteltiinkö lautakunnan toukokuun 2021 kokouksessa kaavoja?",
            "Missä se pidettiin?",
            "Missä toukokuun 2021 kokous pidettiin?",
        ),
        ("Kiitos. Toinen asia: kuka laatii asemakaavan?", "Entä maakuntakaavan?", "Kuka laatii maakuntakaavan?"),
        ("Montako asukasta oli maaliskuussa 2025?", "Entä vuonna 2020?", "Montako asukasta oli vuonna 2020?"),
        ("Paljonko velkaa oli helmikuussa 2022?", "entä 2022 lopussa?", "Paljonko velkaa oli vuoden 2022 lopussa?"),
        (
            "Paljonko velkaa oli helmikuussa 2022?",
            "Entä saman vuoden lopussa?",
            "Paljonko velkaa oli vuoden 2022 lopussa?",
        ),
        ("Mitkä olivat arvot vuonna 2010?", "Entä tänä päivänä?", "Mitkä ovat arvot tänä päivänä?"),
        ("Paljonko kävijöitä oli vuonna 2022?", "Entä seuraavana kesänä?", "Paljonko kävijöitä oli vuonna 2023?"),
        ("Jäikö ylijäämää vuonna 2022?", "No miten meni seuraavana vuonna?", "No miten meni vuonna 2023, ylijäämä?"),
        ("Paljonko investointeja oli 2020?", "ja sitä seuraavana", "Paljonko investointeja oli 2021?"),
        ("Mitkä ovat arvot tänään?", "Entä vuonna 2010?", "Mitkä olivat arvot vuonna 2010?"),
        # words that name no thing
        ("Moniko vaivautui vastaamaan kyselyyn?", "Miten siitä kerrottiin?", "Miten kyselystä kerrottiin?"),
        ("Minkä ikäinen lapsi aloittaa koulun?", "Miten hänet ilmoitetaan?", "Miten lapsi ilmoitetaan?"),
        ("Mitä varten lautakunta on olemassa?", "Kuka sitä johtaa?", "Kuka lautakuntaa johtaa?"),
        ("Milloin hanke alkoi ensi kertaa?", "Kuka sen maksoi?", "Kuka hankkeen maksoi?"),
        ("Mitä valtuusto hyväksyi 24.5.2021?", "Kuka silloin johti puhetta?", "Kuka 24.5.2021 johti puhetta?"),
        (
            "Milloin kaupungintaloa käsiteltiin helmikuussa 2023?",
            "Mikä vaihtoehto silloin valittiin?",
            "Mikä vaihtoehto valittiin, kun kaupungintaloa käsiteltiin helmikuussa 2023?",
        ),
        (
            "Miten lapsi ilmoitetaan kouluun?",
            "Entä jos en pääse Wilmaan?",
            "Miten lapsi ilmoitetaan kouluun, jos en pääse Wilmaan?",
        ),
        # a name of several words keeps them
        (
            "Missä Terveisiä Kirkonkylästä -tapahtuma pidettiin?",
            "Montako ihmistä sinne tuli?",
            "Montako ihmistä Terveisiä Kirkonkylästä tapahtumaan tuli?",
        ),
        # what was done and not who did it, nor when
        (
            "Hyväksyikö valtuusto ohjelman toukokuussa 2022?",
            "Mitä siinä tavoitellaan?",
            "Mitä ohjelmassa tavoitellaan?",
        ),
        (
            "Milloin elinvoimalautakunta käsitteli tilinpäätöksen?",
            "Menikö se läpi valtuustossa?",
            "Menikö tilinpäätös läpi valtuustossa?",
        ),
        ("Montako päivää hoitoa saa kuussa?", "Keneltä sitä pyydetään?", "Keneltä hoitoa pyydetään?"),
        ("Kuka johtaa tiekartan hanketta?", "Kuka sitä tekee?", "Kuka tiekartan hanketta tekee?"),
        ("Kuka oli tiekartan hankejohtaja?", "Ketkä sitä tekivät?", "Ketkä tiekarttaa tekivät?"),
        (
            "Arvioitiinko valtionosuuksia liikaa?",
            "Paljonko ne vähenivät siitä?",
            "Paljonko valtionosuudet vähenivät siitä?",
        ),
        # an owner for an owner, also where the dictionary lacks the name; a thing for a thing, not for the city
        ("Paljonko Jyrängön puisto maksoi?", "Entä Kirkonkylän?", "Paljonko Kirkonkylän puisto maksoi?"),
        ("Kuka hyväksyi Heinolan strategian?", "Entä budjetin?", "Kuka hyväksyi Heinolan budjetin?"),
        ("Montako ääniä annettiin 2023?", "Entä tammikuussa 2024?", "Montako ääniä annettiin tammikuussa 2024?"),
        # a pronoun means the thing that can be meant, with its time
        ("Missä osoitteessa museo on?", "Mitä sieltä voi ostaa?", "Mitä museosta voi ostaa?"),
        ("Kuka on Kailaan koulun rehtori?", "Montako oppilasta siellä on?", "Montako oppilasta Kailaan koulussa on?"),
        ("Montako oppilasta Kailaan koulussa on?", "Kuka siellä on rehtori?", "Kuka Kailaan koulussa on rehtori?"),
        ("Montako valtuutettua oli 2024?", "Montako heitä on nyt?", "Montako valtuutettua on nyt?"),
        ("Paljonko matkaa kuljetukseen vaaditaan?", "Kuka sen maksaa?", "Kuka kuljetuksen maksaa?"),
        ("Kuka johtaa valtuuskuntaa?", "Kuinka usein he tapaavat?", "Kuinka usein valtuuskunta tapaa?"),
        (
            "Miten asukaskysely tehtiin vuonna 2022?",
            "Missä kaupunki pärjäsi siinä huonoiten?",
            "Missä kaupunki pärjäsi asukaskyselyssä huonoiten vuonna 2022?",
        ),
        ("Missä kirjasto toimii remontin aikana?", "Onko se auki?", "Onko kirjasto auki remontin aikana?"),
        ("Mikä on OSBU?", "Paljonko rahaa siihen varattiin?", "Paljonko rahaa siihen (OSBU) varattiin?"),
        ("Paljonko rahaa OSBUssa on jaossa?", "Minä vuonna se aloitettiin?", "Minä vuonna OSBU aloitettiin?"),
        (
            "Mikä idea voitti toisella kierroksella?",
            "Montako ääntä se sai?",
            "Montako ääntä idea, joka voitti toisella kierroksella, sai?",
        ),
        ("Mikä lautakunta käsitteli ohjelman?", "Kuka sen esitteli?", "Kuka ohjelman esitteli?"),
        # what is asked is nothing to point to
        ("Kuinka monta kertaa valtuuskunta kokoontuu?", "Mitä se tekee?", "Mitä valtuuskunta tekee?"),
        ("Kuinka moni osallistui äänestykseen?", "Mikä voitti?", "Mikä voitti äänestyksen?"),
        ("Kuinka suuri väistötila kirjastolla on?", "Kuka sitä remontoi?", "Kuka väistötilaa remontoi?"),
        ("Montako oppilasta Kailaan koulussa on?", "Kuka sitä johtaa?", "Kuka Kailaan koulua johtaa?"),
        ("Mitkä neljä ohjelmaa strategialla oli?", "Milloin ne hyväksyttiin?", "Milloin ohjelmat hyväksyttiin?"),
        # what was made or presented, not who made it or to whom
        (
            "Miten kuntalainen voi tehdä aloitteen?",
            "Voiko sen tehdä nimettömänä?",
            "Voiko aloitteen tehdä nimettömänä?",
        ),
        ("Mitä aloitteita valtuustossa jätettiin?", "Kuka niitä jätti?", "Kuka aloitteita jätti?"),
        (
            "Kuka esitteli kaupunginhallitukselle ohjeen?",
            "Kuka sen oli valmistellut?",
            "Kuka ohjeen oli valmistellut?",
        ),
        (
            "Milloin valtuusto hyväksyi talousarvion?",
            "Mikä veroprosentti siinä on?",
            "Mikä veroprosentti talousarviossa on?",
        ),
        # a place stays in its own case, and a name that the dictionary lacks goes with its noun
        ("Montako asukasta Vierumäellä on?", "Mitä palveluja siellä on?", "Mitä palveluja Vierumäellä on?"),
        ("Milloin Aalborgin sopimus allekirjoitettiin?", "Mihin se velvoittaa?", "Mihin Aalborgin sopimus velvoittaa?"),
        # people are no survey
        (
            "Kuinka moni vastasi asukaskyselyyn?",
            "Minkä ikäisiä he olivat?",
            "Minkä ikäisiä he (asukaskysely) olivat?",
        ),
        ("Mikä on kaupunkipuisto?", "Montako sellaista Suomessa on?", "Montako kaupunkipuistoa Suomessa on?"),
        # a place for a place, in whatever case of its direction
        ("Montako ihmistä keskustassa asuu?", "Entä Myllyojalla?", "Montako ihmistä Myllyojalla asuu?"),
        ("Mikä on työttömyysaste Urheiluopiston alueella?", "Entä keskustassa?", "Mikä on työttömyysaste keskustassa?"),
        ("Montako opiskelijaa Haaga-Heliassa on?", "Entä lukiossa?", "Montako opiskelijaa lukiossa on?"),
        ("Mikä on työttömyysaste?", "Ja koko Suomessa?", "Mikä on työttömyysaste koko Suomessa?"),
        # a quality belongs to the office before, not to the next one
        ("Kuka on tekninen johtaja?", "Entä kaupunginarkkitehti?", "Kuka on kaupunginarkkitehti?"),
        ("Montako oppilasta Kailaan koulussa on?", "Entä opettajia?", "Montako opettajaa Kailaan koulussa on?"),
        (
            "Paljonko verotulot kasvoivat vuonna 2022?",
            "Entä edellisvuonna?",
            "Paljonko verotulot kasvoivat vuonna 2021?",
        ),
        ("Mikä oli vuoden 2020 tilinpäätöksen tulos?", "Entä edellisen?", "Mikä oli vuoden 2019 tilinpäätöksen tulos?"),
        ("Milloin vuoden 2024 talousarvio tehtiin?", "Entä seuraava?", "Milloin vuoden 2025 talousarvio tehtiin?"),
        ("Milloin vuoden 2018 strategia tehtiin?", "Entä edellinen?", "Milloin edellinen strategia tehtiin?"),
        ("Mihin mennessä suunnitelmat oli hyväksyttävä?", "Missä?", "Missä suunnitelmat oli hyväksyttävä?"),
        # done, without a word of what
        ("Milloin ohjelma hyväksyttiin?", "Äänestettiinkö?", "Äänestettiinkö, kun ohjelma hyväksyttiin?"),
        ("Milloin ohjelma hyväksyttiin?", "Vastustiko kukaan?", "Vastustiko kukaan, kun ohjelma hyväksyttiin?"),
        # what a body decided, not the body
        (
            "Milloin valtuusto hyväksyi muutosohjelman?",
            "Montako kertaa siitä äänestettiin?",
            "Montako kertaa muutosohjelmasta äänestettiin?",
        ),
        (
            "Hyväksyikö valtuusto vuoden 2026 talousarvion?",
            "Jäikö se plussalle?",
            "Jäikö vuoden 2026 talousarvio plussalle?",
        ),
        # a question word with its noun, and no verb
        ("Milloin ohjelma hyväksyttiin?", "Missä elimessä?", "Missä elimessä ohjelma hyväksyttiin?"),
        ("Kuka hyväksyi ohjelman?", "Minä vuonna?", "Minä vuonna ohjelma hyväksyttiin?"),
        ("Missä pykälässä ohjelmasta päätettiin?", "Minä päivänä?", "Minä päivänä ohjelmasta päätettiin?"),
        ("Missä kunnassa ohjelma hyväksyttiin?", "Milloin?", "Milloin ohjelma hyväksyttiin?"),
        ("Paljonko kaupungilla oli velkaa?", "Milloin?", "Milloin kaupungilla oli velkaa?"),
        ("Onko koulussa kasvisruokapäivä?", "Kuinka usein?", "Kuinka usein koulussa kasvisruokapäivä on?"),
        (
            "Kuka hyväksyi hoito- ja käyttösuunnitelman?",
            "Milloin?",
            "Milloin hoito- ja käyttösuunnitelman hyväksyttiin?",
        ),
        (
            "Paljonko valtuusto lisäsi rahaa ladulle?",
            "Jäikö talousarvio sen jälkeen miinukselle?",
            "Jäikö talousarvio sen jälkeen miinukselle, kun valtuusto lisäsi rahaa ladulle?",
        ),
        # a noun that points, or is always part of something
        (
            "Onko kaupungilla osallisuusohjelma?",
            "Mitä sillä sanalla tarkoitetaan?",
            "Mitä osallisuusohjelmalla tarkoitetaan?",
        ),
        ("Mikä on Maitiaislahden hanke?", "Missä tilassa lahti on?", "Missä tilassa Maitiaislahti on?"),
        (
            "Mikä on hyvinvointilautakunta?",
            "Montako jäsentä lautakunnassa on?",
            "Montako jäsentä hyvinvointilautakunnassa on?",
        ),
        (
            "Mikä on hyvinvointilautakunta?",
            "Kuka on puheenjohtajana?",
            "Kuka on hyvinvointilautakunnan puheenjohtajana?",
        ),
        (
            "Mitä koulujen ruoasta päätettiin syksyllä 2022?",
            "Oliko äänestys tiukka?",
            "Oliko äänestys tiukka, kun koulujen ruoasta päätettiin syksyllä 2022?",
        ),
        ("Milloin puisto perustettiin?", "Kenen päätöksellä?", "Kenen päätöksellä puisto perustettiin?"),
        (
            "Mitä valtuusto päätti 12.12.2022?",
            "Ketkä olivat vastaan?",
            "Ketkä olivat vastaan, kun valtuusto päätti 12.12.2022?",
        ),
        ("Mitä valtuusto päätti 12.12.2022?", "Kuka johti kokousta?", "Kuka johti valtuuston kokousta 12.12.2022?"),
        ("Mitä valtuusto päätti torista?", "Kuka ehdotti?", "Kuka ehdotti, kun valtuusto päätti torista?"),
        # a part is exchanged
        ("Onko suunnitelma voimassa?", "Mihin asti?", "Mihin asti suunnitelma voimassa on?"),
        ("Mitä valtuusto päätti 12.12.2022?", "Entä 5.9.2022?", "Mitä valtuusto päätti 5.9.2022?"),
        ("Montako valtuutettua on?", "Entä ennen kesää 2025?", "Montako valtuutettua oli ennen kesää 2025?"),
        ("Mitkä ovat Heinolan arvot?", "Entä ennen niitä?", "Mitkä olivat Heinolan arvot ennen niitä?"),
        ("Paljonko lainaa oli vuoden 2022 lopussa?", "Entä helmikuussa 2022?", "Paljonko lainaa oli helmikuussa 2022?"),
        ("Mikä on asukasluku?", "Entä kymmenen vuotta sitten?", "Mikä oli asukasluku kymmenen vuotta sitten?"),
        ("Mitkä olivat Heinolan arvot vuonna 2010?", "Entä visio?", "Mikä oli Heinolan visio vuonna 2010?"),
        ("Mikä Heinolan työttömyysaste oli?", "Entä koko maassa?", "Mikä koko maan työttömyysaste oli?"),
        ("Mikä oli työttömyysaste?", "Entä nuorilla?", "Mikä oli työttömyysaste nuorilla?"),
        ("Kuka johtaa keskusvaalilautakuntaa?", "Entä sihteeri?", "Kuka on keskusvaalilautakunnan sihteeri?"),
        # a part of the town for another, whatever case its name goes in, known to the dictionary or not
        ("Montako asui Heinolan keskustassa?", "entä vierumäellä", "Montako asui Vierumäellä?"),
        ("Montako asukasta keskustassa oli?", "Entä Jyrängössä?", "Montako asukasta Jyrängössä oli?"),
        # "paljon" is nothing that one could speak of, and "sillä aikaa" a time
        ("Kuinka paljon Heinola avustaa Ukrainaa?", "Kuka siitä päättää?", "Kuka Ukrainasta päättää?"),
        (
            "Koska kirjaston remontin piti alkaa?",
            "Missä se on sillä aikaa?",
            "Missä se on sillä aikaa, kun kirjaston remontin piti alkaa?",
        ),
        ("Mikä on elinvoimajohtajan nimi?", "Entä sivistysjohtaja?", "Mikä on sivistysjohtajan nimi?"),
        ("Kuka on Kailaan koulun rehtori?", "Entä Kirkonkylän koulu?", "Kuka on Kirkonkylän koulun rehtori?"),
        (
            "Kuka päättää kaavoituksen aloittamisesta?",
            "Entä etenemisestä valmistelun aikana?",
            "Kuka päättää kaavoituksen etenemisestä valmistelun aikana?",
        ),
        ("Milloin Liisa Virtanen aloitti työssään?", "Entä Netta Malin?", "Milloin Netta Malin aloitti työssään?"),
        ("Montako oppilasta koulussa on?", "Paljonko ennustettiin?", "Montako oppilasta koulussa ennustettiin?"),
        (
            "Montako koulua on?",
            "Entä lukuvuonna 2020–2021, mitkä ne olivat?",
            "Mitkä koulut olivat lukuvuonna 2020–2021?",
        ),
        ("Milloin kaupungintalo on auki?", "Entä kirjasto, milloin se on auki?", "Milloin kirjasto on auki?"),
        # Swedish and English
        ("Who is the city manager?", "What about the council chair?", "Who is the council chair?"),
        ("What does the strategy say about climate?", "And who wrote it?", "Who wrote the strategy?"),
        (
            "What was the unemployment rate in 2023?",
            "What about January 2025?",
            "What was the unemployment rate in January 2025?",
        ),
        ("Vad är nationalstadsparken?", "Och var ligger den?", "Var ligger nationalstadsparken?"),
        ("Hur många skolor finns det?", "Och daghem?", "Hur många daghem finns det?"),
    ],
)
def test_a_follow_up_is_completed(before: str, text: str, understood: str) -> None:
    assert completed(before, text) == understood


def test_a_meeting_is_told_by_the_source_of_the_answer() -> None:
    before = Before("Milloin muutosohjelma hyväksyttiin?", day="12.6.2023", source="Valtuusto hyväksyi muutosohjelman.")
    assert completed(before, "Mihin aikaan se kokous loppui?") == "Mihin aikaan valtuuston kokous 12.6.2023 loppui?"
    assert completed(before, "Paljonko samassa kokouksessa myönnettiin rahaa?") == (
        "Paljonko valtuuston kokouksessa 12.6.2023 myönnettiin rahaa?"
    )


def test_after_a_question_about_anything_a_pronoun_means_what_the_answer_names() -> None:
    before = Before("Onko uusille jotain?", source="Uusien kaupunkilaisten ilta järjestettiin lukiossa. Ilta 2023")
    assert completed(before, "Missä se oli?") == "Missä uusien kaupunkilaisten ilta oli?"
    assert completed(before, "Kuka siinä illassa puhui?") == "Kuka uusien kaupunkilaisten illassa puhui?"


@pytest.mark.parametrize(
    "text",
    [
        "Montako lautakuntaa Heinolassa on?",
        "Mikä suunnitelma ohjaa liikuntaa?",
        "Milloin strategia hyväksyttiin?",
        "Mitä siinä digitiekartassa suunnitellaan?",
        "Kuka siellä hyvinvointialueella päättää?",
        "Milloin ne neljä uutta lautakuntaa aloittivat?",
        "Kuka johti, kun sitä ohjelmaa koottiin, jossa yrityksiä autettiin?",
        "Minkä arvosanan kaupunki sai siitä, miten se hoiti korona-ajan?",
        "Sepänniemen linnoitus, miltä vuosisadalta se on?",
        "Minkä kuntien kanssa Heinola on samassa työllisyysalueessa?",
        "Mikä sen uimahallin osoite on?",
        "Hur många daghem finns det i Heinola?",
        "Where does the library move while it is being renovated?",
    ],
)
def test_a_complete_question_takes_nothing(text: str) -> None:
    assert completed("Mitä hyvinvointilautakunta päätti 12.6.2023?", text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Ahaa. Paljonko koiravero on?",
        "Selvä. Minä vuonna kirkko valmistui?",
        "No niin. Onko Heinolassa kirjastoauto?",
        "Luin lehdestä, että syksyllä oli suurennettu suojelualuetta, mutta kukaan ei muistanut mitä. Mikä se oli?",
    ],
)
def test_a_message_that_says_of_what_takes_nothing(text: str) -> None:
    quote = Citation(1, "d", "t", "u", "2022-03-14", Validity.DATED, "Kaupunki linjasi.", "d#1", True, "u", "p")
    last = "Mikä on OSBU?"
    before = Turn("t", "c", last, last, Answer(Status.ANSWERED, "", (quote,)), "2026-03-01T00:00:00Z")
    question = understand(text, [before], VOCABULARY, today=datetime.date(YEAR, 3, 1))
    assert not question.completed
    assert "OSBU" not in question.understood
