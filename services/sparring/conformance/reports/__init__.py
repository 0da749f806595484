"""Reports of an examination: for people, for programs, for test collectors."""
