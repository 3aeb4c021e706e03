"""What warnings rest on: stations, hazard sources, recipients, thresholds crossed."""
