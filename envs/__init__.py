"""The tasks and how they are stepped; the single-step ones are registered with gymnasium here."""

from gymnasium.envs.registration import register

from envs.tasks import TASKS

for _row in TASKS.values():
    if _row.bandit is not None:
        register(id=_row.gymnasium_id, entry_point="envs.contextual_bandit:ContextualBanditEnv", kwargs={"bandit": _row.bandit})
