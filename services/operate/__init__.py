"""What an operator asks and does: doctor, lag, parked, rebuild, heal, backup, restore. On a data folder, and on a cluster."""
