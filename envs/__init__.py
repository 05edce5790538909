"""The tasks: their table, their vectorised stepping, and our two gymnasium environments."""

from gymnasium.envs.registration import register

register(id="Multiplexer-v0", entry_point="envs.multiplexer:MultiplexerEnv")
register(id="ScalarRegression-v0", entry_point="envs.scalar_regression:ScalarRegressionEnv")
