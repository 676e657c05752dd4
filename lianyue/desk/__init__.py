"""The application service: one door through which the command line, the portal and simulated people act alike."""
