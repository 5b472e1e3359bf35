"""Invented names: companies nobody owns, and people of many countries.

Company names are put together from made-up stems and plain nouns, so that the domains very likely do not exist.
"""

from __future__ import annotations

import unicodedata
from random import Random
from typing import NamedTuple


class Country(NamedTuple):
    code: str
    weight: int
    utc_offset: int
    currency: str
    culture: str
    legal_forms: tuple[str, ...]
    suffixes: tuple[str, ...]


class FullName(NamedTuple):
    first: str
    last: str
    mailbox: str  # the name in plain ASCII, as it stands before the @


COUNTRIES = (
    Country("US", 30, -6, "USD", "english", ("Inc", "LLC", "Co", ""), ("com", "com", "io")),
    Country("GB", 11, 0, "GBP", "english", ("Ltd", "PLC", "Group", ""), ("co.uk", "co.uk", "com")),
    Country("DE", 13, 1, "EUR", "german", ("GmbH", "AG", "GmbH & Co. KG", ""), ("de", "de", "com")),
    Country("FR", 9, 1, "EUR", "french", ("SAS", "SARL", "SA", ""), ("fr", "fr", "com")),
    Country("BR", 8, -3, "USD", "portuguese", ("Ltda", "S.A.", ""), ("com.br", "com.br", "com")),
    Country("JP", 6, 9, "USD", "japanese", ("K.K.", "Co., Ltd.", ""), ("co.jp", "co.jp", "com")),
    Country("ES", 4, 1, "EUR", "spanish", ("S.L.", "S.A.", ""), ("com", "io")),
    Country("SE", 3, 1, "EUR", "nordic", ("AB", ""), ("com", "io")),
    Country("PL", 3, 1, "EUR", "polish", ("Sp. z o.o.", ""), ("com", "io")),
    Country("IN", 5, 5, "USD", "indian", ("Pvt Ltd", ""), ("com", "io")),
    Country("TR", 2, 3, "USD", "turkish", ("A.Ş.", ""), ("com",)),
    Country("IL", 2, 2, "USD", "hebrew", ("Ltd", ""), ("com", "io")),
    Country("AE", 2, 4, "USD", "arabic", ("LLC", "FZE", ""), ("com",)),
    Country("NG", 2, 1, "USD", "nigerian", ("Ltd", ""), ("com",)),
)
_COUNTRY_WEIGHTS = [each.weight for each in COUNTRIES]

# First names and last names; a `_` is a space, and what follows a `|` is the mailbox form of another script.
_CULTURES: dict[str, tuple[str, str]] = {
    "english": (
        "Olivia Amelia Isla Grace Ruby Harriet Maeve Siân Oliver George Noah Arthur Callum Declan Marcus Theodore"
        " Jean-Paul Mary-Kate Tyrone Keisha",
        "Ashdown O'Brien O'Shaughnessy Whitlock Hargreaves Pemberton-Hale D'Arcy McAllister Okafor-Reed Langley"
        " Tremaine Birdwhistle Fairweather Holloway St_John-Mildmay Penhaligon Cartwright Ellery",
    ),
    "german": (
        "Jürgen Anneliese Björn Käthe Lukas Friederike Matthias Sören Heike Ömer Jörg Wiebke Karl-Heinz Annika"
        " Maximilian Ute",
        "Müller-Lüdenscheidt Weiß Schönborn Großmann Krämer Vogelsang von_der_Heide Hübner Brückner Fuchsberger"
        " Jäger Löwenthal Strauß Niedermayer Öztürk Zimmermann",
    ),
    "french": (
        "Éloïse Benoît Chloé Gaëlle Théo Hélène François Anaïs Loïc Zoé Jean-Baptiste Marie-Thérèse Maël Inès"
        " Raphaël Solène",
        "Lefèvre D'Aubigné Château-Renard Beaumont Désormeaux L'Hermitte Garçon Poincelet Rousselière Béranger"
        " N'Diaye Vasseur de_La_Fontaine Perrault Guérin Maréchal",
    ),
    "portuguese": (
        "João Thaís Antônio Conceição Luís Débora Vinícius Maria_Aparecida Caio Letícia Otávio Iraê Flávia Joaquim",
        "Gonçalves da_Conceição_Albuquerque_de_Vasconcelos Araújo Brandão Magalhães dos_Santos_Figueiredo Corrêa"
        " Nóbrega Simões Teixeira Queirós Assunção",
    ),
    "japanese": (
        "Haruka Kenji Sakura Takumi Yui Daichi Aoi Ren 美咲|misaki 大輔|daisuke Naoko Shōta Emi Kōhei",
        "Hayashida Ōtsuka Kurosawa Nakanishi Fujimori 佐々木|sasaki Shimizu Tachibana Minamoto 渡辺|watanabe"
        " Uchida Morinaga Arakawa",
    ),
    "spanish": (
        "José Íñigo Begoña Martín Lucía Álvaro Nuria Joaquín Ángela Sofía Andrés Ximena",
        "Núñez García-Lorca Ibáñez Castañeda Peñalver Echeverría Sánchez_de_Velasco Quiñones Muñoz Zúñiga Ordóñez",
    ),
    "nordic": (
        "Åsa Björk Søren Freja Øystein Linnéa Gösta Märta Anders Signe Torbjørn Ebba",
        "Sjöberg Ångström Østergaard Lindqvist Hägglund Bæk Strömbäck Nørgaard Kvist Hallström",
    ),
    "polish": (
        "Zofia Łukasz Małgorzata Wojciech Paweł Agnieszka Świętosława Grzegorz Bożena Michał",
        "Wiśniewska Szczepański Brzęczyszczykiewicz Dąbrowski Żeromska Kołodziej Ślusarczyk Gołębiowski Źrebiec",
    ),
    "indian": (
        "Ananya Rohan Lakshmi Venkatanarasimha Priyanka Arjun Meenakshi Siddharth Kavya Devendra Ishaan Padmavathi",
        "Krishnamurthy Venkataraman Chatterjee Balasubramaniam Deshpande Mukhopadhyay Iyer Rajagopalan Bhattacharya"
        " Joshi Patil",
    ),
    "turkish": (
        "Gökçe Çağlar Şule İbrahim Özlem Barış Işıl Tuğba Emre Ümit",
        "Yıldırım Çelikoğlu Özdemir Şahinöz Kılıç Büyükkaya Güneş Arslantaş",
    ),
    "hebrew": (
        "נועה|noa יונתן|yonatan תמר|tamar איתי|itai Shira Eitan מיכל|michal Amit",
        "לוינסון|levinson בן-דוד|ben-david שפירא|shapira Harel-Katz אברמוב|abramov Oz",
    ),
    "arabic": (
        "محمد|mohammed فاطمة|fatima يوسف|yousef ليلى|layla Khalid Noor عبدالرحمن|abdulrahman Reem",
        "الحسيني|alhusseini بن_زايد|binzayed المنصوري|almansoori Al-Farsi خليل|khalil O'Haddad",
    ),
    "nigerian": (
        "Chiamaka Oluwaseun Adébáyọ̀ Ngozi Ifeanyi Temitope Ọlájùmọ̀kẹ́ Emeka",
        "Adeyemi-Okonkwo Nwachukwu Ọládélé Eze Balogun Onyekachukwu Abiọ́dún Uzochukwu",
    ),
}


