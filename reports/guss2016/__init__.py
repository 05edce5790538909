"""guss2016: Backpropagation-Free Parallel Deep Reinforcement Learning (an unfinished draft of 2016).

Only what the workflow must know before anything is computed: which figures (functions of `figures.py`) and which
tables (functions of `tables.py`) the report has. Nothing heavy is imported here.
"""

from reports.paper import Measured

FIGURES = (
    *("readings", "sub_critic_values", "sub_critic_correlations", "world", "divergence"),
    *("returns", "rewards", "cartpole", "mountain_car", "pendulum", "control_suite", "speed"),
)
TABLES = (
    *("verdicts", "verdict_summary", "gradients", "slopes", "correlations", "worlds", "divergences", "ddpg_table"),
    *("last_quarter", "orderings", "differences", "ablations", "hyperparameters", "runs"),
)

WINDOWS = {"episodic": 20, "single_step": 50}
"""Trailing window of the running means; the draft shows no such curve."""
CHECKPOINTS = ()
"""The draft has no single-step task."""
STANDARD = "guss2016"
OWN_VARIANTS = (STANDARD,)
"""The methods with the settings of the draft and of the released programs, as far as these are known."""
REPAIRED, UNTRAINED, NOISE_ONLY = "guss2016-state-slope", "guss2016-untrained", "guss2016-noise-only"
PLAIN = "guss2016-as-printed"
SIZES = {"depth-0": "no hidden layer", "": "10", "depth-2": "10-10", "depth-3": "10-10-10", "width-64": "64"}
"""Hidden units, by how the names of variants end; the standard has no ending."""
EXPERIMENTS = {
    "Depth and width": ("depth", "width", "state-slope-depth", "state-slope-width"),
    "A slope that depends on the inputs": ("state-slope",),
    "Nothing is learned": ("untrained", "noise-only"),
    "Plain steps, no biases": ("as-printed",),
}
"""Groups of the other variants, and how their names go on after that of the variant they depart from and a hyphen."""
METHODS = ("ddpg", "decentralised_ddpg", "decentralised_td")
"""In the order of every legend."""
SINGLE_STEP = {"Multiplexer-v0": "Multiplexer", "ScalarRegression-v0": "Scalar regression"}
SUITE = {
    "CartPole-v1": "CartPole",
    "Acrobot-v1": "Acrobot",
    "LunarLander-v2": "LunarLander",
    "MountainCarContinuous-v0": "MountainCar",
}
"""Names of the suite's tasks with episodes, in its order."""
EPISODIC = {**SUITE, "CartPole-v0": "CartPole-v0", "Pendulum-v1": "Pendulum", "OneDimensionalWorld-v0": "1-D world"}
CONTROL = {
    "CartpoleBalance-v1": "Pole balance",
    "PendulumSwingup-v1": "Swing-up",
    "ReacherEasy-v1": "Reacher",
    "FingerSpin-v1": "Finger spin",
    "CheetahRun-v1": "Cheetah",
    "HopperHop-v1": "Hopper",
    "WalkerWalk-v1": "Walker",
}
"""Names of the tasks of the DeepMind Control Suite."""
TASKS = {**SINGLE_STEP, **EPISODIC, **CONTROL}
THRESHOLDS: dict[str, float] = {}
"""It counts no task as solved."""

PLANT, REGULATOR = "plant", "regulator"
MEASURED_ON = {PLANT: "Plant", REGULATOR: "Regulator"}
"""Names of what is controlled in the experiment on gradients."""
MOUNTAIN_CAR, WORLD, CARTPOLE, PENDULUM = "MountainCarContinuous-v0", "OneDimensionalWorld-v0", "CartPole-v0", "Pendulum-v1"
KINDS = {
    ("linear", "neuron"): "linear, of a neuron",
    ("linear", "layer"): "linear, of a layer",
    ("three_layers", "neuron"): "three layers, of a neuron",
    ("three_layers", "layer"): "three layers, of a layer",
}
"""Names of the kinds of sub-critics: their form, and whose inputs and outputs they see."""


def _gradient(hidden: int) -> Measured:
    where: dict[str, str | float] = {"hidden": hidden, "reading": "responds", "layer": "1"}
    return Measured(label=f"first of {hidden} hidden layer{'s' if hidden > 1 else ''}", quantity="agreement", where=where)


