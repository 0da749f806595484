"""A training ground where autonomous agents train and are tested, with and against each other, in shared environments.

What people write against lives in `sparring.environment` and `sparring.agent`; the command is `sparring`.
"""

__version__ = "0.1.0.dev0"
