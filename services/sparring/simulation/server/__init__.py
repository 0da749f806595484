"""The simulation service: its slots and the control stream."""