def _words(text: str) -> list[str]:
    return text.split()


_STEM_HEADS = _words(
    "Brindle Quill Thorn Marrow Osper Velt Kessel Lumen Tarn Fenn Holl Wyve Ardu Nim Sorrel Pell Cald Eder Varn Isk"
    " Tolli Ravel Mossa Junip Orla Kipp Drum Hazel Corvin Zeph Balt Umber Yarro Gannet Lodd Ember Tamsin Vesk"
)
_STEM_TAILS = _words("wick moor holt mere dale forth grave ridge sund vik stead low burn thorpe quist ault een ova")
_NOUNS = _words(
    "Lanternworks Analytics Logistics Robotics Foundry Studios Freight Optics Textiles Pharma Energy Mobility"
    " Insurance Ceramics Biotech Software Ledgers Harbour Dairy Timber Instruments Media Outfitters Surveyors"
    " Telecom Learning Clinics Payments Kitchens Aviation Packaging Seeds Architects Chemicals Systems Tooling"
)
FREE_MAIL = _words(
    "gmail.com gmail.com gmail.com gmail.com outlook.com hotmail.com yahoo.com icloud.com proton.me gmx.de web.de"
    " hotmail.fr orange.fr uol.com.br bol.com.br yahoo.co.jp hotmail.co.uk qq.com naver.com wp.pl"
)
DISPOSABLE_MAIL = _words("mailinator.com guerrillamail.com yopmail.com trashmail.com maildrop.cc dispostable.com")
SUBDOMAINS = _words("eu us mail apac emea corp")

_PLAIN = str.maketrans({
    "ß": "ss", "ø": "o", "Ø": "o", "æ": "ae", "ł": "l", "Ł": "l", "ı": "i", "đ": "d", "ä": "ae", "ö": "oe", "ü": "ue",
    "Ö": "oe", "Ü": "ue", "Ä": "ae",
})  # fmt: skip


def plain(text: str) -> str:
    """The text in lower-case ASCII letters, digits and hyphens, as a mailbox or a domain holds it."""
    bare = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", text).translate(_PLAIN))
    return "".join(sign for sign in bare.lower() if sign.isascii() and (sign.isalnum() or sign == "-"))


def _readings(words: str) -> list[tuple[str, str]]:
    """Each name with its mailbox form."""
    pairs = (word.partition("|") for word in words.split())
    return [(shown.replace("_", " "), mailbox or plain(shown)) for shown, _, mailbox in pairs]


_NAMES = {culture: (_readings(first), _readings(last)) for culture, (first, last) in _CULTURES.items()}


def country(random: Random) -> Country:
    return random.choices(COUNTRIES, weights=_COUNTRY_WEIGHTS)[0]


def person_name(random: Random, culture: str) -> FullName:
    """Three in four people bear names of the company's country."""
    if random.random() > 0.75:
        culture = country(random).culture
    firsts, lasts = _NAMES[culture]
    first, last = random.choice(firsts), random.choice(lasts)
    return FullName(first[0], last[0], f"{first[1]}.{last[1]}")


def company_name(random: Random, home: Country) -> tuple[str, str]:
    """A company's name and its domain."""
    stem = random.choice(_STEM_HEADS) + random.choice(_STEM_TAILS)
    noun = random.choice(_NOUNS)
    legal_form = random.choice(home.legal_forms)
    joint = random.choice(("", "", "-"))
    return f"{stem} {noun} {legal_form}".strip(), f"{plain(stem)}{joint}{plain(noun)}.{random.choice(home.suffixes)}"
