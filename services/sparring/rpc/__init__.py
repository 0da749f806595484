"""What every process needs to serve and to call: server lifecycle, channels, status table, tokens, logs, metrics.

Import the module that you need (`from sparring.rpc import server`); nothing is re-exported here, so that a client does
not pay for a server. Layer: above `types` and `experiment`, below `codec`.
"""
