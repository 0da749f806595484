# Name of the server, and where Sparring's protos lie.
NAME := power-grid
PROTOS ?= ../../protos
