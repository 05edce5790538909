"""kubo2022: Combining backpropagation with equilibrium propagation to improve an actor-critic RL framework (the supplement).

Only what the workflow must know before anything is computed: which figures (functions of `figures.py`) and which
tables (functions of `tables.py`) the report has. Nothing heavy is imported here.
"""

FIGURES = (
    *(f"figure_s{number}" for number in range(1, 12)),
    *("honest", "honest_last_quarter", "theory_gradient", "theory_nudged", "theory_free"),
)
TABLES = (
    *("verdicts", "verdict_summary", "orderings", "last_quarter", "variants", "table_s1", "table_s2", "table_s3"),
    *("differences", "ablations", "gradient_by_beta", "phases_needed", "searches", "hyperparameters", "runs"),
)

WINDOWS = {"episodic": 10, "single_step": 10}
"""Trailing window of the running means; the paper names none."""
CHECKPOINTS = ()
"""It has no single-step tasks."""
STANDARD = "kubo2022"
OTHER_RATES = "kubo2022-other-rates"
OF_2017 = "kubo2022-2017"
LOW_TEMPERATURE = ("kubo2022-low-temperature", "kubo2022-low-temperature-early")
EP_ONLY = ("kubo2022-ep-only", "kubo2022-ep-only-long")
RATES = tuple(f"kubo2022-rates-{number}" for number in range(1, 12))
"""Table S2's settings of BP by the paper's numbers; CartPole and Acrobot have the first four."""
OWN_VARIANTS = (STANDARD, OTHER_RATES, OF_2017, *LOW_TEMPERATURE, *EP_ONLY, *RATES)
"""What the paper itself ran; its figures and tables show nothing else."""
HONEST = ("kubo2022-honest", "kubo2022-honest-low-temperature")
EXPERIMENTS = {
    "Backprop with recomputed activations and learned biases": ("honest",),
    "A memory of 200 transitions": ("short-memory",),
    "The order of two learning rates": ("printed-order", "exchanged-rates"),
    "Learning rates on LunarLander": ("tenth-rates", "bp-rates"),
}
"""Groups of the other variants, and how their names go on after that of the variant they depart from and a hyphen."""
METHODS = ("equilibrium_propagation", "backprop_replay", "backprop_through_time")
"""In the order of every legend."""
SINGLE_STEP: dict[str, str] = {}
EPISODIC = {"CartPole-v0": "CartPole-v0", "Acrobot-v1": "Acrobot-v1", "LunarLander-v2": "LunarLander-v2"}
"""The paper's names of its tasks, in its order."""
TASKS = {**SINGLE_STEP, **EPISODIC}
THRESHOLDS: dict[str, float] = {}
"""It counts no task as solved."""
MEASURED: dict[tuple[str, str, str], object] = {}
LOOKS = {
    (METHODS[0], OF_2017): ("#56B4E9", "-."),
    (METHODS[0], OTHER_RATES): ("#CC79A7", "--"),
    **{(METHODS[0], variant): ("#4B3B8F", "--") for variant in EP_ONLY},
    (METHODS[1], LOW_TEMPERATURE[0]): ("#E69F00", "-."),
    (METHODS[1], LOW_TEMPERATURE[1]): ("#8C3A00", ":"),
    (METHODS[1], HONEST[0]): ("#CC79A7", "-"),
    (METHODS[1], HONEST[1]): ("#999999", "-."),
    **{(METHODS[1], variant): ("#E8A27A", "--") for variant in RATES},
}
"""Colour and line of variants; the many of Table S2 share a look, and are told apart by their place."""
VERDICT_SCALE = "extended"
"""The one at which EP only has the supplement's 10 000 episodes."""
MAIN_FIGURE = "figure_s6"
"""Curves of the main comparison."""
CHOICES = ("printed", "released", "here")
"""What choices.yaml says of each point, as the report shows it."""
