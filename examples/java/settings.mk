# The class that is started, and where Sparring's protos lie.
MAIN := tanks.Main
PROTOS ?= ../../protos
