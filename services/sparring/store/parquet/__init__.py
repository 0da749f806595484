"""Parquet files of sealed phases: one row per step, one column per sensor, actuator and reward, without loss."""
