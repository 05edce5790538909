"""The benchmark: every method on every task, with equally many steps for all. It is no paper, and has no claims.

Only what the workflow must know before anything is computed, so nothing heavy is imported here. Methods are found from the
results and listed nowhere.
"""

RANDOM = "random"
"""The method whose mean return is scored 0: it chooses at random and learns nothing."""
BASELINE = "backprop_traces"
"""The method that the others are compared to."""

FIGURES = (
    *("scores", "across_tasks", "improvement", "cartpole", "acrobot", "lunar_lander", "mountain_car"),
    *("multiplexer", "scalar_regression"),
)
TABLES = (
    *("verdicts", "leaderboard", "leaderboards", "chances", "returns", "solving", "stability", "outcomes", "origins"),
    *("searches", "runs"),
)
"""The first is empty, as there are no claims; common code reads it."""
WINDOWS = {"episodic": 100, "single_step": 100}
CHECKPOINTS = (1_000, 3_000)
METHODS: tuple[str, ...] = ()
"""Found; legends have them by name."""
OWN_VARIANTS = (
    *("benchmark", "benchmark-2021", "benchmark-2017", "benchmark-ep-only", "benchmark-repaired"),
    "benchmark-noise",
)
"""Every row of the leaderboard: the form of a method that a paper's settings give, and further forms."""
EXPERIMENTS: dict[str, tuple[str, ...]] = {}
SINGLE_STEP = {"Multiplexer-v0": "Multiplexer", "ScalarRegression-v0": "Scalar regression"}
EPISODIC = {
    "CartPole-v1": "CartPole",
    "Acrobot-v1": "Acrobot",
    "LunarLander-v2": "LunarLander",
    "MountainCarContinuous-v0": "MountainCar",
}
TASKS = {**EPISODIC, **SINGLE_STEP}
THRESHOLDS = {"CartPole-v1": 475.0, "Acrobot-v1": -100.0, "LunarLander-v2": 200.0, "MountainCarContinuous-v0": 90.0}
"""Gymnasium's thresholds of a solved task."""
HIGHEST = {"Multiplexer-v0": 1.0, "ScalarRegression-v0": 0.0}
"""The highest reward of a task without episodes."""
GOALS = {**THRESHOLDS, **HIGHEST}
"""What is scored 1."""
MEASURED: dict[tuple[str, str, str], object] = {}
LOOKS: dict[tuple[str, str], tuple[str, str]] = {}
VERDICT_SCALE = "paper"
MAIN_FIGURE = "scores"
CHOICES = ("here",)
