"""Any environment server as an environment of gymnasium.

```python
import sparring.gym

environment = sparring.gym.make("grpc://127.0.0.1:7000/grid", areas=2)
observation, info = environment.reset(seed=1)
```
"""

# First: sets what gRPC reads when it is imported.
from sparring.rpc import grpc_environment  # noqa: F401

# isort: split
from sparring.gym.environment import ServedEnvironment
from sparring.gym.making import make, make_vec
from sparring.gym.server import Options
from sparring.gym.vector import ServedVectorEnvironment

__all__ = ["Options", "ServedEnvironment", "ServedVectorEnvironment", "make", "make_vec"]
