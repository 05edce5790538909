"""kungl2021: Deep reinforcement learning for time-continuous substrates (a poster at the NICE conference, 2021).

Only what the workflow must know before anything is computed: which figures (functions of `figures.py`) and which
tables (functions of `tables.py`) the report has. Nothing heavy is imported here.
"""

from reports.paper import Measured

FIGURES = (
    *(
        "accuracy",
        "angle_by_depth",
        "angle_by_presentation",
        "bandit_blocks",
        "bandit_delayed",
        "hill_climbing",
        "residual",
        "lagged",
    ),
    *("returns", "rewards", "conditions", "mountain_car"),
)
TABLES = (
    *("verdicts", "verdict_summary", "accuracies", "cosines", "presentations", "bandits", "climbing", "residuals"),
    *("last_quarter", "orderings", "differences", "searches", "ablations", "hyperparameters", "runs"),
)

WINDOWS = {"episodic": 20, "single_step": 50}
"""Trailing window of the running means; the poster shows no such curve."""
CHECKPOINTS = ()
"""The poster has no single-step task of the suite."""
STANDARD = "kungl2021"
SUPERVISED = "kungl2021-supervised"
OWN_VARIANTS = (STANDARD, SUPERVISED)
"""The methods as the suite compares them; the poster names none of its tasks."""
QUIET, NOISE_ONLY = "kungl2021-quiet", "kungl2021-noise-only"
FROZEN, NO_TRACE = "kungl2021-frozen-hidden", "kungl2021-no-trace"
FEEDBACK = ("kungl2021-random-feedback", "kungl2021-learned-feedback")
EXPERIMENTS = {
    "What the noise earns": ("quiet", "noise-only"),
    "A hidden layer that does not learn": ("frozen-hidden",),
    "No trace": ("no-trace",),
    "Feedback weights": ("random-feedback", "learned-feedback"),
    "Four times as long": ("longer",),
}
"""Groups of the other variants, and how their names go on after that of the variant they depart from and a hyphen."""
METHODS = ("least_action", "least_action_critic")
"""In the order of every legend."""
SINGLE_STEP = {"Multiplexer-v0": "Multiplexer", "ScalarRegression-v0": "Scalar regression"}
EPISODIC = {
    "CartPole-v1": "CartPole",
    "Acrobot-v1": "Acrobot",
    "LunarLander-v2": "LunarLander",
    "MountainCarContinuous-v0": "MountainCar",
}
"""Names of the suite's tasks, in its order."""
TASKS = {**SINGLE_STEP, **EPISODIC}
THRESHOLDS: dict[str, float] = {}
"""It counts no task as solved."""


def _digits(label: str, form: str, presentation: float = 0.0, feedback: str = "symmetric", pictures: int = 1400) -> Measured:
    where: dict[str, str | float] = {"form": form, "presentation": presentation, "feedback": feedback}
    return Measured(label=label, quantity="success", where={**where, "presentations": pictures})


def _bandit(label: str, condition: str = "full", network: str = "deep", delay: str = "immediate", trace: float = 0.1) -> Measured:
    where: dict[str, str | float] = {"condition": condition, "network": network, "delay": delay, "trace": trace}
    return Measured(label=label, quantity="last_reward", where=where)


def _updates(label: str, quantity: str, stage: str, form: str = "exact", nudge: str = "both") -> Measured:
    where: dict[str, str | float] = {"stage": stage, "form": form, "nudge": nudge, "hidden": 1, "feedback": "symmetric"}
    return Measured(label=label, quantity=quantity, where={**where, "layer": "all"})


def _by_winner(stage: str) -> Measured:
    return _updates(f"each update, {stage}, no noise in the nudge", "least_cosine", stage, "settled", "winner")


