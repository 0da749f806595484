"""`python -m sparring`: the command line."""

from sparring.cli.main import main

if __name__ == "__main__":
    main()
