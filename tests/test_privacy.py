"""What has to be masked is masked, and what only looks like it stays. The numbers are made up or published examples."""

import pytest

from assistant.privacy import ACCOUNT, CARD, EMAIL, IDENTITY, PHONE, masked


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("hetuni on 131052-308T", f"hetuni on {IDENTITY}"),
        ("131052-308t, kiitos", f"{IDENTITY}, kiitos"),
        ("131052–308T", IDENTITY),
        ("131052 - 308T", IDENTITY),
        ("IBAN on FI21 1234 5600 0007 85", f"IBAN on {ACCOUNT}"),
        ("fi2112345600000785", ACCOUNT),
        ("tili FI21 1234 5600 0007 85 on minun", f"tili {ACCOUNT} on minun"),
        ("FI2112345600000785, FI2112345600000785", f"{ACCOUNT}, {ACCOUNT}"),
        ("GB29 NWBK 6016 1331 9268 19", ACCOUNT),
        ("kortti 4111 1111 1111 1111.", f"kortti {CARD}."),
        ("5555-5555-5555-4444", CARD),
        ("3782 822463 10005", CARD),
        ("4222222222222", CARD),
        ("6304000000000000", CARD),
        ("4111111111111111 12/29", f"{CARD} 12/29"),
        ("soita 040 123 4567", f"soita {PHONE}"),
        ("0501234567 tai 0457-1234567", f"{PHONE} tai {PHONE}"),
        ("(044) 123 4567", PHONE),
        ("+358 40 1234567", PHONE),
        ("+358 (0)40 1234567", PHONE),
        ("00358401234567", PHONE),
        ("0401234567 0501234567", f"{PHONE} {PHONE}"),
        ("040 123 4567 vuonna 2022", f"{PHONE} vuonna 2022"),
        ("040 123 4567 2022", f"{PHONE} 2022"),
        ("puh.0401234567", f"puh.{PHONE}"),
        ("+46 70 123 45 67", PHONE),
        ("+372 5123 4567", PHONE),
        ("Olen matti.meikalainen@example.com.", f"Olen {EMAIL}."),
        ("etunimi.sukunimi@heinola.fi", EMAIL),
        ("äiti+koti@example.fi", EMAIL),
    ],
)
def test_personal_data_is_masked(written: str, kept: str) -> None:
    assert masked(written) == kept


@pytest.mark.parametrize("century", "+-YXWVUABCDEF")
def test_every_century_mark_of_a_henkilotunnus(century: str) -> None:
    assert masked(f"131052{century}308T") == IDENTITY


@pytest.mark.parametrize(
    "written",
    [
        "131052-308U",  # wrong check character
        "310252-308Y",  # no such day
        "FI21 1234 5600 0007 86",
        "4111 1111 1111 1112",
        "Torikatu 8, 18100 Heinola",
        "Kauppakatu 40 A 12",
        "16.5.2022 ja 2022-05-16 klo 17.00",
        "vuosina 2022-2030",
        "vuodet 2019 2020 2021 2022",
        "kuntalaki 410/2015 22 § ja § 130",
        "040 § 18.10.2022",
        "dnro 0401/00.01.02/2022",
        "HEI/1234/00.01.02.00/2022",
        "lomake 0441234567/2022",
        "18 000 000 000 000 000 euroa",
        "+49 300 000 euroa",
        "-1,5 miljoonaa ja 1 234 567,89 €",
        "20 000 asukasta, 1001 työpaikkaa, 17,8 %",
        "Y-tunnus 1068892-9",
        "ISBN 978-952-5000-01-6",
        "112, 116 117 ja 0800 123 123",
        "03 849 30",
        "+358 3 849 30",
        "050 1234 euroa",
        "kirjaamo@heinola.fi",
        "Info@example.fi",
        "@heinola ja matti(at)example.com",
        "https://www.heinola.fi/ajankohtaista/2022/05/16/40123456789012",
        "",
    ],
)
def test_what_only_looks_like_it_stays(written: str) -> None:
    assert masked(written) == written


def test_a_masked_text_is_not_masked_again() -> None:
    once = masked("131052-308T, FI2112345600000785, 4111111111111111, 0401234567, a@example.com")
    assert once == f"{IDENTITY}, {ACCOUNT}, {CARD}, {PHONE}, {EMAIL}"
    assert masked(once) == once
