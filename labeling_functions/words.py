"""Words that carry an emotion, in the transcript, by its language."""

import re

import numpy as np
import pandas as pd

from labeling_functions import VoteColumn, labeling_function

# Written for this project: what people say when they feel it rather than talk of it ("I'm
# scared", not "fear"). A star stands for any ending, which German and Polish need.
LEXICONS = {
    "en": {
        "anger": "angry furious pissed outrag* infuriat* annoy* hate damn damned idiot* stupid "
        "bastard* bullshit shut_up how_dare fed_up sick_of leave_me_alone",
        "disgust": "disgust* gross yuck yucky eww* ugh nasty revolting repuls* vomit*",
        "fear": "afraid scared scary terrif* frighten* horrif* panick* help_me please_don't "
        "watch_out i'm_worried don't_hurt",
        "happiness": "happy glad wonderful awesome delight* yay hooray hurrah fantastic amazing "
        "love_it lovely thrilled can't_wait haha* congratulations",
        "sadness": "sad unhappy lonely heartbroken miserable hopeless crying cried miss_you "
        "miss_him miss_her passed_away i'm_sorry depress* grief",
        "surprise": "wow unbelievabl* no_way oh_my_god oh_my_gosh surprised astonish* "
        "can't_believe what_on_earth really_? what_?! unexpected*",
    },
    "de": {
        "anger": "wütend* zornig* verärger* hasse hasst verdammt* scheiß* idiot* blödmann "
        "unverschämt* frechheit halt_die_klappe hau_ab reicht_mir lass_mich_in_ruhe",
        "disgust": "ekel* eklig* widerlich* igitt pfui abscheulich* kotz*",
        "fear": "fürchte fürchtet angst erschrock* erschreck* entsetz* panisch* hilfe "
        "gruselig* tu_mir_nichts pass_auf",
        "happiness": "freue freut gefreut glücklich* wunderbar* herrlich* großartig* fantastisch* "
        "juhu hurra spitze klasse begeister* haha*",
        "sadness": "traurig* unglücklich* einsam* weine weint geweint heule heult verzweifel* "
        "hoffnungslos* vermisse gestorben tut_mir_leid deprimier* untröstlich*",
        "surprise": "überrasch* unglaublich* erstaun* verblüff* wahnsinn tatsächlich_? wirklich_? "
        "ach_du_meine ist_nicht_wahr nanu",
    },
    "pl": {
        "anger": "wściek* zły_jestem zła_jestem jestem_zły jestem_zła wkurz* wkurw* nienawidzę "
        "cholera cholern* idiot* debil* zamknij_się jak_śmiesz odczep_się mam_dość",
        "disgust": "obrzydliw* ohydn* fuj ble wstrętn* odrażając* rzygać",
        "fear": "boję_się bałem_się bałam_się przeraż* przestrasz* strasznie_się ratunku pomocy "
        "uważaj",
        "happiness": "cieszę_się szczęśliw* wspaniale cudownie super hurra zachwyc* uradowan* "
        "świetnie kocham_to haha*",
        "sadness": "smutno smutn* płaczę płacze płakał* samotn* nieszczęśliw* tęsknię przykro_mi "
        "rozpacz* beznadziejn* załaman* zmarł zmarła",
        "surprise": "zaskocz* zdziwi* niewiarygodn* niesamowit* naprawdę_? serio_? o_rany "
        "nie_wierzę coś_takiego zdumi*",
    },
}

# A negator takes back what stands within the next two words of its clause.
NEGATORS = {
    "en": r"not|never|no|nothing|without|hardly|\w+n't|cannot",
    "de": r"nicht|nie|niemals|kein\w*|ohne|kaum",
    "pl": r"nie|nigdy|bez|wcale|żad\w+",
}

CODES = {
    "english": "en", "eng": "en", "german": "de", "deutsch": "de", "deu": "de", "ger": "de",
    "polish": "pl", "polski": "pl", "pol": "pl",
}  # fmt: skip


@labeling_function(on="emotion")
def words(table: pd.DataFrame) -> VoteColumn:
    """The transcript has words that people use when they feel an emotion.

    English, German and Polish; abstains in other languages, without a transcript, where the words
    are negated ("not at all happy"), and where they point to more than two emotions. A vote for
    an unpleasant one allows anger and disgust both. In acted corpora, where one sentence is
    spoken in every emotion, it knows nothing and seldom votes.
    Source: the idea of affect lexicons is Stone et al. 1966, The General Inquirer; negation as
    in Pang, Lee & Vaithyanathan 2002, Thumbs up?
    """
    names = sorted(LEXICONS["en"])
    codes = np.zeros(len(table), dtype=np.int64)
    spoken = table["transcript"].astype(object)
    language = table["language"].astype(object).map(_code, na_action="ignore")
    for code, lexicon in LEXICONS.items():
        rows = np.flatnonzero((language == code) & spoken.notna())
        place, distinct = pd.factorize(spoken.iloc[rows])
        texts = pd.Series(distinct, dtype=object).str.lower().str.replace("’", "'")
        # Most sentences have none of these words, and then there is no more to do.
        texts = texts[texts.str.contains(_pattern(" ".join(lexicon.values()))).astype(bool)]
        kept = texts.str.replace(_negated(code, lexicon), r"\g<phrase> ", regex=True)
        found = np.zeros(len(distinct), dtype=np.int64)
        for bit, name in enumerate(names):
            has = np.asarray(kept.str.contains(_pattern(lexicon[name])), dtype=bool)
            found[kept.index] |= has.astype(np.int64) << bit
        codes[rows] = found[place]
    said = [
        _vote([n for bit, n in enumerate(names) if c >> bit & 1]) for c in range(1 << len(names))
    ]
    silent = np.array([not names_said for names_said in said])
    return VoteColumn(np.where(silent[codes], -1, codes), tuple(said))


def _code(language: object) -> str:
    name = str(language).strip().lower()
    return CODES.get(name, re.split(r"[-_]", name)[0])


def _vote(names: list[str]) -> frozenset[str]:
    if not 1 <= len(names) <= 2:
        return frozenset()
    close = {"anger", "disgust"} & set(names)
    return frozenset(names) | ({"anger", "disgust"} if close else set())


def _word(entry: str) -> str:
    mark = re.search(r"_([?!]+)$", entry)
    phrase = entry[: mark.start()] if mark else entry
    body = r"\s+".join(re.escape(part) for part in phrase.rstrip("*").split("_"))
    end = r"\w*" if phrase.endswith("*") else r"(?!\w)"
    return body + end + (r"\s*" + re.escape(mark[1]) if mark else "")


def _pattern(entries: str) -> str:
    return r"(?<!\w)(?:" + "|".join(_word(entry) for entry in entries.split()) + ")"


def _negated(code: str, lexicon: dict[str, str]) -> str:
    # Phrases of the lexicon that begin with a negator ("no way") are no negations.
    own = [e for entries in lexicon.values() for e in entries.split() if "_" in e]
    phrases = "|".join(_word(entry) for entry in own)
    negation = rf"(?<!\w)(?:{NEGATORS[code]})(?:\s+[\w']+){{1,2}}"
    return rf"(?P<phrase>(?<!\w)(?:{phrases}))|{negation}"
