"""What is measured after a number, in either language: 12 km, neuf miles, 30 tonnes, 1.5 hectares.

Lengths, areas, volumes, masses, speeds, temperatures, power and energy, by the names and signs that
the Unicode locale data (CLDR, by Babel) has for them. Two units of one dimension are compared by
their size: 1,5 tonne is 1,500 kg.
"""

import re
from functools import cache

from babel.units import format_unit

from rag.values.units import SPACE

_SIZES = {  # of CLDR's units, whose names begin with their dimension
    "length-millimeter": 1e-3, "length-centimeter": 1e-2, "length-meter": 1,
    "length-kilometer": 1e3, "length-mile": 1609.344, "length-nautical-mile": 1852,
    "length-yard": 0.9144, "length-foot": 0.3048, "length-inch": 0.0254,
    "area-square-centimeter": 1e-4, "area-square-meter": 1, "area-square-kilometer": 1e6,
    "area-hectare": 1e4, "area-acre": 4046.8564224, "area-square-foot": 0.09290304,
    "area-square-mile": 2589988.110336,
    "volume-milliliter": 1e-3, "volume-centiliter": 1e-2, "volume-liter": 1,
    "volume-hectoliter": 100, "volume-cubic-meter": 1e3, "volume-gallon": 3.785411784,
    "volume-barrel": 158.987294928,
    "mass-milligram": 1e-6, "mass-gram": 1e-3, "mass-kilogram": 1, "mass-tonne": 1e3,
    "mass-pound": 0.45359237, "mass-ounce": 0.028349523125,
    "speed-kilometer-per-hour": 1, "speed-mile-per-hour": 1.609344, "speed-knot": 1.852,
    "temperature-celsius": 1, "temperature-fahrenheit": 1,
    "power-watt": 1, "power-kilowatt": 1e3, "power-megawatt": 1e6, "power-gigawatt": 1e9,
    "energy-kilowatt-hour": 1, "energy-megawatt-hour": 1e3, "energy-gigawatt-hour": 1e6,
    "energy-terawatt-hour": 1e9,
}  # fmt: skip
_SCALES = {"temperature-fahrenheit": "temperature in Fahrenheit"}  # no mere factor apart
# What newspapers write that is not in the data.
_ALSO = {
    "length-kilometer": "kms", "length-nautical-mile": "mille nautique|milles nautiques",
    "area-square-centimeter": "cm2", "area-square-meter": "m2|sq m", "area-square-foot": "sq ft",
    "area-square-kilometer": "km2|sq km", "volume-cubic-meter": "m3",
    "mass-kilogram": "kilo|kilos|kgs", "mass-tonne": "ton|tons", "mass-pound": "lbs",
    "speed-kilometer-per-hour": "kph|kmh|km à l'heure|kilomètre à l'heure|kilomètres à l'heure"
    "|kilomètre-heure|kilomètres-heure|kilometres an hour|kilometers an hour",
    "speed-mile-per-hour": "miles an hour|miles à l'heure", "speed-knot": "noeud|noeuds",
    "temperature-celsius": "degree centigrade|degrees centigrade|° C",
    "energy-megawatt-hour": "MWh|mégawattheure|mégawattheures|megawatt-hour|megawatt-hours"
    "|megawatt hours",
    "energy-gigawatt-hour": "GWh|gigawattheure|gigawattheures|gigawatt-hour|gigawatt-hours"
    "|gigawatt hours",
    "energy-terawatt-hour": "TWh|térawattheure|térawattheures|terawatt-hour|terawatt-hours"
    "|terawatt hours",
    "energy-kilowatt-hour": "kilowattheure|kilowattheures",
}  # fmt: skip
_NOT_IN_THE_DATA = ("energy-megawatt-hour", "energy-gigawatt-hour", "energy-terawatt-hour")
# Of the data, what is as often something else: money, feet to walk on, "in", "once".
_OTHERWISE = frozenset(
    "in po pi pied pieds pouce pouces livre livres pound pounds once onces ac nd kn".split()
)
_LOCALES = ("fr", "en_US", "en_GB")


def ratio(unit: str, other: str) -> float | None:
    """How many of `other` one `unit` is; None where they measure different things, or nothing."""
    if unit not in _SIZES or other not in _SIZES or _dimension(unit) != _dimension(other):
        return None
    return _SIZES[unit] / _SIZES[other]


def is_measure(unit: str) -> bool:
    return unit in _SIZES


def measured(text: str, end: int) -> tuple[str, int] | None:
    """The unit that is measured in right after a number that ends at `end`, by its name in CLDR
    ("length-kilometer"), and where its words end; None for nothing that is measured."""
    found = _pattern().match(text, end)
    if not found:
        return None
    written = re.sub(SPACE, " ", found["unit"]).replace("’", "'")
    units = _units()
    return units.get(written) or units[written.lower()], found.end()


def _dimension(unit: str) -> str:
    return _SCALES.get(unit) or unit.partition("-")[0]


@cache
def _units() -> dict[str, str]:
    """The unit that each name and each sign is of."""
    units = {}
    for unit in _SIZES:
        for written in (*_in_the_data(unit), *_ALSO.get(unit, "").split("|")):
            if written and written not in _OTHERWISE:
                units[written if _is_sign(written) else written.lower()] = unit
    return units


def _in_the_data(unit: str) -> set[str]:
    """Its names and signs for one and for several, without a number; none where there are none."""
    said = [
        format_unit(number, unit, length, locale=locale)
        for locale in _LOCALES
        for number in (1, 2)
        for length in ("long", "short")
        if unit not in _NOT_IN_THE_DATA
    ]
    return {re.sub(rf"^\d+{SPACE}?", "", one) for one in said}


def _is_sign(written: str) -> bool:
    return len(written) <= 4 and " " not in written.strip("° ")


@cache
def _pattern() -> re.Pattern[str]:
    written = sorted(_units(), key=len, reverse=True)
    names = "|".join(_spaced(one) for one in written if not _is_sign(one))
    signs = "|".join(_spaced(one) for one in written if _is_sign(one))
    return re.compile(
        rf"(?:-|{SPACE})?(?:de{SPACE}|d['’])?"
        rf"(?P<unit>(?i:{names})(?!\w)|(?:{signs})(?![\w'’/]))"
    )


def _spaced(written: str) -> str:
    return re.escape(written).replace(r"\ ", SPACE).replace("'", "['’]")
