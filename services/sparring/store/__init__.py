"""The store service: runs, phases, episodes, steps and brain states, durable before they are acknowledged.

`sparring.store.query` is for users: it reads a store's directory as data frames. `composition` builds the service
inside a process that has a gRPC server; `main` is a process of its own.
"""