def _critic(kind: tuple[str, str], quantity: str, block: int = 0) -> Measured:
    form, per = kind
    where: dict[str, str | float] = {"phase": "second", "form": form, "per": per, "layer": "all"}
    words = {"counted_value_r": "values", "counted_value_rate_r": "changes", "counted_slope_r": "slopes", "value": "Q"}
    label = "the agent's" if quantity == "agent_value" else f"{words[quantity]}, {KINDS[kind]}"
    return Measured(label=label, quantity=quantity, where={**where, "span": 0 if block else 1, "block": block})


def _critics(kind: tuple[str, str], name: str) -> dict[tuple[str, str, str], Measured]:
    quantities = {"value-r": "counted_value_r", "rate-r": "counted_value_rate_r", "slope-r": "counted_slope_r"}
    found = {(MOUNTAIN_CAR, "sub_critics", f"{name}-{end}"): _critic(kind, of) for end, of in quantities.items()}
    ends = {(MOUNTAIN_CAR, "sub_critics", f"{name}-{of}"): _critic(kind, of, block=10) for of in ("value", "agent_value")}
    return found | ends


def _walk(stage: str, hidden: int) -> Measured:
    where: dict[str, str | float] = {"stage": stage, "slope": "constant", "hidden": hidden}
    return Measured(label=f"two layers, {stage}", quantity="reached", where=where)


def _released(hidden: int) -> Measured:
    where: dict[str, str | float] = {"slope": "constant", "hidden": hidden, "activation": "tanh", "optimiser": "adam"}
    label = f"local critics, {hidden} hidden layers"
    return Measured(label=label, quantity="diverged", where={**where, "critic_rate": 1e-2, "critic_l2": 0.3})


MEASURED = {
    **{(task, "theorem", f"responds-{hidden}"): _gradient(hidden) for task in MEASURED_ON for hidden in (1, 4)},
    **_critics(("linear", "neuron"), "linear"),
    **_critics(("three_layers", "neuron"), "neuron"),
    **_critics(("three_layers", "layer"), "layer"),
    (WORLD, "one_dimensional_world", "trained"): _walk("trained", 1),
    (WORLD, "one_dimensional_world", "untrained"): _walk("untrained", 1),
    (MOUNTAIN_CAR, "one_neuron", "learning"): Measured(label="one neuron", quantity="last_return", where={"form": "learning"}),
    **{(task, "divergence", f"released-{hidden}"): _released(hidden) for task in (CARTPOLE, MOUNTAIN_CAR) for hidden in (2, 3)},
}
LOOKS = {
    (METHODS[0], STANDARD): ("#D55E00", "--"),
    (METHODS[0], NOISE_ONLY): ("#666666", ":"),
    (METHODS[0], UNTRAINED): ("#666666", ":"),
    (METHODS[1], STANDARD): ("#0072B2", "-"),
    (METHODS[1], REPAIRED): ("#009E73", "-."),
    (METHODS[1], UNTRAINED): ("#999999", "--"),
    (METHODS[1], PLAIN): ("#56B4E9", "--"),
    (METHODS[2], STANDARD): ("#CC79A7", ":"),
}
"""Colour and line of what several figures show."""
CORRELATION = 0.389
"""Pearson's r of the derivatives of local and global Q (docs/guss2016.md#the-later-draft)."""
RELATIVES = {
    "cartpoleBalance": "CartpoleBalance-v1",
    "cheetah": "CheetahRun-v1",
    "hopper": "HopperHop-v1",
    "pendulum": "PendulumSwingup-v1",
    "reacher": "ReacherEasy-v1",
    "walker2d": "WalkerWalk-v1",
}
"""Our relative of a task in the table of section 5, ddpg_table.csv (docs/guss2016.md#the-table-of-section-5)."""
SOLVED_CAR, LEARNED_PENDULUM = 90.0, -250.0
"""Returns from which a run on MountainCar, or on Pendulum, has learned it (docs/guss2016.md#what-counts-as-learned)."""
VERDICT_SCALE = "paper"
MAIN_FIGURE = "returns"
"""Curves of all methods on the suite's tasks with episodes."""
CHOICES = ("printed", "released", "here")
"""What choices.yaml says of each point, as the report shows it."""
