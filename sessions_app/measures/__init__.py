"""学习要求 and 规则灯: what may be asked of a group, and how far it has come.

A floor *registers* its measures (`registry`), a group's rows say how much of which (`standards`), `lights` joins them.
"""

from sessions_app.measures.lights import Light, LightState, lights_of, lights_of_groups, missed_last_year
from sessions_app.measures.registry import Measure, measure_of, measures, register
from sessions_app.measures.standards import SHIPPED_RULES, Standard, standards_of

__all__ = [
    "SHIPPED_RULES",
    "Light",
    "LightState",
    "Measure",
    "Standard",
    "lights_of",
    "lights_of_groups",
    "measure_of",
    "measures",
    "missed_last_year",
    "register",
    "standards_of",
]
