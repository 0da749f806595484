"""What is checked of a document beyond its text: classes, parameters, sensors, actuators, foreign servers."""
