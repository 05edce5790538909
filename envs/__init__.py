"""The tasks: the table of them, their vectorised stepping, and the two that are our own gymnasium environments."""

from gymnasium.envs.registration import register

register(id="Multiplexer-v0", entry_point="envs.multiplexer:MultiplexerEnv")
register(id="ScalarRegression-v0", entry_point="envs.scalar_regression:ScalarRegressionEnv")
