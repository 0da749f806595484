"""How the command line reaches what it shows: services through a broker, or a store on this machine."""
