"""The tasks: their table, their vectorised stepping, and our own gymnasium environments."""

from gymnasium.envs.registration import register

register(id="FourPatterns-v0", entry_point="envs.four_patterns:FourPatternsEnv")
register(id="Multiplexer-v0", entry_point="envs.multiplexer:MultiplexerEnv")
register(id="ScalarRegression-v0", entry_point="envs.scalar_regression:ScalarRegressionEnv")
register(id="ThreeImages-v0", entry_point="envs.three_images:ThreeImagesEnv")
