"""The broker: Majordomo (RFC 7/MDP, 18/MDP, 8/MMI) over gRPC, with sessions.

`majordomo` holds the rules, pure: no grpc, no event loop, no clock. Around it: `engine` carries out what the rules
decide, the servicers and `forwarding` are the conversations over gRPC, `serving` puts them together.
"""
