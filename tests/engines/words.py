"""The words that the synthetic chats are made of."""

from __future__ import annotations


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CODE_WORDS = _listed(
    """
    saffron marigold maple cedar willow amber cobalt indigo crimson walnut pepper ginger thistle juniper
    clover lavender basil rosemary hazel birch aspen spruce poplar magnolia jasmine orchid tulip violet
    lotus poppy falcon heron osprey badger otter lynx bison puffin raven sparrow copper silver bronze
    quartz onyx topaz garnet opal jade pearl lantern anchor compass harbor meadow canyon glacier summit
    velvet ember
    """
)

NAMES = _listed(
    """
    Alice Bob Carol David Emma Frank Grace Henry Irene Jack Karen Leo Maria Nora Oliver Peter Quinn Rosa
    Sam Tina Ursula Vera Walter Yusuf Zoe Anna Ben Clara Dora Eric
    """
)

CAPITALS = {
    "France": "Paris",
    "England": "London",
    "Germany": "Berlin",
    "Italy": "Rome",
    "Spain": "Madrid",
    "Portugal": "Lisbon",
    "Austria": "Vienna",
    "Greece": "Athens",
    "Poland": "Warsaw",
    "Norway": "Oslo",
    "Sweden": "Stockholm",
    "Finland": "Helsinki",
    "Denmark": "Copenhagen",
    "Ireland": "Dublin",
    "Japan": "Tokyo",
    "China": "Beijing",
    "India": "Delhi",
    "Egypt": "Cairo",
    "Kenya": "Nairobi",
    "Canada": "Ottawa",
    "Cuba": "Havana",
    "Peru": "Lima",
}

CITIES = (
    *CAPITALS.values(),
    *_listed("""Boston Chicago Munich Hamburg Milan Lyon Porto Seville Osaka Kyoto"""),
)

ADJECTIVES = _listed(
    """
    Velvet Purple Silent Electric Frozen Hollow Golden Dizzy Paper Crooked Liquid Rusty Invisible Salty
    Tender Wooden Furious Lazy Magnetic Ancient Bitter Glass Humble Lunar Polite Sleepy Tangled Wild
    """
)
SUBJECTS = _listed(
    """
    thunder teapots oceans umbrellas pianos lobsters clouds mirrors beetles engines pickles ladders whales
    candles violins mountains spoons rockets shadows turnips walruses clocks bridges poets kites
    """
)
VERBS = _listed(
    """
    whisper devour juggle polish borrow chase forgive paint tickle swallow imitate applaud measure worship
    rescue scatter confuse invent adore haunt collect ignore fold outrun
    """
)
QUALITIES = _listed(
    """
    forgotten nervous square midnight borrowed singing plastic distant thirsty fragile sideways emerald
    unpaid hungry marble secret patient foggy second-hand stubborn winter curious inflatable melted
    """
)
OBJECTS = _listed(
    """
    oranges alphabets staircases Tuesdays bicycles penguins onions telescopes pajamas galaxies pancakes
    cathedrals trombones raindrops giraffes lampposts sandwiches secrets elevators dictionaries volcanoes
    buttons radiators dragons
    """
)

SKIES = _listed(
    """
    sunny cloudy rainy windy foggy snowy stormy clear overcast mild
    """
)

TOOL_STEMS = _listed(
    """
    get_weather get_time lookup search current_weather find_place weather get_forecast
    """
)
PARAMETERS = _listed(
    """
    city location place name query town
    """
)

ONSETS = (*_listed("""b c d f g h j k l m n p r s t v w y z br ch cl dr fl gr kn pl qu sh st th tr"""), "")
VOWELS = _listed("""a e i o u ai ea ee oo ou""")
CODAS = (*_listed("""l m n r s t k p d g b x ck ll mb nd ng nt rd rn ss st"""), *("",) * 12)
"""What syllables begin with, go on with and end in, if anything."""

WAYS = (
    ("first", "reed boats", "dates", "the Red Sea"),
    ("second", "oared galleys", "grain", "the Mediterranean"),
    ("third", "round ships", "olive oil", "the Aegean"),
    ("fourth", "flat barges", "marble", "the Black Sea"),
    ("fifth", "dugout canoes", "obsidian", "the Coral Sea"),
    ("sixth", "sewn dhows", "ivory", "the Arabian Sea"),
    ("seventh", "outriggers", "yams", "the Pacific"),
    ("eighth", "longships", "walrus hides", "the Norwegian Sea"),
)
"""For the essay: a century, the ships of it, what they carried and where. Not real history."""