DIGITS, IMAGES, PATTERNS = "digits", "ThreeImages-v0", "FourPatterns-v0"
MEASURED_ON = {DIGITS: "Digits", IMAGES: "Three images", PATTERNS: "Four patterns"}
"""Names of what the experiments show their networks."""
MEASURED = {
    (DIGITS, "supervised_accuracy", "backprop-early"): _digits("backprop, 200 digits", "backpropagation", pictures=200),
    (DIGITS, "supervised_accuracy", "exact-early"): _digits("exact, 200 digits", "exact", 3.0, pictures=200),
    (DIGITS, "supervised_accuracy", "settled-early"): _digits("settled, 200 digits", "settled", pictures=200),
    (DIGITS, "supervised_accuracy", "backprop"): _digits("backprop", "backpropagation"),
    (DIGITS, "supervised_accuracy", "settled"): _digits("settled", "settled"),
    (DIGITS, "supervised_accuracy", "exact-1"): _digits("exact, 1 τ", "exact", 1.0),
    (DIGITS, "supervised_accuracy", "exact"): _digits("exact, 3 τ", "exact", 3.0),
    (DIGITS, "supervised_accuracy", "late-1"): _digits("no look-ahead, 1 τ", "without_look_ahead", 1.0),
    (DIGITS, "supervised_accuracy", "late"): _digits("no look-ahead, 3 τ", "without_look_ahead", 3.0),
    (DIGITS, "supervised_accuracy", "learned-feedback"): _digits("exact, learned feedback", "exact", 3.0, "learned"),
    (DIGITS, "supervised_accuracy", "random-feedback"): _digits("exact, random feedback", "exact", 3.0, "random"),
    (IMAGES, "bandit", "full"): _bandit("full model"),
    (IMAGES, "bandit", "shallow"): _bandit("shallow", network="shallow"),
    (PATTERNS, "bandit", "shallow"): _bandit("shallow", network="shallow"),
    (IMAGES, "bandit", "no-look-ahead"): _bandit("no look-ahead", "without_look_ahead"),
    (IMAGES, "bandit", "no-noise"): _bandit("no noise", "without_noise"),
    (IMAGES, "bandit", "no-homeostasis"): _bandit("no homeostasis", "without_homeostasis"),
    (IMAGES, "bandit", "delayed"): _bandit("delayed", delay="next_trial", trace=40.0),
    (IMAGES, "bandit", "delayed-no-trace"): _bandit("delayed, no trace", delay="next_trial"),
    (IMAGES, "bandit", "scrambled"): _bandit("scrambled", delay="scrambled", trace=40.0),
    (IMAGES, "bandit", "scrambled-no-trace"): _bandit("scrambled, no trace", delay="scrambled"),
    (IMAGES, "hill_climbing", "untrained"): _updates("mean update, untrained", "mean_cosine", "untrained"),
    (IMAGES, "hill_climbing", "trained"): _updates("mean update, trained", "mean_cosine", "trained"),
    (IMAGES, "hill_climbing", "untrained-each"): _updates("each update, untrained", "least_cosine", "untrained"),
    (IMAGES, "hill_climbing", "trained-each"): _updates("each update, trained", "least_cosine", "trained"),
    (IMAGES, "hill_climbing", "untrained-each-winner"): _by_winner("untrained"),
    (IMAGES, "hill_climbing", "trained-each-winner"): _by_winner("trained"),
}
LOOKS = {
    (METHODS[0], STANDARD): ("#0072B2", "-"),
    (METHODS[0], SUPERVISED): ("#009E73", "-."),
    (METHODS[0], FROZEN): ("#666666", ":"),
    (METHODS[0], NO_TRACE): ("#E69F00", ":"),
    (METHODS[0], FEEDBACK[0]): ("#CC79A7", "--"),
    (METHODS[0], FEEDBACK[1]): ("#56B4E9", "-."),
    (METHODS[1], STANDARD): ("#D55E00", "--"),
    (METHODS[1], QUIET): ("#009E73", "-"),
    (METHODS[1], NOISE_ONLY): ("#666666", ":"),
    (METHODS[1], FROZEN): ("#999999", ":"),
    (METHODS[1], FEEDBACK[0]): ("#CC79A7", "-."),
    (METHODS[1], FEEDBACK[1]): ("#56B4E9", ":"),
}
"""Colour and line of everything that is run."""
TWIN = {1: -0.07, 2: 0.64, 3: 0.96, 4: 0.99, 5: 0.98, 20: 1.0}
"""Mean reward of the released rate-free twin by block of 150 trials (docs/kungl2021.md#the-rate-free-twin)."""
VERDICT_SCALE = "paper"
MAIN_FIGURE = "returns"
"""Curves of both methods on the tasks with episodes."""
CHOICES = ("printed", "released", "here")
"""What choices.yaml says of each point, as the report shows it."""
