"""Generated from the .proto files by `make protos`; never edited by hand."""
